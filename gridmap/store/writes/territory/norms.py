"""Norms written: a first day begins one, and ends the one before."""

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.plans.norm import Norm
from gridmap.store.access import row_filter
from gridmap.store.queries.plans.norms import NormPlace, NormRow, norm_row
from gridmap.store.schema import NormPeriod


def insert_norm(
    session: Session, caller: Caller, place: NormPlace, norm: Norm, source: tuple[str, date], period: Range[date]
) -> NormRow:
    """Enter a norm for a place.

    Parameters
    ----------
    session : Session
        Of a planner or administrator of the place, or of the owner.
    caller : Caller
    place : NormPlace
    norm : Norm
    source : tuple of str and date
        Document, and its date.
    period : Range of date
        Days on which it holds; free of other norms of the place.
    """
    row = NormPeriod(
        **place._asdict(),
        minimum=norm.minimum,
        maximum=norm.maximum,
        target=norm.target,
        household_kind=norm.household_kind.value,
        person_minimum=norm.persons.minimum if norm.persons else None,
        person_maximum=norm.persons.maximum if norm.persons else None,
        max_radius_m=norm.max_radius_m or None,
        source=source[0],
        source_date=source[1],
        valid=period,
        created_by=caller.account_id,
    )
    session.add(row)
    session.flush()
    session.refresh(row)
    return norm_row(row)


def end_norm(session: Session, caller: Caller, norm_id: int, end: date | None) -> None:
    """Let a norm hold until the day before a date, which is later than its first day, or without an end."""
    row = _get_row(session, caller, norm_id)
    row.valid = Range(row.valid.lower, end)
    session.flush()


def withdraw_norm(session: Session, caller: Caller, norm_id: int) -> None:
    """Withdraw a norm: it holds on no day, and stays as history."""
    row = _get_row(session, caller, norm_id)
    row.withdrawn_at, row.withdrawn_by = session.scalars(select(func.now())).one(), caller.account_id
    session.flush()


def _get_row(session: Session, caller: Caller, norm_id: int) -> NormPeriod:
    rows = select(NormPeriod).where(NormPeriod.id == norm_id, row_filter.visible(caller, NormPeriod))
    return session.scalars(rows).one()
