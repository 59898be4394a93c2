"""A subdistrict on a day: its communities, the grids in force with their state, and what is in no grid."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Literal, get_args

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from gridmap.core.errors import Message
from gridmap.core.names import GridKind, HouseholdKind, Role
from gridmap.maps.overview import Shell, shell
from gridmap.store import extent, in_force, linked, territory
from gridmap.store.in_force import Day
from gridmap.store.schema import Community, Grid, Subdistrict
from gridmap.store.words import from_json

FEW = 5
"""Fewer people or incidents are not told as a number to those who may not see them one by one."""
ENTITLED = (Role.WORKER, Role.STATION)
State = Literal["under", "in_range", "over", "dedicated"]
STATES: tuple[State, ...] = get_args(State)
YEAR = timedelta(days=365)
Order = Callable[["GridInForce", Mapping[int, str]], Any]
ORDERS: dict[str, Order] = {
    "code": lambda grid, _: grid.code,
    "community": lambda grid, named: named[grid.community],
    "state": lambda grid, _: ("under", "over", "in_range", "dedicated").index(grid.state),
    "workers": lambda grid, _: list(grid.workers),
    "households": lambda grid, _: grid.households.number,
    "residents": lambda grid, _: -1 if grid.residents.number is None else grid.residents.number,
    "buildings": lambda grid, _: grid.buildings,
    "area": lambda grid, _: grid.area,
}


@dataclass(frozen=True)
class Count:
    """How many, or that they are too few to say.

    Parameters
    ----------
    number : int or None
        None where it is hidden.
    """

    number: int | None

    @property
    def hidden(self) -> bool:
        """Whether there are some, but fewer than may be told."""
        return self.number is None


@dataclass(frozen=True)
class Households:
    """Households of a kind, with the range that holds if some are estimated."""

    number: int
    low: int
    high: int
    estimated: bool


@dataclass(frozen=True)
class GridInForce:
    """A grid as it holds on a day, with the figures of that day.

    `state` is under, in_range, over or dedicated; `area` is in square metres; `workers` are names; `shape` is GeoJSON.
    """

    id: int
    code: str
    name: str | None
    community: int
    kind: GridKind
    state: State
    allowed: tuple[int, int]
    since: date
    households: Households
    buildings: int
    residents: Count
    area: float
    workers: Sequence[str]
    reason: Message | None
    shape: str = field(repr=False)


@dataclass(frozen=True)
class Linked:
    """How many things of a kind there are, and how many of them are in no grid in force."""

    kind: str
    every: int
    outside: Count


@dataclass(frozen=True)
class Overview:
    """Everything the overview of a subdistrict says, as far as the account may know it.

    `links` is empty for accounts that see a part of the subdistrict only.
    """

    day: Day
    communities: Sequence[Any]
    grids: Sequence[GridInForce]
    households: Mapping[HouseholdKind, Households]
    residents: Count
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
        every, outside = sum(each.every for each in self.links), [each.outside.number for each in self.links]
        known = sum(number for number in outside if number is not None)
        return 1 - known / every if every and None not in outside else None


def today(session: Session) -> date:
    """The day that pages speak of where none is asked for."""
    return extent.today(session)


def day(session: Session, home: int, on: date | None = None) -> Day:
    """A day of a subdistrict; today where none is given."""
    return Day(home, on or extent.today(session))


def before(on: date, span: timedelta) -> date:
    """The day so long before another one, or the first there is.

    >>> before(date(1, 1, 2), timedelta(days=30))
    datetime.date(1, 1, 1)
    """
    return on - min(span, on - date.min)


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


def grids(session: Session, day: Day) -> Sequence[GridInForce]:
    """Grids in force that the account works in, by code."""
    return _grids(session, day, linked.residents_by_grid(session, day))


def grid(session: Session, key: int, on: date | None = None) -> GridInForce | None:
    """One grid on a day; None where it was not in force then, or is not the account's."""
    home = in_force.home_of(session, key)
    if home is None:
        return None
    that = day(session, home, on)
    return next(iter(_grids(session, that, linked.residents_by_grid(session, that), Grid.id == key)), None)


def overview(session: Session, day: Day) -> Overview:
    """The overview of a subdistrict on a day."""
    residents = linked.residents_by_grid(session, day)
    found, here = _grids(session, day, residents), communities(session, day.home)
    if extent.role(session) == Role.WORKER:
        return Overview(day, here, found, _of(found), _residents(found), sum(each.buildings for each in found), ())
    links = _links(session, day)
    told = {kind: _households(session, day, kind) for kind in HouseholdKind}
    known = {kind: each for kind, each in told.items() if each}
    people = _told(session, sum(residents.values())) if extent.whole(session, day.home) else _residents(found)
    return Overview(day, here, found, known, people, links[0].every, links)


