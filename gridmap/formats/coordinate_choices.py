"""Choices of what the coordinates of a layer are, where its file does not say it, or says it wrongly."""

from collections.abc import Mapping
from typing import TypedDict

from pyproj import CRS
from pyproj.exceptions import CRSError

from gridmap.core.errors import N_, Message
from gridmap.core.geodesy.candidates import Bounds, list_zones_near
from gridmap.core.geodesy.datums import Datum

MAX_CHOICE_LETTERS = 20
DEGREES: Mapping[Datum, str] = {
    Datum.WGS84: N_("WGS 84 or CGCS2000: GPS, surveys, OpenStreetMap"),
    Datum.GCJ02: N_("GCJ-02: Amap 高德, Tencent 腾讯 and other Chinese web maps"),
    Datum.BD09: N_("BD-09: Baidu 百度"),
}
"""Datums of longitudes and latitudes, which differ by 100 m to 2 km."""


class CoordinateOptions(TypedDict, total=False):
    """Options of a reader for all layers of a file."""

    crs: Mapping[str, CRS]
    datum: Mapping[str, Datum]


def list_choices(near: Bounds | None) -> list[tuple[str, Message]]:
    """Return the choices for a place, each with its words: datums of degrees, and zones of Chinese surveys.

    Examples
    --------
    >>> [key for key, _ in list_choices((114.2, 30.5, 114.4, 30.7))]
    ['wgs84', 'gcj02', 'bd09', 'EPSG:4526', 'EPSG:4547', 'EPSG:4498', 'EPSG:4509']
    """
    degrees = [(datum.value, Message(words)) for datum, words in DEGREES.items()]
    zones = list_zones_near((near[0] + near[2]) / 2) if near else []
    return [*degrees, *((f"EPSG:{code}", words) for code, words in zones)]


def is_choice(choice: str) -> bool:
    """Return whether a word is the choice of a datum, or of a CRS by its EPSG code.

    Examples
    --------
    >>> [is_choice(word) for word in ("bd09", "EPSG:4547", "EPSG:1", "4547")]
    [True, True, False, False]
    """
    authority, _, code = choice.partition(":")
    if authority != "EPSG" or not code.isdecimal() or len(choice) > MAX_CHOICE_LETTERS:
        return choice in DEGREES
    try:
        CRS(choice)
    except CRSError:
        return False
    return True


def parse_choice(choice: str | None) -> CoordinateOptions:
    """Return the options of a choice; none where the file itself says what its coordinates are.

    Examples
    --------
    >>> parse_choice("gcj02"), parse_choice(None)
    ({'datum': {'': <Datum.GCJ02: 'gcj02'>}}, {})
    """
    if not choice:
        return {}
    return {"datum": {"": Datum(choice)}} if choice in DEGREES else {"crs": {"": CRS(choice)}}
