"""Cells: one arrangement of all lines, each face labelled by the building it belongs to."""

from dataclasses import dataclass

import numpy as np
import shapely

from gridmap.core.arrays import Flags, Ints, Shapes
from gridmap.core.land.adjacency import Edges, shared_edges, spread
from gridmap.core.land.enclosures import Enclosures, faces_of, holding, noded
from gridmap.core.land.footprints import Footprints

OPEN_M2 = 100.0
"""Land without building smaller than this is no place of its own: a traffic island, a sliver between two lines."""
OPEN_WIDTH_M = 2.0
"""The same for land narrower than this, by twice its area over its perimeter."""
NOISE_M2 = 1.0
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
    of_building : ndarray of int
        Face that each building stands on, or most of it.
    edges : Edges
        Their shared borders.
    """

    shapes: Shapes
    enclosure: Ints
    label: Ints
    of_building: Ints
    edges: Edges


def cover(footprints: Footprints, enclosures: Enclosures, halving: Shapes) -> Faces:
    """Divide the land into faces and give each to a cell.

    Parameters
    ----------
    footprints : Footprints
        Buildings, from `stand`; their labels become the first cells.
    enclosures : Enclosures
        Land, from `enclose`.
    halving : ndarray of LineString
        Lines between buildings, from `halving_lines`.

    Returns
    -------
    Faces
        Every face has a label: of a building, or a new one for open land.
    """
    outlines = shapely.boundary(footprints.shapes[footprints.crowded])
    shapes = faces_of(noded(np.concatenate([enclosures.lines, outlines, halving])))
    shapes, enclosure = _within(shapes, holding(enclosures.shapes, shapes))
    edges = shared_edges(shapes)
    of_building = _standing(footprints, shapes, enclosure)
    label = _seeded(footprints, shapes, of_building, enclosures.community[enclosure])
    label = _spread(label, edges, enclosure[edges.left] == enclosure[edges.right])
    return Faces(shapes, enclosure, _settled(label, shapes, enclosure, enclosures, edges), of_building, edges)


def _within(shapes: Shapes, enclosure: Ints) -> tuple[Shapes, Ints]:
    """Faces of the communities, and the hair-thin gaps between them, which go to the neighbour they border most."""
    keep = (enclosure >= 0) | (shapely.area(shapes) < NOISE_M2)
    shapes, enclosure = shapes[keep], enclosure[keep]
    edges = shared_edges(shapes)
    return shapes, spread(enclosure, edges.left, edges.right, edges.length)


def _standing(footprints: Footprints, shapes: Shapes, enclosure: Ints) -> Ints:
    """The face under a point of each building; one on a border stands on the side it is at home on."""
    points = shapely.point_on_surface(footprints.shapes)
    building, face = shapely.STRtree(shapes).query(points, predicate="intersects")
    abroad = enclosure[face] != footprints.home[footprints.label[building]]
    order = np.lexsort((-face, ~abroad, building))
    standing = np.full(len(points), -1, dtype=np.int64)
    standing[building[order]] = face[order]
    return standing


def _seeded(footprints: Footprints, shapes: Shapes, of_building: Ints, community: Ints) -> Ints:
    """Labels of the faces that buildings stand on; a hair of a face across a community's border is none of theirs."""
    outlined = np.flatnonzero(footprints.crowded)
    on = holding(footprints.shapes[outlined], shapes)
    face = np.flatnonzero(on >= 0)
    building = outlined[on[face]]
    own = community[face] == community[of_building[building]]
    label = np.full(len(shapes), -1, dtype=np.int64)
    label[face[own]] = footprints.label[building[own]]
    alone = ~footprints.crowded
    label[of_building[alone]] = footprints.label[alone]
    return label


def _settled(
    label: Ints,
    shapes: Shapes,
    enclosure: Ints,
    enclosures: Enclosures,
    edges: Edges,
) -> Ints:
    """Open land becomes cells of its own where it is a place; slivers join a neighbour of the same community."""
    area = shapely.area(shapes)
    place = (label < 0) & (area >= OPEN_M2) & (2 * area >= OPEN_WIDTH_M * shapely.length(shapes))
    label = label.copy()
    label[place] = label.max(initial=-1) + 1 + np.arange(place.sum())
    ground = np.stack([enclosures.community, enclosures.dedicated], axis=1)[enclosure]
    same_community = ground[edges.left, 0] == ground[edges.right, 0]
    same_ground = same_community & (ground[edges.left, 1] == ground[edges.right, 1])
    label = _spread(_spread(label, edges, same_ground), edges, same_community)
    alone = label < 0
    label[alone] = label.max(initial=-1) + 1 + np.arange(alone.sum())
    return label


def _spread(label: Ints, edges: Edges, allowed: Flags) -> Ints:
    return spread(label, edges.left[allowed], edges.right[allowed], edges.length[allowed])
