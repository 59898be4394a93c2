"""Mending shapes without ever hanging: validity first, then a bounded amount of work."""

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

MAX_REPAIR_VERTICES = 20_000
MAX_CROSSINGS = 100_000
MIN_PART_M2 = 0.01
EDGE_CHUNK_SIZE = 64


class CleanedShapes(NamedTuple):
    """Outcome of `make_valid_bounded`, one entry per shape.

    Parameters
    ----------
    geometry : ndarray of geometries
        The shapes, mended where `repaired` says so and unchanged elsewhere.
    repaired : ndarray of bool
        Was invalid and is valid now.
    still_invalid : ndarray of bool
        Is invalid still: mending would change too much, or take too long.
    """

    geometry: NDArray[np.object_]
    repaired: NDArray[np.bool_]
    still_invalid: NDArray[np.bool_]


def make_valid_bounded(
    geometry: NDArray[np.object_], tolerance_m2: float | NDArray[np.float64], max_crossings: int = MAX_CROSSINGS
) -> CleanedShapes:
    """Make invalid polygons valid where that changes their area by at most `tolerance_m2`.

    A spike or a small loop is a slip of the hand and is taken away. A bow-tie is no slip: which of its two halves was
    meant nobody can say, so it stays broken.

    Parameters
    ----------
    geometry : ndarray of geometries, shape (n,)
        Polygons or multipolygons in metres; other kinds are returned unchanged.
    tolerance_m2 : float or ndarray of shape (n,)
        Change of area in m² that is still a slip.
    max_crossings : int
        Pairs of crossing edges that may be mended in all. ``make_valid`` needs time and memory for each of them: the
        default keeps a hostile file below two seconds, and a real one has a handful. An edge always touches itself and
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
    repaired = geometry.copy()
    invalid = ~shapely.is_valid(geometry)
    limits = np.broadcast_to(tolerance_m2, geometry.shape)
    mended = np.zeros(len(geometry), dtype=bool)
    for i in np.flatnonzero(invalid):
        vertices = shapely.get_num_coordinates(geometry[i])
        if vertices > MAX_REPAIR_VERTICES or max_crossings <= 0:
            continue
        max_crossings -= max(0, count_crossings(geometry[i], max_crossings=max_crossings + 3 * vertices) - 3 * vertices)
        if max_crossings > 0:
            repaired[i], mended[i] = _make_valid(geometry[i], limits[i])
    return CleanedShapes(repaired, mended, invalid & ~mended)


def _make_valid(shape: shapely.Geometry, tolerance_m2: float) -> tuple[shapely.Geometry, bool]:
    """The shape mended and True, or as it was and False."""
    parts = shapely.get_parts(shapely.make_valid(shape, method="structure", keep_collapsed=False))
    parts = parts[shapely.area(parts) > MIN_PART_M2]
    kept = parts[0] if len(parts) == 1 else shapely.multipolygons(parts)
    slight = abs(shapely.area(kept) - shapely.area(shape)) <= tolerance_m2
    good = len(parts) > 0 and slight and bool(shapely.is_valid(kept))
    return (kept, True) if good else (shape, False)


def count_crossings(
    shape: shapely.Geometry, other: shapely.Geometry | None = None, max_crossings: int = MAX_CROSSINGS
) -> int:
    """Count pairs of edges that touch, of one shape with itself or of two shapes, and stop soon after `max_crossings`.

    What an overlay of hostile polygons costs is the number of these pairs, not the number of vertices.

    Parameters
    ----------
    shape, other : geometry
        Polygons; without `other` the edges of `shape` are compared with each other (neighbours along a ring count).
    max_crossings : int
        Counting ends when this many are found.

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
    found = 0
    for start in range(0, len(edges), EDGE_CHUNK_SIZE):
        found += tree.query(edges[start : start + EDGE_CHUNK_SIZE], predicate="intersects").shape[1]
        if found >= max_crossings:
            break
    return found


def _edge_lines(shape: shapely.Geometry) -> NDArray[np.object_]:
    """Every edge of a polygon as a line of two points."""
    points, ring = shapely.get_coordinates(shapely.get_rings(shapely.get_parts(shape)), return_index=True)
    along = ring[1:] == ring[:-1]
    edges: NDArray[np.object_] = shapely.linestrings(np.stack([points[:-1][along], points[1:][along]], axis=1))
    return edges
