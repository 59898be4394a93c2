"""Land closed in by streets, barriers, dedicated land and the boundary."""

from dataclasses import dataclass

import numpy as np
import shapely

from gridmap.core.array_types import BoolArray, GeometryArray, IntArray
from gridmap.core.land.barriers import Barriers
from gridmap.core.land.town import Town

COORDINATE_PRECISION_M = 1e-3
"""Coordinates are rounded to the millimetre: far below any survey, far above floating-point noise."""


EDGE_TOLERANCE_M = 5 * COORDINATE_PRECISION_M
"""A point this near an edge may lie on either side of it, for all that rounding leaves us to know."""


@dataclass(frozen=True, eq=False)
class Enclosures:
    """Faces between barriers.

    Parameters
    ----------
    lines : ndarray of LineString, metres
        The noded lines that close the faces.
    shapes : ndarray of Polygon
        The faces that lie in a community.
    community, dedicated : ndarray of int
        Position of the community each face lies in, and of the dedicated land (-1: none).
    water : ndarray of bool
        Whether a face is water.
    """

    lines: GeometryArray
    shapes: GeometryArray
    community: IntArray
    dedicated: IntArray
    water: BoolArray


def build_enclosures(town: Town, barriers: Barriers) -> Enclosures:
    """Close the land of a town.

    Parameters
    ----------
    town : Town
        Layers in metres.
    barriers : Barriers
        Its lines, from `gather`.

    Returns
    -------
    Enclosures
        Faces without overlap; faces outside every community are left out.
    """
    communities, dedicated = town.communities.geometry.to_numpy(), town.dedicated.geometry.to_numpy()
    lines = node_lines(np.concatenate([barriers.lines, shapely.boundary(communities), shapely.boundary(dedicated)]))
    shapes = polygonize_lines(lines)
    community = locate_faces(communities, shapes)
    shapes, community = shapes[community >= 0], community[community >= 0]
    return Enclosures(
        lines, shapes, community, locate_faces(dedicated, shapes), locate_faces(barriers.water, shapes) >= 0
    )


def node_lines(lines: GeometryArray) -> GeometryArray:
    """Lines cut wherever they meet, on the millimetre grid.

    Parameters
    ----------
    lines : ndarray of LineString or MultiLineString, metres

    Returns
    -------
    ndarray of LineString

    Examples
    --------
    >>> cross = shapely.from_wkt(["LINESTRING (0 0, 2 2)", "LINESTRING (0 2, 2 0)"])
    >>> len(node_lines(cross))
    4
    """
    return np.asarray(shapely.get_parts(shapely.union_all(lines, grid_size=COORDINATE_PRECISION_M)))


def polygonize_lines(lines: GeometryArray) -> GeometryArray:
    """Polygons that noded lines close; dangling lines close none.

    Parameters
    ----------
    lines : ndarray of LineString

    Returns
    -------
    ndarray of Polygon
    """
    return np.asarray(shapely.get_parts(shapely.polygonize(lines)))


def locate_points(shapes: GeometryArray, points: GeometryArray) -> IntArray:
    """Position of the first shape that each point lies in, or -1.

    Parameters
    ----------
    shapes : ndarray of Polygon or MultiPolygon
    points : ndarray of Point

    Returns
    -------
    ndarray of int, one per point

    Examples
    --------
    >>> locate_points(np.array([shapely.box(0, 0, 1, 1)]), shapely.points([[0.5, 0.5], [2, 2]])).tolist()
    [0, -1]
    """
    found = np.full(len(points), -1, dtype=np.int64)
    point, shape = shapely.STRtree(shapes).query(points, predicate="intersects")
    first = np.lexsort((-shape, point))
    found[point[first]] = shape[first]
    return found


def locate_faces(shapes: GeometryArray, faces: GeometryArray) -> IntArray:
    """Position of the shape that each face lies in, or -1.

    A point on the surface of a face decides, unless it is so near an edge that rounding does: then most of the area.

    Parameters
    ----------
    shapes : ndarray of Polygon or MultiPolygon, metres
    faces : ndarray of Polygon
        Each within one shape or outside all, but for rounding.

    Returns
    -------
    ndarray of int, one per face

    Examples
    --------
    >>> spike = shapely.Polygon([(-0.001, 0), (1, 0), (1, 1), (0.999, 0.002), (0, 0.001)])
    >>> locate_faces(shapely.box([0, 1], 0, [1, 2], 1), np.array([spike])).tolist()
    [0]
    """
    points = shapely.point_on_surface(faces)
    found = locate_points(shapes, points)
    close = np.unique(
        shapely.STRtree(shapely.boundary(shapes)).query(points, predicate="dwithin", distance=EDGE_TOLERANCE_M)[0]
    )
    found[close] = _locate_by_area(shapes, faces[close])
    return found


def _locate_by_area(shapes: GeometryArray, faces: GeometryArray) -> IntArray:
    """The shape that holds more than half of each face, or -1."""
    found = np.full(len(faces), -1, dtype=np.int64)
    face, shape = shapely.STRtree(shapes).query(faces, predicate="intersects")
    held = shapely.area(shapely.intersection(faces[face], shapes[shape])) > shapely.area(faces[face]) / 2
    found[face[held]] = shape[held]
    return found
