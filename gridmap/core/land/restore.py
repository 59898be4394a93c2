"""Restoration of stored land: the cells are taken as they are, their borders are found again."""

import numpy as np
import shapely

from gridmap.core.array_types import BoolArray, GeometryArray, IntArray
from gridmap.core.land.arrangement.adjacency import shared_edges
from gridmap.core.land.barriers import collect_barriers
from gridmap.core.land.borders import find_borders
from gridmap.core.land.build import LandCoverage
from gridmap.core.land.point_location import locate_points
from gridmap.core.land.town import Town


def restore_land(
    town: Town, cells: GeometryArray, dedicated: IntArray, water: BoolArray, cell_of_building: IntArray
) -> LandCoverage:
    """Restore the land of a town of one community from cells that `build_land` made.

    Parameters
    ----------
    town : Town
        A town with one community.
    cells : ndarray of Polygon, metres
        A coverage of it on the millimetre grid.
    dedicated : ndarray of int, one per cell
        Position of the dedicated land it belongs to; -1 for none.
    water : ndarray of bool, one per cell
        Whether a cell is open water.
    cell_of_building : ndarray of int, one per building
        Cell of each building.

    Returns
    -------
    LandCoverage
        A border counts as lying on every line that runs along it, so no record of enclosures is needed.

    Examples
    --------
    >>> from gridmap.core.land.build import build_land
    >>> from gridmap.demo.town import build_town
    >>> town = build_town(500)
    >>> land = build_land(town)
    >>> restored = restore_land(town, land.cells, land.dedicated, land.water, land.cell_of_building)
    >>> bool((restored.borders.left == land.borders.left).all())
    True
    """
    cell_numbers = np.arange(len(cells), dtype=np.int64)
    borders = find_borders(shared_edges(cells), cell_numbers, cell_numbers, collect_barriers(town))
    detached_parts = _locate_detached_parts(town, cells, cell_of_building)
    community = np.zeros(len(cells), dtype=np.int64)
    return LandCoverage(cells, community, dedicated, water, cell_of_building, detached_parts, borders)


def _locate_detached_parts(town: Town, cells: GeometryArray, cell_of_building: IntArray) -> IntArray:
    """Return building and cell for parts of buildings that lie on another cell than the building's own."""
    shapes = town.buildings.geometry.to_numpy()
    multipart = np.flatnonzero(shapely.get_num_geometries(shapes) > 1)
    parts, shape_of_part = shapely.get_parts(shapes[multipart], return_index=True)
    building, cell = multipart[shape_of_part], locate_points(shapely.point_on_surface(parts), cells)
    is_detached = (cell >= 0) & (cell != cell_of_building[building])
    return np.unique(np.stack([building[is_detached], cell[is_detached]], axis=1), axis=0).astype(np.int64)
