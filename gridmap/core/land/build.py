"""Construction of the land of a town: streets and buildings become an exact coverage of cells."""

from dataclasses import dataclass

import numpy as np
import shapely

from gridmap.core.array_types import BoolArray, GeometryArray, IntArray
from gridmap.core.errors import N_, Message
from gridmap.core.labels import label_components
from gridmap.core.land.barriers import Barriers, collect_barriers
from gridmap.core.land.borders import Borders, find_borders
from gridmap.core.land.cells import Faces, build_cells
from gridmap.core.land.enclosures import Enclosures, build_enclosures
from gridmap.core.land.footprints import Footprints, place_footprints
from gridmap.core.land.tessellation import bisector_lines
from gridmap.core.land.town import Town
from gridmap.core.progress import Progress, ignore_progress

__all__ = ["Borders", "LandCoverage", "build_land"]


@dataclass(frozen=True, eq=False)
class LandCoverage:
    """A town's land as an exact coverage of cells.

    Parameters
    ----------
    cells : ndarray of Polygon, metres
        They share edges vertex for vertex and never area.
    community, dedicated : ndarray of int, one per cell
        Position of its community, and of the dedicated land it belongs to (-1: none).
    water : ndarray of bool
        Whether a cell is open water.
    cell_of_building : ndarray of int, one per building of the town
        The cell that holds the building, or most of it.
    detached_parts : ndarray of int, shape (n, 2)
        Building and cell, where parts of a building lie on another cell than the building's own.
    borders : Borders
        Borders between neighbouring cells, also across communities.
    """

    cells: GeometryArray
    community: IntArray
    dedicated: IntArray
    water: BoolArray
    cell_of_building: IntArray
    detached_parts: IntArray
    borders: Borders


def build_land(town: Town, progress: Progress = ignore_progress, drawn: GeometryArray | None = None) -> LandCoverage:
    """Build the land of a town: one cell per building, and cells of open land.

    Streets, barriers, dedicated land and boundaries close enclosures. Within each enclosure, lines half-way between
    buildings separate them. All lines are noded together and rounded to the millimetre; the resulting faces cover the
    communities exactly.

    Parameters
    ----------
    town : Town
        Layers in metres.
    progress : Progress
        Called at each step.
    drawn : ndarray of Polygon or MultiPolygon, optional
        Drawn grids, whose borders cut cells, too. Land of one grid never joins a cell of another.

    Returns
    -------
    LandCoverage

    Examples
    --------
    >>> from gridmap.demo.town import build_town
    >>> town = build_town(500)
    >>> land = build_land(town)
    >>> bool(shapely.coverage_is_valid(land.cells)), len(land.cell_of_building) == len(town.buildings)
    (True, True)
    """
    step = Message(N_("Building the land"))
    progress(step, 0, 5)
    barriers = collect_barriers(town)
    enclosures = build_enclosures(town, barriers, drawn)
    progress(step, 1, 5)
    footprints = place_footprints(town, enclosures)
    progress(step, 2, 5)
    lines = bisector_lines(footprints, enclosures)
    progress(step, 3, 5)
    faces = build_cells(footprints, enclosures, lines)
    progress(step, 4, 5)
    land = _assemble_land(faces, footprints, enclosures, barriers)
    progress(step, 5, 5)
    return land


def _assemble_land(faces: Faces, footprints: Footprints, enclosures: Enclosures, barriers: Barriers) -> LandCoverage:
    """Merge faces into cells; the enclosure of a cell is that of its buildings, or else of its largest face."""
    cell_of_face = _label_cells(faces)
    cell_of_building = cell_of_face[faces.face_of_building]
    by_size = np.argsort(shapely.area(faces.shapes), kind="stable")
    enclosure = np.empty(cell_of_face.max() + 1, dtype=np.int64)
    enclosure[cell_of_face[by_size]] = faces.enclosure[by_size]
    enclosure[cell_of_building] = footprints.enclosure_of_label[footprints.label]
    return LandCoverage(
        cells=_merge_faces(faces.shapes, cell_of_face),
        community=enclosures.community[enclosure],
        dedicated=enclosures.dedicated[enclosure],
        water=enclosures.water[enclosure],
        cell_of_building=cell_of_building,
        detached_parts=_find_detached_parts(faces, footprints, cell_of_face, cell_of_building),
        borders=find_borders(faces.edges, cell_of_face, faces.enclosure, barriers),
    )


def _label_cells(faces: Faces) -> IntArray:
    """Return the cell of each face: connected faces with one label are a cell, numbered by label."""
    one, two = faces.edges.left, faces.edges.right
    same_label = faces.label[one] == faces.label[two]
    component = label_components(len(faces.label), one[same_label], two[same_label])
    labelled = np.stack([faces.label, component], axis=1)
    return np.unique(labelled, axis=0, return_inverse=True)[1].ravel().astype(np.int64)


def _find_detached_parts(
    faces: Faces, footprints: Footprints, cell_of_face: IntArray, cell_of_building: IntArray
) -> IntArray:
    """Return building and cell for the cells with a building's label other than its own cell."""
    building_of_label = np.full(footprints.label.max(initial=-1) + 1, -1, dtype=np.int64)
    building_of_label[footprints.label[::-1]] = np.arange(len(footprints.label))[::-1]  # the first building remains
    is_built = faces.label < len(building_of_label)
    cells = np.unique(np.stack([faces.label, cell_of_face], axis=1)[is_built], axis=0)
    building = building_of_label[cells[:, 0]]
    is_detached = cells[:, 1] != cell_of_building[building]
    return np.stack([building[is_detached], cells[is_detached, 1]], axis=1)


def _merge_faces(shapes: GeometryArray, cell_of_face: IntArray) -> GeometryArray:
    """Return one shape per cell."""
    order = np.argsort(cell_of_face, kind="stable")
    groups = np.split(shapes[order], np.flatnonzero(np.diff(cell_of_face[order])) + 1)
    merged = np.empty(len(groups), dtype=object)
    merged[:] = [group[0] if len(group) == 1 else shapely.coverage_union_all(group) for group in groups]
    return merged
