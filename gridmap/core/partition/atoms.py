"""Atoms: cells never to be separated, the units that a plan assigns."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from gridmap.core.array_types import BoolArray, FloatArray, IntArray
from gridmap.core.errors import N_, Message
from gridmap.core.land.build import LandCoverage
from gridmap.core.land.town import Town
from gridmap.core.partition.contiguity import contract_groups
from gridmap.core.plans.profile import CostWeights, Profile


@dataclass(frozen=True, eq=False)
class AtomBorders:
    """Borders between atoms of one community.

    Parameters
    ----------
    left, right : ndarray of int
        Neighbouring atoms; every pair once.
    length, cost : ndarray of float
        Metres of border between them, and what a border of grids there would cost.
    walkable : ndarray of bool
        Whether people on foot get across.
    """

    left: IntArray
    right: IntArray
    length: FloatArray
    cost: FloatArray
    walkable: BoolArray

    def subset(self, atoms: IntArray, atom_count: int) -> "AtomBorders":
        """The borders among some of `atom_count` atoms, numbered in their order."""
        number = np.full(atom_count, -1, dtype=np.int64)
        number[atoms] = np.arange(len(atoms))
        left, right = number[self.left], number[self.right]
        kept = (left >= 0) & (right >= 0)
        return AtomBorders(left[kept], right[kept], self.length[kept], self.cost[kept], self.walkable[kept])


@dataclass(frozen=True, eq=False)
class Atoms:
    """Cells bound together, with the borders between them.

    Parameters
    ----------
    atom_of_cell : ndarray of int
        Atom of each cell.
    households, community, dedicated : ndarray of int, one per atom
        What it holds, where it lies, and on which dedicated land (-1: none).
    borders : AtomBorders
        What lies between them.
    notes : tuple of Message
        Courtyards that could not be kept whole, and why.
    """

    atom_of_cell: IntArray
    households: IntArray
    community: IntArray
    dedicated: IntArray
    borders: AtomBorders
    notes: tuple[Message, ...]

    def borders_among(self, atoms: IntArray) -> AtomBorders:
        """The borders among some atoms, numbered in their order."""
        return self.borders.subset(atoms, len(self.households))


def build_atoms(town: Town, land: LandCoverage, profile: Profile, weights: CostWeights) -> Atoms:
    """Bind the cells of each courtyard that fits a grid; divide larger ones, and say so.

    Parameters
    ----------
    town : Town
        Buildings with households and courtyards.
    land : LandCoverage
        Its cells, from `build_land`.
    profile : Profile
        Its maximum decides which courtyards stay whole.
    weights : CostWeights
        What borders cost.

    Returns
    -------
    Atoms
        In one piece each, on foot where that is possible.
    """
    yards = _group_courtyards(town, land)
    whole = yards[yards["households"] <= profile.maximum]
    groups = [*_buildings_on_several_cells(town, land), *zip(whole["courtyard"], whole["cells"], strict=True)]
    of_cell, split = contract_groups(land, groups, _cell_households(town, land), profile.maximum)
    return replace(
        _aggregate_atoms(town, land, of_cell, weights), notes=_divided_courtyard_notes(yards, profile) + split
    )


def _cell_households(town: Town, land: LandCoverage) -> IntArray:
    households = town.buildings["households"].to_numpy()
    return np.bincount(land.cell_of_building, households, len(land.cells)).astype(np.int64)


def _buildings_on_several_cells(town: Town, land: LandCoverage) -> list[tuple[str, IntArray]]:
    """Buildings that stand on several cells, which must stay together."""
    ids = town.buildings["building_id"].to_numpy()
    return [
        (str(ids[building]), np.array([land.cell_of_building[building], cell]))
        for building, cell in land.detached_parts
    ]


def _group_courtyards(town: Town, land: LandCoverage) -> pd.DataFrame:
    """Courtyards as they lie: name, households, cells; borders of communities and of dedicated land part them."""
    buildings = pd.DataFrame(
        {
            "cell": land.cell_of_building,
            "community": town.buildings["community"].to_numpy(),
            "dedicated": land.dedicated[land.cell_of_building],
            "courtyard": town.buildings["courtyard"].to_numpy(),
            "households": town.buildings["households"].to_numpy(),
        }
    ).dropna(subset="courtyard")
    yards = buildings.groupby(["community", "dedicated", "courtyard"], sort=True)
    return yards.agg(households=("households", "sum"), cells=("cell", np.unique)).reset_index()


def _divided_courtyard_notes(courtyards: pd.DataFrame, profile: Profile) -> tuple[Message, ...]:
    text = N_("courtyard {courtyard} has {households} households, more than {maximum}: it is divided")
    large = courtyards[(courtyards["households"] > profile.maximum) & (courtyards["cells"].map(len) > 1)]
    return tuple(
        Message(text, {"courtyard": courtyard, "households": households, "maximum": profile.maximum})
        for courtyard, households in zip(large["courtyard"], large["households"], strict=True)
    )


def _aggregate_atoms(town: Town, land: LandCoverage, atom_of_cell: IntArray, weights: CostWeights) -> Atoms:
    """Sum cells up to atoms and their borders to borders of atoms, within communities."""
    size, borders = atom_of_cell.max() + 1, land.borders
    households = np.bincount(atom_of_cell, _cell_households(town, land), size).astype(np.int64)
    community, dedicated = np.empty(size, dtype=np.int64), np.empty(size, dtype=np.int64)
    community[atom_of_cell], dedicated[atom_of_cell] = land.community, land.dedicated
    low, high = np.sort(atom_of_cell[np.stack([borders.left, borders.right])], axis=0)
    kept = (low != high) & (community[low] == community[high])
    pairs, pair = np.unique(np.stack([low[kept], high[kept]], axis=1), axis=0, return_inverse=True)
    pair = pair.ravel()
    length = np.bincount(pair, borders.length[kept].sum(axis=1), len(pairs)).astype(np.float64)
    cost = np.bincount(pair, weights.border_cost(borders.length[kept]), len(pairs)).astype(np.float64)
    walkable = np.bincount(pair, borders.walkable[kept], len(pairs)) > 0
    left, right = pairs.T
    return Atoms(atom_of_cell, households, community, dedicated, AtomBorders(left, right, length, cost, walkable), ())
