"""Geometry between the metres that the core works in and the degrees that the database keeps.

Every vertex is turned by itself, so the same vertex stays the same vertex: what is a coverage here is one there.
"""

from functools import cache

import numpy as np
import shapely
from pyproj import CRS, Transformer

from gridmap.core.array_types import FloatArray, GeometryArray
from gridmap.store.schema.base import SRID

METRE_DECIMALS = 3
"""Decimals of a metre: the core rounds its arrangement so, and a way there and back is exact within it."""


def to_degrees(shapes: GeometryArray, crs: CRS, *, multi: bool = False) -> GeometryArray:
    """Longitude and latitude of shapes, marked as such.

    Parameters
    ----------
    shapes : ndarray of Geometry, metres
        Missing ones stay missing.
    crs : CRS
        What they are in.
    multi : bool
        Whether polygons become multipolygons, as a column asks for.
    """
    turned = shapely.transform(np.asarray(shapes, dtype=object), lambda xy: _transform_points(crs.to_wkt(), SRID, xy))
    parts = _as_multipolygons(turned) if multi else turned
    return np.asarray(shapely.set_srid(parts, SRID), dtype=object)


def to_metres(shapes: GeometryArray, crs: CRS) -> GeometryArray:
    """Shapes in a CRS in metres, rounded to the millimetre as the core made them.

    Parameters
    ----------
    shapes : ndarray of Geometry, degrees
    crs : CRS
        Metric.
    """

    def rounded(degrees: FloatArray) -> FloatArray:
        return np.round(_transform_points(f"EPSG:{SRID}", crs.to_wkt(), degrees), METRE_DECIMALS)

    return np.asarray(shapely.set_srid(shapely.transform(np.asarray(shapes, dtype=object), rounded), 0))


def _transform_points(source: str | int, target: str | int, xy: FloatArray) -> FloatArray:
    return np.column_stack(_transformer(source, target).transform(*xy.T))


@cache
def _transformer(source: str | int, target: str | int) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)


def _as_multipolygons(shapes: GeometryArray) -> GeometryArray:
    single = shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON
    found = np.array(shapes, dtype=object)
    found[single] = [shapely.MultiPolygon([shape]) for shape in shapes[single]]
    return found
