"""Links from points to buildings and cells; through the cell a point belongs to a grid on any date."""

from dataclasses import dataclass

import numpy as np
import shapely

from gridmap.core.array_types import GeometryArray, IntArray
from gridmap.core.land.build import LandCoverage
from gridmap.core.land.point_location import locate_points
from gridmap.core.land.town import Town
from gridmap.core.land.zones import SAME_DISTANCE_M, STREET_ZONE_M


@dataclass(frozen=True, eq=False)
class PointLinks:
    """Buildings and cells that points are linked to.

    Parameters
    ----------
    building, cell : ndarray of int, one per point
        Position of the building that holds the point and of the cell it is linked to; -1 for none.
    """

    building: IntArray
    cell: IntArray


def link_points(points: GeometryArray, town: Town, land: LandCoverage, max_outside_m: float = 0.0) -> PointLinks:
    """Link points to buildings and cells.

    A point in a building is linked to the building's cell, wherever in the building it lies. Any other point is linked
    to the cell that covers it, or to the nearest one where none does. Of several cells, such as those that share an
    edge, the one with the smallest number is taken.

    Parameters
    ----------
    points : ndarray of Point, metres
        In the town's CRS.
    town : Town
        Its buildings.
    land : LandCoverage
        Its cells.
    max_outside_m : float
        Distance to the nearest cell up to which a point outside every cell is linked; by default, it is not.

    Returns
    -------
    PointLinks

    Examples
    --------
    >>> from gridmap.core.land.build import build_land
    >>> from gridmap.demo.town import build_town
    >>> town = build_town(500)
    >>> land = build_land(town)
    >>> links = link_points(town.buildings.geometry.representative_point().to_numpy(), town, land)
    >>> bool((links.cell == land.cell_of_building).all())
    True
    """
    building = locate_points(points, town.buildings.geometry.to_numpy())
    cell_of_building = np.append(land.cell_of_building, -1)[building]
    cell = np.where(building >= 0, cell_of_building, locate_points(points, land.cells))
    outside = np.flatnonzero(cell < 0)
    if max_outside_m > 0 and len(outside):
        cell[outside] = _nearest_shapes(points[outside], land.cells, max_outside_m)
    return PointLinks(building, cell)


def find_near_shapes(points: GeometryArray, shapes: GeometryArray, distance_m: float) -> tuple[IntArray, IntArray]:
    """Return the pairs of points and shapes that are at most a distance apart, by point and shape.

    Parameters
    ----------
    points : ndarray of Point, metres
    shapes : ndarray of Geometry, metres
    distance_m : float

    Returns
    -------
    point, shape : ndarray of int
        Positions in `points` and `shapes`.

    Examples
    --------
    >>> squares = np.array([shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10), shapely.box(20, 0, 30, 10)])
    >>> point, shape = find_near_shapes(shapely.points([[5.0, 5.0], [14.0, 5.0]]), squares, 5.0)
    >>> [(int(i), int(j)) for i, j in zip(point, shape)]
    [(0, 0), (0, 1), (1, 0), (1, 1)]
    """
    point, shape = shapely.STRtree(shapes).query(points, predicate="dwithin", distance=distance_m)
    order = np.lexsort((shape, point))
    return point[order], shape[order]


def find_nearest_streets(points: GeometryArray, streets: GeometryArray) -> IntArray:
    """Return the nearest street of each point within `STREET_ZONE_M`, of several the first; -1 for none.

    Parameters
    ----------
    points : ndarray of Point, metres
    streets : ndarray of LineString, metres

    Returns
    -------
    ndarray of int, one per point
        Positions in `streets`.

    Examples
    --------
    >>> streets = np.array([shapely.LineString([(0, 0), (100, 0)]), shapely.LineString([(100, 0), (100, 90)])])
    >>> find_nearest_streets(shapely.points([[50, 14.9], [50, 15.1], [90, 9], [103, -4]]), streets).tolist()
    [0, -1, 0, 0]
    """
    point, street = find_near_shapes(points, streets, STREET_ZONE_M)
    distance_m = shapely.distance(points[point], streets[street])
    least_m = np.full(len(points), np.inf)
    np.minimum.at(least_m, point, distance_m)
    is_nearest = distance_m <= least_m[point] + SAME_DISTANCE_M
    nearest = np.full(len(points), len(streets), dtype=np.int64)
    np.minimum.at(nearest, point[is_nearest], street[is_nearest])
    return np.where(nearest < len(streets), nearest, -1)


def _nearest_shapes(points: GeometryArray, shapes: GeometryArray, max_distance_m: float) -> IntArray:
    """Return the nearest shape of each point within a distance, of several the first; -1 for none."""
    nearest = np.full(len(points), -1, dtype=np.int64)
    point, shape = shapely.STRtree(shapes).query_nearest(points, max_distance=max_distance_m)
    order = np.argsort(-shape, kind="stable")  # of several assignments to one point the last remains
    nearest[point[order]] = shape[order]
    return nearest
