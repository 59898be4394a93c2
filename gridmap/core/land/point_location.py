"""Point location: the shapes that points and faces lie in."""

import numpy as np
import shapely

from gridmap.core.array_types import GeometryArray, IntArray
from gridmap.core.land.arrangement.line_tree import LineTree
from gridmap.core.land.arrangement.noding import COORDINATE_PRECISION_M

EDGE_TOLERANCE_M = 5 * COORDINATE_PRECISION_M
"""A point this near an edge may lie on either side of it, because coordinates are rounded."""


def locate_points(points: GeometryArray, shapes: GeometryArray) -> IntArray:
    """Return the position of the first shape that covers each point, its edge included.

    Parameters
    ----------
    points : ndarray of Point
    shapes : ndarray of Polygon or MultiPolygon

    Returns
    -------
    ndarray of int, one per point
        -1 where no shape covers the point.

    Examples
    --------
    >>> squares = np.array([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])
    >>> locate_points(shapely.points([[1.0, 0.5], [1.5, 0.5], [3.0, 0.5]]), squares).tolist()
    [0, 1, -1]
    """
    located = np.full(len(points), -1, dtype=np.int64)
    point, shape = shapely.STRtree(shapes).query(points, predicate="intersects")
    order = np.argsort(-shape, kind="stable")  # of several assignments to one point the last remains
    located[point[order]] = shape[order]
    return located


def locate_faces(faces: GeometryArray, shapes: GeometryArray) -> IntArray:
    """Return the position of the shape that each face lies in.

    A point on the surface of a face decides. If that point is too near an edge, the shape that holds more than half
    of the face decides.

    Parameters
    ----------
    faces : ndarray of Polygon
        Each lies within one shape or outside all shapes, apart from rounding.
    shapes : ndarray of Polygon or MultiPolygon, metres

    Returns
    -------
    ndarray of int, one per face
        -1 where a face lies in no shape.

    Examples
    --------
    >>> spike = shapely.Polygon([(-0.001, 0), (1, 0), (1, 1), (0.999, 0.002), (0, 0.001)])
    >>> locate_faces(np.array([spike]), shapely.box([0, 1], 0, [1, 2], 1)).tolist()
    [0]
    """
    points = shapely.point_on_surface(faces)
    located = locate_points(points, shapes)
    near_edge = np.unique(LineTree(shapes).find_near(shapely.get_coordinates(points), EDGE_TOLERANCE_M)[0])
    located[near_edge] = _locate_by_area(faces[near_edge], shapes)
    return located


def _locate_by_area(faces: GeometryArray, shapes: GeometryArray) -> IntArray:
    """Return the shape that holds more than half of each face, or -1."""
    located = np.full(len(faces), -1, dtype=np.int64)
    face, shape = shapely.STRtree(shapes).query(faces, predicate="intersects")
    inside = shapely.area(shapely.intersection(faces[face], shapes[shape])) > shapely.area(faces[face]) / 2
    located[face[inside]] = shape[inside]
    return located
