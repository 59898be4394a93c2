"""Atoms: groups of cells that are never separated, the units that a plan assigns."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.core.array_types import BoolArray, FloatArray, GeometryArray, IntArray
from gridmap.core.errors import N_, Message
from gridmap.core.groups.building_groups import label_group_cells, list_groups
from gridmap.core.labels import renumber_nodes
from gridmap.core.land.build import LandCoverage
from gridmap.core.land.town import Town
from gridmap.core.partition.contiguity import CellGroup, contract_groups
from gridmap.core.plans.profile import CostWeights, Profile


@dataclass(frozen=True, eq=False)
class AtomBorders:
    """Borders between atoms of one community.

    Parameters
    ----------
    left, right : ndarray of int
        Neighbouring atoms; every pair occurs once.
    length : ndarray of float, metres
        Length of the border between the two.
    cost : ndarray of float
        Cost of a border of grids there.
    walkable : ndarray of bool
        Whether pedestrians can cross the border.
    """

    left: IntArray
    right: IntArray
    length: FloatArray
    cost: FloatArray
    walkable: BoolArray

    def subset(self, atoms: IntArray, atom_count: int) -> "AtomBorders":
        """Return the borders among some of `atom_count` atoms, numbered in their order."""
        number = renumber_nodes(atoms, atom_count)
        left, right = number[self.left], number[self.right]
        inside = (left >= 0) & (right >= 0)
        return AtomBorders(left[inside], right[inside], self.length[inside], self.cost[inside], self.walkable[inside])


@dataclass(frozen=True, eq=False)
class Atoms:
    """Groups of cells that are never separated, with the borders between them.

    Parameters
    ----------
    atom_of_cell : ndarray of int
        Atom of each cell.
    households, community, dedicated : ndarray of int, one per atom
        Households, position of the community, and position of the dedicated land (-1: none).
    borders : AtomBorders
        Borders between atoms of one community.
    notes : tuple of Message
        Courtyards that could not be kept whole, and why.
    homes : ndarray of MultiPoint, one per atom, optional
        Centres of its inhabited buildings, where the radius of grids is limited.
    """

    atom_of_cell: IntArray
    households: IntArray
    community: IntArray
    dedicated: IntArray
    borders: AtomBorders
    notes: tuple[Message, ...]
    homes: GeometryArray | None = None

    def borders_among(self, atoms: IntArray) -> AtomBorders:
        """Return the borders among some atoms, numbered in their order."""
        return self.borders.subset(atoms, len(self.households))

    def list_cells(self, atoms: Sequence[int] | IntArray) -> IntArray:
        """Return the cells of some atoms, in ascending order."""
        order, first = self._cells_by_atom
        return np.sort(np.concatenate([order[first[atom] : first[atom + 1]] for atom in atoms]))

    @cached_property
    def _cells_by_atom(self) -> tuple[IntArray, IntArray]:
        """Return the cells in the order of their atoms, and the position of each atom's first cell."""
        order = np.argsort(self.atom_of_cell, kind="stable")
        return order, np.searchsorted(self.atom_of_cell[order], np.arange(len(self.households) + 1))


def build_atoms(
    town: Town,
    land: LandCoverage,
    profile: Profile,
    weights: CostWeights,
    resident_groups: gpd.GeoDataFrame | None = None,
) -> Atoms:
    """Group the cells of each courtyard that fits a grid; larger courtyards are divided and noted.

    Parameters
    ----------
    town : Town
        Buildings with households and courtyards.
    land : LandCoverage
        Its cells, from `build_land`.
    profile : Profile
        Its maximum decides which courtyards stay whole.
    weights : CostWeights
        Costs of borders.
    resident_groups : GeoDataFrame, optional
        Polygons in metres; borders within one cost more, as do those within estates and courtyards.

    Returns
    -------
    Atoms
        Each is contiguous, on foot where that is possible.

    Examples
    --------
    >>> from gridmap.core.land.build import build_land
    >>> from gridmap.demo.town import build_town
    >>> town = build_town(500)
    >>> atoms = build_atoms(town, build_land(town), Profile(), CostWeights())
    >>> int(atoms.households.sum()), atoms.notes
    (500, ())
    """
    courtyards = _group_courtyards(town, land)
    whole = courtyards[courtyards["households"] <= profile.maximum]
    groups = [*_buildings_on_several_cells(town, land), *zip(whole["courtyard"], whole["cells"], strict=True)]
    atom_of_cell, split_notes = contract_groups(land, groups, _cell_households(town, land), profile.maximum)
    notes = _divided_courtyard_notes(courtyards, profile) + split_notes
    homes = locate_homes(town, land, atom_of_cell) if profile.max_radius_m else None
    named = [label_group_cells(land, group) for group in list_groups(town, resident_groups)]
    return replace(aggregate_atoms(town, land, atom_of_cell, weights, named), notes=notes, homes=homes)


