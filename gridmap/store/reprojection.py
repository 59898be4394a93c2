"""Reprojection between the metric CRS of the core and the longitude and latitude of the database.

Each vertex is transformed separately, so equal vertices stay equal and a coverage stays a coverage.
"""

from functools import cache

import numpy as np
import shapely
from pyproj import CRS, Transformer

from gridmap.core.array_types import FloatArray, GeometryArray
from gridmap.store.schema.base import SRID

METRE_DECIMALS = 3
"""Decimals of coordinates in metres: the core rounds to them, and a round trip through degrees keeps them."""


def to_degrees(shapes: GeometryArray, crs: CRS, *, multi: bool = False) -> GeometryArray:
    """Return shapes in longitude and latitude, with their SRID.

    Parameters
    ----------
    shapes : ndarray of Geometry, metres
        Missing shapes stay missing.
    crs : CRS
        CRS of the shapes, metric.
    multi : bool
        Whether polygons become multipolygons.

    Returns
    -------
    ndarray of Geometry, degrees
    """
    degrees = shapely.transform(np.asarray(shapes, dtype=object), lambda xy: _transform_points(crs.to_wkt(), SRID, xy))
    typed = _as_multipolygons(degrees) if multi else degrees
    return np.asarray(shapely.set_srid(typed, SRID), dtype=object)


def to_metres(shapes: GeometryArray, crs: CRS) -> GeometryArray:
    """Return shapes in a metric CRS, rounded to the millimetre as in the core.

    Parameters
    ----------
    shapes : ndarray of Geometry, degrees
    crs : CRS
        Target CRS, metric.

    Returns
    -------
    ndarray of Geometry, metres
    """

    def transform_and_round(degrees: FloatArray) -> FloatArray:
        return np.round(_transform_points(f"EPSG:{SRID}", crs.to_wkt(), degrees), METRE_DECIMALS)

    return np.asarray(shapely.set_srid(shapely.transform(np.asarray(shapes, dtype=object), transform_and_round), 0))


def to_local_metres(shapes: GeometryArray, crs: CRS, centre: shapely.Point) -> GeometryArray:
    """Return shapes in metres on the ellipsoid around a point, in which short distances are true.

    In a metric CRS, 5 m may be 2 mm more or less, by its scale; here it is less than 0.01 mm within 20 km, so that
    distances are those that PostGIS measures on the ellipsoid.

    Parameters
    ----------
    shapes : ndarray of Geometry, metres
    crs : CRS
        CRS of the shapes and of the point, metric.
    centre : Point
        Point near the middle of all shapes.

    Returns
    -------
    ndarray of Geometry, metres
    """
    ((longitude, latitude),) = _transform_points(crs.to_wkt(), SRID, shapely.get_coordinates(centre))
    local = f"+proj=aeqd +lat_0={latitude} +lon_0={longitude} +datum=WGS84 +units=m"
    return np.asarray(
        shapely.transform(np.asarray(shapes, dtype=object), lambda xy: _transform_points(crs.to_wkt(), local, xy))
    )


def _transform_points(source: str | int, target: str | int, xy: FloatArray) -> FloatArray:
    return np.column_stack(_transformer(source, target).transform(*xy.T))


@cache
def _transformer(source: str | int, target: str | int) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)


def _as_multipolygons(shapes: GeometryArray) -> GeometryArray:
    is_polygon = shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON
    multipolygons = np.array(shapes, dtype=object)
    multipolygons[is_polygon] = [shapely.MultiPolygon([shape]) for shape in shapes[is_polygon]]
    return multipolygons
