"""Incidents as columns of numbers, and their counts by place, category and status."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from gridmap.core.array_types import BoolArray, FloatArray, IntArray

EPOCH = date(1970, 1, 1)
NO_GRID = -1
MAX_TABLE_LENGTH = 1_000_000
"""Length of a table from cell to grid, 4 MB; keys that are farther apart are found by bisection."""


@dataclass(frozen=True)
class PackedMonth:
    """Incidents of a month, as the database packs them: numbers in network byte order.

    Parameters
    ----------
    month : date
        Its first day.
    categories : sequence of str
    category_codes, days, closed_days : buffer
        See the table ``incident_month``.
    places : sequence of buffer
        Cells, numbers of near cells, near cells, and streets where these matter; or positions.
    left_out : sequence of int
        Keys of streets whose incidents are not counted.
    """

    month: date
    categories: Sequence[str]
    category_codes: memoryview
    days: memoryview
    closed_days: memoryview
    places: Sequence[memoryview]
    left_out: Sequence[int] = ()

    @property
    def day(self) -> IntArray:
        """Day of each incident, from 1970-01-01."""
        return _decode(self.days, ">i2") + np.int64(days_since_epoch(self.month) - 1)

    @property
    def closed_day(self) -> IntArray:
        """Day on which each incident was closed, from 1970-01-01; far in the future for open ones."""
        return _decode(self.closed_days, ">i4")

    @property
    def cell(self) -> IntArray:
        """Key of the cell of each incident, or 0; of a month that was read with cells."""
        return _decode(self.places[0], ">i8")

    @property
    def position(self) -> FloatArray:
        """Longitude and latitude of each incident, of shape (n, 2); of a month that was read with positions."""
        return np.frombuffer(self.places[0], ">f8").reshape(-1, 2)

    @property
    def is_counted(self) -> BoolArray:
        """Return which incidents are on none of the streets that are left out."""
        if not self.left_out:
            return np.ones(len(self.days) // 2, dtype=np.bool_)
        return ~np.isin(_decode(self.places[3], ">i8"), self.left_out)

    def select_days(self, first: date, last: date) -> BoolArray | slice | None:
        """Return which incidents are of some days and counted; a slice where all are, None where none can be."""
        end = (self.month + timedelta(31)).replace(day=1) - timedelta(1)
        if last < self.month or end < first:
            return None
        if first <= self.month and end <= last and not self.left_out:
            return slice(None)
        is_of_days = (self.day >= days_since_epoch(first)) & (self.day <= days_since_epoch(last))
        return self.is_counted & is_of_days

    def encode_categories(self, positions: Mapping[str, int]) -> IntArray:
        """Return the position of the category of each incident; their number for a category without one."""
        table = np.array([0, *(positions.get(name, len(positions)) for name in self.categories)])
        return table[_decode(self.category_codes, ">i2")]

    def find_border(self, own: IntArray, plan: "GridOfCells") -> BoolArray:
        """Return which incidents are in a grid and near a cell that is in another grid, or in none.

        Parameters
        ----------
        own : (n,) array of int
            Position of the grid of each, or -1.
        plan : GridOfCells
        """
        number, near = _decode(self.places[1], ">i2"), _decode(self.places[2], ">i8")
        incident = np.repeat(np.arange(len(own)), number)
        is_near_other: BoolArray = np.zeros(len(own), dtype=np.bool_)
        is_near_other[incident[own[incident] != plan.find(near)]] = True
        on_border: BoolArray = is_near_other & (own != NO_GRID)
        return on_border


class GridOfCells:
    """Grids of the cells of a plan in force.

    Parameters
    ----------
    cells, grid_ids : (n,) array of int
        Keys of cells, and the key of the grid of each.

    Examples
    --------
    >>> plan = GridOfCells(np.array([5, 3]), np.array([71, 70]))
    >>> plan.grid_ids, plan.find(np.array([5, 4, 0, 3, 9])).tolist()
    ([70, 71], [1, -1, -1, 0, -1])
    """

    def __init__(self, cells: IntArray, grid_ids: IntArray) -> None:
        order = np.argsort(cells)
        ids, positions = np.unique(grid_ids, return_inverse=True)
        self.grid_ids: list[int] = ids.tolist()
        self.cells, self.grids = cells[order], positions[order]
        self.first, self.last = (int(self.cells[0]), int(self.cells[-1])) if len(cells) else (0, -1)
        self.table = self._make_table() if self.last - self.first < MAX_TABLE_LENGTH else None

    def find(self, cells: IntArray) -> IntArray:
        """Return the position of the grid of each cell; -1 for cells in no grid."""
        if self.table is None:
            positions = np.minimum(np.searchsorted(self.cells, cells), len(self.cells) - 1)
            return np.where(self.cells[positions] == cells, self.grids[positions], NO_GRID)
        grids: IntArray = self.table.take(cells - (self.first - 1), mode="clip")
        return grids

    def _make_table(self) -> IntArray:
        """Return the grids of a run of cells, between two places for the cells outside."""
        table: IntArray = np.full(self.last - self.first + 3, NO_GRID, dtype=np.int32)
        table[self.cells - (self.first - 1)] = self.grids
        return table


def days_since_epoch(day: date) -> int:
    """Return the number of days from 1970-01-01."""
    return (day - EPOCH).days


def list_categories(months: Sequence[PackedMonth]) -> list[str]:
    """Return the categories of some months, sorted."""
    return sorted({name for month in months for name in month.categories})


def count_groups(keys: Sequence[IntArray | BoolArray], shape: Sequence[int]) -> IntArray:
    """Return the number of incidents for each combination of keys, as an array of a shape.

    Examples
    --------
    >>> count_groups([np.array([0, 1, 1]), np.array([2, 0, 0])], (2, 3))
    array([[0, 0, 1],
           [2, 0, 0]])
    """
    key = np.zeros(len(keys[0]), dtype=np.int64)
    for each, length in zip(keys, shape, strict=True):
        key = key * length + each
    return np.bincount(key, minlength=int(np.prod(shape))).reshape(shape)


def _decode(buffer: memoryview, kind: str) -> IntArray:
    return np.frombuffer(buffer, kind).astype(np.int64)