def locate_homes(town: Town, land: LandCoverage, atom_of_cell: IntArray) -> GeometryArray:
    """Return the centres of the inhabited buildings of each atom, as one geometry."""
    inhabited = town.buildings["households"].to_numpy() > 0
    atoms = atom_of_cell[land.cell_of_building[inhabited]]
    order = np.argsort(atoms, kind="stable")
    points = shapely.centroid(town.buildings.geometry.to_numpy()[inhabited])[order]
    homes = np.full(atom_of_cell.max() + 1, shapely.MultiPoint(), dtype=object)
    return np.asarray(shapely.multipoints(points, indices=atoms[order], out=homes))


def _cell_households(town: Town, land: LandCoverage) -> IntArray:
    return np.bincount(land.cell_of_building, town.loads, len(land.cells)).astype(np.int64)


def _buildings_on_several_cells(town: Town, land: LandCoverage) -> list[CellGroup]:
    """Return a group for each detached part of a building and the building's own cell."""
    ids = town.buildings["building_id"].to_numpy()
    return [
        (str(ids[building]), np.array([land.cell_of_building[building], cell]))
        for building, cell in land.detached_parts
    ]


def _group_courtyards(town: Town, land: LandCoverage) -> pd.DataFrame:
    """Return name, households and cells of each courtyard, by community and dedicated land."""
    courtyards = town.courtyards
    buildings = pd.DataFrame(
        {
            "cell": land.cell_of_building,
            "community": town.buildings["community"].to_numpy(),
            "dedicated": land.dedicated[land.cell_of_building],
            "number": courtyards.of_building,
            "households": town.loads,
        }
    )
    groups = buildings[buildings["number"] >= 0].groupby(["community", "dedicated", "number"], sort=True)
    table = groups.agg(households=("households", "sum"), cells=("cell", np.unique)).reset_index()
    return table.assign(courtyard=[courtyards.names[number] for number in table["number"]])


def _divided_courtyard_notes(courtyards: pd.DataFrame, profile: Profile) -> tuple[Message, ...]:
    text = N_("courtyard {courtyard} has {households} households, more than {maximum}: it is divided")
    large = courtyards[(courtyards["households"] > profile.maximum) & (courtyards["cells"].map(len) > 1)]
    return tuple(
        Message(text, {"courtyard": courtyard, "households": households, "maximum": profile.maximum})
        for courtyard, households in zip(large["courtyard"], large["households"], strict=True)
    )


def aggregate_atoms(
    town: Town, land: LandCoverage, atom_of_cell: IntArray, weights: CostWeights, groups: Sequence[IntArray] = ()
) -> Atoms:
    """Sum cells up to atoms, and borders of cells to borders of atoms within one community.

    Parameters
    ----------
    town, land : Town, LandCoverage
    atom_of_cell : ndarray of int
    weights : CostWeights
    groups : sequence of ndarray of int
        For each kind of group the group of each cell, -1 for none.
    """
    atom_count = atom_of_cell.max() + 1
    households = np.bincount(atom_of_cell, _cell_households(town, land), atom_count).astype(np.int64)
    community, dedicated = np.empty(atom_count, dtype=np.int64), np.empty(atom_count, dtype=np.int64)
    community[atom_of_cell], dedicated[atom_of_cell] = land.community, land.dedicated
    borders = aggregate_borders(land, atom_of_cell, community, _border_costs(land, weights, groups))
    return Atoms(atom_of_cell, households, community, dedicated, borders, ())


def _border_costs(land: LandCoverage, weights: CostWeights, groups: Sequence[IntArray]) -> FloatArray:
    """Return the cost of each border of cells; within an estate, courtyard or resident group it is higher."""
    borders = land.borders
    is_within = np.zeros(len(borders.left), dtype=np.bool_)
    for group in groups:
        is_within |= (group[borders.left] >= 0) & (group[borders.left] == group[borders.right])
    return np.asarray(weights.border_cost(borders.length) + weights.group * borders.length.sum(axis=1) * is_within)


def aggregate_borders(
    land: LandCoverage, atom_of_cell: IntArray, community: IntArray, border_cost: FloatArray
) -> AtomBorders:
    """Sum borders of cells up to borders of atoms within one community.

    Parameters
    ----------
    land : LandCoverage
    atom_of_cell : ndarray of int
    community : ndarray of int
        Community of each atom.
    border_cost : ndarray of float
        Cost of each border of cells.
    """
    borders = land.borders
    low, high = np.sort(atom_of_cell[np.stack([borders.left, borders.right])], axis=0)
    used = (low != high) & (community[low] == community[high])
    pairs, pair = np.unique(np.stack([low[used], high[used]], axis=1), axis=0, return_inverse=True)
    pair = pair.ravel()
    length = np.bincount(pair, borders.length[used].sum(axis=1), len(pairs)).astype(np.float64)
    cost = np.bincount(pair, border_cost[used], len(pairs)).astype(np.float64)
    walkable = np.bincount(pair, borders.walkable[used], len(pairs)) > 0
    return AtomBorders(pairs[:, 0], pairs[:, 1], length, cost, walkable)
