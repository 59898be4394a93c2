"""Boundary of a community drawn anew: what it gains is taken from neighbours, what it loses goes to them."""

from collections.abc import Mapping

import numpy as np
import shapely

from gridmap.core.array_types import BoolArray, GeometryArray, IntArray
from gridmap.core.labels import label_components, propagate_labels
from gridmap.core.land.arrangement.adjacency import Edges, shared_edges
from gridmap.core.land.arrangement.noding import node_lines, polygonize_lines
from gridmap.core.land.point_location import locate_points

MIN_CHANGE_WIDTH_M = 1.0
"""Strips narrower than this, measured as twice the area over the perimeter, are no change: nobody draws an old border
again to the millimetre."""


def mend_boundary(outlines: GeometryArray, position: int, mended: shapely.Geometry) -> Mapping[int, shapely.Geometry]:
    """Return the outlines that change when one community of a coverage gets another boundary.

    Parameters
    ----------
    outlines : ndarray of Polygon or MultiPolygon, metres
        Communities of a subdistrict; they share edges and never area.
    position : int
        Community whose boundary is drawn anew.
    mended : Polygon or MultiPolygon, metres
        Its new boundary. Where it follows the old one within a metre, the old one stays.

    Returns
    -------
    mapping of int to Polygon or MultiPolygon
        New outline by position; neighbours share its vertices. Land that the community gives up goes to the neighbour
        with the longest border, and at the edge of the subdistrict to nobody. Empty where nothing changes. An outline
        may be empty: then a community has lost all of its land.

    Examples
    --------
    >>> squares = shapely.box([0, 10], 0, [10, 20], 10)
    >>> changed = mend_boundary(squares, 0, shapely.box(0, 0, 14, 10))
    >>> {position: shape.bounds for position, shape in changed.items()}
    {0: (0.0, 0.0, 14.0, 10.0), 1: (14.0, 0.0, 20.0, 10.0)}
    """
    faces = polygonize_lines(node_lines(shapely.boundary(np.append(outlines, mended))))
    points = shapely.point_on_surface(faces)
    before = locate_points(points, outlines)
    is_strip = 2 * shapely.area(faces) < MIN_CHANGE_WIDTH_M * shapely.length(faces)
    label = np.where(shapely.intersects(mended, points) & ~is_strip, position, before)
    is_lost = (before == position) & ~shapely.intersects(mended, points) & ~is_strip
    edges = shared_edges(faces)
    label = _give_away(edges, np.where(is_lost, -1, label), is_lost, position)
    label = _join_loose_strips(edges, label, is_strip)
    changed = np.unique(np.concatenate([before[before != label], label[before != label]]))
    return {int(n): _union(faces[label == n]) for n in changed if n >= 0}


def mend_boundaries(outlines: GeometryArray, mended: Mapping[int, shapely.Geometry]) -> Mapping[int, shapely.Geometry]:
    """Return the outlines that change when several communities of a coverage get other boundaries, one after the other.

    Parameters
    ----------
    outlines : ndarray of Polygon or MultiPolygon, metres
    mended : mapping of int to Polygon or MultiPolygon
        New boundaries by position. Where two of them overlap, the later one has the land; a gap between them stays with
        a neighbour, as in `mend_boundary`.

    Examples
    --------
    >>> squares = shapely.box([0, 10, 20], 0, [10, 20, 30], 10)
    >>> changed = mend_boundaries(squares, {0: shapely.box(0, 0, 12, 10), 1: shapely.box(12, 0, 24, 10)})
    >>> {position: shape.bounds for position, shape in sorted(changed.items())}
    {0: (0.0, 0.0, 12.0, 10.0), 1: (12.0, 0.0, 24.0, 10.0), 2: (24.0, 0.0, 30.0, 10.0)}
    """
    shapes = np.array(outlines, dtype=object)
    changed: dict[int, shapely.Geometry] = {}
    for position, boundary in mended.items():
        for each, shape in mend_boundary(shapes, position, boundary).items():
            shapes[each] = changed[each] = shape
    return changed


def _give_away(edges: Edges, label: IntArray, is_lost: BoolArray, position: int) -> IntArray:
    """Return the labels with land that was given up in those of the neighbours, by the longest border."""
    inside = (label >= 0) & (label != position) | is_lost
    usable = inside[edges.left] & inside[edges.right]
    return propagate_labels(label, edges.left[usable], edges.right[usable], edges.length[usable])


def _join_loose_strips(edges: Edges, label: IntArray, is_strip: BoolArray) -> IntArray:
    """Return the labels with strips that touch no other land of their own in that of their surroundings."""
    same = label[edges.left] == label[edges.right]
    piece = label_components(len(label), edges.left[same], edges.right[same])
    is_loose = (label >= 0) & (np.bincount(piece, ~is_strip) == 0)[piece]
    usable = (label[edges.left] >= 0) & (label[edges.right] >= 0)
    joined = np.where(is_loose, -1, label)
    joined = propagate_labels(joined, edges.left[usable], edges.right[usable], edges.length[usable])
    return np.where(is_loose & (joined < 0), label, joined)


def _union(faces: GeometryArray) -> shapely.Geometry:
    return shapely.coverage_union_all(faces) if len(faces) else shapely.MultiPolygon()
