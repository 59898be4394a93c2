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
AREA_PRECISION = 1e-9
"""Share of an area below which two ways to compute it agree."""
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
    geometry: GeometryArray,
    tolerance_m2: float | FloatArray,
    max_crossings: int = MAX_CROSSINGS,
    min_part_m2: float = MIN_PART_M2,
) -> CleanedShapes:
    """Make invalid polygons valid where their area is beyond doubt, or changes by at most `tolerance_m2`.

    Programs draw rings that touch themselves or each other, share edges, or are islands within holes. Where the area by
    the even–odd rule is that by the orientation of the rings, every place is inside or outside by both, and no land
    is lost. Otherwise the method ``structure`` of GEOS is tried: it keeps shells and takes off holes, while
    ``linework`` fills a hole that shares an edge with its shell, and takes 80 times as long for a hostile ring. A spike
    or a small loop is a drawing error and is removed. A bow-tie is not repaired, because either of its halves may be
    the intended one.

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
    min_part_m2 : float
        Smaller parts that a repair leaves are removed. Areas of shapes in degrees are in square degrees.

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
            shapes[i], repaired[i] = _make_valid(geometry[i], tolerances[i], min_part_m2)
    return CleanedShapes(shapes, repaired, invalid & ~repaired)


def _make_valid(shape: shapely.Geometry, tolerance_m2: float, min_part_m2: float) -> tuple[shapely.Geometry, bool]:
    """Return the repaired shape and True, or the shape itself and False."""
    rings = shapely.get_rings(shapely.get_parts(shape))
    by_orientation = np.array([abs(_signed_areas(rings).sum()), shapely.area(shape)])
    by_parity = _remove_small_parts(even_odd_polygon(rings), min_part_m2)
    allowance = min_part_m2 + AREA_PRECISION * by_parity.area
    if by_parity.area and (np.abs(by_orientation - by_parity.area) <= allowance).any():
        return by_parity, True
    repaired = _remove_small_parts(shapely.make_valid(shape, method="structure", keep_collapsed=False), min_part_m2)
    within_tolerance = abs(repaired.area - shapely.area(shape)) <= tolerance_m2
    usable = repaired.area > 0 and within_tolerance and bool(shapely.is_valid(repaired))
    return (repaired, True) if usable else (shape, False)


def _remove_small_parts(shape: shapely.Geometry, min_part_m2: float) -> shapely.Geometry:
    parts = shapely.get_parts(shape)
    parts = parts[shapely.area(parts) > min_part_m2]
    return parts[0] if len(parts) == 1 else shapely.multipolygons(parts)


def _signed_areas(rings: GeometryArray) -> FloatArray:
    """Return the area of each ring, negative where it runs clockwise."""
    points, ring = shapely.get_coordinates(rings, return_index=True)
    x, y = (points - points[0]).T
    is_edge = ring[1:] == ring[:-1]
    products = (x[:-1] * y[1:] - x[1:] * y[:-1])[is_edge]
    return np.bincount(ring[1:][is_edge], products, minlength=len(rings)) / 2


def even_odd_polygon(rings: GeometryArray) -> shapely.Geometry:
    """Return the places that lie in an odd number of rings: the rule of shapes without an order of nesting.

    Parameters
    ----------
    rings : ndarray of LinearRing
        They may touch themselves and each other.

    Returns
    -------
    Polygon or MultiPolygon

    Examples
    --------
    >>> squares = [shapely.box(0, 0, 30, 30), shapely.box(5, 5, 25, 25), shapely.box(9, 9, 19, 19)]
    >>> even_odd_polygon(shapely.get_exterior_ring(squares)).area
    600.0
    """
    shapes = shapely.polygons(rings)
    for i in np.flatnonzero(~shapely.is_valid(shapes)):
        shapes[i] = shapely.make_valid(shapes[i], method="structure", keep_collapsed=False)
    while len(shapes) > 1:  # in pairs: one after the other would take as long as rings times vertices
        half = len(shapes) // 2
        pairs = shapely.symmetric_difference(shapes[:half], shapes[half : 2 * half])
        shapes = np.append(pairs, shapes[2 * half :])
    return shapes[0]


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
