"""Geometry for a page: small, and no finer than a screen can show."""

import numpy as np
import shapely
from numpy.typing import NDArray

CoordinateSteps = list[int]
EncodedGeometry = list[int | CoordinateSteps]

STEPS_PER_DEGREE = 1_000_000
SIMPLIFY_TOLERANCE_DEGREES = 3e-6
"""Degrees (about 0.3 m): below a pixel at the closest zoom, and it halves what footprints and borders weigh."""

Geometries = NDArray[np.object_]


def encode_geometries(geometries: Geometries, origin: tuple[int, int]) -> list[EncodedGeometry]:
    """Geometries as lists of whole numbers.

    Parameters
    ----------
    geometries : array of shapely geometries, shape (n,)
        Points, lines or polygons, EPSG:4326; none missing or empty. Of a collection the largest dimension is drawn.
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
    places = np.rint(shapely.get_coordinates(part) * STEPS_PER_DEGREE).astype(np.int64)
    steps = np.diff(places, axis=0, prepend=np.array([origin]))
    moving = steps.any(axis=1)
    moving[0] = True
    return [int(step) for step in steps[moving].ravel()]


def simplify_geometries(geometries: Geometries) -> Geometries:
    """The geometries without points a screen cannot show; each on its own."""
    return np.asarray(shapely.simplify(geometries, SIMPLIFY_TOLERANCE_DEGREES))


def simplify_coverage(areas: Geometries) -> Geometries:
    """Areas without points a screen cannot show; edges that two of them share stay shared."""
    return np.asarray(shapely.coverage_simplify(areas, SIMPLIFY_TOLERANCE_DEGREES))


def label_anchors(areas: Geometries, origin: tuple[int, int]) -> list[CoordinateSteps]:
    """Where the label of each area stands: the centre of the largest circle in it, as steps from the origin."""
    circles = shapely.maximum_inscribed_circle(areas, tolerance=20 * SIMPLIFY_TOLERANCE_DEGREES)
    return [_encode_steps(shapely.get_point(circle, 0), origin) for circle in circles]


def encode_inner_points(geometries: Geometries, origin: tuple[int, int]) -> list[CoordinateSteps]:
    """A point on each geometry, as steps from the origin."""
    return [_encode_steps(point, origin) for point in shapely.point_on_surface(geometries)]


def assign_tints(areas: Geometries, tint_count: int = 4) -> list[int]:
    """A number below `tint_count` for each area, such that neighbours differ wherever that is easy.

    Parameters
    ----------
    areas : array of shapely polygons, shape (n,)
        Areas that may touch.
    tint_count : int
        How many tints there are; four colours are enough for any map, though this simple way may repeat one.

    Examples
    --------
    >>> assign_tints(shapely.box([0, 1, 2], 0, [1, 2, 3], 1))
    [0, 1, 0]
    """
    near = [set[int]() for _ in areas]
    for one, other in shapely.STRtree(areas).query(areas, predicate="intersects").T.tolist():
        near[one].add(other)
    chosen: dict[int, int] = {}
    for area in range(len(areas)):
        taken = [chosen[other] for other in near[area] if other in chosen]
        chosen[area] = min(range(tint_count), key=lambda tint: (taken.count(tint), tint))
    return list(chosen.values())
