"""Figures of grids as they were drawn."""

from dataclasses import replace

import geopandas as gpd
import numpy as np

from gridmap.core.check import DrawnGrids, homes
from gridmap.core.check.people import dedicated_grids, held, main_grid
from gridmap.core.measures import Grids, figures
from gridmap.core.names import GridKind
from gridmap.core.partition.profile import Profile
from gridmap.core.plan import Plan
from gridmap.core.town import Town


def drawn_figures(town: Town, drawn: DrawnGrids, profile: Profile) -> gpd.GeoDataFrame:
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
        As from `gridmap.core.measures.measure`, in the order of the drawing; a grid without code is known by its name
        or number.
    """
    grid = main_grid(held(town, drawn), len(town.buildings))
    inside = grid >= 0
    kinds = tuple(GridKind.DEDICATED if each else GridKind.HOUSEHOLD for each in dedicated_grids(town, drawn))
    plan = Plan(np.empty(0, dtype=np.int64), homes(town, drawn), kinds, (None,) * len(drawn))
    counted = Grids(replace(town, buildings=town.buildings[inside]), plan, grid[inside], drawn.shapes)
    return figures(counted, drawn.named(), profile)
