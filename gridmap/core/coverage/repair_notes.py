"""Notes on a repair that its grids do not show."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from gridmap.core.array_types import IntArray
from gridmap.core.coverage.checks import DrawnGrids
from gridmap.core.coverage.repair import RepairedPlan
from gridmap.core.errors import N_, Message
from gridmap.core.land.build import LandCoverage
from gridmap.core.land.town import Town
from gridmap.core.plans.plan import GridPlan
from gridmap.core.vocabulary import GridKind


def add_repair_notes(repaired: RepairedPlan, town: Town, land: LandCoverage, drawn: DrawnGrids) -> RepairedPlan:
    """Add notes on grids, codes and dedicated land to the plan of a repair.

    Parameters
    ----------
    repaired : RepairedPlan
    town : Town
    land : LandCoverage
    drawn : DrawnGrids

    Returns
    -------
    RepairedPlan
        With notes on grids that no longer exist, on new grids and codes, and on dedicated land within household grids,
        which stays in them because a repair draws no new grids.
    """
    notes = (*_grid_notes(repaired, drawn), *_dedicated_land_notes(repaired, town, land))
    return replace(repaired, plan=replace(repaired.plan, notes=repaired.plan.notes + notes))


def _grid_notes(repaired: RepairedPlan, drawn: DrawnGrids) -> Iterator[Message]:
    for grid in np.setdiff1d(np.arange(len(drawn)), repaired.drawn_grid_of_grid).tolist():
        text = N_("grid {grid} no longer exists: all its buildings and land are in other grids")
        yield Message(text, {"grid": drawn.label(grid)})
    for code, grid in zip(repaired.codes, repaired.drawn_grid_of_grid.tolist(), strict=True):
        if grid < 0:
            yield Message(N_("grid {grid_code} is new: its community had none"), {"grid_code": code})
        elif code != drawn.codes[grid]:
            text = N_("grid {grid_code} received this code; it was drawn as {grid}")
            yield Message(text, {"grid_code": code, "grid": drawn.label(grid)})


def _dedicated_land_notes(repaired: RepairedPlan, town: Town, land: LandCoverage) -> Iterator[Message]:
    for grid, lands in _dedicated_land_in_household_grids(repaired.plan, land):
        names = ", ".join(town.dedicated["name"].iloc[lands])
        text = N_("grid {grid_code} contains dedicated land, as drawn: {names}")
        yield Message(text, {"grid_code": repaired.codes[grid], "names": names})


def _dedicated_land_in_household_grids(plan: GridPlan, land: LandCoverage) -> Iterator[tuple[int, IntArray]]:
    """Yield household grids that contain dedicated land, with the lands."""
    for grid, kind in enumerate(plan.kind):
        lands = np.unique(land.dedicated[plan.grid_of_cell == grid])
        if kind is GridKind.HOUSEHOLD and lands.max(initial=-1) >= 0:
            yield grid, lands[lands >= 0]
