"""Cells: one arrangement of all lines, each face labelled by the building it belongs to."""

from dataclasses import dataclass

import numpy as np
import shapely

from gridmap.core.array_types import BoolArray, GeometryArray, IntArray
from gridmap.core.land.adjacency import Edges, propagate_labels, shared_edges
from gridmap.core.land.enclosures import Enclosures, locate_faces, node_lines, polygonize_lines
from gridmap.core.land.footprints import Footprints

MIN_OPEN_LAND_M2 = 100.0
"""Land without building smaller than this is no place of its own: a traffic island, a sliver between two lines."""
MIN_OPEN_LAND_WIDTH_M = 2.0
"""The same for land narrower than this, by twice its area over its perimeter."""
MAX_NOISE_GAP_M2 = 1.0
"""A gap between communities below this is digitising noise, nobody's intention."""


@dataclass(frozen=True, eq=False)
class Faces:
    """The finest pieces of land.

    Parameters
    ----------
    shapes : ndarray of Polygon, metres
        An exact coverage of the communities.
    enclosure : ndarray of int
        Enclosure each face lies in.
    label : ndarray of int
        Cell each face belongs to.
    face_of_building : ndarray of int
        Face that each building stands on, or most of it.
    edges : Edges
        Their shared borders.
    """

    shapes: GeometryArray
    enclosure: IntArray
    label: IntArray
    face_of_building: IntArray
    edges: Edges


def build_cells(footprints: Footprints, enclosures: Enclosures, bisectors: GeometryArray) -> Faces:
    """Divide the land into faces and give each to a cell.

    Parameters
    ----------
    footprints : Footprints
        Buildings, from `stand`; their labels become the first cells.
    enclosures : Enclosures
        Land, from `enclose`.
    bisectors : ndarray of LineString
        Lines between buildings, from `halving_lines`.

    Returns
    -------
    Faces
        Every face has a label: of a building, or a new one for open land.
    """
    outlines = shapely.boundary(footprints.shapes[footprints.needs_outline])
    shapes = polygonize_lines(node_lines(np.concatenate([enclosures.lines, outlines, bisectors])))
    shapes, enclosure = _faces_in_communities(shapes, locate_faces(enclosures.shapes, shapes))
    edges = shared_edges(shapes)
    of_building = _find_building_faces(footprints, shapes, enclosure)
    label = _label_building_faces(footprints, shapes, of_building, enclosures.community[enclosure])
    label = _propagate_where(label, edges, enclosure[edges.left] == enclosure[edges.right])
    return Faces(shapes, enclosure, _label_open_land(label, shapes, enclosure, enclosures, edges), of_building, edges)


def _faces_in_communities(shapes: GeometryArray, enclosure: IntArray) -> tuple[GeometryArray, IntArray]:
    """Faces of the communities, and the hair-thin gaps between them, which go to the neighbour they border most."""
    keep = (enclosure >= 0) | (shapely.area(shapes) < MAX_NOISE_GAP_M2)
    shapes, enclosure = shapes[keep], enclosure[keep]
    edges = shared_edges(shapes)
    return shapes, propagate_labels(enclosure, edges.left, edges.right, edges.length)


def _find_building_faces(footprints: Footprints, shapes: GeometryArray, enclosure: IntArray) -> IntArray:
    """The face under a point of each building; one on a border stands on the side it is at home on."""
    points = shapely.point_on_surface(footprints.shapes)
    building, face = shapely.STRtree(shapes).query(points, predicate="intersects")
    abroad = enclosure[face] != footprints.enclosure_of_label[footprints.label[building]]
    order = np.lexsort((-face, ~abroad, building))
    standing = np.full(len(points), -1, dtype=np.int64)
    standing[building[order]] = face[order]
    return standing


def _label_building_faces(
    footprints: Footprints, shapes: GeometryArray, face_of_building: IntArray, community_of_face: IntArray
) -> IntArray:
    """Labels of the faces that buildings stand on; a hair of a face across a community's border is none of theirs."""
    outlined = np.flatnonzero(footprints.needs_outline)
    on = locate_faces(footprints.shapes[outlined], shapes)
    face = np.flatnonzero(on >= 0)
    building = outlined[on[face]]
    own = community_of_face[face] == community_of_face[face_of_building[building]]
    label = np.full(len(shapes), -1, dtype=np.int64)
    label[face[own]] = footprints.label[building[own]]
    alone = ~footprints.needs_outline
    label[face_of_building[alone]] = footprints.label[alone]
    return label


def _label_open_land(
    label: IntArray,
    shapes: GeometryArray,
    enclosure: IntArray,
    enclosures: Enclosures,
    edges: Edges,
) -> IntArray:
    """Open land becomes cells of its own where it is a place; slivers join a neighbour of the same community."""
    area = shapely.area(shapes)
    place = (label < 0) & (area >= MIN_OPEN_LAND_M2) & (2 * area >= MIN_OPEN_LAND_WIDTH_M * shapely.length(shapes))
    label = label.copy()
    label[place] = label.max(initial=-1) + 1 + np.arange(place.sum())
    ground = np.stack([enclosures.community, enclosures.dedicated], axis=1)[enclosure]
    same_community = ground[edges.left, 0] == ground[edges.right, 0]
    same_ground = same_community & (ground[edges.left, 1] == ground[edges.right, 1])
    label = _propagate_where(_propagate_where(label, edges, same_ground), edges, same_community)
    alone = label < 0
    label[alone] = label.max(initial=-1) + 1 + np.arange(alone.sum())
    return label


def _propagate_where(label: IntArray, edges: Edges, mask: BoolArray) -> IntArray:
    return propagate_labels(label, edges.left[mask], edges.right[mask], edges.length[mask])
