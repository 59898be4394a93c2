"""Land that a repair moved: from which grid to which."""

from collections.abc import Iterator
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.core.array_types import GeometryArray, IntArray
from gridmap.core.coverage.drawn_grids import DrawnGrids
from gridmap.core.errors import N_, Message

MIN_WIDTH_M = 0.005
"""Land narrower than this has not moved: coordinates were rounded to the millimetre."""
MIN_AREA_M2 = 0.01
"""Smaller pieces are the corners of what was rounded."""
WAS_IN_NO_GRID = Message(N_("land in no grid"))
IS_OUTSIDE = Message(N_("land outside all communities"))
CHANGED_GRID = Message(N_("land in two grids, or of buildings or a piece that moved"))


class _Move(NamedTuple):
    drawn: int
    grid: int
    geometry: shapely.Geometry


def find_moved_land(drawn: DrawnGrids, shapes: GeometryArray, drawn_grid_of_grid: IntArray) -> gpd.GeoDataFrame:
    """Find the land that is in another grid than it was drawn in.

    Parameters
    ----------
    drawn : DrawnGrids
    shapes : ndarray of Polygon or MultiPolygon, metres
        The repaired grids, a coverage.
    drawn_grid_of_grid : ndarray of int, one per repaired grid
        Position of its drawn grid, -1 for a new one.

    Returns
    -------
    GeoDataFrame
        One row for each pair: ``drawn`` (position of the grid that lost the land; -1: it was in no grid), ``grid``
        (position of the repaired grid; -1: it is in none, outside all communities), ``area_m2`` and ``reason``
        (Message). Land that two grids had is lost by one of them.

    Examples
    --------
    >>> first, second = shapely.box(0, 0, 12, 10), shapely.box(10, 0, 20, 10)
    >>> nothing = np.array([None, None])
    >>> drawn = DrawnGrids(np.array([first, second]), np.zeros(2, bool), nothing, np.full(2, -1))
    >>> repaired = shapely.box([0, 10], 0, [10, 20], 10)
    >>> find_moved_land(drawn, repaired, np.arange(2))[["drawn", "grid", "area_m2"]].values.tolist()
    [[0.0, 1.0, 20.0]]
    """
    moves = [
        *_moves_between_grids(drawn, shapes, drawn_grid_of_grid),
        *_moves_from_nowhere(drawn, shapes),
        *_moves_out(drawn, shapes),
    ]
    columns = {"drawn": [move.drawn for move in moves], "grid": [move.grid for move in moves]}
    geometry = np.array([move.geometry for move in moves], dtype=object)
    table = gpd.GeoDataFrame(columns, geometry=geometry).astype({"drawn": np.int64, "grid": np.int64})
    reasons = [_reason(move) for move in moves]
    return table.assign(area_m2=shapely.area(geometry), reason=pd.Series(reasons, dtype=object))


def _reason(move: _Move) -> Message:
    if move.drawn < 0:
        return WAS_IN_NO_GRID
    return CHANGED_GRID if move.grid >= 0 else IS_OUTSIDE


def _moves_between_grids(drawn: DrawnGrids, shapes: GeometryArray, source: IntArray) -> Iterator[_Move]:
    lost, grid = shapely.STRtree(shapes).query(drawn.shapes, predicate="intersects")
    is_other = source[grid] != lost
    lost, grid = lost[is_other], grid[is_other]
    pieces = shapely.intersection(drawn.shapes[lost], shapes[grid])
    for position in np.flatnonzero(shapely.area(pieces) >= MIN_AREA_M2).tolist():
        yield from _moves_of(int(lost[position]), int(grid[position]), pieces[position])


def _moves_from_nowhere(drawn: DrawnGrids, shapes: GeometryArray) -> Iterator[_Move]:
    for grid, piece in enumerate(_uncovered_parts(shapes, drawn.shapes)):
        yield from _moves_of(-1, grid, piece)


def _moves_out(drawn: DrawnGrids, shapes: GeometryArray) -> Iterator[_Move]:
    for grid, piece in enumerate(_uncovered_parts(drawn.shapes, shapes)):
        yield from _moves_of(grid, -1, piece)


def _uncovered_parts(shapes: GeometryArray, others: GeometryArray) -> GeometryArray:
    """Return the part of each shape that no other shape covers."""
    tree = shapely.STRtree(others)
    parts = [
        shapely.difference(shape, shapely.union_all(others[np.sort(tree.query(shape, predicate="intersects"))]))
        for shape in shapes
    ]
    return np.array(parts, dtype=object)


def _moves_of(drawn: int, grid: int, land: shapely.Geometry) -> Iterator[_Move]:
    parts = shapely.get_parts(shapely.get_parts(land))
    parts = parts[shapely.area(parts) >= MIN_AREA_M2]
    wide = parts[2 * shapely.area(parts) >= MIN_WIDTH_M * shapely.length(parts)]
    if len(wide):
        yield _Move(drawn, grid, shapely.multipolygons(wide))
