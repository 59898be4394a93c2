"""A town as the core sees it: checked, complete, in metres."""

from dataclasses import dataclass, field

import geopandas as gpd
import shapely
from pyproj import CRS

from gridmap.core.errors import Fault


@dataclass(frozen=True, eq=False)
class Town:
    """Layers of a town in one metric CRS; every value has been checked at the door.

    Parameters
    ----------
    name : str
        Name of the package, for reports.
    crs : CRS
        CRS of every geometry below, in metres.
    source_crs : CRS
        CRS the town came in and results go out in.
    communities : GeoDataFrame
        ``code`` (str, unique), ``name`` (str), valid (multi)polygons.
    buildings : GeoDataFrame
        ``building_id`` (str, unique), ``households`` (int64, >= 0), ``community`` (int64, position in `communities`),
        ``courtyard``, ``estate``, ``use``, ``name``, ``address`` (str or None), ``levels`` (float, NaN unknown); points
        or valid (multi)polygons. All these columns are always present.
    streets : GeoDataFrame
        ``name`` (str or None), ``kind`` (`StreetKind` values), LineStrings.
    barriers : GeoDataFrame
        ``kind`` (`BarrierKind` values), LineStrings or polygons.
    dedicated : GeoDataFrame
        ``name`` (str), single polygons that do not overlap.
    warnings : tuple of Fault
        What was repaired or assumed on the way in.
    subdistrict : Polygon or MultiPolygon, optional
        Outline of the subdistrict that the communities make up.
    """

    name: str
    crs: CRS
    source_crs: CRS
    communities: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    barriers: gpd.GeoDataFrame
    dedicated: gpd.GeoDataFrame
    warnings: tuple[Fault, ...] = field(default=())
    subdistrict: shapely.Geometry | None = None
