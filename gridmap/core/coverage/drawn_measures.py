"""Measures of grids drawn by hand."""

from dataclasses import replace

import geopandas as gpd
import numpy as np

from gridmap.core.array_types import GeometryArray
from gridmap.core.coverage.checks import DrawnGrids, find_grid_communities
from gridmap.core.coverage.people_checks import building_shares, flag_dedicated_grids, main_grid
from gridmap.core.land.town import Town
from gridmap.core.plans.measures import MeasureInput, measure_table
from gridmap.core.plans.plan import GridPlan
from gridmap.core.plans.profile import Profile
from gridmap.core.vocabulary import GridKind


def drawn_grid_table(town: Town, drawn: DrawnGrids, profile: Profile) -> gpd.GeoDataFrame:
    """Return drawn grids with the measures of planned grids; a building counts in the grid that contains most of it.

    Parameters
    ----------
    town : Town
    drawn : DrawnGrids
    profile : Profile
        The norm for the status.

    Returns
    -------
    GeoDataFrame
        As from `gridmap.core.plans.measures.measure_table`, in the order of the drawing; a grid without a code has its
        name or number instead.
    """
    grid = main_grid(building_shares(town, drawn), len(town.buildings))
    is_assigned = grid >= 0
    is_dedicated = flag_dedicated_grids(town, drawn)
    kinds = tuple(GridKind.DEDICATED if dedicated else GridKind.HOUSEHOLD for dedicated in is_dedicated)
    plan = GridPlan(np.empty(0, dtype=np.int64), find_grid_communities(town, drawn), kinds, (None,) * len(drawn))
    assigned = replace(town, buildings=town.buildings[is_assigned])
    return measure_table(MeasureInput(assigned, plan, grid[is_assigned], drawn.shapes), drawn.labels(), profile)


def grid_labels_of_buildings(town: Town, drawn: DrawnGrids) -> GeometryArray:
    """Return the code or number of the grid that each building was drawn in, None for none."""
    labels = np.array([*drawn.labels(), None], dtype=object)
    return np.asarray(labels[main_grid(building_shares(town, drawn), len(town.buildings))])
