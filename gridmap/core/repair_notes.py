"""What a repair did that its grids alone do not show."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from gridmap.core.arrays import Ints
from gridmap.core.check import DrawnGrids
from gridmap.core.errors import N_, Message
from gridmap.core.land import Land
from gridmap.core.names import GridKind
from gridmap.core.plan import Plan
from gridmap.core.repair import Repair
from gridmap.core.town import Town


def with_notes(repaired: Repair, town: Town, land: Land, drawn: DrawnGrids) -> Repair:
    """A repair whose plan notes what became of grids, codes and dedicated land.

    Parameters
    ----------
    repaired : Repair
    town : Town
    land : Land
    drawn : DrawnGrids

    Returns
    -------
    Repair
        With notes on grids of which nothing is left, on new grids and codes, and on dedicated land that the drawing
        takes no notice of: it stays in the grids that hold it, since a repair draws no new ones.
    """
    notes = (*_grids(repaired, drawn), *_dedicated(repaired, town, land))
    return replace(repaired, plan=replace(repaired.plan, notes=repaired.plan.notes + notes))


def _grids(repaired: Repair, drawn: DrawnGrids) -> Iterator[Message]:
    for grid in np.setdiff1d(np.arange(len(drawn)), repaired.drawn).tolist():
        text = N_("grid {grid}: nothing is left of it, all its buildings and land are in others")
        yield Message(text, {"grid": drawn.name(grid)})
    for code, grid in zip(repaired.codes, repaired.drawn.tolist(), strict=True):
        if grid < 0:
            yield Message(N_("grid {grid_code} is new: its community had none"), {"grid_code": code})
        elif code != drawn.codes[grid]:
            text = N_("grid {grid_code} got this code; it was drawn as {grid}")
            yield Message(text, {"grid_code": code, "grid": drawn.name(grid)})


def _dedicated(repaired: Repair, town: Town, land: Land) -> Iterator[Message]:
    for grid, lands in _lands_within(repaired.plan, land):
        names = ", ".join(town.dedicated["name"].iloc[lands])
        text = N_("grid {grid_code} holds dedicated land, as it was drawn: {names}")
        yield Message(text, {"grid_code": repaired.codes[grid], "names": names})


def _lands_within(plan: Plan, land: Land) -> Iterator[tuple[int, Ints]]:
    """Grids of households with dedicated land, and which."""
    for grid, kind in enumerate(plan.kind):
        lands = np.unique(land.dedicated[plan.of_cell == grid])
        if kind is GridKind.HOUSEHOLD and lands.max(initial=-1) >= 0:
            yield grid, lands[lands >= 0]
