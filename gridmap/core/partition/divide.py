"""Divide a town: every community on its own, dedicated land apart, the rest into grids of households."""

import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from gridmap.core.arrays import Ints
from gridmap.core.errors import N_, Message
from gridmap.core.land import Land
from gridmap.core.land.adjacency import spread
from gridmap.core.names import GridKind
from gridmap.core.partition.atoms import AtomBorders, Atoms, gather_atoms
from gridmap.core.partition.graph import components
from gridmap.core.partition.pieces import Ground, Piece, hosts, join, pieces
from gridmap.core.partition.profile import Profile, Weights
from gridmap.core.partition.reasons import explain
from gridmap.core.partition.solve import rules_of, solve
from gridmap.core.plan import Plan
from gridmap.core.progress import Progress, silent
from gridmap.core.town import Town


@dataclass(frozen=True)
class Settings:
    """How to divide.

    Parameters
    ----------
    profile : Profile
        What a grid should hold.
    weights : Weights
        What borders cost.
    seed : int
        Seed of the search. The same input, version and seed give the same plan, whatever the jobs.
    jobs : int
        Communities divided at the same time.
    """

    profile: Profile = field(default_factory=Profile)
    weights: Weights = field(default_factory=Weights)
    seed: int = 0
    jobs: int = 1


@dataclass(frozen=True, eq=False)
class Share:
    """The plan of one community: a grid for each of its atoms, and kind and reason of each grid."""

    grid: Ints
    kind: tuple[GridKind, ...]
    reason: tuple[Message | None, ...]


def divide(town: Town, land: Land, settings: Settings, progress: Progress = silent) -> Plan:
    """Divide a town into contiguous grids.

    Parameters
    ----------
    town : Town
        Buildings with households.
    land : Land
        Its cells, from `build_land`.
    settings : Settings
        Profile, weights, seed and jobs.
    progress : Progress
        Told of each community.

    Returns
    -------
    Plan
    """
    atoms = gather_atoms(town, land, settings.profile, settings.weights)
    members = [np.flatnonzero(atoms.community == community) for community in range(len(town.communities))]
    seeds = [settings.seed + zlib.crc32(code.encode()) for code in town.communities["code"]]
    work = partial(_divide_community, atoms, land, settings)
    shares = _told(work, list(zip(members, seeds, strict=True)), settings.jobs, progress)
    return _gathered(atoms, members, shares)


def _told(
    work: Callable[[Ints, int], Share],
    tasks: list[tuple[Ints, int]],
    jobs: int,
    progress: Progress,
) -> list[Share]:
    """Divide communities side by side: the kernels hold no lock. Who stops this does not wait for them."""
    step = Message(N_("Dividing the communities"))
    progress(step, 0, len(tasks))
    threads, shares = ThreadPoolExecutor(max(jobs, 1)), []
    try:
        for share in threads.map(lambda task: work(*task), tasks):
            shares.append(share)
            progress(step, len(shares), len(tasks))
    finally:
        threads.shutdown(wait=False, cancel_futures=True)
    return shares


def _gathered(atoms: Atoms, members: list[Ints], shares: list[Share]) -> Plan:
    grid = np.empty(len(atoms.households), dtype=np.int64)
    first = np.cumsum([0] + [len(share.kind) for share in shares])
    for nodes, share, start in zip(members, shares, first, strict=False):
        grid[nodes] = share.grid + start
    community = np.repeat(np.arange(len(shares)), np.diff(first))
    kinds = tuple(kind for share in shares for kind in share.kind)
    reasons = tuple(reason for share in shares for reason in share.reason)
    return Plan(grid[atoms.of_cell], community, kinds, reasons, atoms.notes)


def _divide_community(atoms: Atoms, land: Land, settings: Settings, members: Ints, seed: int) -> Share:
    borders = atoms.among(members)
    grid = _dedicated(atoms.dedicated[members], atoms.households[members], borders)
    apart = grid.max(initial=-1) + 1
    kind = [GridKind.DEDICATED] * apart
    reason: list[Message | None] = [Message(N_("dedicated land: the range does not apply"))] * apart
    rest = np.flatnonzero(grid < 0)
    if len(rest):
        island = components(len(members), borders.left, borders.right)
        found, reasons = _divide_ground(Ground.of(atoms, members[rest], island[rest], land.cells), settings, seed)
        grid[rest] = apart + found
        kind, reason = kind + [GridKind.HOUSEHOLD] * len(reasons), reason + reasons
    return Share(grid, tuple(kind), tuple(reason))


def _dedicated(dedicated: Ints, households: Ints, borders: AtomBorders) -> Ints:
    """A grid for each piece of dedicated land, with what nobody lives on and nothing else borders; -1 for the rest."""
    same = dedicated[borders.left] == dedicated[borders.right]
    piece = components(len(dedicated), borders.left[same], borders.right[same])
    apart = np.bincount(piece, dedicated >= 0) > 0
    peopled = ~apart & (np.bincount(piece, households) > 0)
    settled = apart | peopled if peopled.any() else np.ones_like(apart)
    own = np.where(settled, np.arange(len(apart)), -1)
    host = spread(own, piece[borders.left], piece[borders.right], borders.length)[piece]
    grid = np.where(apart[host] & (host >= 0), host, -1)
    return np.searchsorted(np.unique(grid[grid >= 0]), grid) - (grid < 0)


def _divide_ground(ground: Ground, settings: Settings, seed: int) -> tuple[Ints, list[Message | None]]:
    large = ground.weight > settings.profile.maximum
    host = hosts(ground, large)
    of_piece = join(ground, host, large, settings.profile)
    grid = np.full(len(host), -1, dtype=np.int64)
    reasons: list[Message | None] = []
    for piece in pieces(ground, host, of_piece, large):
        found = _divide_piece(piece, settings, seed + len(reasons))
        grid[piece.nodes] = found + len(reasons)
        reasons += explain(piece, found, ground, settings.profile)
    return grid[host], reasons


def _divide_piece(piece: Piece, settings: Settings, seed: int) -> Ints:
    households = int(piece.graph.weight.sum())
    if piece.graph.weight.max() > settings.profile.maximum:
        return np.zeros(len(piece.nodes), dtype=np.int64)
    rules = rules_of(settings.profile, settings.weights, households)
    return solve(piece.graph, rules, seed)
