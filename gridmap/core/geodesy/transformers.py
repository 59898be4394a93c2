"""Transformers between coordinate reference systems."""

import math
from functools import lru_cache

from pyproj import CRS, Transformer

WGS84 = 4326
MAX_TRANSFORMERS = 64
UTM_ZONE_DEGREES = 6
UTM_LATITUDES = -80.0, 84.0
UTM_NORTH, UTM_SOUTH = 32600, 32700
"""Number before the zone in the EPSG codes of WGS 84 / UTM."""


@lru_cache(maxsize=MAX_TRANSFORMERS)
def find_transformer(source: CRS | int, target: CRS | int = WGS84) -> Transformer:
    """Return the transformer from one CRS to another, east before north in both.

    Building one takes 50 ms, since PROJ searches its database; a town needs the same few of them many times.

    Parameters
    ----------
    source, target : CRS or int
        CRS or EPSG codes; longitude and latitude of WGS 84 by default.

    Examples
    --------
    >>> east, north = find_transformer(4326, 4547).transform(114.0, 30.0)
    >>> round(east), find_transformer(4326, 4547) is find_transformer(4326, 4547)
    (500000, True)
    """
    return Transformer.from_crs(source, target, always_xy=True)


def find_utm_crs(lon: float, lat: float) -> CRS:
    """Return the UTM zone of WGS 84 around a place, in metres.

    The search of the database of PROJ, by which geopandas estimates the same zone, takes 90 ms each time.

    Parameters
    ----------
    lon, lat : float
        Degrees.

    Raises
    ------
    ValueError
        If UTM has no zone there: near the poles, or off the Earth.

    Examples
    --------
    >>> find_utm_crs(114.3, 30.6).name
    'WGS 84 / UTM zone 50N'
    """
    south, north = UTM_LATITUDES
    if not (south <= lat <= north and -180 <= lon <= 180):
        raise ValueError(f"no UTM zone at {lon}, {lat}")
    zone = min(math.floor((lon + 180) / UTM_ZONE_DEGREES), 59) + 1
    return _read_crs((UTM_NORTH if lat >= 0 else UTM_SOUTH) + zone)


@lru_cache(maxsize=MAX_TRANSFORMERS)
def _read_crs(code: int) -> CRS:
    return CRS(code)
