"""Turn grids drawn by hand into a plan: every atom in one grid, every grid in one piece, codes kept, changes listed."""

from collections.abc import Sequence
from dataclasses import dataclass

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


@dataclass(frozen=True, eq=False)
class RepairedPlan:
    """A drawing as a plan.

    Parameters
    ----------
    plan : GridPlan
        The grids as assignments of cells.
    codes : ndarray of str, one per grid
        Codes of the drawing; new ones where it had none, or gave one twice.
    changes : DataFrame
        A row per building that is not, or not clearly, where it was drawn: ``building`` (position), ``atom`` (what it
        was moved with), ``drawn_grid_of_grid`` (position of the grid it was drawn in, -1 for none), ``grid`` (of the plan) and
        ``reason`` (Message).
    drawn_grid_of_grid : ndarray of int, one per grid
        Position of the drawn grid that each comes from, -1 for a new one.
    """

    plan: GridPlan
    codes: Sequence[str]
    changes: pd.DataFrame
    drawn_grid_of_grid: IntArray


def repair_grids(town: Town, land: LandCoverage, drawn: DrawnGrids, profile: Profile) -> RepairedPlan:
    """Assign every atom to the drawn grid that holds most of it, and mend what that leaves open.

    Land in no grid goes to the neighbour with the longest shared border; so does a piece of a grid that the rest of it
    does not reach. A community without any grid becomes one.

    Parameters
    ----------
    town : Town
    land : LandCoverage
        Its cells, from `build_land`.
    drawn : DrawnGrids
        Grids in the town's CRS.
    profile : Profile
        Its maximum decides which courtyards stay whole.

    Returns
    -------
    RepairedPlan
    """
    atoms = build_atoms(town, land, profile, CostWeights())
    home = find_grid_communities(town, drawn)
    claimed = _claim_atoms(town, land, drawn, atoms, home)
    grid = _fill_unclaimed(claimed, atoms, len(drawn))
    grid = _reattach_stray_components(grid, atoms)
    used, number = np.unique(grid, return_inverse=True)
    community = np.empty(len(used), dtype=np.int64)
    community[number] = atoms.community
    kept = used < len(drawn)
    is_dedicated = _flag_dedicated(atoms, number)
    is_dedicated[kept] |= flag_dedicated_grids(town, drawn)[used[kept]]
    kinds = tuple(GridKind.DEDICATED if each else GridKind.HOUSEHOLD for each in is_dedicated)
    plan = GridPlan(number[atoms.atom_of_cell], community, kinds, (None,) * len(used), atoms.notes)
    codes = make_codes_unique(
        [_drawn_code(drawn, each) for each in used], town.communities["code"].to_numpy()[community]
    )
    atom = atoms.atom_of_cell[land.cell_of_building]
    before = main_grid(building_shares(town, drawn), len(atom))
    changes = _list_changes(before, claimed[atom], grid[atom], number[atom]).assign(
        atom=lambda rows: atom[rows["building"]]
    )
    return RepairedPlan(plan, codes, changes, np.where(kept, used, -1))


def _flag_dedicated(atoms: Atoms, grid: IntArray) -> BoolArray:
    """Grids with one dedicated land and nobody living elsewhere in them."""
    on_it = atoms.dedicated >= 0
    lands = np.unique(np.stack([grid[on_it], atoms.dedicated[on_it]], axis=1), axis=0)[:, 0]
    elsewhere = np.bincount(grid, np.where(on_it, 0, atoms.households))
    return np.asarray((np.bincount(lands, minlength=len(elsewhere)) == 1) & (elsewhere == 0))


def _drawn_code(drawn: DrawnGrids, grid: int) -> str | None:
    return drawn.codes[grid] if grid < len(drawn) else None


def _claim_atoms(
    town: Town, land: LandCoverage, drawn: DrawnGrids, atoms: Atoms, community_of_grid: IntArray
) -> IntArray:
    """The drawn grid of its own community that holds most of each atom, -1 where none does.

    Buildings count by their households, or else by being there; land counts where there is no building.
    """
    shares = building_shares(town, drawn)
    building, grid = shares["building"].to_numpy(), shares["grid"].to_numpy()
    weight = (town.buildings["households"].to_numpy()[building] + 0.5) * shares["share"].to_numpy()
    by_building = _heaviest_grid_of_atom(
        atoms, atoms.atom_of_cell[land.cell_of_building[building]], grid, weight, community_of_grid
    )
    cell, grid = shapely.STRtree(drawn.shapes).query(land.cells, predicate="intersects")
    area = shapely.area(shapely.intersection(land.cells[cell], drawn.shapes[grid]))
    by_land = _heaviest_grid_of_atom(atoms, atoms.atom_of_cell[cell], grid, area, community_of_grid)
    return np.where(by_building >= 0, by_building, by_land)


