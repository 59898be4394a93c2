"""Residents in service groups: recorded and ended by stations, never by those who see no persons."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, InputFault, InvalidInput, Message, NotFound
from gridmap.core.vocabulary import AccessClass, Role
from gridmap.services.homes.members import get_member
from gridmap.services.homes.sources import NOT_YET, Origin, lock_version, name_source, require_station
from gridmap.store.day_bounds import get_today
from gridmap.store.queries.journal.changes import FieldSources, load_field_sources
from gridmap.store.queries.people import service_groups as group_queries
from gridmap.store.queries.people.service_groups import MembershipRow, StoredGroup
from gridmap.store.writes import reveals as reveal_writes
from gridmap.store.writes.homes import service_groups as group_writes

__all__ = [
    "MembershipRow",
    "ResidentGroups",
    "StoredGroup",
    "end_membership",
    "get_membership",
    "join_group",
    "list_groups",
    "list_sources",
]

NOT_OFFERED = N_("choose a service group that is in use")
ALREADY_MEMBER = N_("the person is in this group already, or was on this day")
BEFORE_FIRST = N_("the person is in the group since {first}, after this day")
BEFORE_RESIDENT = N_("the person is here since {first}, after this day")


@dataclass(frozen=True)
class ResidentGroups:
    """Service groups of a resident today and before, and those that the resident may still enter."""

    present: Sequence[MembershipRow]
    past: Sequence[MembershipRow]
    choices: Sequence[StoredGroup]

    @property
    def personal(self) -> Sequence[MembershipRow]:
        """Present memberships that are not sensitive."""
        return [each for each in self.present if not each.group.is_sensitive]

    @property
    def sensitive_count(self) -> int:
        """Number of present memberships that are sensitive."""
        return len(self.present) - len(self.personal)


def list_groups(
    session: Session, caller: Caller, resident_id: int, *, opened: bool = False, address: str | None = None
) -> ResidentGroups:
    """Return the service groups of a resident.

    Parameters
    ----------
    session : Session
    caller : Caller
        A station sees all groups in use, a worker those that are not sensitive.
    resident_id : int
    opened : bool
        Whether sensitive groups are shown by name; the audit then has the look with their number.
    address : str, optional
        Network address of the request, for the audit.

    Raises
    ------
    NotFound
        If the caller does not see the resident.
    """
    member, today = get_member(session, caller, resident_id), get_today(session)
    rows = group_queries.list_memberships(session, caller, resident_id)
    present = [each for each in rows if each.last is None or each.last >= today]
    groups = group_queries.list_groups(session, caller, member.subdistrict_id)
    joined = {each.service_group_id for each in present}
    can_join = caller.role is Role.STATION
    choices = [each for each in groups if can_join and each.group.in_use and each.id not in joined]
    if opened:
        sensitive = sum(each.group.access_class is AccessClass.SENSITIVE for each in rows)
        details = {"service_groups": len(rows), "sensitive": sensitive}
        reveal_writes.record_residents_shown(
            session, "view", ("resident", resident_id), [resident_id], details, address
        )
    return ResidentGroups(present, [each for each in rows if each not in present], choices)


def list_sources(session: Session, shown: ResidentGroups) -> FieldSources:
    """Return source and day of memberships, as far as the journal knows."""
    rows = [*shown.present, *shown.past]
    return load_field_sources(session, "service_group_member", [each.id for each in rows])


def join_group(
    session: Session,
    caller: Caller,
    resident_id: int,
    membership: tuple[int, date | None],
    version: int,
    origin: Origin,
) -> None:
    """Record that a resident belongs to a service group from a day on, today where it is None.

    Raises
    ------
    HouseholdChanged
        If somebody has changed the household or its members since the page was opened.
    InvalidInput
        If the group is not in use, the resident is in it, a day is wrong, or the source is missing.
    NotFound
        If the caller does not keep the homes of the building.
    """
    require_station(caller, resident_id)
    member, today = get_member(session, caller, resident_id), get_today(session)
    lock_version(session, caller, member.household_id, version)
    group_id, first = membership[0], membership[1] or today
    group = group_queries.find_group(session, caller, group_id)
    if group is None or not group.group.in_use or group.subdistrict_id != member.subdistrict_id:
        raise InvalidInput([InputFault(Message(NOT_OFFERED), column="service_group_id")])
    if first > today:
        raise InvalidInput([InputFault(Message(NOT_YET), column="first")])
    if first < member.first:
        raise InvalidInput([InputFault(Message(BEFORE_RESIDENT, {"first": member.first}), column="first")])
    for each in group_queries.list_memberships(session, caller, resident_id):
        if each.service_group_id == group_id and (each.last is None or each.last >= first):
            raise InvalidInput([InputFault(Message(ALREADY_MEMBER), column="service_group_id")])
    source = name_source(session, origin, member.subdistrict_id)
    group_writes.insert_membership(session, member, group_id, first, source)


def end_membership(
    session: Session, caller: Caller, membership_id: int, last: date, version: int, origin: Origin
) -> None:
    """End the membership of a resident in a service group with a last day.

    Raises
    ------
    HouseholdChanged
        If somebody has changed the household or its members since the page was opened.
    InvalidInput
        If the day is before the first one or still to come, or the source is missing.
    NotFound
        If the caller does not keep the homes of the building, or the membership is over.
    """
    require_station(caller, membership_id)
    membership = get_membership(session, caller, membership_id)
    member = get_member(session, caller, membership.resident_id)
    lock_version(session, caller, member.household_id, version)
    if last < membership.first:
        raise InvalidInput([InputFault(Message(BEFORE_FIRST, {"first": membership.first}), column="last")])
    if last > get_today(session):
        raise InvalidInput([InputFault(Message(NOT_YET), column="last")])
    name_source(session, origin, membership.subdistrict_id)
    group_writes.end_membership(session, caller, membership, last)


def get_membership(session: Session, caller: Caller, membership_id: int) -> MembershipRow:
    """Return a membership of today.

    Raises
    ------
    NotFound
        If the caller does not see it, or it is over.
    """
    membership = group_queries.find_membership(session, caller, membership_id)
    if membership is None:
        raise NotFound(membership_id)
    return membership
