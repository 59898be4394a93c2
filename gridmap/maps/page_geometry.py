"""Encoding of geometries for a page: small, and no finer than a screen can show."""

import numpy as np
import shapely

from gridmap.core.array_types import GeometryArray

CoordinateSteps = list[int]
EncodedGeometry = list[int | CoordinateSteps]

STEPS_PER_DEGREE = 1_000_000
SIMPLIFY_TOLERANCE_DEGREES = 3e-6
"""Degrees (about 0.3 m): below a pixel at the closest zoom, and it halves the size of footprints and borders."""


def encode_geometries(geometries: GeometryArray, origin: tuple[int, int]) -> list[EncodedGeometry]:
    """Encode geometries as lists of whole numbers.

    Parameters
    ----------
    geometries : array of shapely geometries, shape (n,)
        Points, lines or polygons, EPSG:4326; none missing or empty. Of a collection, the parts of the largest dimension
        are encoded.
    origin : tuple of int
        Longitude and latitude of the page's origin, in millionths of a degree (0.11 m, six decimals).

    Returns
    -------
    list of list
        For each geometry its dimension (0, 1, 2), then its points, lines or rings: steps ``[east, north, ...]`` in
        millionths of a degree, the first one from the origin, each other one from the point before.

    Examples
    --------
    >>> encode_geometries(np.array([shapely.LineString([(0, 0), (0.00001, 0.00002)])]), (0, 0))
    [[1, [0, 0, 10, 20]]]
    """
    return [_encode_geometry(geometry, origin) for geometry in geometries]


def _encode_geometry(geometry: shapely.Geometry, origin: tuple[int, int]) -> EncodedGeometry:
    dimension = int(shapely.get_dimensions(geometry))
    parts = shapely.get_parts(geometry)
    parts = parts[shapely.get_dimensions(parts) == dimension]
    return [
        dimension,
        *(_encode_steps(part, origin) for part in (shapely.get_rings(parts) if dimension == 2 else parts)),
    ]


def _encode_steps(part: shapely.Geometry, origin: tuple[int, int]) -> CoordinateSteps:
    points = np.rint(shapely.get_coordinates(part) * STEPS_PER_DEGREE).astype(np.int64)
    steps = np.diff(points, axis=0, prepend=np.array([origin]))
    moving = steps.any(axis=1)
    moving[0] = True
    return [int(step) for step in steps[moving].ravel()]


def simplify_geometries(geometries: GeometryArray) -> GeometryArray:
    """Remove points that a screen cannot show, from each geometry on its own."""
    return np.asarray(shapely.simplify(geometries, SIMPLIFY_TOLERANCE_DEGREES))


def simplify_coverage(areas: GeometryArray) -> GeometryArray:
    """Remove points that a screen cannot show; shared edges of areas stay shared."""
    return np.asarray(shapely.coverage_simplify(areas, SIMPLIFY_TOLERANCE_DEGREES))


def label_anchors(areas: GeometryArray, origin: tuple[int, int]) -> list[CoordinateSteps]:
    """Return the centre of the largest circle in each area, as steps from the origin, for its label."""
    circles = shapely.maximum_inscribed_circle(areas, tolerance=20 * SIMPLIFY_TOLERANCE_DEGREES)
    return [_encode_steps(shapely.get_point(circle, 0), origin) for circle in circles]


def encode_inner_points(geometries: GeometryArray, origin: tuple[int, int]) -> list[CoordinateSteps]:
    """Return a point on each geometry, as steps from the origin."""
    return [_encode_steps(point, origin) for point in shapely.point_on_surface(geometries)]


def assign_tints(areas: GeometryArray, tint_count: int = 4) -> list[int]:
    """Assign a tint to each area, so that neighbours differ wherever a greedy colouring can do that.

    Parameters
    ----------
    areas : array of shapely polygons, shape (n,)
        Areas that may touch.
    tint_count : int
        Number of tints; four are enough for any map, but the greedy colouring may repeat one.

    Returns
    -------
    list of int
        Numbers from 0, below `tint_count`.

    Examples
    --------
    >>> assign_tints(shapely.box([0, 1, 2], 0, [1, 2, 3], 1))
    [0, 1, 0]
    """
    neighbours = [set[int]() for _ in areas]
    for area, neighbour in shapely.STRtree(areas).query(areas, predicate="intersects").T.tolist():
        neighbours[area].add(neighbour)
    tints: dict[int, int] = {}
    for area in range(len(areas)):
        taken = [tints[neighbour] for neighbour in neighbours[area] if neighbour in tints]
        tints[area] = min(range(tint_count), key=lambda tint: (taken.count(tint), tint))
    return list(tints.values())
