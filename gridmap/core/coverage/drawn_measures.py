"""Figures of grids as they were drawn."""

from dataclasses import replace

import geopandas as gpd
import numpy as np

from gridmap.core.coverage.checks import DrawnGrids, find_grid_communities
from gridmap.core.coverage.people_checks import building_shares, flag_dedicated_grids, main_grid
from gridmap.core.land.town import Town
from gridmap.core.plans.measures import MeasureInput, grid_table
from gridmap.core.plans.plan import GridPlan
from gridmap.core.plans.profile import Profile
from gridmap.core.vocabulary import GridKind


def drawn_grid_table(town: Town, drawn: DrawnGrids, profile: Profile) -> gpd.GeoDataFrame:
    """Grids as drawn, with the figures that the grids of a plan have; a building counts where most of it lies.

    Parameters
    ----------
    town : Town
    drawn : DrawnGrids
    profile : Profile
        The range that decides the status.

    Returns
    -------
    GeoDataFrame
        As from `gridmap.core.plans.measures.measure_grids`, in the order of the drawing; a grid without code is known by its name
        or number.
    """
    grid = main_grid(building_shares(town, drawn), len(town.buildings))
    inside = grid >= 0
    kinds = tuple(GridKind.DEDICATED if each else GridKind.HOUSEHOLD for each in flag_dedicated_grids(town, drawn))
    plan = GridPlan(np.empty(0, dtype=np.int64), find_grid_communities(town, drawn), kinds, (None,) * len(drawn))
    counted = MeasureInput(replace(town, buildings=town.buildings[inside]), plan, grid[inside], drawn.shapes)
    return grid_table(counted, drawn.labels(), profile)
