"""Longitudes and latitudes in China, of which nothing in the file can tell the datum."""

import shapely
from pyproj import CRS

from gridmap.core.errors import N_
from gridmap.formats.crs import centre_lonlat
from gridmap.formats.package.layer_reader import ParsedLayer
from gridmap.formats.row_faults import FaultTemplate, make_fault

WEB_MAP_CRS = CRS("EPSG:4326"), CRS("OGC:CRS84"), CRS("EPSG:3857")
"""CRS that programs assume for coordinates of web maps."""
CGCS2000 = CRS("EPSG:4490")
CHINA = shapely.union_all(
    [
        shapely.box(*bounds)
        for bounds in (
            (73.4, 35.5, 96.5, 49.2),
            (78.4, 27.0, 97.5, 35.5),
            (96.5, 28.2, 122.5, 42.8),
            (97.3, 21.0, 120.5, 28.2),
            (108.5, 18.0, 117.5, 23.5),
            (109.0, 39.0, 131.5, 48.0),
            (117.0, 45.0, 135.1, 53.6),
        )
    ]
)
"""Longitudes and latitudes of the provinces whose web maps are shifted, by boxes that reach a little farther."""

UNKNOWN_DATUM = FaultTemplate(
    N_(
        "longitudes and latitudes in China: the file cannot tell whether they are of WGS 84, or those of web maps,"
        " which are 100 to 1,200 m away; they are read as WGS 84"
    ),
    N_("the datum: wgs84 (also for CGCS2000), gcj02 (Amap, Tencent) or bd09 (Baidu)"),
    N_("confirm it with --datum wgs84, or give --datum gcj02 or --datum bd09"),
)


def question_datum(communities: ParsedLayer, *, require_datum: bool) -> None:
    """Ask for the datum of a town of which the file gives longitudes and latitudes, or web map coordinates.

    Zones of CGCS2000 come from surveys: no web map has such coordinates.

    Parameters
    ----------
    communities : ParsedLayer
        Stands for all layers: those with another datum do not fit it.
    require_datum : bool
        Make it a fault where the CRS is one that programs assume for web maps; otherwise it is a warning.
    """
    rows = communities.valid_rows
    if rows.empty or communities.datum or not CHINA.covers(shapely.Point(centre_lonlat(rows))):
        return
    fault = make_fault(communities.location, UNKNOWN_DATUM, column="geometry")
    if any(rows.crs.equals(each, ignore_axis_order=True) for each in WEB_MAP_CRS):
        (communities.faults if require_datum else communities.warnings).append(fault)
    elif rows.crs.equals(CGCS2000, ignore_axis_order=True):
        communities.warnings.append(fault)
