"""Shapes as programs write them: collections give the parts that a layer holds, closed lines become polygons."""

from collections.abc import Collection
from typing import NamedTuple

import numpy as np
import shapely

from gridmap.core.array_types import GeometryArray
from gridmap.core.land.make_valid import even_odd_polygon

TYPE_OF_DIMENSION = ("Point", "LineString", "Polygon")
MIN_RING_COORDINATES = 4
MULTIPART_TYPES = (
    shapely.GeometryType.MULTIPOINT,
    shapely.GeometryType.MULTILINESTRING,
    shapely.GeometryType.MULTIPOLYGON,
    shapely.GeometryType.GEOMETRYCOLLECTION,
)


class ChosenShape(NamedTuple):
    """Shape that a layer takes of one row.

    Parameters
    ----------
    shape : geometry
        The shape itself where nothing had to be chosen.
    left_out : tuple of str
        Geometry types of the parts that were left out.
    was_line : bool
        Whether a polygon was made of closed lines.
    """

    shape: shapely.Geometry
    left_out: tuple[str, ...] = ()
    was_line: bool = False


def choose_shape(shape: shapely.Geometry, geometry_types: Collection[str]) -> ChosenShape:
    """Take of a shape what a layer can hold.

    Of a collection, the parts with the most dimensions that the layer holds are taken. Where a layer holds polygons and
    no lines, lines whose ends meet are outlines; several are combined by the even–odd rule, so that an outline within
    another is a hole.

    Parameters
    ----------
    shape : geometry
    geometry_types : collection of str
        Types that the layer may hold.

    Returns
    -------
    ChosenShape
        With the shape itself where the layer can hold none of it.

    Examples
    --------
    >>> mixed = shapely.from_wkt("GEOMETRYCOLLECTION (POINT (0 0), POLYGON ((0 0, 1 0, 1 1, 0 0)))")
    >>> choose_shape(mixed, {"Polygon"})
    ChosenShape(shape=<POLYGON ((0 0, 1 0, 1 1, 0 0))>, left_out=('Point',), was_line=False)
    >>> choose_shape(shapely.from_wkt("LINESTRING (0 0, 1 0, 1 1, 0 0)"), {"Polygon"}).shape
    <POLYGON ((0 0, 1 0, 1 1, 0 0))>
    """
    parts = _list_parts(shape)
    dimensions = shapely.get_dimensions(parts)
    takes_outlines = "Polygon" in geometry_types and "LineString" not in geometry_types
    for dimension in (2, 1, 0):
        chosen = parts[dimensions == dimension]
        left_out = tuple(sorted({part.geom_type for part in parts[dimensions != dimension]}))
        if len(chosen) and TYPE_OF_DIMENSION[dimension] in geometry_types:
            return ChosenShape(_join_parts(chosen), left_out)
        if dimension == 1 and takes_outlines and (outline := _close_lines(chosen)) is not None:
            return ChosenShape(outline, left_out, was_line=True)
    return ChosenShape(shape)


def _list_parts(shape: shapely.Geometry) -> GeometryArray:
    """Return the single parts of a shape, those of nested collections included, without empty ones."""
    parts = shapely.get_parts(shape)
    while np.isin(shapely.get_type_id(parts), MULTIPART_TYPES).any():
        parts = shapely.get_parts(parts)
    return np.asarray(parts[~shapely.is_empty(parts)])


def _join_parts(parts: GeometryArray) -> shapely.Geometry:
    """Return parts of one kind as one shape."""
    if len(parts) == 1:
        return parts[0]
    make = (shapely.multipoints, shapely.multilinestrings, shapely.multipolygons)
    return make[shapely.get_dimensions(parts[0])](parts)


def _close_lines(lines: GeometryArray) -> shapely.Geometry | None:
    """Return the polygon that lines enclose; None if their ends do not meet."""
    merged = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(lines))) if len(lines) > 1 else lines
    is_ring = shapely.is_closed(merged) & (shapely.get_num_coordinates(merged) >= MIN_RING_COORDINATES)
    if not len(merged) or not is_ring.all():
        return None
    points, ring = shapely.get_coordinates(merged, return_index=True)
    rings = shapely.linearrings(points, indices=ring)
    return shapely.polygons(rings[0]) if len(rings) == 1 else even_odd_polygon(rings)
