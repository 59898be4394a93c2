"""Groups of buildings that grids should not cut: estates, courtyards and resident groups."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.core.array_types import IntArray
from gridmap.core.land.build import LandCoverage
from gridmap.core.land.town import Town
from gridmap.core.text_comparison import fold_text


def list_groups(town: Town, resident_groups: gpd.GeoDataFrame | None = None) -> Sequence[IntArray]:
    """Return for each kind of group the group of each building, -1 for none.

    Parameters
    ----------
    town : Town
    resident_groups : GeoDataFrame, optional
        Polygons in metres.

    Examples
    --------
    >>> from gridmap.demo.town import build_town
    >>> estates, courtyards = list_groups(build_town(500))
    >>> len(estates) == len(courtyards) == len(build_town(500).buildings)
    True
    """
    drawn = [] if resident_groups is None else [_locate(town, resident_groups)]
    return [_number_estates(town), town.courtyards.of_building, *drawn]


def _number_estates(town: Town) -> IntArray:
    """Return the estate of each building: one of a name in a community."""
    buildings = town.buildings
    names = buildings["estate"].map(fold_text, na_action="ignore")
    keys = pd.MultiIndex.from_arrays([buildings["community"], names.astype(object)])
    numbers = np.asarray(keys.factorize()[0], dtype=np.int64)
    return np.where(names.notna().to_numpy(), numbers, -1)


def _locate(town: Town, resident_groups: gpd.GeoDataFrame) -> IntArray:
    """Return the resident group that each building lies in; the first of several."""
    points = shapely.point_on_surface(town.buildings.geometry.to_numpy())
    group, building = shapely.STRtree(points).query(resident_groups.geometry.to_numpy(), predicate="contains")
    found = np.full(len(points), -1, dtype=np.int64)
    found[building[::-1]] = group[::-1]
    return found


def label_group_cells(land: LandCoverage, group: IntArray) -> IntArray:
    """Return the group of each cell: that of its first building, -1 for open land.

    Parameters
    ----------
    land : LandCoverage
    group : ndarray of int, one per building
    """
    labels = np.full(len(land.cells), -1, dtype=np.int64)
    labels[land.cell_of_building[::-1]] = group[::-1]
    return labels
