"""Cells: one arrangement of all lines, whose faces are labelled by building or as open land."""

from dataclasses import dataclass

import numpy as np
import shapely

from gridmap.core.array_types import BoolArray, GeometryArray, IntArray
from gridmap.core.labels import propagate_labels
from gridmap.core.land.arrangement.adjacency import Edges, shared_edges
from gridmap.core.land.arrangement.noding import node_lines, polygonize_lines
from gridmap.core.land.enclosures import Enclosures
from gridmap.core.land.footprints import Footprints
from gridmap.core.land.point_location import locate_faces

MIN_OPEN_LAND_M2 = 100.0
"""Land without buildings smaller than this is no cell of its own: a traffic island, a sliver between two lines."""
MIN_OPEN_LAND_WIDTH_M = 2.0
"""The same for land narrower than this, measured as twice the area over the perimeter."""
MIN_DRAWN_WIDTH_M = 0.005
"""Land of a drawn grid wider than this is a cell of its own: what is narrower comes from rounding to the millimetre."""
DIGITISING_NOISE_M2 = 1.0
"""A gap between communities smaller than this is digitising noise and not intended."""


@dataclass(frozen=True, eq=False)
class Faces:
    """The smallest polygons of the arrangement of all lines.

    Parameters
    ----------
    shapes : ndarray of Polygon, metres
        An exact coverage of the communities.
    enclosure : ndarray of int
        Enclosure of each face.
    label : ndarray of int
        Label of the cell that each face belongs to.
    face_of_building : ndarray of int
        Face that holds each building, or most of it.
    edges : Edges
        Shared edges of the faces.
    """

    shapes: GeometryArray
    enclosure: IntArray
    label: IntArray
    face_of_building: IntArray
    edges: Edges


def build_cells(footprints: Footprints, enclosures: Enclosures, bisectors: GeometryArray) -> Faces:
    """Divide the land into faces and label each with its cell.

    Parameters
    ----------
    footprints : Footprints
        Buildings, from `place_footprints`; their labels become the first cells.
    enclosures : Enclosures
        Land, from `build_enclosures`.
    bisectors : ndarray of LineString
        Lines between buildings, from `bisector_lines`.

    Returns
    -------
    Faces
        Every face has a label: of a building, or a new one for open land.

    Examples
    --------
    >>> from gridmap.core.land.barriers import collect_barriers
    >>> from gridmap.core.land.enclosures import build_enclosures
    >>> from gridmap.core.land.footprints import place_footprints
    >>> from gridmap.core.land.tessellation import bisector_lines
    >>> from gridmap.demo.town import build_town
    >>> town = build_town(500)
    >>> enclosures = build_enclosures(town, collect_barriers(town))
    >>> footprints = place_footprints(town, enclosures)
    >>> faces = build_cells(footprints, enclosures, bisector_lines(footprints, enclosures))
    >>> bool((faces.label >= 0).all())
    True
    """
    outlines = shapely.boundary(footprints.shapes[footprints.needs_outline])
    shapes = polygonize_lines(node_lines(np.concatenate([enclosures.lines, outlines, bisectors])))
    shapes, enclosure, edges = _faces_in_communities(shapes, locate_faces(shapes, enclosures.shapes))
    face_of_building = _find_building_faces(footprints, shapes, enclosure)
    label = _label_building_faces(footprints, shapes, face_of_building, enclosures.community[enclosure])
    label = _spread_within_enclosures(label, edges, enclosure, footprints, enclosures)
    label = _label_open_land(label, shapes, enclosure, enclosures, edges)
    return Faces(shapes, enclosure, label, face_of_building, edges)


def _faces_in_communities(shapes: GeometryArray, enclosure: IntArray) -> tuple[GeometryArray, IntArray, Edges]:
    """Return the faces in communities and their edges; tiny gaps go to the neighbour with the longest border."""
    is_used = (enclosure >= 0) | (shapely.area(shapes) < DIGITISING_NOISE_M2)
    shapes, enclosure = shapes[is_used], enclosure[is_used]
    edges = shared_edges(shapes)
    return shapes, propagate_labels(enclosure, edges.left, edges.right, edges.length), edges


