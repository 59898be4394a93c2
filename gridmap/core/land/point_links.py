"""Links from points to buildings and cells; through the cell a point belongs to a grid on any date."""

from dataclasses import dataclass

import numpy as np

from gridmap.core.array_types import GeometryArray, IntArray
from gridmap.core.land.build import LandCoverage
from gridmap.core.land.point_location import locate_points
from gridmap.core.land.town import Town


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


def link_points(points: GeometryArray, town: Town, land: LandCoverage) -> PointLinks:
    """Link points to buildings and cells.

    A point in a building is linked to the building's cell, wherever in the building it lies. Any other point is linked
    to the cell that covers it. On an edge that several cells share, the cell with the smallest number is taken.

    Parameters
    ----------
    points : ndarray of Point, metres
        In the town's CRS.
    town : Town
        Its buildings.
    land : LandCoverage
        Its cells.

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
    return PointLinks(building, np.where(building >= 0, cell_of_building, locate_points(points, land.cells)))
