"""Choice of the metric CRS for a town, and checks of a CRS."""

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS, Proj
from pyproj.exceptions import CRSError, ProjError

from gridmap.core.geodesy.transformers import find_transformer, find_utm_crs

MAX_SCALE_ERROR = 0.01


def is_known_crs(crs: CRS | None) -> bool:
    """Return whether a CRS says where on Earth its coordinates are.

    Examples
    --------
    >>> is_known_crs(CRS(4490)), is_known_crs(None)
    (True, False)
    """
    return crs is not None and (crs.is_geographic or crs.is_projected) and not crs.name.startswith("Undefined")


def choose_metric_crs(layer: gpd.GeoDataFrame) -> CRS | None:
    """Choose the CRS in metres for all computations on a town.

    A projected CRS whose metres are true to within 1 % at the town is kept, so that borders are written exactly as they
    were read. For degrees, feet and Web Mercator (whose metre at 60° north is half a metre), the UTM zone of
    the middle is used instead.

    Parameters
    ----------
    layer : GeoDataFrame
        Communities with finite coordinates in a known CRS.

    Returns
    -------
    CRS or None
        None if the coordinates are not on Earth.
    """
    crs: CRS = layer.crs.to_2d()
    try:
        centre = centre_lonlat(layer)
        return crs if _has_true_metres(crs, centre) else find_utm_crs(*centre)
    except (RuntimeError, ValueError, CRSError, ProjError):
        return None


def _has_true_metres(crs: CRS, lonlat: tuple[float, float]) -> bool:
    if not crs.is_projected or any(axis.unit_conversion_factor != 1 for axis in crs.axis_info):
        return False
    factors = Proj(crs).get_factors(*lonlat)
    return bool(
        abs(factors.meridional_scale - 1) < MAX_SCALE_ERROR and abs(factors.parallel_scale - 1) < MAX_SCALE_ERROR
    )


def centre_lonlat(layer: gpd.GeoDataFrame) -> tuple[float, float]:
    """Return longitude and latitude of the middle of a layer; infinite where the CRS has no such point."""
    west, south, east, north = layer.total_bounds
    lonlat = find_transformer(layer.crs).transform((west + east) / 2, (south + north) / 2)
    return float(lonlat[0]), float(lonlat[1])


def is_within_area_of_use(crs: CRS, lonlat: tuple[float, float], margin_degrees: float = 6.0) -> bool:
    """Return whether a point lies in the area of use of a CRS.

    Zones are often used beyond their edge; hence the margin in degrees.
    """
    area = crs.area_of_use
    if area is None or not np.isfinite(lonlat).all():
        return area is None
    lon, lat = lonlat
    return (
        bool(shapely.box(*area.bounds).buffer(margin_degrees).covers(shapely.Point(lon, lat))) or area.west > area.east
    )


def swap_coordinates(layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the layer with its two coordinates swapped."""
    swapped = shapely.transform(layer.geometry.to_numpy(), lambda points: points[:, ::-1])
    return layer.set_geometry(gpd.GeoSeries(swapped, crs=layer.crs, index=layer.index))
