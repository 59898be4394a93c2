"""Coordinates of Chinese map services: GCJ-02 and BD-09, which are shifted against WGS 84 by up to 2 km."""

from collections.abc import Callable
from enum import StrEnum

import numpy as np

from gridmap.core.array_types import FloatArray

KRASOVSKY_RADIUS_M, KRASOVSKY_ECCENTRICITY = 6_378_245.0, 0.00669342162296594323
"""Semi-major axis and squared eccentricity of the ellipsoid that the shift of GCJ-02 is computed on."""
ORIGIN = 105.0, 35.0
"""Longitude and latitude that the shift of GCJ-02 is a series around."""
SHIFTED_BOUNDS = 72.004, 0.8293, 137.8347, 55.8271
"""West, south, east and north of the coordinates that GCJ-02 shifts; elsewhere it is WGS 84."""
BAIDU_SHIFT = 0.0065, 0.006
"""Degrees by which BD-09 moves GCJ-02 to the east and to the north, apart from its waves."""
BAIDU_ANGLE = np.pi * 3000.0 / 180.0
INVERSE_STEPS = 10
"""Steps of the inverse: each reduces the error by about a thousandth, so that ten leave only rounding."""


class Datum(StrEnum):
    """Datum of longitudes and latitudes; CGCS2000 is WGS 84 to within decimetres."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"


DATUM_NAMES = {Datum.WGS84: "WGS 84", Datum.GCJ02: "GCJ-02", Datum.BD09: "BD-09"}


def convert_datum(lonlat: FloatArray, source: Datum, target: Datum) -> FloatArray:
    """Return longitudes and latitudes in another datum.

    Parameters
    ----------
    lonlat : (n, 2) array of float
        Degrees.
    source, target : Datum

    Returns
    -------
    (n, 2) array of float
        Degrees. There and back differ by less than a millimetre.

    References
    ----------
    The formulas were never published by their makers; those in use agree with the services to within a metre.
    https://en.wikipedia.org/wiki/Restrictions_on_geographic_data_in_China#Coordinate_systems

    Examples
    --------
    >>> convert_datum(np.array([[116.404, 39.915]]), Datum.WGS84, Datum.GCJ02).round(5).tolist()
    [[116.41024, 39.9164]]
    >>> convert_datum(np.array([[116.404, 39.915]]), Datum.GCJ02, Datum.BD09).round(5).tolist()
    [[116.41037, 39.92134]]
    """
    to_wgs84 = {Datum.WGS84: _unchanged, Datum.GCJ02: _gcj02_to_wgs84, Datum.BD09: _bd09_to_wgs84}
    from_wgs84 = {Datum.WGS84: _unchanged, Datum.GCJ02: _shift_to_gcj02, Datum.BD09: _wgs84_to_bd09}
    return lonlat if source is target else from_wgs84[target](to_wgs84[source](lonlat))


def _unchanged(lonlat: FloatArray) -> FloatArray:
    return lonlat


def _gcj02_to_wgs84(lonlat: FloatArray) -> FloatArray:
    return _invert(_shift_to_gcj02, lonlat)


def _bd09_to_wgs84(lonlat: FloatArray) -> FloatArray:
    return _gcj02_to_wgs84(_invert(_shift_to_bd09, lonlat))


def _wgs84_to_bd09(lonlat: FloatArray) -> FloatArray:
    return _shift_to_bd09(_shift_to_gcj02(lonlat))


def _invert(shift: Callable[[FloatArray], FloatArray], shifted: FloatArray) -> FloatArray:
    """Return the coordinates that a shift moves to some others, by fixed-point iteration."""
    found = shifted
    for _ in range(INVERSE_STEPS):
        found = found + (shifted - shift(found))
    return found


def _shift_to_gcj02(lonlat: FloatArray) -> FloatArray:
    """Return coordinates of WGS 84 in GCJ-02."""
    west, south, east, north = SHIFTED_BOUNDS
    lon, lat = lonlat.T
    inside = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    return np.where(inside[:, None], lonlat + _gcj02_offsets(lonlat), lonlat)


def _gcj02_offsets(lonlat: FloatArray) -> FloatArray:
    """Return the offsets of GCJ-02 in degrees."""
    x, y = (lonlat - np.array(ORIGIN)).T
    root, product = np.sqrt(np.abs(x)), x * y
    waves_of_x = 20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * product + 0.1 * root
    east += 2 / 3 * (waves_of_x + _waves(x, (20, 40, 150, 300), (1, 3, 12, 30)))
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * product + 0.2 * root
    north += 2 / 3 * (waves_of_x + _waves(y, (20, 40, 160, 320), (1, 3, 12, 30)))
    latitude = np.radians(lonlat[:, 1])
    square = 1 - KRASOVSKY_ECCENTRICITY * np.sin(latitude) ** 2
    parallel_radius_m = KRASOVSKY_RADIUS_M / np.sqrt(square) * np.cos(latitude)
    meridian_radius_m = KRASOVSKY_RADIUS_M * (1 - KRASOVSKY_ECCENTRICITY) / square**1.5
    offsets: FloatArray = np.degrees(np.column_stack([east / parallel_radius_m, north / meridian_radius_m]))
    return offsets


def _waves(values: FloatArray, heights: tuple[float, ...], lengths: tuple[float, ...]) -> FloatArray:
    """Return the sum of sine waves of some heights and half lengths."""
    waves = [height * np.sin(np.pi * values / length) for height, length in zip(heights, lengths, strict=True)]
    total: FloatArray = np.sum(waves, axis=0)
    return total


def _shift_to_bd09(lonlat: FloatArray) -> FloatArray:
    """Return coordinates of GCJ-02 in BD-09."""
    x, y = lonlat.T
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * BAIDU_ANGLE)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * BAIDU_ANGLE)
    shifted: FloatArray = radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)]) + np.array(BAIDU_SHIFT)
    return shifted
