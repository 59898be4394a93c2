"""Nested partitions: the grids of a plan become the communities of the next, as 600 households above 100."""

from collections.abc import Sequence
from dataclasses import replace

import geopandas as gpd

from gridmap.core.array_types import GeometryArray
from gridmap.core.land.build import LandCoverage
from gridmap.core.land.town import Town
from gridmap.core.plans.plan import GridPlan


def nest_town(
    town: Town, land: LandCoverage, plan: GridPlan, shapes: GeometryArray, codes: Sequence[str] | GeometryArray
) -> tuple[Town, LandCoverage]:
    """Return a town and its land with the grids of a plan as communities; cells stay as they are.

    Parameters
    ----------
    town, land, plan : Town, LandCoverage, GridPlan
    shapes : ndarray of Polygon or MultiPolygon, metres
        Polygon of each grid.
    codes : sequence of str
        Code of each grid.

    Examples
    --------
    >>> from gridmap.core.land.build import build_land
    >>> from gridmap.core.partition.partition import PartitionSettings, partition_town
    >>> from gridmap.core.plans.measures import measure_grids
    >>> from gridmap.core.plans.profile import Profile
    >>> from gridmap.demo.town import build_town
    >>> town = build_town(1_500)
    >>> land, profile = build_land(town), Profile(480, 1_100)
    >>> plan = partition_town(town, land, PartitionSettings(profile))
    >>> grids = measure_grids(town, land, plan, profile)
    >>> inner_town, inner_land = nest_town(town, land, plan, grids.geometry.to_numpy(), grids["grid_code"].to_numpy())
    >>> inner = partition_town(inner_town, inner_land, PartitionSettings(Profile(80, 220)))
    >>> len(set(zip(plan.grid_of_cell.tolist(), inner.grid_of_cell.tolist()))) == len(inner) > len(plan)
    True
    """
    communities = gpd.GeoDataFrame({"code": codes, "name": codes}, geometry=shapes, crs=town.crs)
    buildings = town.buildings.assign(community=plan.grid_of_cell[land.cell_of_building])
    inner = replace(town, communities=communities, buildings=buildings, subdistrict=None)
    return inner, replace(land, community=plan.grid_of_cell)
