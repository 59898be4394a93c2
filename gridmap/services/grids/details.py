"""Details of a grid on a day, for its page and for a worker's phone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import NotFound
from gridmap.core.facilities.place_kinds import PlaceTable
from gridmap.core.vocabulary import HouseholdKind
from gridmap.services.grids import in_force, places
from gridmap.services.grids.in_force import GridInForce, Households
from gridmap.services.grids.places import Place
from gridmap.store.queries import territory
from gridmap.store.queries.grids import grid_details
from gridmap.store.queries.grids.grid_details import (
    GridBuildingRow,
    GridDay,
    GridWorkerRow,
    OpenIncidentRow,
    OwnBuildingRow,
    PeriodRow,
)
from gridmap.store.queries.grids.grids_in_force import SubdistrictDay
from gridmap.store.queries.plans import revision_streets
from gridmap.store.queries.plans.revision_streets import GivenStreetRow
from gridmap.store.queries.territory import CommunityRow, ResidentGroupRow, StreetsRow, SubdistrictRow

__all__ = [
    "GridBuildingRow",
    "GridDetails",
    "MapFeatures",
    "OpenIncidentRow",
    "get_own_building",
    "list_own_grids",
    "list_periods",
    "load_grid_details",
    "load_map_features",
]


@dataclass(frozen=True)
class GridDetails:
    """A grid with its contents on a day.

    Parameters
    ----------
    day : SubdistrictDay
    grid : GridInForce
    subdistrict, community : SubdistrictRow, CommunityRow
    households : mapping
        Households by kind.
    buildings, roster : sequence
    places : sequence of Place
        Organisations, facilities and shops in the order of the catalogue.
    resident_groups : sequence of ResidentGroupRow
        Resident groups that overlap the grid.
    incidents : sequence of OpenIncidentRow
        Open at the end of the day, of the classes that the caller may see.
    periods : sequence of PeriodRow
        Periods in which the grid is in force.
    streets : sequence of GivenStreetRow
        Border streets that the plan in force gives to the grid.
    """

    day: SubdistrictDay
    grid: GridInForce
    subdistrict: SubdistrictRow
    community: CommunityRow
    households: Mapping[HouseholdKind, Households]
    buildings: Sequence[GridBuildingRow]
    places: Sequence[Place]
    resident_groups: Sequence[ResidentGroupRow]
    roster: Sequence[GridWorkerRow]
    incidents: Sequence[OpenIncidentRow]
    periods: Sequence[PeriodRow]
    streets: Sequence[GivenStreetRow]

    @property
    def shops(self) -> Sequence[Place]:
        """Places that are shops."""
        return [each for each in self.places if each.kind.table is PlaceTable.SHOPS]

    @property
    def street_borders(self) -> Sequence[tuple[str | None, str]]:
        """Name of each of the streets with the code of the grid on its other side; parts of one name once."""
        return list(dict.fromkeys((street.name, street.other_grid_code) for street in self.streets))

    @property
    def incidents_on_border(self) -> int:
        """Number of open ordinary incidents within 5 m of another grid."""
        return sum(each.on_border for each in self.incidents)

    @property
    def period(self) -> PeriodRow:
        """Period of the day."""
        on = self.day.date
        return next(each for each in self.periods if each.since <= on and (each.until is None or on < each.until))

    @property
    def inhabited_buildings(self) -> Sequence[GridBuildingRow]:
        """Buildings with households; all buildings where none has a count."""
        return [each for each in self.buildings if each.households] or self.buildings

    @property
    def other_buildings(self) -> Sequence[GridBuildingRow]:
        """Buildings that `inhabited_buildings` does not have."""
        inhabited = {each.id for each in self.inhabited_buildings}
        return [each for each in self.buildings if each.id not in inhabited]


@dataclass(frozen=True)
class MapFeatures:
    """Features on the map of a grid: the grid, its buildings, streets around it, and incidents the caller may see.

    `given_streets` are the border streets that the plan in force gives to the grid.
    """

    streets: Sequence[StreetsRow]
    grid: GridInForce
    buildings: Sequence[GridBuildingRow]
    incidents: Sequence[OpenIncidentRow]
    given_streets: Sequence[GivenStreetRow]


def load_grid_details(session: Session, caller: Caller, grid_id: int, on: date | None = None) -> GridDetails | None:
    """Return a grid on a day; None where it is not in force then, or the caller does not work in it."""
    day = in_force.find_grid_day(session, caller, grid_id, on)
    grid = in_force.get_grid_on(session, caller, day, grid_id) if day else None
    return _load_details(session, caller, grid, day) if grid and day else None


def list_own_grids(session: Session, caller: Caller) -> Sequence[GridDetails]:
    """Return the grids in which a worker works today, by code."""
    subdistricts = territory.list_subdistricts(session, caller)
    days = [in_force.resolve_day(session, subdistrict.id) for subdistrict in subdistricts]
    return [
        _load_details(session, caller, grid, day) for day in days for grid in in_force.list_grids(session, caller, day)
    ]


def get_own_building(session: Session, caller: Caller, building_id: int) -> OwnBuildingRow:
    """Return a building of a worker's grids or a station's communities.

    Raises
    ------
    NotFound
        If it is none of them.
    """
    building = grid_details.find_own_building(session, caller, building_id)
    if building is None:
        raise NotFound(building_id)
    return building


def list_periods(session: Session, caller: Caller, grid_id: int) -> Sequence[PeriodRow]:
    """Return the past, present and future periods of a grid; none where the caller does not work in it."""
    day = in_force.find_grid_day(session, caller, grid_id)
    return () if day is None else grid_details.list_periods(session, caller, GridDay(day, grid_id))


def load_map_features(session: Session, caller: Caller, grid_id: int, on: date | None = None) -> MapFeatures | None:
    """Return the features on the map of a grid; None where it is not in force, or the caller does not work in it."""
    day = in_force.find_grid_day(session, caller, grid_id, on)
    grid = in_force.get_grid_on(session, caller, day, grid_id) if day else None
    if grid is None or day is None:
        return None
    grid_day = GridDay(day, grid_id)
    return MapFeatures(
        streets=grid_details.list_streets(session, caller, grid_day),
        grid=grid,
        buildings=grid_details.list_buildings(session, caller, grid_day),
        incidents=grid_details.list_open_incidents(session, caller, grid_day),
        given_streets=revision_streets.list_grid_stretches(session, caller, day, grid_id),
    )


def _load_details(session: Session, caller: Caller, grid: GridInForce, day: SubdistrictDay) -> GridDetails:
    grid_day = GridDay(day, grid.id)
    subdistrict = territory.find_subdistrict(session, caller, day.subdistrict_id)
    community = territory.find_community(session, caller, grid.community_id)
    if subdistrict is None or community is None:
        raise NotFound(grid.id)
    return GridDetails(
        day=day,
        grid=grid,
        subdistrict=subdistrict,
        community=community,
        households=in_force.households_by_kind(grid_details.sum_households(session, caller, grid_day)),
        buildings=grid_details.list_buildings(session, caller, grid_day),
        places=places.list_places(session, caller, grid_day),
        resident_groups=places.list_resident_groups(session, caller, day, grid),
        roster=grid_details.list_workers(session, caller, grid_day),
        incidents=grid_details.list_open_incidents(session, caller, grid_day),
        periods=grid_details.list_periods(session, caller, grid_day),
        streets=revision_streets.list_grid_stretches(session, caller, day, grid.id),
    )
