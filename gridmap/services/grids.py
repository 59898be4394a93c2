"""Grids in force on a day, as an account may know them: state and figures."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Literal, get_args

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from gridmap.core.errors import Message
from gridmap.core.names import GridKind, HouseholdKind
from gridmap.core.small_counts import HIDDEN, Told, exactly
from gridmap.store import extent, in_force, linked
from gridmap.store.in_force import Day
from gridmap.store.schema import Grid
from gridmap.store.words import from_json

State = Literal["under", "in_range", "over", "dedicated"]
STATES: tuple[State, ...] = get_args(State)
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
    residents: Told
    area: float
    workers: Sequence[str]
    reason: Message | None
    shape: str = field(repr=False)


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


def all_of(session: Session, day: Day) -> Sequence[GridInForce]:
    """Grids in force that the account works in, by code."""
    return _found(session, day, linked.residents_by_grid(session, day))


def one(session: Session, key: int, on: date | None = None) -> GridInForce | None:
    """One grid on a day; None where it was not in force then, or is not the account's."""
    home = in_force.home_of(session, key)
    if home is None:
        return None
    that = day(session, home, on)
    return next(iter(_found(session, that, linked.residents_by_grid(session, that), Grid.id == key)), None)


def ordered(
    found: Sequence[GridInForce], named: Mapping[int, str], column: str, *, falling: bool
) -> Sequence[GridInForce]:
    """Grids in the order of a column of the table, and of their codes where that says nothing.

    Parameters
    ----------
    found : sequence of GridInForce
    named : mapping
        Names of communities by their keys.
    column : str
        One of `ORDERS`.
    falling : bool
        Whether the largest comes first.
    """
    order = ORDERS[column]
    return sorted(found, key=lambda grid: order(grid, named), reverse=falling)


def _found(
    session: Session, day: Day, residents: Mapping[int, int | None], *wanted: ColumnElement[bool]
) -> Sequence[GridInForce]:
    rows = in_force.grids(session, day, *wanted)
    found = [_grid(row, _persons(residents.get(row.id, 0))) for row in rows]
    return sorted(found, key=lambda grid: grid.code)


def _persons(number: int | None) -> Told:
    """Residents as the database tells them to the account: not at all where they are few."""
    return HIDDEN if number is None else exactly(number)


def _grid(row: Any, residents: Told) -> GridInForce:
    return GridInForce(
        id=row.id,
        code=row.code,
        name=row.name,
        community=row.community_id,
        kind=GridKind(row.kind),
        state=state_of(GridKind(row.kind), row.households, row.minimum, row.maximum),
        allowed=(row.minimum, row.maximum),
        since=row.since,
        households=households_of(row),
        buildings=row.buildings,
        residents=residents,
        area=row.area_m2,
        workers=row.workers or (),
        reason=from_json(row.reason) if row.reason else None,
        shape=row.shape,
    )


def by_kind(rows: Sequence[Any]) -> Mapping[HouseholdKind, Households]:
    """Households of rows of sums with a ``kind`` each, in the order of the kinds."""
    found = {row.kind: households_of(row) for row in rows}
    return {kind: found[kind] for kind in HouseholdKind if kind in found}


def households_of(row: Any) -> Households:
    """Households of a row of sums; the range is widened to whole ones."""
    return Households(row.households, int(row.low), -int(-row.high // 1), row.estimated)


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
