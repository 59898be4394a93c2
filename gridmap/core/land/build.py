"""The land of a town: from streets and buildings to cells that cover it without gap or overlap."""

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gridmap.core.array_types import BoolArray, GeometryArray, IntArray
from gridmap.core.errors import N_, Message
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
        Cells of open water.
    cell_of_building : ndarray of int, one per building of the town
        The cell each building stands on, or most of it.
    detached_parts : ndarray of int, shape (n, 2)
        Building and cell, where a building of several parts also stands on cells apart from its own.
    borders : Borders
        What lies between neighbouring cells, across communities too.
    """

    cells: GeometryArray
    community: IntArray
    dedicated: IntArray
    water: BoolArray
    cell_of_building: IntArray
    detached_parts: IntArray
    borders: Borders


def build_land(town: Town, progress: Progress = ignore_progress) -> LandCoverage:
    """Divide the land of a town into one cell per building, and cells of open land.

    Streets, barriers, dedicated land and boundaries close enclosures; within each, lines half-way between buildings
    part them; one arrangement of all lines, rounded to the millimetre, gives faces that cover the communities exactly.

    Parameters
    ----------
    town : Town
        Layers in metres.
    progress : Progress
        Told of each step.

    Returns
    -------
    LandCoverage
    """
    step = Message(N_("Building the land"))
    progress(step, 0, 5)
    barriers = collect_barriers(town)
    enclosures = build_enclosures(town, barriers)
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
    """Cells out of faces: numbered without holes, each at home where its buildings are."""
    cell = _label_cells(faces)
    building_cell = cell[faces.face_of_building]
    by_size = np.argsort(shapely.area(faces.shapes), kind="stable")
    home = np.empty(cell.max() + 1, dtype=np.int64)
    home[cell[by_size]] = faces.enclosure[by_size]
    home[building_cell] = footprints.enclosure_of_label[footprints.label]
    ground = enclosures.community[home], enclosures.dedicated[home], enclosures.water[home]
    pieces = _find_detached_parts(faces, footprints, cell, building_cell)
    borders = find_borders(faces.edges, cell, faces.enclosure, barriers)
    return LandCoverage(_merge_faces(faces.shapes, cell), *ground, building_cell, pieces, borders)


def _label_cells(faces: Faces) -> IntArray:
    """Cells: connected faces of one label, numbered by label."""
    one, two = faces.edges.left, faces.edges.right
    within = faces.label[one] == faces.label[two]
    links = coo_array((np.ones(within.sum()), (one[within], two[within])), shape=(len(faces.label), len(faces.label)))
    _, piece = connected_components(links, directed=False)
    labelled = np.stack([faces.label, piece], axis=1)
    return np.unique(labelled, axis=0, return_inverse=True)[1].ravel().astype(np.int64)


def _find_detached_parts(
    faces: Faces, footprints: Footprints, cell_of_face: IntArray, cell_of_building: IntArray
) -> IntArray:
    """Cells of each building's label other than its own."""
    first = np.full(footprints.label.max(initial=-1) + 1, -1, dtype=np.int64)
    first[footprints.label[::-1]] = np.arange(len(footprints.label))[::-1]
    of_label = np.unique(np.stack([faces.label, cell_of_face], axis=1)[faces.label < len(first)], axis=0)
    building = first[of_label[:, 0]]
    apart = of_label[:, 1] != cell_of_building[building]
    return np.stack([building[apart], of_label[apart, 1]], axis=1)


def _merge_faces(shapes: GeometryArray, cell_of_face: IntArray) -> GeometryArray:
    """One shape per cell."""
    order = np.argsort(cell_of_face, kind="stable")
    groups = np.split(shapes[order], np.flatnonzero(np.diff(cell_of_face[order])) + 1)
    merged = np.empty(len(groups), dtype=object)
    merged[:] = [group[0] if len(group) == 1 else shapely.coverage_union_all(group) for group in groups]
    return merged
