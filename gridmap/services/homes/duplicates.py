"""Two records of one person made one: the other ends, and what only it had goes to the one that stays."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, InputFault, InvalidInput, Message, NotFound, NotPossible
from gridmap.services.homes.members import get_member
from gridmap.services.homes.sources import NOT_YET, Origin, lock_version, name_source, require_station
from gridmap.store.day_bounds import get_today
from gridmap.store.queries.homes import links
from gridmap.store.queries.homes.households import MemberKey
from gridmap.store.queries.journal.changes import list_record_changes, list_standing_merges, list_undo_obstacles
from gridmap.store.queries.people import service_groups as group_queries
from gridmap.store.writes.change_sets import UndoConflict, undo_change_set
from gridmap.store.writes.homes import homes as home_writes
from gridmap.store.writes.homes import service_groups as group_writes

OTHER_NUMBER = N_("these two records have not the same identity number")
BEFORE_FIRST = N_("the person is here since {first}, after this day")
STANDS_ON_IT = N_("It cannot be undone: one of the records has been changed since, or it is undone already.")
MERGE_MARK = "合并重复记录"
"""End of the source of a merge, by which it is found again to be undone."""
MAX_SOURCE_LETTERS = 380
MAX_MERGES = 50


@dataclass(frozen=True)
class MergeRequest:
    """Record that stays, record that ends with a last day, and the versions of their households on the page."""

    kept_id: int
    ended_id: int
    last: date
    versions: tuple[int, int]


@dataclass(frozen=True)
class StandingMerge:
    """A merge that can be taken back: place and last day of the record that ended, and where the merge comes from."""

    resident_id: int
    building: str
    dwelling: str | None
    last: date | None
    source: str
    made_at: datetime


def merge_residents(session: Session, caller: Caller, request: MergeRequest, origin: Origin) -> None:
    """Make two records of one person one.

    The other one ends. Year of birth and phone that only it has are copied, and its service groups go on with the one
    that stays. `undo_merge` takes all of it back.

    Raises
    ------
    HouseholdChanged
        If somebody has changed one of the households since the page was opened.
    InvalidInput
        If the identity numbers differ, the day is wrong, or the source is missing.
    NotFound
        If the caller does not keep both homes.
    """
    require_station(caller, request.kept_id)
    kept, ended = get_member(session, caller, request.kept_id), get_member(session, caller, request.ended_id)
    pairs = {kept.household_id: request.versions[0], ended.household_id: request.versions[1]}
    for household_id, version in sorted(pairs.items()):
        lock_version(session, caller, household_id, version)
    if kept.id == ended.id or not links.have_same_number(session, caller, kept.id, ended.id):
        raise InvalidInput([InputFault(Message(OTHER_NUMBER))])
    if request.last < ended.first:
        raise InvalidInput([InputFault(Message(BEFORE_FIRST, {"first": ended.first}), column="last")])
    if request.last > get_today(session):
        raise InvalidInput([InputFault(Message(NOT_YET), column="last")])
    source = origin.source.strip()[:MAX_SOURCE_LETTERS]
    marked = Origin(f"{source} · {MERGE_MARK}" if source else "", origin.as_of)
    name_source(session, marked, ended.subdistrict_id)
    home_writes.copy_missing_values(session, caller, kept.id, ended.id)
    _move_groups(session, caller, kept, ended, request.last)
    home_writes.end_resident(session, caller, ended.id, ended.first, request.last)


def get_former_household(session: Session, caller: Caller, resident_id: int) -> int:
    """Return the household of a record that may have ended.

    Raises
    ------
    NotFound
        If the caller does not keep the home.
    """
    require_station(caller, resident_id)
    household_id = links.find_household_of_former(session, caller, resident_id)
    if household_id is None:
        raise NotFound(resident_id)
    return household_id


def list_merges(session: Session, caller: Caller) -> Sequence[StandingMerge]:
    """Return the latest merges of the caller's buildings that stand, the newest first; they name no person."""
    merges = list_standing_merges(session, MERGE_MARK, MAX_MERGES)
    ended = links.list_ended_residents(session, caller, [each.resident_id for each in merges])
    places = {each.id: each for each in ended}
    return [
        StandingMerge(
            each.resident_id,
            place.building,
            place.detail,
            place.last,
            each.source.removesuffix(MERGE_MARK).rstrip(" ·"),
            each.changed_at,
        )
        for each in merges
        if (place := places.get(each.resident_id))
    ]


def undo_merge(session: Session, caller: Caller, ended_id: int) -> None:
    """Take a merge back: both records are as they were.

    Parameters
    ----------
    session : Session
    caller : Caller
    ended_id : int
        Record that ended by it; its latest change has to be the merge.

    Raises
    ------
    NotFound
        If the caller does not keep the home.
    NotPossible
        If one of the records has been changed since, or the merge is undone already.
    """
    get_former_household(session, caller, ended_id)
    changes = [each for each in list_record_changes(session, "resident", [ended_id]) if not each.undone]
    if not changes or not changes[0].origin.source.endswith(MERGE_MARK):
        raise NotPossible(Message(STANDS_ON_IT))
    change_set_id = changes[0].origin.change_set_id
    if list_undo_obstacles(session, change_set_id):
        raise NotPossible(Message(STANDS_ON_IT))
    try:
        undo_change_set(session, change_set_id)
    except UndoConflict:
        raise NotPossible(Message(STANDS_ON_IT)) from None


def _move_groups(session: Session, caller: Caller, kept: MemberKey, ended: MemberKey, last: date) -> None:
    """Let the service groups of the record that ends go on with the one that stays."""
    own = {each.service_group_id for each in group_queries.list_memberships(session, caller, kept.id)}
    for each in group_queries.list_memberships(session, caller, ended.id):
        if each.last is not None and each.last < last:
            continue
        if each.service_group_id not in own:
            first = max(each.first, kept.first)
            group_writes.insert_membership(session, kept, each.service_group_id, first, each.source)
        group_writes.end_membership(session, caller, each, max(each.first, last))
