"""Which land a place is on: everything that has a place belongs to a cell, and through it to a grid on any date."""

from dataclasses import dataclass

import numpy as np
import shapely

from gridmap.core.array_types import GeometryArray, IntArray
from gridmap.core.land.build import LandCoverage
from gridmap.core.land.town import Town


@dataclass(frozen=True, eq=False)
class PointLinks:
    """Where places are.

    Parameters
    ----------
    building, cell : ndarray of int, one per place
        Position of the building it is in and of the cell it is on; -1 for none.
    """

    building: IntArray
    cell: IntArray


def link_points(points: GeometryArray, town: Town, land: LandCoverage) -> PointLinks:
    """Link places to buildings and cells.

    A place in a building is on the building's cell, wherever in the building it is; another place is on the cell that
    covers it. On an edge that several share, the one with the smallest number has it.

    Parameters
    ----------
    points : ndarray of Point, metres
        In the town's CRS.
    town, land : Town, LandCoverage
        What they are linked to.

    Returns
    -------
    PointLinks
    """
    building = find_covering_shapes(points, town.buildings.geometry.to_numpy())
    inside = np.append(land.cell_of_building, -1)[building]
    return PointLinks(building, np.where(building >= 0, inside, find_covering_shapes(points, land.cells)))


def find_covering_shapes(points: GeometryArray, shapes: GeometryArray) -> IntArray:
    """Position of the first shape that covers each point, its edge included; -1 where none does.

    Examples
    --------
    >>> squares = np.array([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])
    >>> find_covering_shapes(shapely.points([[1.0, 0.5], [1.5, 0.5], [3.0, 0.5]]), squares).tolist()
    [0, 1, -1]
    """
    found = np.full(len(points), -1, dtype=np.int64)
    point, shape = shapely.STRtree(shapes).query(points, predicate="intersects")
    order = np.argsort(-shape, kind="stable")
    found[point[order]] = shape[order]
    return found
