"""Bounded repair of invalid polygons: hostile input must not cost much time or memory."""

from typing import NamedTuple

import numpy as np
import shapely

from gridmap.core.array_types import BoolArray, FloatArray, GeometryArray

MAX_REPAIR_VERTICES = 20_000
"""Shapes with more vertices are not repaired."""
MAX_CROSSINGS = 100_000
"""Pairs of touching edges that may be repaired in all, and up to which they are counted."""
MIN_PART_M2 = 0.01
"""Smaller parts that a repair leaves are removed."""
EDGE_CHUNK_SIZE = 64
"""Edges that are queried at once: counting stops soon after its limit."""


class CleanedShapes(NamedTuple):
    """Result of `make_valid_bounded`, one entry per shape.

    Parameters
    ----------
    geometry : ndarray of geometries
        The shapes: repaired where `repaired` is true, unchanged elsewhere.
    repaired : ndarray of bool
        Whether a shape was invalid and is valid now.
    still_invalid : ndarray of bool
        Whether a shape is still invalid: a repair would change too much or take too long.
    """

    geometry: GeometryArray
    repaired: BoolArray
    still_invalid: BoolArray


def make_valid_bounded(
    geometry: GeometryArray, tolerance_m2: float | FloatArray, max_crossings: int = MAX_CROSSINGS
) -> CleanedShapes:
    """Make invalid polygons valid where that changes their area by at most `tolerance_m2`.

    A spike or a small loop is a drawing error and is removed. A bow-tie is not repaired, because either of its halves
    may be the intended one.

    Parameters
    ----------
    geometry : ndarray of geometries, shape (n,)
        Polygons or multipolygons in metres; other kinds are returned unchanged.
    tolerance_m2 : float or ndarray of shape (n,)
        Largest change of area, in m², that counts as a drawing error.
    max_crossings : int
        Pairs of crossing edges that may be repaired in all. ``make_valid`` needs time and memory for each of them: the
        default keeps a hostile file below two seconds, and real files have very few. An edge always touches itself and
        its two neighbours; these three are not counted.

    Returns
    -------
    CleanedShapes

    Examples
    --------
    >>> spike = shapely.from_wkt("POLYGON ((0 0, 9 0, 9 9, 9 12, 9 9, 0 9, 0 0))")
    >>> bow_tie = shapely.from_wkt("POLYGON ((0 0, 9 9, 9 0, 0 9, 0 0))")
    >>> cleaned = make_valid_bounded(np.array([spike, bow_tie]), tolerance_m2=1.0)
    >>> cleaned.repaired.tolist(), cleaned.still_invalid.tolist()
    ([True, False], [False, True])
    """
    shapes = geometry.copy()
    invalid = ~shapely.is_valid(geometry)
    tolerances = np.broadcast_to(tolerance_m2, geometry.shape)
    repaired = np.zeros(len(geometry), dtype=np.bool_)
    for i in np.flatnonzero(invalid):
        vertices = shapely.get_num_coordinates(geometry[i])
        if vertices > MAX_REPAIR_VERTICES or max_crossings <= 0:
            continue
        max_crossings -= max(0, count_crossings(geometry[i], max_crossings=max_crossings + 3 * vertices) - 3 * vertices)
        if max_crossings > 0:
            shapes[i], repaired[i] = _make_valid(geometry[i], tolerances[i])
    return CleanedShapes(shapes, repaired, invalid & ~repaired)


def _make_valid(shape: shapely.Geometry, tolerance_m2: float) -> tuple[shapely.Geometry, bool]:
    """Return the repaired shape and True, or the shape itself and False."""
    parts = shapely.get_parts(shapely.make_valid(shape, method="structure", keep_collapsed=False))
    parts = parts[shapely.area(parts) > MIN_PART_M2]
    repaired = parts[0] if len(parts) == 1 else shapely.multipolygons(parts)
    within_tolerance = abs(shapely.area(repaired) - shapely.area(shape)) <= tolerance_m2
    usable = len(parts) > 0 and within_tolerance and bool(shapely.is_valid(repaired))
    return (repaired, True) if usable else (shape, False)


def count_crossings(
    shape: shapely.Geometry, other: shapely.Geometry | None = None, max_crossings: int = MAX_CROSSINGS
) -> int:
    """Count pairs of edges that touch, of one shape with itself or of two shapes, and stop soon after `max_crossings`.

    The cost of an overlay of hostile polygons depends on the number of these pairs, not on the number of vertices.

    Parameters
    ----------
    shape, other : geometry
        Polygons; without `other` the edges of `shape` are compared with each other (neighbours along a ring count).
    max_crossings : int
        Counting ends soon after this many pairs.

    Returns
    -------
    int

    Examples
    --------
    >>> count_crossings(shapely.box(0, 0, 2, 2), shapely.box(1, 1, 3, 3))
    2
    """
    edges = _edge_lines(shape)
    tree = shapely.STRtree(_edge_lines(shape if other is None else other))
    count = 0
    for start in range(0, len(edges), EDGE_CHUNK_SIZE):
        count += tree.query(edges[start : start + EDGE_CHUNK_SIZE], predicate="intersects").shape[1]
        if count >= max_crossings:
            break
    return count


def count_all_crossings(shapes: GeometryArray, max_crossings: int = MAX_CROSSINGS) -> int:
    """Count pairs of edges that cross among several polygons, and stop soon after `max_crossings`.

    Edges that share an end or lie on each other, as in a coverage, are not counted.

    Parameters
    ----------
    shapes : ndarray of Polygon or MultiPolygon
    max_crossings : int
        Counting ends soon after this many pairs.

    Examples
    --------
    >>> count_all_crossings(np.array([shapely.box(0, 0, 2, 2), shapely.box(2, 0, 3, 2), shapely.box(1, 1, 4, 3)]))
    4
    """
    edges = np.concatenate([_edge_lines(shape) for shape in shapes])
    tree, count = shapely.STRtree(edges), 0
    for start in range(0, len(edges), EDGE_CHUNK_SIZE):
        count += tree.query(edges[start : start + EDGE_CHUNK_SIZE], predicate="crosses").shape[1]
        if count >= 2 * max_crossings:
            break
    return count // 2


def _edge_lines(shape: shapely.Geometry) -> GeometryArray:
    """Return every edge of a polygon as a line of two points."""
    points, ring = shapely.get_coordinates(shapely.get_rings(shapely.get_parts(shape)), return_index=True)
    same_ring = ring[1:] == ring[:-1]
    return np.asarray(shapely.linestrings(np.stack([points[:-1][same_ring], points[1:][same_ring]], axis=1)))
