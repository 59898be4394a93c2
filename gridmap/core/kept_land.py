"""Land that was made before and kept: its cells are taken as they are, its borders are found anew."""

import numpy as np
import shapely

from gridmap.core.arrays import Flags, Ints, Shapes
from gridmap.core.land import Land
from gridmap.core.land.adjacency import shared_edges
from gridmap.core.land.barriers import gather
from gridmap.core.land.borders import find_borders
from gridmap.core.links import covering
from gridmap.core.town import Town


def land_of_cells(town: Town, cells: Shapes, dedicated: Ints, water: Flags, building_cell: Ints) -> Land:
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
    building_cell : ndarray of int, one per building

    Returns
    -------
    Land
        A border is taken to lie on every line that runs along it; no record of enclosures is needed for that.
    """
    each = np.arange(len(cells), dtype=np.int64)
    borders = find_borders(shared_edges(cells), each, each, gather(town))
    pieces = _pieces(town, cells, building_cell)
    return Land(cells, np.zeros(len(cells), dtype=np.int64), dedicated, water, building_cell, pieces, borders)


def _pieces(town: Town, cells: Shapes, building_cell: Ints) -> Ints:
    """Cells under parts of buildings that stand apart from the cell that is the building's own."""
    shapes = town.buildings.geometry.to_numpy()
    several = np.flatnonzero(shapely.get_num_geometries(shapes) > 1)
    parts, of = shapely.get_parts(shapes[several], return_index=True)
    building, cell = several[of], covering(shapely.point_on_surface(parts), cells)
    apart = (cell >= 0) & (cell != building_cell[building])
    return np.unique(np.stack([building[apart], cell[apart]], axis=1), axis=0).astype(np.int64)
