"""A grid on a day with everything in it: what its page shows, and a worker's phone."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from gridmap.core.errors import Unseen
from gridmap.core.names import HouseholdKind
from gridmap.core.small_counts import Told, exactly
from gridmap.maps.overview import Shell, shell
from gridmap.services import grids, happened
from gridmap.services.grids import GridInForce, Households
from gridmap.services.happened import ONE_BY_ONE
from gridmap.store import contents, extent, in_force, territory
from gridmap.store.contents import Spot
from gridmap.store.in_force import Day
from gridmap.store.schema import Subdistrict


@dataclass(frozen=True)
class Contents:
    """A grid with what is in it.

    `incidents` are those open at the end of the day, None for accounts that may not see them one by one; `facilities`
    are numbers by kind; `periods` are the times at which the grid is in force, and `period` is the one of the day.
    """

    day: Day
    grid: GridInForce
    place: Any
    community: Any
    households: Mapping[HouseholdKind, Households]
    buildings: Sequence[Any]
    shops: Sequence[Any]
    facilities: Mapping[str, int]
    organisations: Sequence[Any]
    roster: Sequence[Any]
    incidents: Sequence[Any] | None
    open_incidents: Told
    periods: Sequence[Any]

    @property
    def period(self) -> Any:
        """The time that the day is in."""
        on = self.day.on
        return next(each for each in self.periods if each.since <= on and (each.until is None or on < each.until))

    @property
    def lived_in(self) -> Sequence[Any]:
        """Buildings with households; all of them where nobody counted any."""
        return [each for each in self.buildings if each.households] or self.buildings

    @property
    def others(self) -> Sequence[Any]:
        """The other buildings."""
        shown = {each.id for each in self.lived_in}
        return [each for each in self.buildings if each.id not in shown]


def of_grid(session: Session, key: int, on: date | None = None) -> Contents | None:
    """A grid on a day with what is in it; None where it was not in force then, or is not the account's."""
    found, home = grids.one(session, key, on), in_force.home_of(session, key)
    return None if found is None or home is None else _filled(session, found, grids.day(session, home, on))


def mine(session: Session) -> Sequence[Contents]:
    """The grids that a worker answers for today, by code."""
    days = [grids.day(session, place.id) for place in territory.subdistricts(session)]
    return [_filled(session, grid, day) for day in days for grid in grids.all_of(session, day)]


def building(session: Session, key: int) -> Any:
    """A building of a worker's grids or a station's communities.

    Raises
    ------
    Unseen
        If it is none of theirs.
    """
    found = contents.own_building(session, key)
    if found is None:
        raise Unseen(key)
    return found


def times(session: Session, key: int) -> Sequence[Any]:
    """When a grid of the account was, is or will be in force."""
    home = in_force.home_of(session, key)
    return contents.periods(session, Spot(grids.day(session, home), key)) if home is not None else ()


def shell_of(found: Sequence[Contents], module: str) -> Shell:
    """The map of grids, empty: what is on it is asked for by the page.

    Parameters
    ----------
    found : sequence of Contents
        Of one subdistrict, which is framed until the grids are there.
    module : str
        Address of the script that draws.
    """
    place = found[0].place
    return shell((place.west, place.south, place.east, place.north), module)


def landmarks(session: Session, key: int, on: date | None = None) -> Mapping[str, Sequence[Any]] | None:
    """What is drawn on the map of a grid: the grid, its buildings, streets around it, and incidents one may see."""
    found, home = grids.one(session, key, on), in_force.home_of(session, key)
    if found is None or home is None:
        return None
    spot = Spot(grids.day(session, home, on), key)
    seen = contents.open_incidents(session, spot) if _entitled(session) else ()
    drawn = {"street": contents.streets(session, spot), "building": contents.buildings(session, spot)}
    return {"grid": [found], **drawn, "incident": seen}


def _filled(session: Session, grid: GridInForce, day: Day) -> Contents:
    spot = Spot(day, grid.id)
    seen = contents.open_incidents(session, spot) if _entitled(session) else None
    facilities = Counter(each.kind for each in contents.services(session, spot, "facilities"))
    return Contents(
        day=day,
        grid=grid,
        place=territory.subdistricts(session, Subdistrict.id == day.home)[0],
        community=contents.community(session, grid.community),
        households=grids.by_kind(contents.households(session, spot)),
        buildings=contents.buildings(session, spot),
        shops=contents.services(session, spot, "shops"),
        facilities=dict(facilities),
        organisations=contents.services(session, spot, "organisations"),
        roster=contents.roster(session, spot),
        incidents=seen,
        open_incidents=happened.open_in(session, day, grid.id) if seen is None else exactly(len(seen)),
        periods=contents.periods(session, spot),
    )


def _entitled(session: Session) -> bool:
    return extent.role(session) in ONE_BY_ONE
