"""Service groups of subdistricts, memberships of residents, and counts of members by grid."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.privacy.service_groups import ServiceGroup
from gridmap.core.vocabulary import AccessClass
from gridmap.store.access import row_filter
from gridmap.store.queries.columns import present_day
from gridmap.store.schema import GroupOfSubdistrict, ServiceGroupCount, ServiceGroupMember

ONE_DAY = timedelta(days=1)
COUNTS = text("SELECT * FROM service_group_counts(:subdistrict_id, :on)")


@dataclass(frozen=True)
class StoredGroup:
    """A service group with the key of its row and the number of its latest change."""

    id: int
    subdistrict_id: int
    version: int
    group: ServiceGroup


@dataclass(frozen=True)
class MembershipRow:
    """Membership of a resident in a service group; `last` is None while it has no end."""

    id: int
    subdistrict_id: int
    resident_id: int
    service_group_id: int
    group: ServiceGroup
    source: str
    first: date
    last: date | None


class GroupCountRow(NamedTuple):
    """Members of a group in a grid, or in all grids of a community without a row of their own.

    `members` is None for a sum that is too small; `first_day` is that of the published period, None for exact counts.
    """

    service_group_id: int
    community_id: int
    grid_id: int | None
    members: int | None
    first_day: date | None


class BuildingGroupCountRow(NamedTuple):
    """A count of the members of a group in a building, on one day."""

    group: ServiceGroup
    members: int
    source: str
    as_of: date


def list_groups(session: Session, caller: Caller, subdistrict_id: int) -> Sequence[StoredGroup]:
    """Return the service groups of a subdistrict in the order in which they were added."""
    return _select_groups(session, caller, GroupOfSubdistrict.subdistrict_id == subdistrict_id)


def find_group(session: Session, caller: Caller, group_id: int) -> StoredGroup | None:
    """Return a service group, or None."""
    return next(iter(_select_groups(session, caller, GroupOfSubdistrict.id == group_id)), None)


def list_memberships(session: Session, caller: Caller, resident_id: int) -> Sequence[MembershipRow]:
    """Return the memberships of a resident that the caller may see, past ones included, the latest first."""
    return _select_memberships(session, caller, ServiceGroupMember.resident_id == resident_id)


def find_membership(session: Session, caller: Caller, membership_id: int) -> MembershipRow | None:
    """Return a membership of today that the caller may see, or None."""
    today = ServiceGroupMember.valid.contains(present_day())
    return next(iter(_select_memberships(session, caller, ServiceGroupMember.id == membership_id, today)), None)


def list_memberships_since(
    session: Session, caller: Caller, resident_ids: Sequence[int], day: date
) -> Sequence[MembershipRow]:
    """Return the memberships of residents that the caller may see and that hold on a day or later."""
    holds = ServiceGroupMember.valid.overlaps(Range(day, None))
    return _select_memberships(session, caller, ServiceGroupMember.resident_id.in_(resident_ids), holds)


def list_membership_ids(session: Session, caller: Caller, resident_ids: Sequence[int]) -> Sequence[int]:
    """Return the keys of the memberships of residents."""
    rows = select(ServiceGroupMember.id).where(
        ServiceGroupMember.resident_id.in_(resident_ids), row_filter.visible(caller, ServiceGroupMember)
    )
    return list(session.scalars(rows))


def list_counts(session: Session, subdistrict_id: int, on: date) -> Sequence[GroupCountRow]:
    """Return the members of the groups in use by grid, as far as the transaction's account may know them."""
    rows = session.execute(COUNTS, {"subdistrict_id": subdistrict_id, "on": on})
    return [GroupCountRow(*row) for row in rows]


def list_building_counts(session: Session, caller: Caller, building_id: int) -> Sequence[BuildingGroupCountRow]:
    """Return the counts of members of groups in use in a building, the newest first."""
    count = ServiceGroupCount
    rows = (
        select(GroupOfSubdistrict, count.persons, count.source, count.as_of)
        .join(count, count.service_group_id == GroupOfSubdistrict.id)
        .where(count.building_id == building_id, row_filter.visible(caller, count))
        .order_by(count.as_of.desc(), GroupOfSubdistrict.id)
    )
    return [BuildingGroupCountRow(_group(row[0]), *row[1:]) for row in session.execute(rows)]


def _select_groups(session: Session, caller: Caller, condition: ColumnElement[bool]) -> list[StoredGroup]:
    table = GroupOfSubdistrict
    rows = select(table).where(condition, row_filter.visible(caller, table)).order_by(table.id)
    return [StoredGroup(row.id, row.subdistrict_id, row.version, _group(row)) for row in session.scalars(rows)]


def _select_memberships(session: Session, caller: Caller, *conditions: ColumnElement[bool]) -> list[MembershipRow]:
    rows = (
        select(ServiceGroupMember, GroupOfSubdistrict)
        .join(GroupOfSubdistrict, GroupOfSubdistrict.id == ServiceGroupMember.service_group_id)
        .where(*conditions, row_filter.visible(caller, ServiceGroupMember))
        .where(row_filter.visible(caller, GroupOfSubdistrict))
        .order_by(func.lower(ServiceGroupMember.valid).desc(), ServiceGroupMember.id.desc())
    )
    return [_membership(member, group) for member, group in session.execute(rows)]


def _membership(row: ServiceGroupMember, group: GroupOfSubdistrict) -> MembershipRow:
    last = row.valid.upper - ONE_DAY if row.valid.upper else None
    keys = row.id, row.subdistrict_id, row.resident_id, row.service_group_id
    return MembershipRow(*keys, _group(group), row.source, row.valid.lower, last)


def _group(row: GroupOfSubdistrict) -> ServiceGroup:
    access_class = AccessClass(row.access_class)
    return ServiceGroup(row.key, row.name_zh, row.name_en, access_class, row.purpose, row.legal_basis, row.in_use)
