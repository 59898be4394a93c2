"""Coordinate reference systems that coordinates may be in: those of Chinese surveys, by size, zone prefix and place."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from gridmap.core.errors import N_, Message
from gridmap.core.geodesy.transformers import find_transformer

Bounds = tuple[float, float, float, float]
"""Least and greatest first and second coordinate: x_min, y_min, x_max, y_max."""
FALSE_EASTING_M, MAX_FROM_MERIDIAN_M = 500_000, 350_000
"""Easting of a central meridian, and what lies farther from it than any zone is wide (350 km are 4° at 40° north)."""
NORTHINGS_M = 300_000, 7_500_000
"""Northings of China, from the islands of the south to the Amur, also in Web Mercator, with a margin."""
LONGITUDES, LATITUDES = (70.0, 138.0), (2.0, 56.0)
"""Longitudes and latitudes of China with a margin."""
PREFIX_M = 1_000_000
"""Unit of the zone number that many surveys put before the easting."""
GEOGRAPHIC, WEB_MERCATOR = 4490, 3857
WEB_EASTINGS_M = 7_700_000, 15_400_000
"""Eastings of China in Web Mercator."""

DEGREES = N_("the coordinates are degrees")
WEB_MAP = N_("the coordinates are as large as those of web maps")
ZONE_PREFIX = N_("the easting begins with {prefix}, the number of a zone of {width}° around {meridian}° east")
NO_PREFIX = N_("the easting has no zone number; the zone of {width}° around {meridian}° east fits the place")
WITH_ZONE_NUMBER = N_("CGCS2000, zone of {width}° around {meridian}° east, easting with the zone number {prefix}")
WITHOUT_ZONE_NUMBER = N_("CGCS2000, zone of {width}° around {meridian}° east, easting without zone number")
SWAPPED = N_("{evidence}; the two coordinates are swapped")


@dataclass(frozen=True)
class ZoneSeries:
    """Gauss-Krüger zones of CGCS2000 of one width.

    Parameters
    ----------
    width : int
        Degrees of longitude.
    first_prefix : int
        Number of the first zone.
    first_meridian : int
        Its central meridian, in degrees east.
    zones : int
    prefixed_code, plain_code : int
        EPSG codes of the first zone with its number before the easting, and without it.
    """

    width: int
    first_prefix: int
    first_meridian: int
    zones: int
    prefixed_code: int
    plain_code: int

    def list_zones(self) -> Iterator[tuple[int, int, int, int]]:
        """Yield prefix, central meridian and the two EPSG codes of each zone."""
        for step in range(self.zones):
            meridian = self.first_meridian + step * self.width
            yield self.first_prefix + step, meridian, self.prefixed_code + step, self.plain_code + step


SERIES = ZoneSeries(3, 25, 75, 21, 4513, 4534), ZoneSeries(6, 13, 75, 11, 4491, 4502)


@dataclass(frozen=True)
class CrsCandidate:
    """A CRS that coordinates may be in.

    Parameters
    ----------
    epsg : int
    is_swapped : bool
        Whether the second coordinate of the file is the easting or longitude.
    evidence : Message
    """

    epsg: int
    is_swapped: bool
    evidence: Message

    @property
    def name(self) -> str:
        """Return the code as it is given to programs."""
        return f"EPSG:{self.epsg}"

    def project(self, bounds: Bounds) -> Bounds:
        """Return bounds in longitude and latitude (WGS 84); infinite where they are not on Earth."""
        west, south, east, north = _swap(bounds) if self.is_swapped else bounds
        return find_transformer(self.epsg).transform_bounds(west, south, east, north)


def list_candidates(bounds: Bounds) -> list[CrsCandidate]:
    """Return the CRS that coordinates may be in, by their size alone; the most telling first.

    Examples
    --------
    >>> for each in list_candidates((38530000.0, 3390000.0, 38530800.0, 3390400.0)):
    ...     print(each.name, each.evidence)
    EPSG:4526 the easting begins with 38, the number of a zone of 3° around 114° east
    >>> [each.name for each in list_candidates((114.31, 30.62, 114.32, 30.63))]
    ['EPSG:4490']
    >>> len(list_candidates((530000.0, 3390000.0, 530800.0, 3390400.0)))
    32
    """
    straight = [CrsCandidate(epsg, False, evidence) for epsg, evidence in _list_straight(bounds)]
    if straight:
        return straight
    turned = _list_straight(_swap(bounds))
    return [CrsCandidate(epsg, True, Message(SWAPPED, {"evidence": evidence})) for epsg, evidence in turned]


def find_fitting(bounds: Bounds, place: Bounds, margin_degrees: float = 0.02) -> list[CrsCandidate]:
    """Return the candidates that put coordinates at a place.

    Parameters
    ----------
    bounds : Bounds
        Of the coordinates.
    place : Bounds
        In longitude and latitude (WGS 84), such as those of the communities.
    margin_degrees : float
        Distance from the place, about 2 km: more than any datum is shifted by, and less than zones differ by.

    Examples
    --------
    >>> [each.name for each in find_fitting((530040.0, 3390040.0, 530758.0, 3390340.0), (114.31, 30.62, 114.33, 30.64))]
    ['EPSG:4547']
    """
    return [each for each in list_candidates(bounds) if overlaps(each.project(bounds), place, margin_degrees)]


def list_zones_near(longitude: float) -> list[tuple[int, Message]]:
    """Return the EPSG codes of the zones of CGCS2000 that surveys of a place use, with what their eastings look like.

    Examples
    --------
    >>> for code, words in list_zones_near(114.3):
    ...     print(code, words)
    4526 CGCS2000, zone of 3° around 114° east, easting with the zone number 38
    4547 CGCS2000, zone of 3° around 114° east, easting without zone number
    4498 CGCS2000, zone of 6° around 117° east, easting with the zone number 20
    4509 CGCS2000, zone of 6° around 117° east, easting without zone number
    >>> list_zones_near(0.1)
    []
    """
    found: list[tuple[int, Message]] = []
    for series in SERIES:
        prefix, meridian, prefixed, plain = min(series.list_zones(), key=lambda zone: abs(zone[1] - longitude))
        if abs(meridian - longitude) <= series.width / 2:
            templates = (prefixed, WITH_ZONE_NUMBER), (plain, WITHOUT_ZONE_NUMBER)
            found += [(code, _tell_zone(template, series, meridian, prefix)) for code, template in templates]
    return found


def overlaps(bounds: Bounds, place: Bounds, margin: float) -> bool:
    """Return whether bounds are within a margin of a place; infinite ones are not."""
    west, south, east, north = bounds
    place_west, place_south, place_east, place_north = place
    return (
        west <= place_east + margin
        and east >= place_west - margin
        and south <= place_north + margin
        and north >= place_south - margin
    )


def _list_straight(bounds: Bounds) -> list[tuple[int, Message]]:
    """Return the candidates of coordinates in the order east, north."""
    x_min, y_min, x_max, y_max = bounds
    if not np.isfinite(bounds).all():
        return []
    if _within((x_min, x_max), LONGITUDES) and _within((y_min, y_max), LATITUDES):
        return [(GEOGRAPHIC, Message(DEGREES))]
    if not _within((y_min, y_max), NORTHINGS_M):
        return []
    return [*_list_prefixed(x_min, x_max), *_list_plain(x_min, x_max), *_list_web_mercator(bounds)]


def _list_prefixed(x_min: float, x_max: float) -> Iterator[tuple[int, Message]]:
    for series in SERIES:
        for prefix, meridian, code, _ in series.list_zones():
            if _is_near_meridian(x_min - prefix * PREFIX_M, x_max - prefix * PREFIX_M):
                yield code, _tell_zone(ZONE_PREFIX, series, meridian, prefix)


def _list_plain(x_min: float, x_max: float) -> Iterator[tuple[int, Message]]:
    if _is_near_meridian(x_min, x_max):
        for series in SERIES:
            for prefix, meridian, _, code in series.list_zones():
                yield code, _tell_zone(NO_PREFIX, series, meridian, prefix)


def _list_web_mercator(bounds: Bounds) -> list[tuple[int, Message]]:
    x_min, _, x_max, _ = bounds
    return [(WEB_MERCATOR, Message(WEB_MAP))] if _within((x_min, x_max), WEB_EASTINGS_M) else []


def _tell_zone(template: str, series: ZoneSeries, meridian: int, prefix: int) -> Message:
    return Message(template, {"prefix": prefix, "width": series.width, "meridian": meridian})


def _is_near_meridian(x_min: float, x_max: float) -> bool:
    return max(abs(x_min - FALSE_EASTING_M), abs(x_max - FALSE_EASTING_M)) <= MAX_FROM_MERIDIAN_M


def _within(values: Sequence[float], limits: tuple[float, float]) -> bool:
    return all(limits[0] <= value <= limits[1] for value in values)


def _swap(bounds: Bounds) -> Bounds:
    x_min, y_min, x_max, y_max = bounds
    return y_min, x_min, y_max, x_max
