"""A subdistrict on a day: its communities, the grids in force with their state, and what is in no grid."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from gridmap.core.names import HouseholdKind, Role
from gridmap.core.small_counts import Told, exactly, total
from gridmap.maps.overview import Shell, shell
from gridmap.services import grids, happened
from gridmap.services.grids import STATES, GridInForce, Households, State
from gridmap.services.happened import NONE, Span, Wish
from gridmap.store import extent, linked, territory
from gridmap.store.in_force import Day
from gridmap.store.schema import Community, Subdistrict

YEAR = timedelta(days=364)


@dataclass(frozen=True)
class Linked:
    """How many things of a kind there are, and how many of them are in no grid in force."""

    kind: str
    every: Told
    outside: Told


@dataclass(frozen=True)
class Overview:
    """Everything the overview of a subdistrict says, as far as the account may know it.

    `residents` are those of grids whose number may be told; `links` is empty for accounts that see a part only.
    """

    day: Day
    communities: Sequence[Any]
    grids: Sequence[GridInForce]
    households: Mapping[HouseholdKind, Households]
    residents: int
    buildings: int
    links: Sequence[Linked]

    @property
    def states(self) -> Mapping[State, int]:
        """Grids by state."""
        found = Counter(grid.state for grid in self.grids)
        return {state: found[state] for state in STATES}

    @property
    def vacant(self) -> Sequence[GridInForce]:
        """Grids that nobody answers for."""
        return [grid for grid in self.grids if not grid.workers]

    @property
    def undivided(self) -> Sequence[Any]:
        """Communities without a plan in force."""
        divided = {grid.community for grid in self.grids}
        return [each for each in self.communities if each.id not in divided]

    @property
    def linked_share(self) -> float | None:
        """Which part of everything that has a place leads to a grid; None where that cannot be told."""
        every, outside = (total(getattr(each, name) for each in self.links) for name in ("every", "outside"))
        return 1 - outside.number / every.number if every.number and outside.number is not None else None


def subdistricts(session: Session) -> Sequence[Any]:
    """Subdistricts of the account."""
    return territory.subdistricts(session)


def communities(session: Session, home: int) -> Sequence[Any]:
    """Communities of a subdistrict that the account works in."""
    return territory.communities(session, Community.subdistrict_id == home)


def resident_groups(session: Session, home: int) -> Sequence[Any]:
    """Resident groups of those communities."""
    return territory.resident_groups(session, home)


def subdistrict(session: Session, code: str) -> Any | None:
    """The subdistrict with a code, or None where there is none for this account."""
    if "\0" in code:
        return None
    return next(iter(territory.subdistricts(session, Subdistrict.code == code)), None)


def overview(session: Session, day: Day) -> Overview:
    """The overview of a subdistrict on a day."""
    found, here = grids.all_of(session, day), communities(session, day.home)
    if extent.role(session) == Role.WORKER:
        return Overview(day, here, found, _of(found), _residents(found), sum(each.buildings for each in found), ())
    links, households = _links(session, day), grids.by_kind(linked.households(session, day))
    return Overview(day, here, found, households, _residents(found), links[0].every.number or 0, links)


def streets(session: Session, home: int) -> Sequence[Any]:
    """Streets of a subdistrict by kind, for a map to be found one's way on."""
    return territory.streets(session, home)


def shell_of(place: Any, module: str) -> Shell:
    """The map of a subdistrict, empty: what is on it is asked for by the page.

    Parameters
    ----------
    place : Row
        From `subdistrict`.
    module : str
        Address of the script that draws.
    """
    return shell((place.west, place.south, place.east, place.north), module)


def _of(found: Sequence[GridInForce]) -> Mapping[HouseholdKind, Households]:
    each = [grid.households for grid in found]
    number, low, high = (sum(getattr(one, name) for one in each) for name in ("number", "low", "high"))
    estimated = any(one.estimated for one in each)
    return {HouseholdKind.RESIDENT: Households(number, low, high, estimated)} if found else {}


def _residents(found: Sequence[GridInForce]) -> int:
    """Residents of grids; one whose number may not be told adds none, so that no difference gives it away."""
    return sum(grid.residents.number or 0 for grid in found)


def _links(session: Session, day: Day) -> Sequence[Linked]:
    """What is in a grid and what is not; buildings first. Incidents are those of the year before."""
    every, inside = linked.buildings(session, day)
    found = [Linked("buildings", exactly(every), exactly(every - inside))]
    if not extent.whole(session, day.home):
        return found
    pairs = {name: linked.services(session, day, name) for name in linked.SERVICES}
    found += [Linked(name, exactly(all_), exactly(all_ - in_grid)) for name, (all_, in_grid) in pairs.items() if all_]
    incidents = _incidents(session, day)
    return [*found, incidents] if incidents.every.low else found


def _incidents(session: Session, day: Day) -> Linked:
    """Incidents of a year, as the page of heat tells them: the sum holds nothing that is hidden elsewhere."""
    told = happened.by_grid(session, day, Wish(Span(grids.before(day.on, YEAR), day.on)))
    return Linked("incidents", total(pair.now for pair in told.values()), told.get(None, NONE).now)