def _heaviest_grid_of_atom(
    atoms: Atoms, atom: IntArray, grid: IntArray, weight: FloatArray, community_of_grid: IntArray
) -> IntArray:
    """The grid with the greatest weight at each atom; ties go to the one drawn first."""
    own = (community_of_grid[grid] == atoms.community[atom]) & (weight > 0)
    claimed, heaviest = heaviest_labels(atom[own], grid[own], weight[own])
    grid_of_atom = np.full(len(atoms.households), -1, dtype=np.int64)
    grid_of_atom[claimed] = heaviest
    return grid_of_atom


def _fill_unclaimed(claimed: IntArray, atoms: Atoms, drawn_count: int) -> IntArray:
    """Unclaimed atoms go to the neighbour with the longest border; a community nobody drew in becomes a new grid."""
    borders = atoms.borders
    grid = propagate_labels(claimed, borders.left, borders.right, borders.length)
    bare = grid < 0
    return np.where(bare, drawn_count + atoms.community, grid)


def _reattach_stray_components(grid: IntArray, atoms: Atoms) -> IntArray:
    """Pieces that the largest of their grid does not reach go to a neighbour, until there are none."""
    for _ in range(len(grid)):
        stray = _find_stray_components(grid, atoms)
        moved = _move_stray_components(grid, stray, atoms.borders)
        if (moved == grid).all():
            return grid
        grid = moved
    return grid


def _find_stray_components(grid: IntArray, atoms: Atoms) -> IntArray:
    """Number of the piece of each atom that is apart from the largest of its grid, -1 for the others."""
    borders = atoms.borders
    same = grid[borders.left] == grid[borders.right]
    piece = label_components(len(grid), borders.left[same], borders.right[same])
    households = np.bincount(piece, atoms.households)
    size = np.bincount(piece)
    of_grid = np.empty(len(size), dtype=np.int64)
    of_grid[piece] = grid
    order = np.lexsort((size, households, of_grid))
    largest = np.zeros(len(size), dtype=np.bool_)
    largest[order[np.append(np.diff(of_grid[order]) != 0, True)]] = True
    return np.where(largest[piece], -1, piece)


def _move_stray_components(grid: IntArray, stray_component: IntArray, borders: AtomBorders) -> IntArray:
    """Each stray piece to the neighbouring grid it shares most with; borders that people can walk across come first."""
    left, right = np.r_[borders.left, borders.right], np.r_[borders.right, borders.left]
    length = np.r_[borders.length, borders.length] * np.where(np.r_[borders.walkable, borders.walkable], 1.0, 1e-6)
    out = (stray_component[left] >= 0) & (stray_component[left] != stray_component[right]) & (grid[left] != grid[right])
    moving, heaviest = heaviest_labels(stray_component[left[out]], grid[right[out]], length[out])
    target = np.full(stray_component.max(initial=-1) + 2, -1, dtype=np.int64)
    target[moving] = heaviest
    return np.where(target[stray_component] >= 0, target[stray_component], grid)


def _list_changes(
    drawn_grid: IntArray, claimed: IntArray, repaired_grid: IntArray, plan_grid: IntArray
) -> pd.DataFrame:
    """Buildings whose grid is another than the drawing said, with the reason; arguments have one entry a building."""
    changed = np.flatnonzero(drawn_grid != repaired_grid)
    reasons = [_change_reason(drawn_grid[each], claimed[each], repaired_grid[each]) for each in changed]
    columns = {"building": changed, "drawn": drawn_grid[changed], "grid": plan_grid[changed]}
    return pd.DataFrame(columns).assign(reason=pd.Series(reasons, dtype=object))


def _change_reason(drawn_grid: int, claimed_grid: int, repaired_grid: int) -> Message:
    if drawn_grid < 0:
        return Message(N_("was in no grid"))
    if claimed_grid not in (-1, repaired_grid):
        return Message(N_("the rest of its grid does not reach it"))
    return Message(N_("stays with its courtyard or with buildings it cannot be parted from, or in its own community"))
