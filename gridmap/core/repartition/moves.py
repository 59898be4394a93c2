"""Moves of a repartition: households, buildings and land by the grid before and after."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.core.land.build import LandCoverage
from gridmap.core.land.town import Town
from gridmap.core.repartition.present_plan import PresentPlan
from gridmap.core.repartition.town_search import Repartition


def list_moves(town: Town, land: LandCoverage, present: PresentPlan, found: Repartition) -> gpd.GeoDataFrame:
    """List what gets another grid.

    Parameters
    ----------
    town, land : Town, LandCoverage
    present : PresentPlan
        The grids of today.
    found : Repartition

    Returns
    -------
    GeoDataFrame
        ``from_code``, ``to_code``, ``households``, ``buildings``, by the codes; land in metres. Land without buildings
        that gets another grid has rows of 0. Where the town has another load than households, it is in ``load``.
    """
    before = np.array(present.codes, dtype=object)[present.grid_of_cell]
    after = np.array(found.codes, dtype=object)[found.plan.grid_of_cell]
    sums = town.buildings.assign(buildings=1)[["households", "buildings", *(["load"] if town.load else [])]]
    cells = pd.DataFrame(
        {"from_code": before, "to_code": after}
        | {name: np.bincount(land.cell_of_building, sums[name], len(land.cells)).astype(np.int64) for name in sums}
    )
    moved = cells[before != after]
    groups = moved.groupby(["from_code", "to_code"], sort=True)
    table = groups[list(sums)].sum().reset_index()
    rows = [moved.index.to_numpy()[positions] for _, positions in sorted(groups.indices.items())]
    shapes = np.array([shapely.coverage_union_all(land.cells[each]) for each in rows], dtype=object)
    return gpd.GeoDataFrame(table, geometry=shapes, crs=town.crs)
