"""The roster of a community on a day: who has which role where, and where somebody is missing."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import NotFound
from gridmap.core.vocabulary import DutyKind, Role
from gridmap.store.day_bounds import get_today
from gridmap.store.queries import service_lines, territory
from gridmap.store.queries.territory import CommunityRow, SubdistrictRow
from gridmap.store.queries.workers import leaves, roster
from gridmap.store.queries.workers.leaves import LeaveRow
from gridmap.store.queries.workers.roster import DutyRow, RosterGrid, WorkerRow
from gridmap.texts import LANGUAGES

__all__ = [
    "CommunityRow",
    "DutyRow",
    "GridRoster",
    "LeaveRow",
    "PersonRoster",
    "Roster",
    "RosterGrid",
    "SubdistrictRow",
    "WorkerRow",
    "can_edit",
    "get_grid_roster",
    "get_person_roster",
    "get_today",
    "list_communities",
    "list_groups",
    "list_lines",
    "load_roster",
]
EDITORS = (Role.STATION, Role.ADMIN)
"""Roles that keep the roster; planners and leaders read it."""


@dataclass(frozen=True)
class GridRoster:
    """People of a grid on a day, the one in charge first; `planned` and `past` are duties of other days."""

    grid: RosterGrid
    people: Sequence[DutyRow]
    planned: Sequence[DutyRow] = ()
    past: Sequence[DutyRow] = ()

    @property
    def in_charge(self) -> DutyRow | None:
        """The person in charge; None where the grid is vacant."""
        return next((each for each in self.people if each.in_charge), None)

    @property
    def next_in_charge(self) -> DutyRow | None:
        """The person who takes charge of a vacant grid later."""
        return next((each for each in reversed(self.planned) if each.in_charge), None)


@dataclass(frozen=True)
class PersonRoster:
    """A person with all duties and the leaves that are not over."""

    worker: WorkerRow
    community: CommunityRow
    duties: Sequence[DutyRow]
    leaves: Sequence[LeaveRow]


@dataclass(frozen=True)
class Roster:
    """Roster of a community on a day.

    Parameters
    ----------
    community : CommunityRow
    today : date
    workers : sequence of WorkerRow
        People in office, or later.
    grids : sequence of GridRoster
        Grids in force.
    others : sequence of DutyRow
        Duties for buildings and resident groups, and lines of work.
    stale : sequence of DutyRow
        Duties for grids that are in force no longer: their people are free for others.
    leaves : sequence of LeaveRow
        Leaves that are not over.
    """

    community: CommunityRow
    today: date
    workers: Sequence[WorkerRow]
    grids: Sequence[GridRoster]
    others: Sequence[DutyRow]
    stale: Sequence[DutyRow]
    leaves: Sequence[LeaveRow]

    @property
    def vacant(self) -> Sequence[GridRoster]:
        """Grids without anybody in charge."""
        return [each for each in self.grids if each.in_charge is None]

    @property
    def shared(self) -> Mapping[DutyRow, int]:
        """People in charge of several grids, by their first duty, with the number of grids."""
        charges = [each.in_charge for each in self.grids if each.in_charge]
        counts = Counter(each.worker_id for each in charges)
        first = {each.worker_id: each for each in reversed(charges)}
        return {first[key]: count for key, count in counts.items() if count > 1}

    @property
    def part_time(self) -> Sequence[DutyRow]:
        """People in charge who do not work full-time."""
        charges = {each.in_charge.worker_id: each.in_charge for each in self.grids if each.in_charge}
        return [each for each in charges.values() if not each.full_time]

    @property
    def absent_ids(self) -> Mapping[int, LeaveRow]:
        """Leaves of the day by the worker on leave."""
        return {each.worker_id: each for each in self.leaves if each.first <= self.today}


def can_edit(caller: Caller) -> bool:
    """Return whether the caller keeps rosters; the communities are those of its scopes.

    >>> can_edit(Caller(role=Role.STATION)), can_edit(Caller(role=Role.PLANNER))
    (True, False)
    """
    return caller.trusted or caller.role in EDITORS


def list_communities(session: Session, caller: Caller) -> Mapping[SubdistrictRow, Sequence[tuple[CommunityRow, int]]]:
    """Return the communities whose roster the caller sees, with the number of vacant grids today, by subdistrict."""
    today = get_today(session)
    grids = roster.list_grids_in_force(session, caller, today)
    charges = roster.list_grids_in_charge(session, caller, today)
    vacant = Counter(each.community_id for each in grids if each.id not in charges)
    return {
        subdistrict: [(each, vacant[each.id]) for each in territory.list_communities(session, caller, subdistrict.id)]
        for subdistrict in territory.list_subdistricts(session, caller)
    }


def load_roster(session: Session, caller: Caller, community_id: int) -> Roster:
    """Return the roster of a community today.

    Raises
    ------
    NotFound
        If the caller does not work in the community.
    """
    community = territory.find_community(session, caller, community_id)
    if community is None:
        raise NotFound(community_id)
    today = get_today(session)
    workers = roster.list_workers(session, caller, community_id, today)
    duties = roster.list_duties_of_community(session, caller, community_id, today)
    grids = roster.list_grids_in_force(session, caller, today, community_id)
    in_force = {each.id for each in grids}
    return Roster(
        community,
        today,
        workers,
        [_grid_roster(each, duties, today) for each in grids],
        [each for each in duties if each.kind is not DutyKind.OWN_GRID],
        [each for each in duties if each.grid_id and each.grid_id not in in_force and each.first <= today],
        leaves.list_leaves(session, caller, today, community_id),
    )


def get_grid_roster(session: Session, caller: Caller, grid_id: int) -> GridRoster:
    """Return the roster of a grid, with planned and past duties.

    Raises
    ------
    NotFound
        If the caller does not work in the community of the grid.
    """
    found = roster.find_grid(session, caller, grid_id)
    if found is None:
        raise NotFound(grid_id)
    return _grid_roster(found, roster.list_duties_of_grid(session, caller, grid_id), get_today(session))


def get_person_roster(session: Session, caller: Caller, worker_id: int) -> PersonRoster:
    """Return a person with all duties.

    Raises
    ------
    NotFound
        If the caller does not work in the community of the person.
    """
    worker = roster.find_worker(session, caller, worker_id)
    if worker is None or (community := territory.find_community(session, caller, worker.community_id)) is None:
        raise NotFound(worker_id)
    duties = roster.list_duties_of_worker(session, caller, worker_id)
    absences = leaves.list_leaves(session, caller, get_today(session), worker_id=worker_id)
    return PersonRoster(worker, community, duties, absences)


def list_groups(session: Session, caller: Caller, community: CommunityRow) -> Sequence[tuple[int, str]]:
    """Return key and name of the resident groups of a community."""
    groups = territory.list_resident_groups(session, caller, community.subdistrict_id)
    return [(each.id, each.name) for each in groups if each.community_id == community.id]


def list_lines(session: Session, caller: Caller, subdistrict_id: int, language: str) -> Mapping[str, str]:
    """Return the names of the lines of work of a subdistrict by key, in a language of the service."""
    position = LANGUAGES.index(language)
    lines = service_lines.list_lines(session, caller, [subdistrict_id])
    return {each.key: (each.name_zh, each.name_en)[position] for each in lines}


def _grid_roster(grid: RosterGrid, duties: Sequence[DutyRow], today: date) -> GridRoster:
    of_grid = [each for each in duties if each.grid_id == grid.id]
    return GridRoster(
        grid,
        [each for each in of_grid if _is_on(each, today)],
        [each for each in of_grid if each.first > today],
        [each for each in of_grid if each.last and each.last < today],
    )


def _is_on(duty: DutyRow, day: date) -> bool:
    return duty.first <= day and (duty.last is None or duty.last >= day)
