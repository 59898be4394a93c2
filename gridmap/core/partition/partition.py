"""Divide a town: every community on its own, dedicated land apart, the rest into grids of households."""

import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from gridmap.core.array_types import IntArray
from gridmap.core.errors import N_, Message
from gridmap.core.labels import label_components, propagate_labels
from gridmap.core.land.build import LandCoverage
from gridmap.core.land.town import Town
from gridmap.core.partition.atoms import AtomBorders, Atoms, build_atoms
from gridmap.core.partition.components import (
    CommunityAtoms,
    PartitionComponent,
    attach_empty_land,
    build_components,
    merge_components,
)
from gridmap.core.partition.reasons import explain_grids
from gridmap.core.partition.search import build_objective, partition_graph
from gridmap.core.plans.plan import GridPlan
from gridmap.core.plans.profile import CostWeights, Profile
from gridmap.core.progress import Progress, ignore_progress
from gridmap.core.vocabulary import GridKind


@dataclass(frozen=True)
class PartitionSettings:
    """How to divide.

    Parameters
    ----------
    profile : Profile
        What a grid should hold.
    weights : CostWeights
        What borders cost.
    seed : int
        Seed of the search. The same input, version and seed give the same plan, whatever the jobs.
    jobs : int
        Communities divided at the same time.
    """

    profile: Profile = field(default_factory=Profile)
    weights: CostWeights = field(default_factory=CostWeights)
    seed: int = 0
    jobs: int = 1


@dataclass(frozen=True, eq=False)
class CommunityPlan:
    """The plan of one community: a grid for each of its atoms, and kind and reason of each grid."""

    grid: IntArray
    kind: tuple[GridKind, ...]
    reason: tuple[Message | None, ...]


def partition_town(
    town: Town, land: LandCoverage, settings: PartitionSettings, progress: Progress = ignore_progress
) -> GridPlan:
    """Divide a town into contiguous grids.

    Parameters
    ----------
    town : Town
        Buildings with households.
    land : LandCoverage
        Its cells, from `build_land`.
    settings : PartitionSettings
        Profile, weights, seed and jobs.
    progress : Progress
        Told of each community.

    Returns
    -------
    GridPlan
    """
    atoms = build_atoms(town, land, settings.profile, settings.weights)
    members = [np.flatnonzero(atoms.community == community) for community in range(len(town.communities))]
    seeds = [settings.seed + zlib.crc32(code.encode()) for code in town.communities["code"]]
    work = partial(_partition_community, atoms, land, settings)
    shares = _partition_in_parallel(work, list(zip(members, seeds, strict=True)), settings.jobs, progress)
    return _combine_community_plans(atoms, members, shares)


def _partition_in_parallel(
    partition_one: Callable[[IntArray, int], CommunityPlan],
    tasks: list[tuple[IntArray, int]],
    jobs: int,
    progress: Progress,
) -> list[CommunityPlan]:
    """Divide communities side by side: the kernels hold no lock. Who stops this does not wait for them."""
    step = Message(N_("Dividing the communities"))
    progress(step, 0, len(tasks))
    threads, shares = ThreadPoolExecutor(max(jobs, 1)), []
    try:
        for share in threads.map(lambda task: partition_one(*task), tasks):
            shares.append(share)
            progress(step, len(shares), len(tasks))
    finally:
        threads.shutdown(wait=False, cancel_futures=True)
    return shares


def _combine_community_plans(atoms: Atoms, members: list[IntArray], plans: list[CommunityPlan]) -> GridPlan:
    grid = np.empty(len(atoms.households), dtype=np.int64)
    first = np.cumsum([0] + [len(share.kind) for share in plans])
    for nodes, share, start in zip(members, plans, first, strict=False):
        grid[nodes] = share.grid + start
    community = np.repeat(np.arange(len(plans)), np.diff(first))
    kinds = tuple(kind for share in plans for kind in share.kind)
    reasons = tuple(reason for share in plans for reason in share.reason)
    return GridPlan(grid[atoms.atom_of_cell], community, kinds, reasons, atoms.notes)


def _partition_community(
    atoms: Atoms, land: LandCoverage, settings: PartitionSettings, members: IntArray, seed: int
) -> CommunityPlan:
    borders = atoms.borders_among(members)
    grid = _label_dedicated_grids(atoms.dedicated[members], atoms.households[members], borders)
    apart = grid.max(initial=-1) + 1
    kind = [GridKind.DEDICATED] * apart
    reason: list[Message | None] = [Message(N_("dedicated land: the range does not apply"))] * apart
    rest = np.flatnonzero(grid < 0)
    if len(rest):
        island = label_components(len(members), borders.left, borders.right)
        found, reasons = _partition_community_atoms(
            CommunityAtoms.from_atoms(atoms, members[rest], island[rest], land.cells), settings, seed
        )
        grid[rest] = apart + found
        kind, reason = kind + [GridKind.HOUSEHOLD] * len(reasons), reason + reasons
    return CommunityPlan(grid, tuple(kind), tuple(reason))


def _label_dedicated_grids(dedicated: IntArray, households: IntArray, borders: AtomBorders) -> IntArray:
    """A grid for each piece of dedicated land, with what nobody lives on and nothing else borders; -1 for the rest."""
    same = dedicated[borders.left] == dedicated[borders.right]
    piece = label_components(len(dedicated), borders.left[same], borders.right[same])
    apart = np.bincount(piece, dedicated >= 0) > 0
    peopled = ~apart & (np.bincount(piece, households) > 0)
    settled = apart | peopled if peopled.any() else np.ones_like(apart)
    own = np.where(settled, np.arange(len(apart)), -1)
    host = propagate_labels(own, piece[borders.left], piece[borders.right], borders.length)[piece]
    grid = np.where(apart[host] & (host >= 0), host, -1)
    return np.searchsorted(np.unique(grid[grid >= 0]), grid) - (grid < 0)


def _partition_community_atoms(
    community_atoms: CommunityAtoms, settings: PartitionSettings, seed: int
) -> tuple[IntArray, list[Message | None]]:
    large = community_atoms.households > settings.profile.maximum
    host = attach_empty_land(community_atoms, large)
    of_piece = merge_components(community_atoms, host, large, settings.profile)
    grid = np.full(len(host), -1, dtype=np.int64)
    reasons: list[Message | None] = []
    for piece in build_components(community_atoms, host, of_piece, large):
        found = _partition_component(piece, settings, seed + len(reasons))
        grid[piece.nodes] = found + len(reasons)
        reasons += explain_grids(piece, found, community_atoms, settings.profile)
    return grid[host], reasons


def _partition_component(component: PartitionComponent, settings: PartitionSettings, seed: int) -> IntArray:
    households = int(component.graph.weight.sum())
    if component.graph.weight.max() > settings.profile.maximum:
        return np.zeros(len(component.nodes), dtype=np.int64)
    rules = build_objective(settings.profile, settings.weights, households)
    return partition_graph(component.graph, rules, seed)
