"""Groups of cells that stay together, extended by the cells between their parts until each group is contiguous."""

from collections.abc import Iterable

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from gridmap.core.array_types import IntArray
from gridmap.core.errors import N_, Message
from gridmap.core.labels import label_components, renumber_nodes
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
    group_of_cell, notes = np.arange(len(land.cells)), []
    for name, cells in groups:
        problem = _contract_group(land, group_of_cell, cells, households, maximum)
        if problem is not None:
            notes.append(Message(problem, {"name": name}))
    return np.unique(group_of_cell, return_inverse=True)[1], tuple(notes)


def _contract_group(
    land: LandCoverage, group_of_cell: IntArray, cells: IntArray, households: IntArray, maximum: int
) -> str | None:
    """Give the cells of a group one number in `group_of_cell`; return the problem where that is not possible."""
    members = np.isin(group_of_cell, group_of_cell[cells])
    if households[members].sum() > maximum:
        return OVERSIZE_GROUP
    group_of_cell[members] = group_of_cell[cells[0]]
    return None if _join_components(land, group_of_cell, cells[0], households, maximum) else DISCONNECTED_GROUP


def _join_components(
    land: LandCoverage, group_of_cell: IntArray, cell: np.int64, households: IntArray, maximum: int
) -> bool:
    """Add the cells between the parts of a cell's group; where those are too many, separate the parts again."""
    while len(parts := _group_components(land, group_of_cell, cell)) > 1:
        path = _cheapest_path(land, group_of_cell, parts, households, maximum)
        joined = np.isin(group_of_cell, group_of_cell[path])
        if not len(path) or households[joined].sum() > maximum:
            for part in parts[1:]:
                group_of_cell[part] = part[0]
            return False
        group_of_cell[joined] = group_of_cell[cell]
    return True


def _group_components(land: LandCoverage, group_of_cell: IntArray, cell: np.int64) -> list[IntArray]:
    """Return the walkable components of a cell's group; the first contains the cell."""
    cells = np.flatnonzero(group_of_cell == group_of_cell[cell])
    number = renumber_nodes(cells, len(group_of_cell))
    left, right = number[land.borders.left], number[land.borders.right]
    inside = (left >= 0) & (right >= 0) & land.borders.walkable
    component = label_components(len(cells), left[inside], right[inside])
    first = component[number[cell]]
    others = np.unique(component[component != first])
    return [cells[component == first], *(cells[component == other] for other in others)]


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
