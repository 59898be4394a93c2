"""Grids in force on a day, as an account may know them: state and figures."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import Message
from gridmap.core.plans.grid_status import GridStatusName, grid_status
from gridmap.core.privacy.disclosure import SUPPRESSED, DisclosedCount, exact_count
from gridmap.core.vocabulary import GridKind, HouseholdKind
from gridmap.store.access import scope_filter
from gridmap.store.message_json import message_from_json
from gridmap.store.queries import grids_in_force, link_counts
from gridmap.store.queries.grids_in_force import SubdistrictDay
from gridmap.store.schema import Grid

SortKey = Callable[["GridInForce", Mapping[int, str]], Any]
SORT_KEYS: dict[str, SortKey] = {
    "code": lambda grid, _: grid.code,
    "community": lambda grid, named: named[grid.community_id],
    "state": lambda grid, _: ("under", "over", "in_range", "dedicated").index(grid.status),
    "workers": lambda grid, _: list(grid.workers),
    "households": lambda grid, _: grid.households.number,
    "residents": lambda grid, _: -1 if grid.residents.number is None else grid.residents.number,
    "buildings": lambda grid, _: grid.buildings,
    "area": lambda grid, _: grid.area_m2,
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

    `status` is under, in_range, over or dedicated; `area_m2` is in square metres; `workers` are names; `shape` is GeoJSON.
    """

    id: int
    code: str
    name: str | None
    community_id: int
    kind: GridKind
    status: GridStatusName
    norm_range: tuple[int, int]
    since: date
    households: Households
    buildings: int
    residents: DisclosedCount
    area_m2: float
    workers: Sequence[str]
    reason: Message | None
    shape: str = field(repr=False)


def get_today(session: Session) -> date:
    """The day that pages speak of where none is asked for."""
    return scope_filter.get_today(session)


def resolve_day(session: Session, subdistrict_id: int, on: date | None = None) -> SubdistrictDay:
    """A day of a subdistrict; today where none is given."""
    return SubdistrictDay(subdistrict_id, on or scope_filter.get_today(session))


def date_before(on: date, span: timedelta) -> date:
    """The day so long before another one, or the first there is.

    >>> date_before(date(1, 1, 2), timedelta(days=30))
    datetime.date(1, 1, 1)
    """
    return on - min(span, on - date.min)


def list_grids(session: Session, caller: Caller, day: SubdistrictDay) -> Sequence[GridInForce]:
    """Grids in force that the account works in, by code."""
    return _load_grids(session, caller, day, link_counts.count_residents_by_grid(session, day))


def get_grid(session: Session, caller: Caller, grid_id: int, on: date | None = None) -> GridInForce | None:
    """One grid on a day; None where it was not in force then, or is not the account's."""
    home = grids_in_force.get_subdistrict_id(session, caller, grid_id)
    if home is None:
        return None
    that = resolve_day(session, home, on)
    return next(
        iter(
            _load_grids(session, caller, that, link_counts.count_residents_by_grid(session, that), Grid.id == grid_id)
        ),
        None,
    )


def sort_grids(
    grids: Sequence[GridInForce], community_names: Mapping[int, str], column: str, *, descending: bool
) -> Sequence[GridInForce]:
    """Grids in the order of a column of the table, and of their codes where that says nothing.

    Parameters
    ----------
    grids : sequence of GridInForce
    community_names : mapping
        Names of communities by their keys.
    column : str
        One of `SORT_KEYS`.
    descending : bool
        Whether the largest comes first.
    """
    order = SORT_KEYS[column]
    return sorted(grids, key=lambda grid: order(grid, community_names), reverse=descending)


def _load_grids(
    session: Session,
    caller: Caller,
    day: SubdistrictDay,
    residents: Mapping[int, int | None],
    *conditions: ColumnElement[bool],
) -> Sequence[GridInForce]:
    rows = grids_in_force.list_grids(session, caller, day, *conditions)
    found = [_grid_in_force(row, _disclosed_residents(residents.get(row.id, 0))) for row in rows]
    return sorted(found, key=lambda grid: grid.code)


def _disclosed_residents(number: int | None) -> DisclosedCount:
    """Residents as the database tells them to the account: not at all where they are few."""
    return SUPPRESSED if number is None else exact_count(number)


def _grid_in_force(row: Any, residents: DisclosedCount) -> GridInForce:
    return GridInForce(
        id=row.id,
        code=row.code,
        name=row.name,
        community_id=row.community_id,
        kind=GridKind(row.kind),
        status=grid_status(GridKind(row.kind), row.households, row.minimum, row.maximum),
        norm_range=(row.minimum, row.maximum),
        since=row.since,
        households=households_from_row(row),
        buildings=row.buildings,
        residents=residents,
        area_m2=row.area_m2,
        workers=row.workers or (),
        reason=message_from_json(row.reason) if row.reason else None,
        shape=row.shape,
    )


def households_by_kind(rows: Sequence[Any]) -> Mapping[HouseholdKind, Households]:
    """Households of rows of sums with a ``kind`` each, in the order of the kinds."""
    found = {row.kind: households_from_row(row) for row in rows}
    return {kind: found[kind] for kind in HouseholdKind if kind in found}


def households_from_row(row: Any) -> Households:
    """Households of a row of sums; the range is widened to whole ones."""
    return Households(row.households, int(row.low), -int(-row.high // 1), row.estimated)