def streets(session: Session, home: int) -> Sequence[Any]:
    """Streets of a subdistrict by kind, for a map to be found one's way on."""
    return territory.streets(session, home)


def ordered(found: Overview, column: str, *, falling: bool) -> Sequence[GridInForce]:
    """Grids in the order of a column of the table, and of their codes where that says nothing.

    Parameters
    ----------
    found : Overview
    column : str
        One of `ORDERS`.
    falling : bool
        Whether the largest comes first.
    """
    named = {each.id: each.name for each in found.communities}
    order = ORDERS[column]
    return sorted(found.grids, key=lambda grid: order(grid, named), reverse=falling)


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


def incident_counts(session: Session, day: Day, first: date) -> Sequence[tuple[GridInForce | None, Count]]:
    """Incidents from a day on, up to the one of the grids, by grid; the last row is of those in no grid."""
    found, counted = grids(session, day), linked.incidents_by_grid(session, day, first)
    rows: list[tuple[GridInForce | None, Count]] = [(each, _told(session, counted.get(each.id, 0))) for each in found]
    return [*rows, (None, _told(session, counted.get(None, 0)))]


def _grids(
    session: Session, day: Day, residents: Mapping[int | None, int], *wanted: ColumnElement[bool]
) -> Sequence[GridInForce]:
    rows = in_force.grids(session, day, *wanted)
    found = [_grid(row, _told(session, residents.get(row.id, 0))) for row in rows]
    return sorted(found, key=lambda grid: grid.code)


def _told(session: Session, number: int) -> Count:
    return count_of(number, entitled=extent.role(session) in ENTITLED)


def count_of(number: int, *, entitled: bool) -> Count:
    """A number as it may be told.

    Examples
    --------
    >>> [count_of(number, entitled=False).number for number in (0, 4, 5)]
    [0, None, 5]
    """
    return Count(number if entitled or number == 0 or number >= FEW else None)


def _grid(row: Any, residents: Count) -> GridInForce:
    households = Households(row.households, int(row.low), -int(-row.high // 1), row.estimated)
    return GridInForce(
        id=row.id,
        code=row.code,
        name=row.name,
        community=row.community_id,
        kind=GridKind(row.kind),
        state=state_of(GridKind(row.kind), row.households, row.minimum, row.maximum),
        allowed=(row.minimum, row.maximum),
        since=row.since,
        households=households,
        buildings=row.buildings,
        residents=residents,
        area=row.area_m2,
        workers=row.workers or (),
        reason=from_json(row.reason) if row.reason else None,
        shape=row.shape,
    )


def state_of(kind: GridKind, households: int, minimum: int, maximum: int) -> State:
    """State of a grid with so many households.

    Examples
    --------
    >>> [state_of(GridKind.HOUSEHOLD, households, 300, 500) for households in (299, 300, 500, 501)]
    ['under', 'in_range', 'in_range', 'over']
    """
    if kind == GridKind.DEDICATED:
        return "dedicated"
    if households < minimum:
        return "under"
    return "over" if households > maximum else "in_range"


def _households(session: Session, day: Day, kind: HouseholdKind) -> Households | None:
    row = linked.households(session, day, kind)
    if not row.counted:
        return None
    return Households(row.households, int(row.low), -int(-row.high // 1), row.estimated)


def _of(found: Sequence[GridInForce]) -> Mapping[HouseholdKind, Households]:
    each = [grid.households for grid in found]
    number, low, high = (sum(getattr(one, name) for one in each) for name in ("number", "low", "high"))
    estimated = any(one.estimated for one in each)
    return {HouseholdKind.RESIDENT: Households(number, low, high, estimated)} if found else {}


def _residents(found: Sequence[GridInForce]) -> Count:
    return Count(sum(grid.residents.number or 0 for grid in found))


def _links(session: Session, day: Day) -> Sequence[Linked]:
    """What is in a grid and what is not; buildings first. Incidents are those of the year before."""
    every, inside = linked.buildings(session, day)
    found = [Linked("buildings", every, Count(every - inside))]
    if not extent.whole(session, day.home):
        return found
    pairs = {name: linked.services(session, day, name) for name in linked.SERVICES}
    found += [Linked(name, all_, Count(all_ - in_grid)) for name, (all_, in_grid) in pairs.items() if all_]
    happened, in_grid = linked.incidents(session, day, before(day.on, YEAR))
    told = _told(session, happened - in_grid)
    return [*found, Linked("incidents", happened, told)] if _told(session, happened).number else found
