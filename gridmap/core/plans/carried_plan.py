"""Plans carried to land that was built anew: standing buildings keep their grids, new cells follow the land."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from gridmap.core.array_types import BoolArray, FloatArray, GeometryArray, IntArray
from gridmap.core.labels import heaviest_labels, label_components, propagate_labels
from gridmap.core.land.build import LandCoverage

NONE = -1
MIN_BUILDING_WEIGHT = 1e-3
"""Weight of a building without households, where buildings of two grids have come to share a cell."""
MAX_ROUNDS = 20
"""Rounds of repair; each moves at least one piece, and a plan that needs more was in pieces before."""


@dataclass(frozen=True, eq=False)
class FormerPlan:
    """Plan on the land before.

    Parameters
    ----------
    cells : ndarray of Polygon, metres
    grid_of_cell : ndarray of int, one per cell
        Grids are numbered from 0.
    is_dedicated : ndarray of bool, one per grid
    """

    cells: GeometryArray
    grid_of_cell: IntArray
    is_dedicated: BoolArray


@dataclass(frozen=True, eq=False)
class CarriedPlan:
    """Grids of the new land.

    Parameters
    ----------
    grid_of_cell : ndarray of int, one per cell
        Grid of the plan before; a grid that has lost all of its land does not occur.
    moved_buildings : ndarray of int
        Buildings that could not keep their grid: they share a cell with buildings of another one.
    divided_grids : tuple of int
        Grids in more pieces than their community, which no land without buildings connects.
    """

    grid_of_cell: IntArray
    moved_buildings: IntArray
    divided_grids: tuple[int, ...]


def carry_plan(
    land: LandCoverage, former: FormerPlan, grid_of_building: IntArray, households: FloatArray
) -> CarriedPlan:
    """Carry a plan to the new land of the same community.

    Parameters
    ----------
    land : LandCoverage
        New land of one community.
    former : FormerPlan
    grid_of_building : ndarray of int, one per building
        Grid of each building before; -1 for one that was in none.
    households : ndarray of float, one per building

    Returns
    -------
    CarriedPlan
        A cell with standing buildings has their grid. Another one has the grid that it overlaps most, or where it
        overlaps none the one that it borders on longest. Pieces without standing buildings join their surroundings,
        until grids are in one piece.

    Examples
    --------
    >>> from gridmap.core.land.build import build_land
    >>> from gridmap.demo.town import build_town
    >>> land = build_land(build_town(500))
    >>> former = FormerPlan(land.cells, np.zeros(len(land.cells), dtype=np.int64), np.array([False]))
    >>> grid_of_building = np.zeros(len(land.cell_of_building), dtype=np.int64)
    >>> carried = carry_plan(land, former, grid_of_building, np.ones(len(grid_of_building)))
    >>> carried.grid_of_cell.max(), carried.divided_grids
    (np.int64(0), ())
    """
    fixed = _grids_of_built_cells(land, grid_of_building, households)
    grids = np.where(fixed >= 0, fixed, _grids_by_overlap(land, former))
    length = land.borders.length.sum(axis=1)
    grids = propagate_labels(grids, land.borders.left, land.borders.right, length)
    grids = _connect_grids(land, np.where(grids < 0, 0, grids), fixed >= 0)
    is_moved = (grid_of_building >= 0) & (grids[land.cell_of_building] != grid_of_building)
    return CarriedPlan(grids, np.flatnonzero(is_moved), _divided_grids(land, grids))


def _grids_of_built_cells(land: LandCoverage, grid_of_building: IntArray, households: FloatArray) -> IntArray:
    """Return the grid of each cell with standing buildings, by most households; -1 for the others."""
    standing = np.flatnonzero(grid_of_building >= 0)
    weights = households[standing] + MIN_BUILDING_WEIGHT
    cells, grids = heaviest_labels(land.cell_of_building[standing], grid_of_building[standing], weights)
    fixed = np.full(len(land.cells), NONE, dtype=np.int64)
    fixed[cells] = grids
    return fixed


def _grids_by_overlap(land: LandCoverage, former: FormerPlan) -> IntArray:
    """Return the grid of the most area of each cell; dedicated land goes to dedicated grids, where it meets any."""
    cell, old = shapely.STRtree(former.cells).query(land.cells, predicate="intersects")
    area = shapely.area(shapely.intersection(land.cells[cell], former.cells[old]))
    grid = former.grid_of_cell[old]
    dedicated = (land.dedicated[cell] >= 0) & former.is_dedicated[grid]
    weight = np.where(dedicated, area * 1e6, area)
    overlaps = area > 0
    cells, grids = heaviest_labels(cell[overlaps], grid[overlaps], weight[overlaps])
    by_overlap = np.full(len(land.cells), NONE, dtype=np.int64)
    by_overlap[cells] = grids
    return by_overlap


def _connect_grids(land: LandCoverage, grids: IntArray, is_fixed: BoolArray) -> IntArray:
    """Join pieces of grids: those without standing buildings to their neighbours, others by a path of free land."""
    grids = grids.copy()
    for _ in range(MAX_ROUNDS):
        before = grids.copy()
        for piece in list(_smaller_pieces(land, grids, is_fixed)):
            if not is_fixed[piece].any():
                _join_neighbour(land, grids, piece)
        for piece in list(_smaller_pieces(land, grids, is_fixed)):
            _connect_by_path(land, grids, is_fixed, piece)
        if (grids == before).all():
            break
    return grids


def _smaller_pieces(land: LandCoverage, grids: IntArray, is_fixed: BoolArray) -> Iterator[IntArray]:
    """Yield the cells of each piece of a grid but the main one, within each part of the community."""
    piece, part = _label_pieces(land, grids), _label_parts(land)
    size = np.bincount(piece, np.where(is_fixed, 1e6, 0) + shapely.area(land.cells))
    cells_of = np.split(np.argsort(piece, kind="stable"), np.cumsum(np.bincount(piece))[:-1])
    first = np.array([cells[0] for cells in cells_of])
    order = np.lexsort((-size, part[first], grids[first]))
    for previous, own in pairwise(order):
        one, other = first[previous], first[own]
        if grids[one] == grids[other] and part[one] == part[other]:
            yield cells_of[own]


def _join_neighbour(land: LandCoverage, grids: IntArray, piece: IntArray) -> None:
    """Give a piece to the grid with which it shares the longest border."""
    inside = np.isin(land.borders.left, piece), np.isin(land.borders.right, piece)
    is_edge = inside[0] != inside[1]
    outer = np.where(inside[0], land.borders.right, land.borders.left)[is_edge]
    if len(outer):
        length = land.borders.length.sum(axis=1)[is_edge]
        _, heaviest = heaviest_labels(np.zeros(len(outer), dtype=np.int64), grids[outer], length)
        grids[piece] = heaviest[0]


def _connect_by_path(land: LandCoverage, grids: IntArray, is_fixed: BoolArray, piece: IntArray) -> None:
    """Add the free cells on the shortest path from a piece to the rest of its grid."""
    grid = grids[piece[0]]
    targets = np.setdiff1d(np.flatnonzero(grids == grid), piece)
    is_open = (~is_fixed & (land.dedicated < 0)) | (grids == grid)
    left, right = land.borders.left, land.borders.right
    usable = is_open[left] & is_open[right]
    left, right = left[usable], right[usable]
    cost = np.sqrt(shapely.area(land.cells)) + 1.0
    costs = np.concatenate([cost[right], cost[left]])
    shape = (len(grids), len(grids))
    graph = csr_array((costs, (np.r_[left, right], np.r_[right, left])), shape=shape)
    distance, previous, _ = dijkstra(graph, indices=piece, return_predecessors=True, min_only=True)
    if not len(targets) or not np.isfinite(distance[targets]).any():
        return
    cell = int(targets[np.argmin(distance[targets])])
    while previous[cell] >= 0:
        grids[cell] = grid
        cell = int(previous[cell])


def _divided_grids(land: LandCoverage, grids: IntArray) -> tuple[int, ...]:
    """Return the grids with more pieces than parts of the community that they lie in."""
    piece, part = _label_pieces(land, grids), _label_parts(land)
    pieces = np.unique(np.stack([grids, part, piece], axis=1), axis=0)
    groups, count = np.unique(pieces[:, :2], axis=0, return_counts=True)
    return tuple(np.unique(groups[count > 1, 0]).tolist())


def _label_pieces(land: LandCoverage, grids: IntArray) -> IntArray:
    same = grids[land.borders.left] == grids[land.borders.right]
    return label_components(len(grids), land.borders.left[same], land.borders.right[same])


def _label_parts(land: LandCoverage) -> IntArray:
    return label_components(len(land.cells), land.borders.left, land.borders.right)
