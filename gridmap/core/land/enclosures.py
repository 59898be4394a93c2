"""Land closed in by streets, barriers, dedicated land and the boundary."""

from dataclasses import dataclass

import numpy as np
import shapely

from gridmap.core.arrays import Flags, Ints, Shapes
from gridmap.core.land.barriers import Barriers
from gridmap.core.town import Town

GRID_M = 1e-3
"""Coordinates are rounded to the millimetre: far below any survey, far above floating-point noise."""


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

    lines: Shapes
    shapes: Shapes
    community: Ints
    dedicated: Ints
    water: Flags


def enclose(town: Town, barriers: Barriers) -> Enclosures:
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
    lines = noded(np.concatenate([barriers.lines, shapely.boundary(communities), shapely.boundary(dedicated)]))
    shapes = faces_of(lines)
    points = shapely.point_on_surface(shapes)
    community = containing(communities, points)
    inside = community >= 0
    points = points[inside]
    water = containing(barriers.water, points) >= 0
    return Enclosures(lines, shapes[inside], community[inside], containing(dedicated, points), water)


def noded(lines: Shapes) -> Shapes:
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
    >>> len(noded(cross))
    4
    """
    return np.asarray(shapely.get_parts(shapely.union_all(lines, grid_size=GRID_M)))


def faces_of(lines: Shapes) -> Shapes:
    """Polygons that noded lines close; dangling lines close none.

    Parameters
    ----------
    lines : ndarray of LineString

    Returns
    -------
    ndarray of Polygon
    """
    return np.asarray(shapely.get_parts(shapely.polygonize(lines)))


def containing(shapes: Shapes, points: Shapes) -> Ints:
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
    >>> containing(np.array([shapely.box(0, 0, 1, 1)]), shapely.points([[0.5, 0.5], [2, 2]])).tolist()
    [0, -1]
    """
    found = np.full(len(points), -1, dtype=np.int64)
    point, shape = shapely.STRtree(shapes).query(points, predicate="intersects")
    first = np.lexsort((-shape, point))
    found[point[first]] = shape[first]
    return found
