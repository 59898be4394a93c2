"""Keep cells together: name groups, and take in what lies between their pieces so that each is one piece of land."""

from collections.abc import Iterable

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from gridmap.core.array_types import IntArray
from gridmap.core.errors import N_, Message
from gridmap.core.labels import label_components
from gridmap.core.land.build import LandCoverage

STEP_COST = 1e-3
"""Cost of a step between two pieces of a group, beside the households it takes along."""

CellGroup = tuple[str, IntArray]


def contract_groups(
    land: LandCoverage, groups: Iterable[CellGroup], households: IntArray, maximum: int
) -> tuple[IntArray, tuple[Message, ...]]:
    """Number cells so that the cells of a group have one number and are in one piece.

    Parameters
    ----------
    land : LandCoverage
        Cells and their borders.
    groups : iterable of (str, ndarray of int)
        Name and cells of each group; groups that share a cell are one.
    households : ndarray of int
        Households of each cell.
    maximum : int
        No group is joined beyond so many households.

    Returns
    -------
    ndarray of int, tuple of Message
        Number of each cell, without holes; and the groups that could not be kept together.
    """
    of_cell, notes = np.arange(len(land.cells)), []
    for name, cells in groups:
        members = np.isin(of_cell, of_cell[cells])
        if households[members].sum() > maximum:
            notes.append(_group_note(N_("{name} shares a building with so many others that it must be divided"), name))
        else:
            of_cell[members] = of_cell[cells[0]]
            notes += (
                []
                if _join_components(land, of_cell, cells[0], households, maximum)
                else [_group_note(DISCONNECTED_GROUP, name)]
            )
    return np.unique(of_cell, return_inverse=True)[1], tuple(notes)


DISCONNECTED_GROUP = N_("{name} lies in pieces that no way joins within one grid: it is divided")


def _group_note(text: str, name: str) -> Message:
    return Message(text, {"name": name})


def _join_components(
    land: LandCoverage, group_of_cell: IntArray, cell: np.int64, households: IntArray, maximum: int
) -> bool:
    """Take in what lies between the pieces of a cell's group; where that is too much, let the pieces go again."""
    while len(pieces := _group_components(land, group_of_cell, cell)) > 1:
        way = _cheapest_path(land, group_of_cell, pieces, households, maximum)
        taken = np.isin(group_of_cell, group_of_cell[way])
        if not len(way) or households[taken].sum() > maximum:
            for piece in pieces[1:]:
                group_of_cell[piece] = piece[0]
            return False
        group_of_cell[taken] = group_of_cell[cell]
    return True


def _group_components(land: LandCoverage, group_of_cell: IntArray, cell: np.int64) -> list[IntArray]:
    """The cells of a group by what is reached on foot; the first piece holds the given cell."""
    cells = np.flatnonzero(group_of_cell == group_of_cell[cell])
    number = np.full(len(group_of_cell), -1, dtype=np.int64)
    number[cells] = np.arange(len(cells))
    left, right = number[land.borders.left], number[land.borders.right]
    inside = (left >= 0) & (right >= 0) & land.borders.walkable
    piece = label_components(len(cells), left[inside], right[inside])
    first = piece[number[cell]]
    return [cells[piece == first], *(cells[piece == other] for other in np.unique(piece[piece != first]))]


def _cheapest_path(
    land: LandCoverage, group_of_cell: IntArray, group_parts: list[IntArray], households: IntArray, maximum: int
) -> IntArray:
    """Cells on the way from the first piece to the nearest other that takes the fewest households along."""
    total = np.bincount(group_of_cell, households, len(group_of_cell))
    total[group_of_cell[group_parts[0]]] = 0
    left, right = land.borders.left, land.borders.right
    ground = (land.community[left] == land.community[right]) & (land.dedicated[left] == land.dedicated[right])
    usable = land.borders.walkable & ground
    left, right = left[usable], right[usable]
    costs = np.concatenate([total[group_of_cell[right]], total[group_of_cell[left]]]) + STEP_COST
    net = csr_array((costs, (np.r_[left, right], np.r_[right, left])), shape=(len(group_of_cell), len(group_of_cell)))
    others = np.concatenate(group_parts[1:])
    distance, before, _ = dijkstra(net, indices=group_parts[0], return_predecessors=True, limit=maximum, min_only=True)
    cell = others[np.argmin(distance[others])]
    way = [cell] if np.isfinite(distance[cell]) else []
    while way and before[way[-1]] >= 0:
        way.append(before[way[-1]])
    return np.array(way, dtype=np.int64)
