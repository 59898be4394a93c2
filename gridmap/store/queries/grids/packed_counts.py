"""Counts of packed months of incidents by grid in force, by square and by day."""

from collections.abc import Callable, Collection, Hashable
from dataclasses import astuple, dataclass, replace
from datetime import timedelta
from functools import partial
from typing import NamedTuple, TypeAlias, TypeVar

import numpy as np
import pandas as pd
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gridmap.core.array_types import FloatArray, IntArray
from gridmap.core.caller import Caller
from gridmap.core.incidents.count_table import CountTable, make_count_table
from gridmap.core.incidents.month_counter import MonthCounter, Period
from gridmap.core.incidents.packed_months import (
    GridOfCells,
    count_groups,
    days_since_epoch,
)
from gridmap.store.join_method import hash_joins
from gridmap.store.queries.grids import link_counts, packed_incidents
from gridmap.store.queries.grids.date_range import DateRange
from gridmap.store.queries.grids.day_cache import DayFigure, load_cached
from gridmap.store.queries.grids.grids_in_force import SubdistrictDay
from gridmap.store.queries.grids.packed_incidents import PackedRange

Square: TypeAlias = tuple[int, int]
"""Column east of Greenwich and row north of the equator."""
CountsT = TypeVar("CountsT")
KEY_BITS, KEY_OFFSET = 32, 2**31
"""Bits of a row within the number of a square, and the row that is 0 there."""


class PackedRequest(NamedTuple):
    """Counts of packed months that a page asks for.

    Parameters
    ----------
    name : hashable
        What is counted, with everything that it depends on but months, streets, plan and rights.
    day : SubdistrictDay
    days : DateRange
    street_ids : tuple of int, or None
        See `packed_incidents.read_months`.
    has_former_cells : bool
        Whether land was built anew since the day: packed months have the newest cells only, so rows are counted.
    """

    name: Hashable
    day: SubdistrictDay
    days: DateRange
    street_ids: tuple[int, ...] | None
    has_former_cells: bool = False


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

    def copy(self) -> "DailyCounts":
        """Return counts that can be added to."""
        return DailyCounts(self.days, {grid: counts.copy() for grid, counts in self.by_grid.items()}, self.total.copy())

    def add(self, grid_id: int | None, position: int, incidents: int, all_incidents: int) -> None:
        """Add the incidents of a grid, or of none, on one of the days."""
        self.total[position] += all_incidents
        if grid_id is not None:
            self.by_grid.setdefault(grid_id, np.zeros(self.days, dtype=np.int64))[position] += incidents


def load_grid_of_cells(session: Session, caller: Caller, day: SubdistrictDay) -> GridOfCells:
    """Return the grid in force of each cell, as far as the caller knows it."""

    def load() -> GridOfCells:
        cells = link_counts.select_grid_of_cells(caller, day)
        packed_keys = (func.string_agg(func.int8send(column), b"") for column in (cells.c.cell_id, cells.c.grid_id))
        with hash_joins(session):
            cell_ids, grid_ids = session.execute(select(*packed_keys)).one()
        return GridOfCells(*(np.frombuffer(keys or b"", ">i8").astype(np.int64) for keys in (cell_ids, grid_ids)))

    return load_cached(session, caller, DayFigure("cells", *astuple(day)), load)


def load_counts(
    session: Session, caller: Caller, request: PackedRequest, count: Callable[[PackedRange], CountsT]
) -> tuple[CountsT, PackedRange]:
    """Return counts of packed months, and what these months do not hold.

    They are those of before while months, plan and rights are the same, whichever incidents the months do not hold.

    Parameters
    ----------
    session : Session
    caller : Caller
    request : PackedRequest
    count : callable
        Returns the counts of the months, which nobody changes.
    """
    subdistrict_id, days = request.day.subdistrict_id, request.days

    def load() -> tuple[CountsT, PackedRange]:
        packed = packed_incidents.read_months(session, caller, subdistrict_id, days, request.street_ids)
        return count(packed), replace(packed, months=())

    if request.has_former_cells:
        in_rows = PackedRange([], [days])
        return count(in_rows), in_rows
    if not packed_incidents.can_read(caller, subdistrict_id):
        return load()
    packed_incidents.pack_due_months(session, subdistrict_id)
    version = packed_incidents.select_version(caller, subdistrict_id, days)
    return load_cached(session, caller, DayFigure(request, *astuple(request.day)), load, version)


def count_by_grid(
    session: Session, caller: Caller, day: SubdistrictDay, date_range: DateRange, packed: PackedRange
) -> CountTable[int | None]:
    """Return the incidents of packed months by grid in force on a day."""
    if not packed.months:
        return make_count_table([])
    plan = load_grid_of_cells(session, caller, day)
    places: list[int | None] = [*plan.grid_ids, None]
    counter = MonthCounter(packed.months, len(places), _list_periods(date_range))
    for month in packed.months:
        own = plan.find(month.cell)
        counter.add(month, own % len(places), partial(month.find_border, own, plan))
    return counter.make_table(places)


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
            inside &= month.encode_categories(dict.fromkeys(categories, 0)) == 0
        counts += count_groups([plan.find(month.cell)[inside] % shape[0], position[inside]], shape)
    return DailyCounts(date_range.days, dict(zip(plan.grid_ids, counts, strict=False)), total)


def count_by_square(date_range: DateRange, sides: tuple[float, float], packed: PackedRange) -> CountTable[Square]:
    """Return the incidents of packed months by square with sides in degrees."""
    months = packed.months
    if not months:
        return make_count_table([])
    keys = [_square_keys(month.position, sides) for month in months]
    codes, used = pd.factorize(np.concatenate(keys))
    counter = MonthCounter(months, len(used), _list_periods(date_range))
    ends = np.cumsum([len(key) for key in keys])
    for month, place in zip(months, np.split(codes, ends[:-1]), strict=True):
        counter.add(month, place)
    return counter.make_table([(key >> KEY_BITS, (key & 2**KEY_BITS - 1) - KEY_OFFSET) for key in used.tolist()])


def _square_keys(position: FloatArray, sides: tuple[float, float]) -> IntArray:
    """Return the column and the row of the square of each position as one number."""
    squares = np.floor(position / np.array(sides)).astype(np.int64)
    keys: IntArray = (squares[:, 0] << KEY_BITS) + squares[:, 1] + KEY_OFFSET
    return keys


def _list_periods(date_range: DateRange) -> tuple[Period, Period]:
    """Return the range of days, and the days before it."""
    before = date_range.first - timedelta(days=1)
    return (date_range.first, date_range.last), (date_range.previous_first, before)