def _find_building_faces(footprints: Footprints, shapes: GeometryArray, enclosure: IntArray) -> IntArray:
    """Return the face under a point of each building; on an edge, the face in the building's own enclosure."""
    points = shapely.point_on_surface(footprints.shapes)
    building, face = shapely.STRtree(shapes).query(points, predicate="intersects")
    is_elsewhere = enclosure[face] != footprints.enclosure_of_label[footprints.label[building]]
    order = np.lexsort((-face, ~is_elsewhere, building))  # of several assignments to one building the last remains
    face_of_building = np.full(len(points), -1, dtype=np.int64)
    face_of_building[building[order]] = face[order]
    return face_of_building


def _label_building_faces(
    footprints: Footprints, shapes: GeometryArray, face_of_building: IntArray, community_of_face: IntArray
) -> IntArray:
    """Label the faces that hold buildings, except slivers of an outline in another community."""
    outlined = np.flatnonzero(footprints.needs_outline)
    outline_of_face = locate_faces(shapes, footprints.shapes[outlined])
    face = np.flatnonzero(outline_of_face >= 0)
    building = outlined[outline_of_face[face]]
    is_own = community_of_face[face] == community_of_face[face_of_building[building]]
    label = np.full(len(shapes), -1, dtype=np.int64)
    label[face[is_own]] = footprints.label[building[is_own]]
    without_outline = ~footprints.needs_outline
    label[face_of_building[without_outline]] = footprints.label[without_outline]
    return label


def _spread_within_enclosures(
    label: IntArray, edges: Edges, enclosure: IntArray, footprints: Footprints, enclosures: Enclosures
) -> IntArray:
    """Spread the labels of buildings within their enclosures; a part of a building in another zone takes no land."""
    home = np.append(footprints.enclosure_of_label, -1)[label]
    is_abroad = (label >= 0) & (enclosures.zone[home] != enclosures.zone[enclosure])
    spread = np.where(is_abroad, -1, label)
    spread = _propagate_where(
        spread,
        edges,
        (enclosure[edges.left] == enclosure[edges.right]) & ~is_abroad[edges.left] & ~is_abroad[edges.right],
    )
    return np.where(is_abroad, label, spread)


def _label_open_land(
    label: IntArray,
    shapes: GeometryArray,
    enclosure: IntArray,
    enclosures: Enclosures,
    edges: Edges,
) -> IntArray:
    """Give open land of some size a label of its own; slivers join a neighbour in the same community."""
    area = shapely.area(shapes)
    is_large = (area >= MIN_OPEN_LAND_M2) & (2 * area >= MIN_OPEN_LAND_WIDTH_M * shapely.length(shapes))
    label = _number_faces(label, (label < 0) & is_large)
    community, dedicated = enclosures.community[enclosure], enclosures.dedicated[enclosure]
    zone = enclosures.zone[enclosure]
    same_community = community[edges.left] == community[edges.right]
    same_zone = same_community & (zone[edges.left] == zone[edges.right])
    same_land = same_zone & (dedicated[edges.left] == dedicated[edges.right])
    label = _propagate_where(_propagate_where(label, edges, same_land), edges, same_zone)
    is_drawn = (zone >= 0) & (2 * area >= MIN_DRAWN_WIDTH_M * shapely.length(shapes))
    label = _propagate_where(_number_faces(label, (label < 0) & is_drawn), edges, same_community)
    return _number_faces(label, label < 0)


def _number_faces(label: IntArray, mask: BoolArray) -> IntArray:
    """Give each face in `mask` a new label."""
    label = label.copy()
    label[mask] = label.max(initial=-1) + 1 + np.arange(mask.sum())
    return label


def _propagate_where(label: IntArray, edges: Edges, mask: BoolArray) -> IntArray:
    return propagate_labels(label, edges.left[mask], edges.right[mask], edges.length[mask])
