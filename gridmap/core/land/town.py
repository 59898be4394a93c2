"""Layers of a town: validated, complete, in metres."""

from dataclasses import dataclass, field, replace
from functools import cached_property

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS

from gridmap.core.courtyards import Courtyards, identify_courtyards
from gridmap.core.errors import InputFault


@dataclass(frozen=True, eq=False)
class Town:
    """Layers of a town in one metric CRS; every value was validated when the town was read.

    Parameters
    ----------
    name : str
        Name of the package, for reports.
    crs : CRS
        CRS of every geometry below, in metres.
    source_crs : CRS
        CRS of the town package, in which results are written.
    communities : GeoDataFrame
        ``code`` (str, unique), ``name`` (str), valid (multi)polygons.
    buildings : GeoDataFrame
        ``building_id`` (str, unique), ``households`` (int64, >= 0; float64 with NaN only before an estimate),
        ``households_estimated`` (bool: estimated, not counted), ``households_low`` and ``households_high`` (float64:
        probable range of an estimate; both equal ``households`` where they were counted), ``community`` (int64,
        position in `communities`), ``courtyard``, ``estate``, ``use``, ``name``, ``address`` (str or None), ``levels``
        (float, NaN where unknown); points or valid (multi)polygons. All these columns are always present. Towns from
        files also have ``residents`` and ``residents_60`` (float64: persons, and those of 60 and older; NaN where
        nobody counted them). Where grids are partitioned by another load than households, it is in ``load`` (int64).
    streets : GeoDataFrame
        ``name`` (str or None), ``kind`` (`StreetKind` values), LineStrings.
    barriers : GeoDataFrame
        ``kind`` (`BarrierKind` values), LineStrings or polygons.
    dedicated : GeoDataFrame
        ``name`` (str), single polygons that do not overlap.
    warnings : tuple of InputFault
        Repairs and assumptions made while the town was read, and what is not plausible in it.
    subdistrict : Polygon or MultiPolygon, optional
        Outline of the subdistrict that the communities form.
    load : str
        Name of the load, such as ``households + shops``; empty for households.
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
    load: str = ""

    @cached_property
    def courtyards(self) -> Courtyards:
        """Courtyards of the buildings; they are identified once, as a preview of a move needs them six times."""
        return identify_courtyards(self.buildings)

    @property
    def loads(self) -> npt.NDArray[np.int64]:
        """Return what each building adds to its grid: its households, or another load."""
        return np.asarray(self.buildings["load" if self.load else "households"], dtype=np.int64)


def select_communities(town: Town, positions: npt.NDArray[np.int64]) -> Town:
    """Return a town with some of its communities and their buildings; streets, barriers and the rest stay whole.

    Parameters
    ----------
    town : Town
    positions : array of int64
        Positions in `communities`.
    """
    row_of_community = np.full(len(town.communities), -1, dtype=np.int64)
    row_of_community[positions] = np.arange(len(positions))
    rows = row_of_community[town.buildings["community"].to_numpy()]
    return replace(
        town,
        communities=town.communities.iloc[positions].reset_index(drop=True),
        buildings=town.buildings.assign(community=rows)[rows >= 0].reset_index(drop=True),
        subdistrict=None,
    )


def add_household_ranges(buildings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return buildings with all columns of estimates.

    The range of a counted number is the number itself, and every range contains its estimate.

    Parameters
    ----------
    buildings : GeoDataFrame
        With ``households``; ``households_estimated``, ``households_low`` and ``households_high`` may be missing, or
        NaN.

    Returns
    -------
    GeoDataFrame

    Examples
    --------
    >>> ten = gpd.GeoDataFrame({"households": [10, 10], "households_estimated": [True, False], "households_low": 7.5})
    >>> add_household_ranges(ten)[["households_low", "households_high"]].to_numpy().tolist()
    [[7.5, 10.0], [10.0, 10.0]]
    """
    households = buildings["households"].astype("float64")
    columns = buildings.reindex(columns=["households_estimated", "households_low", "households_high"])
    estimated = columns["households_estimated"].eq(other=True)
    low = columns["households_low"].astype("float64").where(estimated).fillna(households)
    high = columns["households_high"].astype("float64").where(estimated).fillna(households)
    return buildings.assign(
        households_estimated=estimated,
        households_low=low.clip(upper=households),
        households_high=high.clip(lower=households),
    )
