"""Plans in force: a revision holds from its effective date, and not a day before."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from gridmap.core.errors import N_, Message, Unable
from gridmap.services import audit
from gridmap.services.versions import Version
from gridmap.store import access
from gridmap.store.schema import Adoption, Revision
from gridmap.store.session import ACCOUNT

PAST = N_("A plan cannot be put in force on {date}: that day is past, and what was true then stays true.")
PLANNED = N_("From {date} on another plan is adopted already: adopt this one from a later day, or replace that one.")
SEVERAL = N_("After {date} several plans are adopted already: adopt this one from {last} on.")
UNSEEN = N_("There is no such plan here.")


def adopt(
    session: Session, revision: int, from_date: date, *, replace: bool = False, note: str | None = None
) -> Adoption:
    """Put a revision in force from a date on; the one that held before ends the day before.

    Parameters
    ----------
    session : Session
        Of a planner of the subdistrict, or of the owner.
    revision : int
        What is adopted.
    from_date : date
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
    Unable
        If the day is past, another plan is adopted for later, or the revision cannot be seen.
    """
    found = session.scalar(select(Revision).where(Revision.id == revision, access.only(session, Revision)))
    if found is None:
        raise Unable(Message(UNSEEN))
    known = _adoptions(session, found.community_id)
    if known and from_date < session.scalars(select(func.today())).one():
        raise Unable(Message(PAST, {"date": from_date.isoformat()}))
    later = [row for row in known if row.valid.lower >= from_date]
    if later:
        _refuse(later, from_date, replace=replace)
    for row in known:
        if row.valid.lower < from_date and (row.valid.upper is None or row.valid.upper > from_date):
            row.valid = Range(row.valid.lower, from_date)
    session.flush()
    return _put(session, found, later[0] if later else Adoption(), from_date, note)


def approve(
    session: Session, version: Version, from_date: date, *, replace: bool, note: str | None, address: str | None = None
) -> Adoption:
    """Adopt a revision as `adopt` does, and write down who did it.

    Parameters
    ----------
    session : Session
        Of a planner who works in the community.
    version : Version
        What is approved; that the account sees it means that it works there.
    from_date, replace, note
        As of `adopt`.
    address : str, optional
        Network address that the approval came from.

    Raises
    ------
    Unable
        As of `adopt`.
    """
    made = adopt(session, version.id, from_date, replace=replace, note=note)
    details = {"from": from_date.isoformat(), "community": made.community_id, "replace": replace}
    home = made.subdistrict_id
    audit.record(session, audit.Deed("approve", "revision", version.id, note, address, home, details))
    return made


def _adoptions(session: Session, community: int) -> Sequence[Adoption]:
    """All adoptions of a community in order, held against others who adopt."""
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext('adoption'), :of)"), {"of": community % 2**31})
    mine = select(Adoption).where(Adoption.community_id == community, access.only(session, Adoption))
    return session.scalars(mine.order_by(func.lower(Adoption.valid))).all()


def _refuse(later: Sequence[Adoption], day: date, *, replace: bool) -> None:
    """Refuse to push aside what is adopted for a day or later, unless it is one plan and was asked for."""
    first, last = later[0].valid.lower.isoformat(), later[-1].valid.lower.isoformat()
    if not replace:
        raise Unable(Message(PLANNED, {"date": first}))
    if len(later) > 1:
        raise Unable(Message(SEVERAL, {"date": day.isoformat(), "last": last}))


def _put(session: Session, revision: Revision, row: Adoption, day: date, note: str | None) -> Adoption:
    row.subdistrict_id, row.community_id = revision.subdistrict_id, revision.community_id
    row.revision_id, row.valid, row.note = revision.id, Range(day, None), note
    row.adopted_by, row.adopted_at = session.info.get(ACCOUNT), session.scalars(select(func.now())).one()
    session.add(row)
    session.flush()
    return row
