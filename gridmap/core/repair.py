"""Turn grids drawn by hand into a plan: every atom in one grid, every grid in one piece, codes kept, changes listed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from gridmap.core.arrays import Flags, Floats, Ints
from gridmap.core.check import DrawnGrids, homes
from gridmap.core.check.people import dedicated_grids, held, main_grid
from gridmap.core.errors import N_, Message
from gridmap.core.land import Land
from gridmap.core.land.adjacency import spread
from gridmap.core.names import GridKind
from gridmap.core.numbering import unused_codes
from gridmap.core.partition.atoms import AtomBorders, Atoms, gather_atoms
from gridmap.core.partition.graph import components
from gridmap.core.partition.profile import Profile, Weights
from gridmap.core.plan import Plan
from gridmap.core.town import Town


@dataclass(frozen=True, eq=False)
class Repair:
    """A drawing as a plan.

    Parameters
    ----------
    plan : Plan
        The grids as assignments of cells.
    codes : ndarray of str, one per grid
        Codes of the drawing; new ones where it had none, or gave one twice.
    changes : DataFrame
        A row per building that is not, or not clearly, where it was drawn: ``building`` (position), ``atom`` (what it
        was moved with), ``drawn`` (position of the grid it was drawn in, -1 for none), ``grid`` (of the plan) and
        ``reason`` (Message).
    drawn : ndarray of int, one per grid
        Position of the drawn grid that each comes from, -1 for a new one.
    """

    plan: Plan
    codes: Sequence[str]
    changes: pd.DataFrame
    drawn: Ints


def repair(town: Town, land: Land, drawn: DrawnGrids, profile: Profile) -> Repair:
    """Assign every atom to the drawn grid that holds most of it, and mend what that leaves open.

    Land in no grid goes to the neighbour with the longest shared border; so does a piece of a grid that the rest of it
    does not reach. A community without any grid becomes one.

    Parameters
    ----------
    town : Town
    land : Land
        Its cells, from `build_land`.
    drawn : DrawnGrids
        Grids in the town's CRS.
    profile : Profile
        Its maximum decides which courtyards stay whole.

    Returns
    -------
    Repair
    """
    atoms = gather_atoms(town, land, profile, Weights())
    home = homes(town, drawn)
    claimed = _claims(town, land, drawn, atoms, home)
    grid = _filled(claimed, atoms, len(drawn))
    grid = _gathered(grid, atoms)
    used, number = np.unique(grid, return_inverse=True)
    community = np.empty(len(used), dtype=np.int64)
    community[number] = atoms.community
    kept = used < len(drawn)
    is_dedicated = _is_dedicated(atoms, number)
    is_dedicated[kept] |= dedicated_grids(town, drawn)[used[kept]]
    kinds = tuple(GridKind.DEDICATED if each else GridKind.HOUSEHOLD for each in is_dedicated)
    plan = Plan(number[atoms.of_cell], community, kinds, (None,) * len(used), atoms.notes)
    codes = unused_codes([_code(drawn, each) for each in used], town.communities["code"].to_numpy()[community])
    atom = atoms.of_cell[land.building_cell]
    before = main_grid(held(town, drawn), len(atom))
    changes = _changes(before, claimed[atom], grid[atom], number[atom]).assign(atom=lambda rows: atom[rows["building"]])
    return Repair(plan, codes, changes, np.where(kept, used, -1))


def _is_dedicated(atoms: Atoms, grid: Ints) -> Flags:
    """Grids with one dedicated land and nobody living elsewhere in them."""
    on_it = atoms.dedicated >= 0
    lands = np.unique(np.stack([grid[on_it], atoms.dedicated[on_it]], axis=1), axis=0)[:, 0]
    elsewhere = np.bincount(grid, np.where(on_it, 0, atoms.households))
    return np.asarray((np.bincount(lands, minlength=len(elsewhere)) == 1) & (elsewhere == 0))


def _code(drawn: DrawnGrids, number: int) -> str | None:
    return drawn.codes[number] if number < len(drawn) else None


def _claims(town: Town, land: Land, drawn: DrawnGrids, atoms: Atoms, home: Ints) -> Ints:
    """The drawn grid of its own community that holds most of each atom, -1 where none does.

    Buildings count by their households, or else by being there; land counts where there is no building.
    """
    shares = held(town, drawn)
    building, grid = shares["building"].to_numpy(), shares["grid"].to_numpy()
    weight = (town.buildings["households"].to_numpy()[building] + 0.5) * shares["share"].to_numpy()
    by_building = _most(atoms, atoms.of_cell[land.building_cell[building]], grid, weight, home)
    cell, grid = shapely.STRtree(drawn.shapes).query(land.cells, predicate="intersects")
    area = shapely.area(shapely.intersection(land.cells[cell], drawn.shapes[grid]))
    by_land = _most(atoms, atoms.of_cell[cell], grid, area, home)
    return np.where(by_building >= 0, by_building, by_land)


def _most(atoms: Atoms, atom: Ints, grid: Ints, weight: Floats, home: Ints) -> Ints:
    """The grid with the greatest weight at each atom; ties go to the one drawn first."""
    own = (home[grid] == atoms.community[atom]) & (weight > 0)
    pairs, index = np.unique(np.stack([atom[own], grid[own]], axis=1), axis=0, return_inverse=True)
    total = np.bincount(index.ravel(), weight[own], len(pairs))
    order = np.lexsort((-pairs[:, 1], total, pairs[:, 0]))
    found = np.full(len(atoms.households), -1, dtype=np.int64)
    found[pairs[order, 0]] = pairs[order, 1]
    return found


def _filled(claimed: Ints, atoms: Atoms, drawn: int) -> Ints:
    """Unclaimed atoms go to the neighbour with the longest border; a community nobody drew in becomes a new grid."""
    borders = atoms.borders
    grid = spread(claimed, borders.left, borders.right, borders.length)
    bare = grid < 0
    return np.where(bare, drawn + atoms.community, grid)


def _gathered(grid: Ints, atoms: Atoms) -> Ints:
    """Pieces that the largest of their grid does not reach go to a neighbour, until there are none."""
    for _ in range(len(grid)):
        stray = _stray(grid, atoms)
        moved = _moved(grid, stray, atoms.borders)
        if (moved == grid).all():
            return grid
        grid = moved
    return grid


def _stray(grid: Ints, atoms: Atoms) -> Ints:
    """Number of the piece of each atom that is apart from the largest of its grid, -1 for the others."""
    borders = atoms.borders
    same = grid[borders.left] == grid[borders.right]
    piece = components(len(grid), borders.left[same], borders.right[same])
    households = np.bincount(piece, atoms.households)
    size = np.bincount(piece)
    of_grid = np.empty(len(size), dtype=np.int64)
    of_grid[piece] = grid
    order = np.lexsort((size, households, of_grid))
    largest = np.zeros(len(size), dtype=np.bool_)
    largest[order[np.append(np.diff(of_grid[order]) != 0, True)]] = True
    return np.where(largest[piece], -1, piece)


def _moved(grid: Ints, stray: Ints, borders: AtomBorders) -> Ints:
    """Each stray piece to the neighbouring grid it shares most with; borders that people can walk across come first."""
    left, right = np.r_[borders.left, borders.right], np.r_[borders.right, borders.left]
    length = np.r_[borders.length, borders.length] * np.where(np.r_[borders.walkable, borders.walkable], 1.0, 1e-6)
    out = (stray[left] >= 0) & (stray[left] != stray[right]) & (grid[left] != grid[right])
    pairs, index = np.unique(np.stack([stray[left[out]], grid[right[out]]], axis=1), axis=0, return_inverse=True)
    order = np.lexsort((-pairs[:, 1], np.bincount(index.ravel(), length[out], len(pairs)), pairs[:, 0]))
    target = np.full(stray.max(initial=-1) + 2, -1, dtype=np.int64)
    target[pairs[order, 0]] = pairs[order, 1]
    return np.where(target[stray] >= 0, target[stray], grid)


def _changes(drawn: Ints, claimed: Ints, after: Ints, number: Ints) -> pd.DataFrame:
    """Buildings whose grid is another than the drawing said, with the reason; arguments have one entry a building."""
    changed = np.flatnonzero(drawn != after)
    reasons = [_reason(drawn[each], claimed[each], after[each]) for each in changed]
    columns = {"building": changed, "drawn": drawn[changed], "grid": number[changed]}
    return pd.DataFrame(columns).assign(reason=pd.Series(reasons, dtype=object))


def _reason(before: int, claimed: int, after: int) -> Message:
    if before < 0:
        return Message(N_("was in no grid"))
    if claimed not in (-1, after):
        return Message(N_("the rest of its grid does not reach it"))
    return Message(N_("stays with its courtyard or with buildings it cannot be parted from, or in its own community"))
