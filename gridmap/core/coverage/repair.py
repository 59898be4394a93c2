"""Repair of grids drawn by hand: a plan with every atom in one contiguous grid, codes kept and changes listed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import shapely

from gridmap.core.array_types import BoolArray, FloatArray, IntArray
from gridmap.core.coverage.checks import DrawnGrids, find_grid_communities
from gridmap.core.coverage.people_checks import building_shares, flag_dedicated_grids, main_grid
from gridmap.core.errors import N_, Message
from gridmap.core.labels import heaviest_labels, label_components, propagate_labels
from gridmap.core.land.build import LandCoverage
from gridmap.core.land.town import Town
from gridmap.core.partition.atoms import AtomBorders, Atoms, build_atoms
from gridmap.core.plans.grid_codes import make_codes_unique
from gridmap.core.plans.plan import GridPlan
from gridmap.core.plans.profile import CostWeights, Profile
from gridmap.core.vocabulary import GridKind

NO_NODES, NO_WEIGHTS = np.empty(0, dtype=np.int64), np.empty(0)
NO_BORDERS = AtomBorders(NO_NODES, NO_NODES, NO_WEIGHTS, NO_WEIGHTS, np.empty(0, dtype=np.bool_))


@dataclass(frozen=True, eq=False)
class RepairedPlan:
    """A plan made of drawn grids.

    Parameters
    ----------
    plan : GridPlan
        The grids as assignments of cells.
    codes : ndarray of str, one per grid
        Codes of the drawn grids; new ones for missing and repeated codes.
    changes : DataFrame
        One row for each building whose grid changed: ``building`` (position), ``atom`` (of the building), ``drawn``
        (position of the drawn grid, -1 for none), ``grid`` (of the plan) and ``reason`` (Message).
    drawn_grid_of_grid : ndarray of int, one per grid
        Position of the drawn grid of each grid, -1 for a new one.
    """

    plan: GridPlan
    codes: Sequence[str]
    changes: pd.DataFrame
    drawn_grid_of_grid: IntArray


def repair_grids(town: Town, land: LandCoverage, drawn: DrawnGrids, profile: Profile) -> RepairedPlan:
    """Assign every atom to the drawn grid that contains most of it, and close gaps.

    Land without a grid is assigned to the neighbour with the longest shared border, and so is a detached piece of a
    grid. A community without grids becomes one grid.

    Parameters
    ----------
    town : Town
    land : LandCoverage
        Its cells, from `build_land` with the drawn grids: then a drawing without faults stays as it is.
    drawn : DrawnGrids
        Grids in the CRS of the town.
    profile : Profile
        Its maximum decides which courtyards are not divided.

    Returns
    -------
    RepairedPlan
    """
    community_of_grid = find_grid_communities(town, drawn)
    loose = _release_whole_courtyards(town, land, drawn, community_of_grid)
    atoms = build_atoms(loose, land, profile, CostWeights())
    claimed = _claim_atoms(town, land, drawn, atoms, community_of_grid)
    grid_of_atom = _reattach_stray_components(_fill_unclaimed(claimed, atoms, len(drawn)), atoms)
    source, number = np.unique(grid_of_atom, return_inverse=True)
    plan = _build_plan(town, drawn, atoms, source, number)
    community_codes = town.communities["code"].to_numpy()[plan.community]
    codes = make_codes_unique([_drawn_code(drawn, grid) for grid in source], community_codes)
    atom = atoms.atom_of_cell[land.cell_of_building]
    drawn_grid = main_grid(building_shares(town, drawn), len(atom))
    changes = _list_changes(drawn_grid, claimed[atom], grid_of_atom[atom], number[atom])
    return RepairedPlan(
        plan, codes, changes.assign(atom=atom[changes["building"]]), np.where(source < len(drawn), source, -1)
    )


def _build_plan(town: Town, drawn: DrawnGrids, atoms: Atoms, source: IntArray, number: IntArray) -> GridPlan:
    """Return the plan; `source` is the drawn grid of each grid (higher for new ones), `number` the grid of an atom."""
    community = np.empty(len(source), dtype=np.int64)
    community[number] = atoms.community
    is_drawn = source < len(drawn)
    is_dedicated = _flag_dedicated(atoms, number)
    is_dedicated[is_drawn] |= flag_dedicated_grids(town, drawn)[source[is_drawn]]
    kinds = tuple(GridKind.DEDICATED if dedicated else GridKind.HOUSEHOLD for dedicated in is_dedicated)
    return GridPlan(number[atoms.atom_of_cell], community, kinds, (None,) * len(source), atoms.notes)


def _flag_dedicated(atoms: Atoms, grid: IntArray) -> BoolArray:
    """Return whether each grid has exactly one dedicated land and no households outside it."""
    on_dedicated = atoms.dedicated >= 0
    pairs = np.unique(np.stack([grid[on_dedicated], atoms.dedicated[on_dedicated]], axis=1), axis=0)
    other_households = np.bincount(grid, np.where(on_dedicated, 0, atoms.households))
    land_counts = np.bincount(pairs[:, 0], minlength=len(other_households))
    return np.asarray((land_counts == 1) & (other_households == 0))


def _drawn_code(drawn: DrawnGrids, grid: int) -> str | None:
    return drawn.codes[grid] if grid < len(drawn) else None


def _release_whole_courtyards(town: Town, land: LandCoverage, drawn: DrawnGrids, community_of_grid: IntArray) -> Town:
    """Return the town without the courtyards that lie in one piece of one drawn grid: no repair separates them."""
    borders, cell_count = land.borders, len(land.cells)
    cells = Atoms(np.arange(cell_count), np.zeros(cell_count, np.int64), land.community, land.dedicated, NO_BORDERS, ())
    grid = _claim_atoms(town, land, drawn, cells, community_of_grid)
    same = (grid[borders.left] == grid[borders.right]) & (grid[borders.left] >= 0)
    piece = label_components(cell_count, borders.left[same], borders.right[same])[land.cell_of_building]
    keys = [town.buildings["community"].to_numpy(), land.dedicated[land.cell_of_building]]
    courtyard = town.courtyards.of_building
    is_whole = pd.Series(piece).groupby([*keys, courtyard]).transform("nunique") == 1
    courtyards = town.buildings["courtyard"].where(~is_whole.to_numpy(), None)
    return replace(town, buildings=town.buildings.assign(courtyard=courtyards))


def _claim_atoms(
    town: Town, land: LandCoverage, drawn: DrawnGrids, atoms: Atoms, community_of_grid: IntArray
) -> IntArray:
    """Return the drawn grid of the same community that contains most of each atom, -1 for none.

    Buildings are weighted by households, with a small weight for those without; an atom without buildings by area. What
    lies in two grids goes to the smaller one, as a check advises.
    """
    by_size = np.argsort(shapely.area(drawn.shapes), kind="stable")
    rank = np.empty(len(drawn), dtype=np.int64)
    rank[by_size] = np.arange(len(drawn))
    shares = building_shares(town, drawn)
    building, grid = shares["building"].to_numpy(), shares["grid"].to_numpy()
    weight = (town.buildings["households"].to_numpy()[building] + 0.5) * shares["share"].to_numpy()
    by_building = _heaviest_grid_of_atom(
        atoms, atoms.atom_of_cell[land.cell_of_building[building]], rank[grid], weight, community_of_grid[by_size]
    )
    cell, grid = shapely.STRtree(drawn.shapes).query(land.cells, predicate="intersects")
    area = np.round(shapely.area(shapely.intersection(land.cells[cell], drawn.shapes[grid])), 2)
    by_land = _heaviest_grid_of_atom(atoms, atoms.atom_of_cell[cell], rank[grid], area, community_of_grid[by_size])
    ranks = np.where(by_building >= 0, by_building, by_land)
    return np.where(ranks >= 0, by_size[ranks], -1)


def _heaviest_grid_of_atom(
    atoms: Atoms, atom: IntArray, grid: IntArray, weight: FloatArray, community_of_grid: IntArray
) -> IntArray:
    """Return the grid with the largest weight at each atom; ties go to the lower number."""
    own = (community_of_grid[grid] == atoms.community[atom]) & (weight > 0)
    claimed, heaviest = heaviest_labels(atom[own], grid[own], weight[own])
    grid_of_atom = np.full(len(atoms.households), -1, dtype=np.int64)
    grid_of_atom[claimed] = heaviest
    return grid_of_atom


def _fill_unclaimed(claimed: IntArray, atoms: Atoms, drawn_count: int) -> IntArray:
    """Assign unclaimed atoms to the neighbour with the longest border; a community without grids becomes a new grid."""
    borders = atoms.borders
    grid = propagate_labels(claimed, borders.left, borders.right, borders.length)
    return np.where(grid < 0, drawn_count + atoms.community, grid)


def _reattach_stray_components(grid: IntArray, atoms: Atoms) -> IntArray:
    """Assign detached components of grids to neighbours until there are none."""
    for _ in range(len(grid)):
        stray = _find_stray_components(grid, atoms)
        moved = _move_stray_components(grid, stray, atoms.borders)
        if (moved == grid).all():
            return grid
        grid = moved
    return grid


def _find_stray_components(grid: IntArray, atoms: Atoms) -> IntArray:
    """Return the component of each atom, or -1 in the largest component of a grid."""
    borders = atoms.borders
    same = grid[borders.left] == grid[borders.right]
    component = label_components(len(grid), borders.left[same], borders.right[same])
    households = np.bincount(component, atoms.households)
    atom_count = np.bincount(component)
    grid_of_component = np.empty(len(atom_count), dtype=np.int64)
    grid_of_component[component] = grid
    order = np.lexsort((atom_count, households, grid_of_component))
    is_largest = np.zeros(len(atom_count), dtype=np.bool_)
    is_largest[order[np.append(np.diff(grid_of_component[order]) != 0, True)]] = True
    return np.where(is_largest[component], -1, component)


def _move_stray_components(grid: IntArray, stray_component: IntArray, borders: AtomBorders) -> IntArray:
    """Move each stray component to the neighbouring grid with the longest border; walkable borders have priority."""
    left, right = np.r_[borders.left, borders.right], np.r_[borders.right, borders.left]
    length = np.r_[borders.length, borders.length] * np.where(np.r_[borders.walkable, borders.walkable], 1.0, 1e-6)
    is_stray, same_component = stray_component[left] >= 0, stray_component[left] == stray_component[right]
    outward = is_stray & ~same_component & (grid[left] != grid[right])
    moving, nearest = heaviest_labels(stray_component[left[outward]], grid[right[outward]], length[outward])
    target = np.full(stray_component.max(initial=-1) + 2, -1, dtype=np.int64)
    target[moving] = nearest
    return np.where(target[stray_component] >= 0, target[stray_component], grid)


def _list_changes(
    drawn_grid: IntArray, claimed: IntArray, repaired_grid: IntArray, plan_grid: IntArray
) -> pd.DataFrame:
    """Return the buildings whose grid changed, with the reason; arguments have one entry per building."""
    changed = np.flatnonzero(drawn_grid != repaired_grid)
    reasons = [_change_reason(drawn_grid[each], claimed[each], repaired_grid[each]) for each in changed]
    columns = {"building": changed, "drawn": drawn_grid[changed], "grid": plan_grid[changed]}
    return pd.DataFrame(columns).assign(reason=pd.Series(reasons, dtype=object))


def _change_reason(drawn_grid: int, claimed_grid: int, repaired_grid: int) -> Message:
    if drawn_grid < 0:
        return Message(N_("was in no grid"))
    if claimed_grid not in (-1, repaired_grid):
        return Message(N_("it is not connected to the rest of its grid"))
    return Message(N_("it stays with its courtyard, with inseparable buildings, or in its own community"))
