"""Surfaces that mean something: what is wider than a hair, and unions that are quick where a drawing is sound."""

import numpy as np
import shapely

from gridmap.core.array_types import BoolArray, GeometryArray

SLIVER_WIDTH_M = 0.08
"""Land narrower than this is no land: projecting long edges and rounding leave a few millimetres to centimetres."""
MIN_FINDING_M2 = 0.1
"""Land smaller than this is no fault, whatever its width: a sliver of 0.1 m is a metre long before it counts."""


def remove_slivers(shape: shapely.Geometry) -> GeometryArray:
    """Pieces of a surface that are wider than a hair.

    Parameters
    ----------
    shape : Geometry, metres

    Returns
    -------
    ndarray of Polygon

    Examples
    --------
    >>> hair, strip = shapely.box(0, 0, 100, 0.01), shapely.box(0, 5, 100, 5.3)
    >>> [round(piece.area, 6) for piece in remove_slivers(shapely.union(hair, strip))]
    [30.0]
    """
    parts = shapely.get_parts(shape)
    parts = shapely.get_parts(parts[shapely.get_dimensions(parts) == 2])
    parts = parts[shapely.area(parts) >= MIN_FINDING_M2]
    if not len(parts):
        return np.asarray(parts)
    # Far from the origin GEOS shrinks to nothing what has a spike too thin for the digits left.
    corner = shapely.total_bounds(parts)[:2]
    near = shapely.transform(parts, lambda xy: xy - corner)
    core = shapely.transform(shapely.buffer(near, -SLIVER_WIDTH_M / 2, join_style="mitre"), lambda xy: xy + corner)
    wide = shapely.intersection(shapely.buffer(core, SLIVER_WIDTH_M / 2 + 1e-6, join_style="mitre"), parts)
    pieces = shapely.get_parts(wide)
    return np.asarray(pieces[shapely.area(pieces) >= MIN_FINDING_M2])


def find_unmatched_edges(shapes: GeometryArray) -> GeometryArray:
    """Edges that a polygon does not share with its neighbours vertex for vertex though it touches or crosses them.

    Those that stay away by less than a hair are among them.

    Parameters
    ----------
    shapes : ndarray of Polygon or MultiPolygon, metres

    Returns
    -------
    ndarray of LineString or MultiLineString, empty where all is well
    """
    return np.asarray(shapely.coverage_invalid_edges(shapes, gap_width=SLIVER_WIDTH_M))


def dissolve(shapes: GeometryArray, has_matched_edges: BoolArray) -> shapely.Geometry:
    """Union of shapes; those that match their neighbours merge along shared edges, many times as fast.

    Parameters
    ----------
    shapes : ndarray of Polygon or MultiPolygon
    has_matched_edges : ndarray of bool
        Which of them have no `find_unmatched_edges` edges.
    """
    whole = shapely.coverage_union_all(shapes[has_matched_edges])
    return whole if has_matched_edges.all() else shapely.union(whole, shapely.union_all(shapes[~has_matched_edges]))


def buffer_by_half_sliver(shapes: GeometryArray) -> GeometryArray:
    """Shapes, prepared, with half a hair around them: what these cover has no land outside that means anything.

    Parameters
    ----------
    shapes : ndarray of Polygon or MultiPolygon, metres
    """
    loose = shapely.buffer(shapes, SLIVER_WIDTH_M / 2, join_style="mitre")
    shapely.prepare(loose)
    return np.asarray(loose)
