"""Plans in force: a revision holds from its effective date, and not a day before."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, Message, NotPossible
from gridmap.services.accounts import audit
from gridmap.services.plans.revisions import RevisionSummary
from gridmap.store import locks
from gridmap.store.access import row_filter
from gridmap.store.schema import Adoption, Revision

DATE_IS_PAST = N_("A plan cannot be put in force on {date}: that day is past, and what was true then stays true.")
ADOPTED_LATER = N_(
    "From {date} on another plan is adopted already: adopt this one from a later day, or replace that one."
)
SEVERAL_ADOPTED_LATER = N_("After {date} several plans are adopted already: adopt this one from {last} on.")
NO_SUCH_PLAN = N_("There is no such plan here.")


def adopt(
    session: Session,
    caller: Caller,
    revision_id: int,
    effective_date: date,
    *,
    replace: bool = False,
    note: str | None = None,
) -> Adoption:
    """Put a revision in force from a date on; the one that held before ends the day before.

    Parameters
    ----------
    session : Session
        Of a planner of the subdistrict, or of the owner.
    revision_id : int
        What is adopted.
    effective_date : date
        First day on which it holds. Not past, except for a community that has had no plan.
    replace : bool
        Whether it takes the place of one that is adopted for the same or a later day and does not hold yet, or has held
        since today only.
    note : str, optional
        Decision it rests on.

    Returns
    -------
    Adoption

    Raises
    ------
    NotPossible
        If the day is past, another plan is adopted for later, or the revision cannot be seen.
    """
    found = session.scalar(select(Revision).where(Revision.id == revision_id, row_filter.visible(caller, Revision)))
    if found is None:
        raise NotPossible(Message(NO_SUCH_PLAN))
    known = _lock_adoptions(session, caller, found.community_id)
    if known and effective_date < session.scalars(select(func.today())).one():
        raise NotPossible(Message(DATE_IS_PAST, {"date": effective_date.isoformat()}))
    later = [row for row in known if row.valid.lower >= effective_date]
    if later:
        _refuse_replacing(later, effective_date, replace=replace)
    for row in known:
        if row.valid.lower < effective_date and (row.valid.upper is None or row.valid.upper > effective_date):
            row.valid = Range(row.valid.lower, effective_date)
    session.flush()
    return _save_adoption(session, caller, found, later[0] if later else Adoption(), effective_date, note)


def approve(
    session: Session,
    caller: Caller,
    revision: RevisionSummary,
    effective_date: date,
    *,
    replace: bool,
    note: str | None,
    address: str | None = None,
) -> Adoption:
    """Adopt a revision as `adopt` does, and write down who did it.

    Parameters
    ----------
    session : Session
        Of a planner who works in the community.
    revision : RevisionSummary
        What is approved; that the account sees it means that it works there.
    effective_date, replace, note
        As of `adopt`.
    address : str, optional
        Network address that the approval came from.

    Raises
    ------
    NotPossible
        As of `adopt`.
    """
    made = adopt(session, caller, revision.id, effective_date, replace=replace, note=note)
    details = {"from": effective_date.isoformat(), "community": made.community_id, "replace": replace}
    home = made.subdistrict_id
    audit.record_entry(session, audit.AuditEntry("approve", "revision", revision.id, note, address, home, details))
    return made


def _lock_adoptions(session: Session, caller: Caller, community_id: int) -> Sequence[Adoption]:
    """All adoptions of a community in order, held against others who adopt."""
    locks.lock_adoptions(session, community_id)
    mine = select(Adoption).where(Adoption.community_id == community_id, row_filter.visible(caller, Adoption))
    return session.scalars(mine.order_by(func.lower(Adoption.valid))).all()


def _refuse_replacing(later: Sequence[Adoption], effective_date: date, *, replace: bool) -> None:
    """Refuse to push aside what is adopted for a day or later, unless it is one plan and was asked for."""
    first, last = later[0].valid.lower.isoformat(), later[-1].valid.lower.isoformat()
    if not replace:
        raise NotPossible(Message(ADOPTED_LATER, {"date": first}))
    if len(later) > 1:
        raise NotPossible(Message(SEVERAL_ADOPTED_LATER, {"date": effective_date.isoformat(), "last": last}))


def _save_adoption(
    session: Session, caller: Caller, revision: Revision, adoption: Adoption, effective_date: date, note: str | None
) -> Adoption:
    adoption.subdistrict_id, adoption.community_id = revision.subdistrict_id, revision.community_id
    adoption.revision_id, adoption.valid, adoption.note = revision.id, Range(effective_date, None), note
    adoption.adopted_by, adoption.adopted_at = caller.account_id, session.scalars(select(func.now())).one()
    session.add(adoption)
    session.flush()
    return adoption
