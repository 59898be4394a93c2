"""A grid on a day with everything in it: what its page shows, and a worker's phone."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import NotFound
from gridmap.core.privacy.disclosure import DisclosedCount, exact_count
from gridmap.core.vocabulary import HouseholdKind
from gridmap.maps.map_shell import MapShell, build_map_shell
from gridmap.services.grids import in_force, incident_counts
from gridmap.services.grids.in_force import GridInForce, Households
from gridmap.services.grids.incident_counts import ROLES_WITH_INCIDENT_ACCESS
from gridmap.store.queries import grid_details, grids_in_force, territory
from gridmap.store.queries.grid_details import GridDay
from gridmap.store.queries.grids_in_force import SubdistrictDay
from gridmap.store.schema import Subdistrict


@dataclass(frozen=True)
class GridDetails:
    """A grid with what is in it.

    `incidents` are those open at the end of the day, None for accounts that may not see them one by one; `facilities`
    are numbers by kind; `periods` are the times at which the grid is in force, and `period` is the one of the day.
    """

    day: SubdistrictDay
    grid: GridInForce
    subdistrict: Any
    community: Any
    households: Mapping[HouseholdKind, Households]
    buildings: Sequence[Any]
    shops: Sequence[Any]
    facilities: Mapping[str, int]
    organisations: Sequence[Any]
    roster: Sequence[Any]
    incidents: Sequence[Any] | None
    open_incidents: DisclosedCount
    periods: Sequence[Any]

    @property
    def period(self) -> Any:
        """The time that the day is in."""
        on = self.day.date
        return next(each for each in self.periods if each.since <= on and (each.until is None or on < each.until))

    @property
    def inhabited_buildings(self) -> Sequence[Any]:
        """Buildings with households; all of them where nobody counted any."""
        return [each for each in self.buildings if each.households] or self.buildings

    @property
    def other_buildings(self) -> Sequence[Any]:
        """The other buildings."""
        shown = {each.id for each in self.inhabited_buildings}
        return [each for each in self.buildings if each.id not in shown]


def load_grid_details(session: Session, caller: Caller, grid_id: int, on: date | None = None) -> GridDetails | None:
    """A grid on a day with what is in it; None where it was not in force then, or is not the account's."""
    found, home = (
        in_force.get_grid(session, caller, grid_id, on),
        grids_in_force.get_subdistrict_id(session, caller, grid_id),
    )
    return (
        None
        if found is None or home is None
        else _load_details(session, caller, found, in_force.resolve_day(session, home, on))
    )


def list_own_grids(session: Session, caller: Caller) -> Sequence[GridDetails]:
    """The grids that a worker answers for today, by code."""
    days = [in_force.resolve_day(session, place.id) for place in territory.list_subdistricts(session, caller)]
    return [
        _load_details(session, caller, grid, day) for day in days for grid in in_force.list_grids(session, caller, day)
    ]


def get_own_building(session: Session, caller: Caller, building_id: int) -> Any:
    """A building of a worker's grids or a station's communities.

    Raises
    ------
    NotFound
        If it is none of theirs.
    """
    found = grid_details.get_own_building(session, caller, building_id)
    if found is None:
        raise NotFound(building_id)
    return found


def list_periods(session: Session, caller: Caller, grid_id: int) -> Sequence[Any]:
    """When a grid of the account was, is or will be in force."""
    home = grids_in_force.get_subdistrict_id(session, caller, grid_id)
    return (
        grid_details.list_periods(session, caller, GridDay(in_force.resolve_day(session, home), grid_id))
        if home is not None
        else ()
    )


def build_grid_map(details: Sequence[GridDetails], script_url: str) -> MapShell:
    """The map of grids, empty: what is on it is asked for by the page.

    Parameters
    ----------
    details : sequence of GridDetails
        Of one subdistrict, which is framed until the grids are there.
    script_url : str
        Address of the script that draws.
    """
    place = details[0].subdistrict
    return build_map_shell((place.west, place.south, place.east, place.north), script_url)


def load_map_features(
    session: Session, caller: Caller, grid_id: int, on: date | None = None
) -> Mapping[str, Sequence[Any]] | None:
    """What is drawn on the map of a grid: the grid, its buildings, streets around it, and incidents one may see."""
    found, home = (
        in_force.get_grid(session, caller, grid_id, on),
        grids_in_force.get_subdistrict_id(session, caller, grid_id),
    )
    if found is None or home is None:
        return None
    spot = GridDay(in_force.resolve_day(session, home, on), grid_id)
    seen = grid_details.list_open_incidents(session, caller, spot) if _can_see_incidents(session, caller) else ()
    drawn = {
        "street": grid_details.list_streets(session, caller, spot),
        "building": grid_details.list_buildings(session, caller, spot),
    }
    return {"grid": [found], **drawn, "incident": seen}


def _load_details(session: Session, caller: Caller, grid: GridInForce, day: SubdistrictDay) -> GridDetails:
    spot = GridDay(day, grid.id)
    seen = grid_details.list_open_incidents(session, caller, spot) if _can_see_incidents(session, caller) else None
    facilities = Counter(each.kind for each in grid_details.list_services(session, caller, spot, "facilities"))
    return GridDetails(
        day=day,
        grid=grid,
        subdistrict=territory.list_subdistricts(session, caller, Subdistrict.id == day.subdistrict_id)[0],
        community=grid_details.get_community(session, caller, grid.community_id),
        households=in_force.households_by_kind(grid_details.list_household_totals(session, caller, spot)),
        buildings=grid_details.list_buildings(session, caller, spot),
        shops=grid_details.list_services(session, caller, spot, "shops"),
        facilities=dict(facilities),
        organisations=grid_details.list_services(session, caller, spot, "organisations"),
        roster=grid_details.list_workers(session, caller, spot),
        incidents=seen,
        open_incidents=incident_counts.count_open(session, caller, day, grid.id)
        if seen is None
        else exact_count(len(seen)),
        periods=grid_details.list_periods(session, caller, spot),
    )


def _can_see_incidents(session: Session, caller: Caller) -> bool:
    return caller.role in ROLES_WITH_INCIDENT_ACCESS
