"""A town as the core sees it: checked, complete, in metres."""

from dataclasses import dataclass, field

import geopandas as gpd
import shapely
from pyproj import CRS

from gridmap.core.errors import InputFault


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
        ``building_id`` (str, unique), ``households`` (int64, >= 0; float64 with NaN only on the way to an estimate),
        ``households_estimated`` (bool: nobody counted them), ``households_low`` and ``households_high`` (float64: where
        an estimate probably lies; both ``households`` where they were counted), ``community`` (int64, position in
        `communities`), ``courtyard``, ``estate``, ``use``, ``name``, ``address`` (str or None), ``levels`` (float, NaN
        unknown); points or valid (multi)polygons. All these columns are always present.
    streets : GeoDataFrame
        ``name`` (str or None), ``kind`` (`StreetKind` values), LineStrings.
    barriers : GeoDataFrame
        ``kind`` (`BarrierKind` values), LineStrings or polygons.
    dedicated : GeoDataFrame
        ``name`` (str), single polygons that do not overlap.
    warnings : tuple of InputFault
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
    warnings: tuple[InputFault, ...] = field(default=())
    subdistrict: shapely.Geometry | None = None


def add_household_ranges(buildings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Buildings with all columns of estimates: a count is its own range, and no range leaves its estimate out.

    Parameters
    ----------
    buildings : GeoDataFrame
        With ``households``; ``households_estimated``, ``households_low`` and ``households_high`` may be missing, or
        NaN.

    Examples
    --------
    >>> ten = gpd.GeoDataFrame({"households": [10, 10], "households_estimated": [True, False], "households_low": 7.5})
    >>> add_household_ranges(ten)[["households_low", "households_high"]].to_numpy().tolist()
    [[7.5, 10.0], [10.0, 10.0]]
    """
    told = buildings["households"].astype("float64")
    known = buildings.reindex(columns=["households_estimated", "households_low", "households_high"])
    estimated = known["households_estimated"].eq(other=True)
    low = known["households_low"].astype("float64").where(estimated).fillna(told)
    high = known["households_high"].astype("float64").where(estimated).fillna(told)
    return buildings.assign(
        households_estimated=estimated,
        households_low=low.clip(upper=told),
        households_high=high.clip(lower=told),
    )
