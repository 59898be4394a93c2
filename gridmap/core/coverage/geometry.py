"""Geometry of coverages: removal of slivers, unmatched edges, and fast unions."""

import numpy as np
import shapely

from gridmap.core.array_types import BoolArray, GeometryArray

SLIVER_WIDTH_M = 0.08
"""Land narrower than this is ignored: the projection of long edges and rounding cause up to a few centimetres."""
MIN_FINDING_M2 = 0.1
"""Land smaller than this is ignored, whatever its width; a sliver of 0.1 m counts from a length of one metre on."""


def remove_slivers(shape: shapely.Geometry) -> GeometryArray:
    """Return the parts of a surface that are wider than a sliver.

    Parameters
    ----------
    shape : Geometry, metres

    Returns
    -------
    ndarray of Polygon

    Examples
    --------
    >>> sliver, strip = shapely.box(0, 0, 100, 0.01), shapely.box(0, 5, 100, 5.3)
    >>> [round(piece.area, 6) for piece in remove_slivers(shapely.union(sliver, strip))]
    [30.0]
    """
    parts = shapely.get_parts(shape)
    parts = shapely.get_parts(parts[shapely.get_dimensions(parts) == 2])
    parts = parts[shapely.area(parts) >= MIN_FINDING_M2]
    if not len(parts):
        return np.asarray(parts)
    # Far from the origin, GEOS loses polygons with thin spikes for lack of digits: buffer them near the origin.
    corner = shapely.total_bounds(parts)[:2]
    shifted = shapely.transform(parts, lambda xy: xy - corner)
    core = shapely.transform(shapely.buffer(shifted, -SLIVER_WIDTH_M / 2, join_style="mitre"), lambda xy: xy + corner)
    wide = shapely.intersection(shapely.buffer(core, SLIVER_WIDTH_M / 2 + 1e-6, join_style="mitre"), parts)
    pieces = shapely.get_parts(wide)
    return np.asarray(pieces[shapely.area(pieces) >= MIN_FINDING_M2])


def find_unmatched_edges(shapes: GeometryArray) -> GeometryArray:
    """Return the edges of each polygon that touch or cross a neighbour without matching it vertex for vertex.

    Edges at a distance of less than a sliver are included.

    Parameters
    ----------
    shapes : ndarray of Polygon or MultiPolygon, metres

    Returns
    -------
    ndarray of LineString or MultiLineString
        Empty where all edges match.
    """
    return np.asarray(shapely.coverage_invalid_edges(shapes, gap_width=SLIVER_WIDTH_M))


def dissolve(shapes: GeometryArray, has_matched_edges: BoolArray) -> shapely.Geometry:
    """Return the union of shapes; shapes with matched edges are merged along shared edges, which is much faster.

    Parameters
    ----------
    shapes : ndarray of Polygon or MultiPolygon
    has_matched_edges : ndarray of bool
        Whether each shape has no edges in `find_unmatched_edges`.
    """
    matched = shapely.coverage_union_all(shapes[has_matched_edges])
    if has_matched_edges.all():
        return matched
    return shapely.union(matched, shapely.union_all(shapes[~has_matched_edges]))


def buffer_by_half_sliver(shapes: GeometryArray) -> GeometryArray:
    """Return prepared shapes, buffered by half a sliver; they cover all shapes whose land outside is negligible.

    Parameters
    ----------
    shapes : ndarray of Polygon or MultiPolygon, metres
    """
    buffered = shapely.buffer(shapes, SLIVER_WIDTH_M / 2, join_style="mitre")
    shapely.prepare(buffered)
    return np.asarray(buffered)
