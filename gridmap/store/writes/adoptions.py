"""Adoptions written: an effective date begins one period and ends the one before."""

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.store.access import row_filter
from gridmap.store.queries.plans.adoptions import AdoptionRow, adoption_row
from gridmap.store.queries.plans.revisions import RevisionRow
from gridmap.store.schema import Adoption


def end_adoptions(session: Session, caller: Caller, community_id: int, effective_date: date) -> None:
    """End the adoption of a community that includes the day before a date and the date; no periods may overlap."""
    rows = select(Adoption).where(Adoption.community_id == community_id, row_filter.visible(caller, Adoption))
    for adoption in session.scalars(rows):
        first, end = adoption.valid.lower, adoption.valid.upper
        if first < effective_date and (end is None or end > effective_date):
            adoption.valid = Range(first, effective_date)
    session.flush()


def insert_or_replace_adoption(
    session: Session,
    caller: Caller,
    revision: RevisionRow,
    effective_date: date,
    note: str | None,
    replaced_id: int | None,
) -> AdoptionRow:
    """Adopt a revision from a date on, without an end.

    Parameters
    ----------
    session : Session
        Of a planner of the subdistrict, or of the owner.
    caller : Caller
    revision : RevisionRow
    effective_date : date
    note : str or None
        Decision that it rests on.
    replaced_id : int or None
        Adoption whose place it takes; None for a new one.
    """
    adoption = Adoption() if replaced_id is None else _get_adoption(session, caller, replaced_id)
    adoption.subdistrict_id, adoption.community_id = revision.subdistrict_id, revision.community_id
    adoption.revision_id, adoption.valid, adoption.note = revision.id, Range(effective_date, None), note
    adoption.adopted_by, adoption.adopted_at = caller.account_id, session.scalars(select(func.now())).one()
    session.add(adoption)
    session.flush()
    return adoption_row(adoption)


def carry_adoption(session: Session, adoption_id: int, revision_id: int) -> None:
    """Let a revision that was carried to new land hold from today on, or from the first day of a later adoption.

    The days before keep their revision. Note and account of the adoption stay, as the same decision holds; the planner
    whose job builds the land need not have the right to approve plans.
    """
    session.flush()
    session.execute(select(func.carry_adoption(adoption_id, revision_id)))
    session.expire_all()


def _get_adoption(session: Session, caller: Caller, adoption_id: int) -> Adoption:
    rows = select(Adoption).where(Adoption.id == adoption_id, row_filter.visible(caller, Adoption))
    return session.scalars(rows).one()
