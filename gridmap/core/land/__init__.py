"""The land of a town: from streets and buildings to cells that cover it without gap or overlap."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from gridmap.core.errors import N_, Message
from gridmap.core.land.barriers import Barriers, gather
from gridmap.core.land.borders import Borders, find_borders
from gridmap.core.land.coverage import Faces, cover
from gridmap.core.land.enclosures import Enclosures, enclose
from gridmap.core.land.footprints import Footprints, stand
from gridmap.core.land.tessellation import halving_lines
from gridmap.core.progress import Progress, silent
from gridmap.core.town import Town

__all__ = ["Borders", "Land", "build_land"]


@dataclass(frozen=True, eq=False)
class Land:
    """A town's land as an exact coverage of cells.

    Parameters
    ----------
    cells : ndarray of Polygon or MultiPolygon, metres
        They share edges vertex for vertex and never area. A building in several pieces may have such a cell.
    community, dedicated : ndarray of int, one per cell
        Position of its community, and of the dedicated land it belongs to (-1: none).
    water : ndarray of bool
        Cells of open water.
    building_cell : ndarray of int, one per building of the town
        The cell each building stands on.
    borders : Borders
        What lies between neighbouring cells, across communities too.
    """

    cells: NDArray[np.object_]
    community: NDArray[np.int64]
    dedicated: NDArray[np.int64]
    water: NDArray[np.bool_]
    building_cell: NDArray[np.int64]
    borders: Borders


def build_land(town: Town, progress: Progress = silent) -> Land:
    """Divide the land of a town into one cell per building, and cells of open land.

    Streets, barriers, dedicated land and boundaries close enclosures; within each, lines half-way between buildings part
    them; one arrangement of all lines, rounded to the millimetre, gives faces that cover the communities exactly.

    Parameters
    ----------
    town : Town
        Layers in metres.
    progress : Progress
        Told of each step.

    Returns
    -------
    Land
    """
    step = Message(N_("Building the land"))
    progress(step, 0, 5)
    barriers = gather(town)
    enclosures = enclose(town, barriers)
    progress(step, 1, 5)
    footprints = stand(town, enclosures)
    progress(step, 2, 5)
    lines = halving_lines(footprints, enclosures)
    progress(step, 3, 5)
    faces = cover(footprints, enclosures, lines)
    progress(step, 4, 5)
    land = _gathered(faces, footprints, enclosures, barriers)
    progress(step, 5, 5)
    return land


def _gathered(faces: Faces, footprints: Footprints, enclosures: Enclosures, barriers: Barriers) -> Land:
    """Cells out of faces: numbered without holes, each at home where its buildings are."""
    _, cell = np.unique(faces.label, return_inverse=True)
    building_cell = cell[faces.of_building]
    by_size = np.argsort(shapely.area(faces.shapes), kind="stable")
    home = np.empty(cell.max() + 1, dtype=np.int64)
    home[cell[by_size]] = faces.enclosure[by_size]
    home[building_cell] = footprints.home[footprints.label]
    borders = find_borders(faces.edges, cell, faces.enclosure, barriers)
    ground = enclosures.community[home], enclosures.dedicated[home], enclosures.water[home]
    return Land(_merged(faces.shapes, cell), *ground, building_cell, borders)


def _merged(shapes: NDArray[np.object_], cell: NDArray[np.int64]) -> NDArray[np.object_]:
    """One shape per cell."""
    order = np.argsort(cell, kind="stable")
    groups = np.split(shapes[order], np.flatnonzero(np.diff(cell[order])) + 1)
    merged = np.empty(len(groups), dtype=object)
    merged[:] = [group[0] if len(group) == 1 else shapely.coverage_union_all(group) for group in groups]
    return merged
