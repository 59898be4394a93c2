"""Members of service groups by grid and subdistrict: exact for those who see the persons, published for the others."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.privacy.disclosure import WITHHELD, DisclosedCount, exact_count
from gridmap.core.privacy.service_groups import ServiceGroup
from gridmap.core.vocabulary import Role
from gridmap.store.queries.people import service_groups as group_queries
from gridmap.store.queries.people.service_groups import GroupCountRow

SEEING_ROLES = (Role.WORKER, Role.STATION)
"""Roles that see the members; workers only those of groups that are not sensitive."""
PUBLISHED_ROLES = (Role.PLANNER, Role.LEADER)


@dataclass(frozen=True)
class GroupCount:
    """Members of a service group; `first_day` is that of the published period, None for an exact count of the day."""

    group: ServiceGroup
    members: DisclosedCount
    first_day: date | None


def count_in_grid(
    session: Session, caller: Caller, subdistrict_id: int, grid_id: int, on: date
) -> Sequence[GroupCount]:
    """Return the members of each group in use in a grid, as far as the caller may know them."""
    return _count(session, caller, subdistrict_id, on, grid_id)


def count_in_subdistrict(session: Session, caller: Caller, subdistrict_id: int, on: date) -> Sequence[GroupCount]:
    """Return the members of each group in use in the grids of the caller, as far as the caller may know them."""
    return _count(session, caller, subdistrict_id, on, None)


def _count(
    session: Session, caller: Caller, subdistrict_id: int, on: date, grid_id: int | None
) -> Sequence[GroupCount]:
    if caller.role not in (*SEEING_ROLES, *PUBLISHED_ROLES):
        return ()
    rows = group_queries.list_counts(session, subdistrict_id, on)
    groups = group_queries.list_groups(session, caller, subdistrict_id)
    shown = [each for each in groups if each.group.in_use and _may_know(caller, each.group)]
    counts = [(each, [row for row in rows if row.service_group_id == each.id]) for each in shown]
    return [
        GroupCount(each.group, _disclose(caller, own, grid_id), next((row.first_day for row in own), None))
        for each, own in counts
    ]


def _may_know(caller: Caller, group: ServiceGroup) -> bool:
    return caller.role is not Role.WORKER or not group.is_sensitive


def _disclose(caller: Caller, rows: Sequence[GroupCountRow], grid_id: int | None) -> DisclosedCount:
    """Return the count of a grid, or that of all grids: at least the sum of what is known."""
    sees_persons = caller.role in SEEING_ROLES
    if grid_id is not None:
        found = [row.members for row in rows if row.grid_id == grid_id]
        return exact_count(found[0]) if found and found[0] is not None else exact_count(0) if sees_persons else WITHHELD
    if not rows:
        return exact_count(0) if sees_persons else WITHHELD
    total = sum(row.members or 0 for row in rows)
    return exact_count(total) if all(row.members is not None for row in rows) else DisclosedCount(total, None)
