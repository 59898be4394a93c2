"""Adoption of revisions: a revision is in force from its effective date, and not a day before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, Message, NotPossible
from gridmap.services.accounts import audit
from gridmap.services.plans.revisions import RevisionSummary
from gridmap.store import locks
from gridmap.store.day_bounds import get_today
from gridmap.store.queries.land.lands import find_newest_land
from gridmap.store.queries.plans import adoptions, revisions
from gridmap.store.queries.plans.adoptions import AdoptionRow
from gridmap.store.queries.plans.revisions import RevisionRow
from gridmap.store.writes.adoptions import end_adoptions, insert_or_replace_adoption

DATE_IS_PAST = N_("A plan cannot take effect on {date}: that day is past, and past days keep their plans.")
HOLDS_SINCE_TODAY = N_("The plan in force since today stays for the whole day: choose {date} or a later day.")
ADOPTED_LATER = N_("Another plan is adopted from {date} on: choose a later effective date, or replace that plan.")
SEVERAL_ADOPTED_LATER = N_(
    "Several plans are adopted for days after {date}: choose {last} or a later day as the effective date."
)
LAND_BUILT_ANEW = N_("The land was built anew since this plan: approve a revision on the new land.")
BEFORE_LAND = N_("The land of this plan holds since {date}: choose that day or a later one.")
NO_RIGHT = N_("Your account may not approve plans of this community. A leader can, or a planner with that right.")
NO_SUCH_PLAN = N_("This plan does not exist.")


@dataclass(frozen=True)
class AdoptionRequest:
    """Adoption of a revision, as `adopt` takes it."""

    effective_date: date
    replace: bool = False
    note: str | None = None


def adopt(
    session: Session,
    caller: Caller,
    revision_id: int,
    effective_date: date,
    *,
    replace: bool = False,
    note: str | None = None,
) -> AdoptionRow:
    """Put a revision in force from a date on; the adoption before it ends the day before.

    Parameters
    ----------
    session : Session
        Of a leader, of a planner with the right to approve, or of the owner.
    caller : Caller
    revision_id : int
    effective_date : date
        First day in force. Not past, except for a community that has had no plan.
    replace : bool
        True to replace the one revision that is adopted for the same or a later day, as long as it is not in force yet.
    note : str, optional
        Decision that the adoption rests on.

    Returns
    -------
    AdoptionRow

    Raises
    ------
    NotPossible
        If the day is past, another revision has begun to be in force on it or is adopted for later, the caller cannot
        see the revision, or may not approve plans of its community; if the land was built anew since the revision, or
        holds from a later day on.
    """
    revision = revisions.find_revision(session, caller, revision_id)
    if revision is None:
        raise NotPossible(Message(NO_SUCH_PLAN))
    if not can_approve(session, caller, revision.community_id):
        raise NotPossible(Message(NO_RIGHT))
    locks.lock_adoptions(session, revision.community_id)
    _require_land(session, caller, revision, effective_date)
    existing = adoptions.list_community_adoptions(session, caller, revision.community_id)
    if existing:
        _require_open_day(existing, effective_date, get_today(session))
    later = [adoption for adoption in existing if adoption.first >= effective_date]
    if later:
        _require_replaceable(later, effective_date, replace=replace)
    end_adoptions(session, caller, revision.community_id, effective_date)
    replaced_id = later[0].id if later else None
    return insert_or_replace_adoption(session, caller, revision, effective_date, note, replaced_id)


def can_approve(session: Session, caller: Caller, community_id: int) -> bool:
    """Return whether a caller may approve plans of a community: leaders there, planners by grant, and the owner."""
    return caller.trusted or adoptions.may_approve(session, community_id)


def approve(
    session: Session,
    caller: Caller,
    revision: RevisionSummary,
    request: AdoptionRequest,
    address: str | None = None,
) -> AdoptionRow:
    """Adopt a revision as `adopt` does, and record it in the audit.

    Parameters
    ----------
    session : Session
        Of an account that may approve plans of the community.
    caller : Caller
    revision : RevisionSummary
        From `gridmap.services.plans.revisions.get_revision`, which checks that the caller works in the community.
    request : AdoptionRequest
    address : str, optional
        Network address of the request.

    Raises
    ------
    NotPossible
        As of `adopt`.
    """
    effective_date, replace, note = request.effective_date, request.replace, request.note
    adoption = adopt(session, caller, revision.id, effective_date, replace=replace, note=note)
    place = adoption.subdistrict_id, adoption.community_id
    details = {"from": effective_date.isoformat(), "community": adoption.community_id, "replace": replace}
    entry = audit.AuditEntry("approve", "revision", revision.id, note, address, *place, details)
    audit.record_entry(session, entry)
    return adoption


def _require_land(session: Session, caller: Caller, revision: RevisionRow, effective_date: date) -> None:
    """Refuse a revision of a land before, and a day on which the newest land did not hold yet."""
    newest = find_newest_land(session, caller, revision.community_id)
    if newest is None or newest.id != revision.land_id:
        raise NotPossible(Message(LAND_BUILT_ANEW))
    if newest.holds_from is not None and effective_date < newest.holds_from:
        raise NotPossible(Message(BEFORE_LAND, {"date": newest.holds_from.isoformat()}))


def _require_open_day(existing: Sequence[AdoptionRow], effective_date: date, today: date) -> None:
    """Refuse a past day, and today if a revision is in force since today: going back would show what it changed."""
    if effective_date < today:
        raise NotPossible(Message(DATE_IS_PAST, {"date": effective_date.isoformat()}))
    if effective_date == today and any(adoption.first == today for adoption in existing):
        raise NotPossible(Message(HOLDS_SINCE_TODAY, {"date": (today + timedelta(days=1)).isoformat()}))


def _require_replaceable(later: Sequence[AdoptionRow], effective_date: date, *, replace: bool) -> None:
    """Refuse to replace adoptions for a day or later, unless there is one and `replace` is true."""
    if not replace:
        raise NotPossible(Message(ADOPTED_LATER, {"date": later[0].first.isoformat()}))
    if len(later) > 1:
        values = {"date": effective_date.isoformat(), "last": later[-1].first.isoformat()}
        raise NotPossible(Message(SEVERAL_ADOPTED_LATER, values))
