"""Counts of packed months of incidents by grid in force, by square and by day."""

from collections.abc import Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gridmap.core.array_types import BoolArray, FloatArray, IntArray
from gridmap.core.caller import Caller
from gridmap.core.incidents.packed_months import (
    GridOfCells,
    PackedMonth,
    count_groups,
    days_since_epoch,
    list_categories,
)
from gridmap.core.vocabulary import IncidentStatus
from gridmap.store.join_method import hash_joins
from gridmap.store.queries.grids import link_counts
from gridmap.store.queries.grids.date_range import DateRange
from gridmap.store.queries.grids.grids_in_force import SubdistrictDay
from gridmap.store.queries.grids.packed_incidents import PackedRange

Square: TypeAlias = tuple[int, int]
"""Column east of Greenwich and row north of the equator."""
CategoryStatus: TypeAlias = tuple[str, str]
"""Category of incidents, and their status at the end of the counted period."""
PlaceT = TypeVar("PlaceT", bound=Hashable)
PlaceCount: TypeAlias = tuple[PlaceT, CategoryStatus, tuple[int, ...]]
"""Place, category and status; incidents of the range, of the days before it, and of the range on the border."""
KEY_BITS, KEY_OFFSET = 32, 2**31
"""Bits of a row within the number of a square, and the row that is 0 there."""
STATUSES = IncidentStatus.OPEN.value, IncidentStatus.CLOSED.value


@dataclass
class DailyCounts:
    """Incidents of grids and days of a range; a grid without incidents may be missing.

    Parameters
    ----------
    days : int
        Number of days.
    by_grid : dict of int to (days,) array of int
        Incidents of the chosen categories.
    total : (days,) array of int
        Incidents of every category, in any grid or none.
    """

    days: int
    by_grid: dict[int, IntArray]
    total: IntArray

    def add(self, grid_id: int | None, position: int, incidents: int, all_incidents: int) -> None:
        """Add the incidents of a grid, or of none, on one of the days."""
        self.total[position] += all_incidents
        if grid_id is not None:
            self.by_grid.setdefault(grid_id, np.zeros(self.days, dtype=np.int64))[position] += incidents


def load_grid_of_cells(session: Session, caller: Caller, day: SubdistrictDay) -> GridOfCells:
    """Return the grid in force of each cell, as far as the caller knows it."""
    cells = link_counts.select_grid_of_cells(caller, day)
    packed_keys = (func.string_agg(func.int8send(column), b"") for column in (cells.c.cell_id, cells.c.grid_id))
    with hash_joins(session):
        cell_ids, grid_ids = session.execute(select(*packed_keys)).one()
    return GridOfCells(*(np.frombuffer(keys or b"", ">i8").astype(np.int64) for keys in (cell_ids, grid_ids)))


def count_by_grid(
    session: Session, caller: Caller, day: SubdistrictDay, date_range: DateRange, packed: PackedRange
) -> list[PlaceCount[int | None]]:
    """Return the incidents of packed months by grid in force on a day."""
    months = packed.months
    if not months:
        return []
    plan, categories = load_grid_of_cells(session, caller, day), list_categories(months)
    places: list[int | None] = [*plan.grid_ids, None]
    counts = np.zeros((3, len(places), len(categories), len(STATUSES)), dtype=np.int64)
    for month in months:
        own = plan.find(month.cell)
        on_border = month.find_border(own, plan)
        counts += _count(own % len(places), month, date_range, on_border, (len(places), categories))
    return list(_list_counts(places, categories, counts))


def count_by_grid_and_day(
    session: Session,
    caller: Caller,
    day: SubdistrictDay,
    date_range: DateRange,
    categories: Collection[str],
    packed: PackedRange,
) -> DailyCounts:
    """Return the incidents of packed months by grid in force on a day, and by day; no categories are all of them."""
    if not packed.months:
        return DailyCounts(date_range.days, {}, np.zeros(date_range.days, dtype=np.int64))
    plan, first = load_grid_of_cells(session, caller, day), days_since_epoch(date_range.first)
    shape = len(plan.grid_ids) + 1, date_range.days
    counts, total = np.zeros(shape, dtype=np.int64), np.zeros(date_range.days, dtype=np.int64)
    for month in packed.months:
        position = month.day - first
        inside = month.is_counted & (position >= 0) & (position < date_range.days)
        total += count_groups([position[inside]], shape[1:])
        if categories:
            inside &= month.encode_categories(sorted(categories)) < len(categories)
        counts += count_groups([plan.find(month.cell)[inside] % shape[0], position[inside]], shape)
    return DailyCounts(date_range.days, dict(zip(plan.grid_ids, counts, strict=False)), total)


def count_by_square(
    date_range: DateRange, months: Sequence[PackedMonth], sides: tuple[float, float]
) -> list[PlaceCount[Square]]:
    """Return the incidents of some months by square with sides in degrees."""
    if not months:
        return []
    keys = [_square_keys(month.position, sides) for month in months]
    used = np.unique(np.concatenate([np.unique(each) for each in keys]))
    places = [(key >> KEY_BITS, (key & 2**KEY_BITS - 1) - KEY_OFFSET) for key in used.tolist()]
    categories = list_categories(months)
    counts = np.zeros((3, len(places), len(categories), len(STATUSES)), dtype=np.int64)
    for month, key in zip(months, keys, strict=True):
        nowhere = np.zeros(len(key), dtype=np.bool_)
        counts += _count(np.searchsorted(used, key), month, date_range, nowhere, (len(places), categories))
    return list(_list_counts(places, categories, counts))


def _square_keys(position: FloatArray, sides: tuple[float, float]) -> IntArray:
    """Return the column and the row of the square of each position as one number."""
    squares = np.floor(position / np.array(sides)).astype(np.int64)
    keys: IntArray = (squares[:, 0] << KEY_BITS) + squares[:, 1] + KEY_OFFSET
    return keys


def _count(
    place: IntArray, month: PackedMonth, date_range: DateRange, on_border: BoolArray, size: tuple[int, Sequence[str]]
) -> IntArray:
    """Return the incidents of the range, of the days before it, and of the range on the border, by place and kind."""
    first, last, previous_first = map(days_since_epoch, (date_range.first, date_range.last, date_range.previous_first))
    category, day = month.encode_categories(size[1]), month.day
    is_current = month.is_counted & (day >= first) & (day <= last)
    is_previous = month.is_counted & (day >= previous_first) & (day < first)
    is_closed = month.closed_day <= np.where(is_current, last, first - 1)
    shape = size[0], len(size[1]), len(STATUSES)
    chosen = is_current, is_previous, is_current & on_border
    return np.stack([count_groups((place[each], category[each], is_closed[each]), shape) for each in chosen])


def _list_counts(places: Sequence[PlaceT], categories: Sequence[str], counts: IntArray) -> Iterator[PlaceCount[PlaceT]]:
    found = np.argwhere(counts[:2].any(axis=0))
    numbers = counts[:, found[:, 0], found[:, 1], found[:, 2]].T
    for (place, category, status), each in zip(found.tolist(), numbers.tolist(), strict=True):
        yield places[place], (categories[category], STATUSES[status]), tuple(each)
