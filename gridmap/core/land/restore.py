"""Land that was made before and kept: its cells are taken as they are, its borders are found anew."""

import numpy as np
import shapely

from gridmap.core.array_types import BoolArray, GeometryArray, IntArray
from gridmap.core.land.adjacency import shared_edges
from gridmap.core.land.barriers import collect_barriers
from gridmap.core.land.borders import find_borders
from gridmap.core.land.build import LandCoverage
from gridmap.core.land.point_location import find_covering_shapes
from gridmap.core.land.town import Town


def restore_land(
    town: Town, cells: GeometryArray, dedicated: IntArray, water: BoolArray, cell_of_building: IntArray
) -> LandCoverage:
    """The land of a town of one community from cells that were made by `build_land`.

    Parameters
    ----------
    town : Town
        Of one community.
    cells : ndarray of Polygon, metres
        A coverage of it on the millimetre grid.
    dedicated : ndarray of int, one per cell
        Position of the dedicated land it belongs to; -1 for none.
    water : ndarray of bool, one per cell
    cell_of_building : ndarray of int, one per building

    Returns
    -------
    LandCoverage
        A border is taken to lie on every line that runs along it; no record of enclosures is needed for that.
    """
    each = np.arange(len(cells), dtype=np.int64)
    borders = find_borders(shared_edges(cells), each, each, collect_barriers(town))
    pieces = _find_detached_parts(town, cells, cell_of_building)
    return LandCoverage(
        cells, np.zeros(len(cells), dtype=np.int64), dedicated, water, cell_of_building, pieces, borders
    )


def _find_detached_parts(town: Town, cells: GeometryArray, cell_of_building: IntArray) -> IntArray:
    """Cells under parts of buildings that stand apart from the cell that is the building's own."""
    shapes = town.buildings.geometry.to_numpy()
    several = np.flatnonzero(shapely.get_num_geometries(shapes) > 1)
    parts, of = shapely.get_parts(shapes[several], return_index=True)
    building, cell = several[of], find_covering_shapes(shapely.point_on_surface(parts), cells)
    apart = (cell >= 0) & (cell != cell_of_building[building])
    return np.unique(np.stack([building[apart], cell[apart]], axis=1), axis=0).astype(np.int64)
