"""Groups of cells that stay together, extended by the cells between their parts until each group is contiguous."""

from collections.abc import Iterable

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from gridmap.core.array_types import IntArray
from gridmap.core.errors import N_, Message
from gridmap.core.labels import label_components
from gridmap.core.land.build import LandCoverage

STEP_COST = 1e-3
"""Cost of a step on a path between two parts of a group, in addition to the households that the path includes."""
OVERSIZE_GROUP = N_("{name} shares buildings with too many others to stay whole, so it is divided")
DISCONNECTED_GROUP = N_("{name} is in parts that cannot be connected within one grid, so it is divided")

CellGroup = tuple[str, IntArray]


def contract_groups(
    land: LandCoverage, groups: Iterable[CellGroup], households: IntArray, maximum: int
) -> tuple[IntArray, tuple[Message, ...]]:
    """Number cells so that the cells of a group share a number and are contiguous.

    Parameters
    ----------
    land : LandCoverage
        Cells and their borders.
    groups : iterable of (str, ndarray of int)
        Name and cells of each group; groups that share a cell become one.
    households : ndarray of int
        Households of each cell.
    maximum : int
        No group is extended beyond this many households.

    Returns
    -------
    ndarray of int, tuple of Message
        Number of each cell, without gaps; and a note for each group that could not be kept together.
    """
    numbers, notes = _CellNumbers(land), []
    for name, cells in groups:
        problem = _contract_group(land, numbers, cells, households, maximum)
        if problem is not None:
            notes.append(Message(problem, {"name": name}))
    return np.unique(numbers.of_cell, return_inverse=True)[1], tuple(notes)


class _CellNumbers:
    """Numbers of cells under change; the number of a group is one of its cells.

    Groups and the neighbours of cells are looked up, so that a group takes time in proportion to its cells, not to
    those of the town.
    """

    def __init__(self, land: LandCoverage) -> None:
        self.of_cell: IntArray = np.arange(len(land.cells))
        self._cells: dict[int, IntArray] = {}
        left, right = (side[land.borders.walkable] for side in (land.borders.left, land.borders.right))
        source, sink = np.r_[left, right], np.r_[right, left]
        order = np.argsort(source, kind="stable")
        self._neighbour = sink[order]
        self._start = np.searchsorted(source[order], np.arange(len(land.cells) + 1))

    def members(self, cells: IntArray) -> IntArray:
        """Return the cells of all groups that some cells belong to, in ascending order."""
        numbers = np.unique(self.of_cell[cells]).tolist()
        return np.sort(np.concatenate([self._cells.get(number, np.array([number])) for number in numbers]))

    def join(self, members: IntArray, cell: int) -> None:
        """Give cells, all those of their groups, the number of one of them."""
        self._set(members, int(self.of_cell[cell]))

    def separate(self, parts: list[IntArray]) -> None:
        """Make the parts of a group groups of their own."""
        for part in parts:
            self._set(part, int(part[0]))

    def _set(self, cells: IntArray, number: int) -> None:
        self.of_cell[cells] = number
        self._cells[number] = cells

    def parts(self, cell: int) -> list[IntArray]:
        """Return the walkable components of a cell's group; the first contains the cell."""
        cells = self.members(np.array([cell]))
        count = self._start[cells + 1] - self._start[cells]
        source = np.repeat(np.arange(len(cells)), count)
        edge = np.arange(len(source)) - np.repeat(np.cumsum(count) - count, count) + self._start[cells[source]]
        position = np.minimum(np.searchsorted(cells, self._neighbour[edge]), len(cells) - 1)
        inside = cells[position] == self._neighbour[edge]
        component = label_components(len(cells), source[inside], position[inside])
        first = component[np.searchsorted(cells, cell)]
        others = np.unique(component[component != first])
        return [cells[component == first], *(cells[component == other] for other in others)]


def _contract_group(
    land: LandCoverage, numbers: _CellNumbers, cells: IntArray, households: IntArray, maximum: int
) -> str | None:
    """Give the cells of a group one number; return the problem where that is not possible."""
    members = numbers.members(cells)
    if households[members].sum() > maximum:
        return OVERSIZE_GROUP
    numbers.join(members, int(cells[0]))
    return None if _join_components(land, numbers, int(cells[0]), households, maximum) else DISCONNECTED_GROUP


def _join_components(land: LandCoverage, numbers: _CellNumbers, cell: int, households: IntArray, maximum: int) -> bool:
    """Add the cells between the parts of a cell's group; where those are too many, separate the parts again."""
    while len(parts := numbers.parts(cell)) > 1:
        path = _cheapest_path(land, numbers.of_cell, parts, households, maximum)
        joined = numbers.members(np.append(path, cell))
        if not len(path) or households[joined].sum() > maximum:
            numbers.separate(parts)
            return False
        numbers.join(joined, cell)
    return True


def _cheapest_path(
    land: LandCoverage, group_of_cell: IntArray, group_parts: list[IntArray], households: IntArray, maximum: int
) -> IntArray:
    """Return the cells on the path from the first part to another with the smallest number of households."""
    total = np.bincount(group_of_cell, households, len(group_of_cell))
    total[group_of_cell[group_parts[0]]] = 0
    left, right = land.borders.left, land.borders.right
    same_land = (land.community[left] == land.community[right]) & (land.dedicated[left] == land.dedicated[right])
    usable = land.borders.walkable & same_land
    left, right = left[usable], right[usable]
    costs = np.concatenate([total[group_of_cell[right]], total[group_of_cell[left]]]) + STEP_COST
    graph = csr_array((costs, (np.r_[left, right], np.r_[right, left])), shape=(len(group_of_cell), len(group_of_cell)))
    targets = np.concatenate(group_parts[1:])
    distance, previous, _ = dijkstra(
        graph, indices=group_parts[0], return_predecessors=True, limit=maximum, min_only=True
    )
    nearest = targets[np.argmin(distance[targets])]
    path = [nearest] if np.isfinite(distance[nearest]) else []
    while path and previous[path[-1]] >= 0:
        path.append(previous[path[-1]])
    return np.array(path, dtype=np.int64)
