"""Adoptions: the periods in which revisions are in force."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.store.access import scope_filter
from gridmap.store.schema import Adoption


@dataclass(frozen=True)
class AdoptionRow:
    """An adoption of a revision.

    Parameters
    ----------
    id, subdistrict_id, community_id, revision_id : int
    first : date
        Effective date.
    end : date or None
        Day after the last one; None while no end is known.
    note : str or None
        Decision that it rests on.
    adopted_by : int or None
        Account that approved it; None for a command.
    adopted_at : datetime
    """

    id: int
    subdistrict_id: int
    community_id: int
    revision_id: int
    first: date
    end: date | None
    note: str | None
    adopted_by: int | None
    adopted_at: datetime


def list_community_adoptions(session: Session, caller: Caller, community_id: int) -> Sequence[AdoptionRow]:
    """Return the adoptions of a community in which the caller works, in the order of their periods."""
    return _list_adoptions(session, caller, Adoption.community_id == community_id)


def list_subdistrict_adoptions(session: Session, caller: Caller, subdistrict_id: int) -> Sequence[AdoptionRow]:
    """Return the adoptions of all communities of a subdistrict in which the caller works."""
    return _list_adoptions(session, caller, Adoption.subdistrict_id == subdistrict_id)


def list_revision_adoptions(session: Session, caller: Caller, revision_id: int) -> Sequence[AdoptionRow]:
    """Return the adoptions of one revision, in the order of their periods."""
    return _list_adoptions(session, caller, Adoption.revision_id == revision_id)


def may_approve(session: Session, community_id: int) -> bool:
    """Return whether the transaction's account may approve plans of a community."""
    return community_id in (session.scalar(select(func.my_approval_communities())) or ())


def adoption_row(adoption: Adoption) -> AdoptionRow:
    """Return an adoption as a value."""
    return AdoptionRow(
        id=adoption.id,
        subdistrict_id=adoption.subdistrict_id,
        community_id=adoption.community_id,
        revision_id=adoption.revision_id,
        first=adoption.valid.lower,
        end=adoption.valid.upper,
        note=adoption.note,
        adopted_by=adoption.adopted_by,
        adopted_at=adoption.adopted_at,
    )


def _list_adoptions(session: Session, caller: Caller, condition: ColumnElement[bool]) -> list[AdoptionRow]:
    rows = select(Adoption).where(condition, scope_filter.in_scope_communities(caller, Adoption))
    return [adoption_row(adoption) for adoption in session.scalars(rows.order_by(func.lower(Adoption.valid)))]
