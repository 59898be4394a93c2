"""Partition of a town into grids: each community on its own, dedicated land apart, the rest into household grids."""

import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import NamedTuple

import geopandas as gpd
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
from gridmap.core.partition.radius import RadiusLimit, limit_radius
from gridmap.core.partition.reasons import certify_exception, explain_grids
from gridmap.core.partition.search import GraphPlan, build_objective, partition_graph, plan_oversize
from gridmap.core.partition.strips import join_strips
from gridmap.core.plans.plan import ExceptionCertificate, GridPlan
from gridmap.core.plans.profile import CostWeights, Profile
from gridmap.core.progress import Progress, ignore_progress
from gridmap.core.vocabulary import GridKind, SearchEffort


@dataclass(frozen=True)
class PartitionSettings:
    """Settings of a partition.

    Parameters
    ----------
    profile : Profile
        Range of households of a grid.
    weights : CostWeights
        Costs of borders.
    seed : int
        Seed of the search. The same input, release and seed give the same plan, whatever the number of jobs.
    jobs : int
        Number of communities partitioned at the same time.
    effort : SearchEffort
        Effort of the search.
    own_profiles : tuple of Profile
        For each community its own range, in place of `profile`, which contains all of them; empty for one range.
    """

    profile: Profile = field(default_factory=Profile)
    weights: CostWeights = field(default_factory=CostWeights)
    seed: int = 0
    jobs: int = 1
    effort: SearchEffort = SearchEffort.DEFAULT
    own_profiles: tuple[Profile, ...] = ()

    def profile_of(self, community: int) -> Profile:
        """Return the range of the grids of a community."""
        return self.own_profiles[community] if self.own_profiles else self.profile


@dataclass(frozen=True, eq=False)
class CommunityPlan:
    """Plan of one community.

    Parameters
    ----------
    grid : ndarray of int
        Grid of each of its atoms.
    kind : tuple of GridKind, one per grid
    reason : tuple of Message or None, one per grid
        Reason why a grid is out of range.
    certificates : tuple of ExceptionCertificate
        Proofs of exceptions; their members are atoms of the town.
    """

    grid: IntArray
    kind: tuple[GridKind, ...]
    reason: tuple[Message | None, ...]
    certificates: tuple[ExceptionCertificate, ...]


def partition_town(
    town: Town,
    land: LandCoverage,
    settings: PartitionSettings,
    progress: Progress = ignore_progress,
    resident_groups: gpd.GeoDataFrame | None = None,
) -> GridPlan:
    """Partition a town into contiguous grids.

    Parameters
    ----------
    town : Town
        Buildings with households.
    land : LandCoverage
        Its cells, from `build_land`.
    settings : PartitionSettings
        Profile, weights, seed and jobs.
    progress : Progress
        Called after each community.
    resident_groups : GeoDataFrame, optional
        Polygons of resident groups, in metres, that should stay in few grids, as estates do.

    Returns
    -------
    GridPlan

    Examples
    --------
    >>> from gridmap.core.land.build import build_land
    >>> from gridmap.demo.town import build_town
    >>> town = build_town(1_500)
    >>> land = build_land(town)
    >>> plan = partition_town(town, land, PartitionSettings())
    >>> households = np.bincount(plan.grid_of_cell[land.cell_of_building], town.buildings["households"])
    >>> len(plan), bool(((households >= 300) & (households <= 500)).all())
    (4, True)
    """
    atoms = build_atoms(town, land, settings.profile, settings.weights, resident_groups)
    atoms = join_strips(atoms, town, land)
    members = [np.flatnonzero(atoms.community == community) for community in range(len(town.communities))]
    seeds = [settings.seed + zlib.crc32(code.encode()) for code in town.communities["code"]]
    profiles = map(settings.profile_of, range(len(members)))
    partition_one = partial(_partition_community, atoms, land, settings)
    tasks = list(zip(members, seeds, profiles, strict=True))
    plans = _partition_in_parallel(partition_one, tasks, settings.jobs, progress)
    return _combine_community_plans(atoms, members, plans)


def _partition_in_parallel(
    partition_one: Callable[[IntArray, int, Profile], CommunityPlan],
    tasks: list[tuple[IntArray, int, Profile]],
    jobs: int,
    progress: Progress,
) -> list[CommunityPlan]:
    """Partition communities in threads: the kernels release the GIL. An exception does not wait for running threads."""
    step = Message(N_("Partitioning the communities"))
    progress(step, 0, len(tasks))
    threads, plans = ThreadPoolExecutor(max(jobs, 1)), []
    try:
        for plan in threads.map(lambda task: partition_one(*task), tasks):
            plans.append(plan)
            progress(step, len(plans), len(tasks))
    finally:
        threads.shutdown(wait=False, cancel_futures=True)
    return plans


def _combine_community_plans(atoms: Atoms, members: list[IntArray], plans: list[CommunityPlan]) -> GridPlan:
    grid = np.empty(len(atoms.households), dtype=np.int64)
    first = np.cumsum([0] + [len(plan.kind) for plan in plans])
    for nodes, plan, start in zip(members, plans, first, strict=False):
        grid[nodes] = plan.grid + start
    community = np.repeat(np.arange(len(plans)), np.diff(first))
    kinds = tuple(kind for plan in plans for kind in plan.kind)
    reasons = tuple(reason for plan in plans for reason in plan.reason)
    certificates = tuple(
        certificate.renumber(int(start), atoms.list_cells)
        for plan, start in zip(plans, first, strict=False)
        for certificate in plan.certificates
    )
    return GridPlan(grid[atoms.atom_of_cell], community, kinds, reasons, atoms.notes, certificates)


def _partition_community(
    atoms: Atoms, land: LandCoverage, settings: PartitionSettings, members: IntArray, seed: int, profile: Profile
) -> CommunityPlan:
    borders = atoms.borders_among(members)
    grid = _label_dedicated_grids(atoms.dedicated[members], atoms.households[members], borders)
    dedicated_count = grid.max(initial=-1) + 1
    kind = [GridKind.DEDICATED] * dedicated_count
    reason: list[Message | None] = [Message(N_("dedicated land: the range does not apply"))] * dedicated_count
    rest, certificates = np.flatnonzero(grid < 0), list[ExceptionCertificate]()
    if len(rest):
        island = label_components(len(members), borders.left, borders.right)
        community_atoms = CommunityAtoms.from_atoms(atoms, members[rest], island[rest], land.cells)
        found = _partition_community_atoms(community_atoms, replace(settings, profile=profile), seed)
        grid[rest] = dedicated_count + found.grid
        kind, reason = kind + [GridKind.HOUSEHOLD] * len(found.reasons), reason + found.reasons
        atom = members[rest]
        certificates = [each.renumber(dedicated_count, lambda own: atom[list(own)]) for each in found.certificates]
    return CommunityPlan(grid, tuple(kind), tuple(reason), tuple(certificates))


def _label_dedicated_grids(dedicated: IntArray, households: IntArray, borders: AtomBorders) -> IntArray:
    """Return a grid for each piece of dedicated land, -1 for the other atoms.

    Land without households that borders on nothing else goes with the dedicated land.
    """
    same_land = dedicated[borders.left] == dedicated[borders.right]
    component = label_components(len(dedicated), borders.left[same_land], borders.right[same_land])
    is_dedicated = np.bincount(component, dedicated >= 0) > 0
    inhabited = ~is_dedicated & (np.bincount(component, households) > 0)
    is_source = is_dedicated | inhabited if inhabited.any() else np.ones_like(is_dedicated)
    source = np.where(is_source, np.arange(len(is_dedicated)), -1)
    left, right = component[borders.left], component[borders.right]
    attached_to = propagate_labels(source, left, right, borders.length)[component]
    grid = np.where(is_dedicated[attached_to] & (attached_to >= 0), attached_to, -1)
    return np.searchsorted(np.unique(grid[grid >= 0]), grid) - (grid < 0)


class HouseholdGrids(NamedTuple):
    """Household grids of a community: the grid of each atom, a reason or None for each grid, and proofs."""

    grid: IntArray
    reasons: list[Message | None]
    certificates: list[ExceptionCertificate]


def _partition_community_atoms(
    community_atoms: CommunityAtoms, settings: PartitionSettings, seed: int
) -> HouseholdGrids:
    """Partition the atoms of a community that are not dedicated land."""
    oversize = community_atoms.households > settings.profile.maximum
    attached_to = attach_empty_land(community_atoms, oversize)
    component_of_atom = merge_components(community_atoms, attached_to, oversize, settings.profile)
    found = HouseholdGrids(np.full(len(attached_to), -1, dtype=np.int64), [], [])
    for component in build_components(community_atoms, attached_to, component_of_atom, oversize):
        first = len(found.reasons)
        limit = _limit_radius(community_atoms, attached_to, component.nodes, settings.profile)
        plan = _partition_component(component, settings, seed + first, limit)
        found.grid[component.nodes] = plan.grid + first
        found.reasons.extend(explain_grids(component, plan, community_atoms, settings.profile))
        for number, proof in plan.certificates.items():
            certificate = certify_exception(number, proof, component.graph.weight)
            atoms_of_node = partial(_attached_atoms, attached_to, component.nodes)
            found.certificates.append(certificate.renumber(first, atoms_of_node))
    return found._replace(grid=found.grid[attached_to])


def _attached_atoms(attached_to: IntArray, nodes: IntArray, members: tuple[int, ...]) -> IntArray:
    """Return the atoms of some nodes of a component, with the empty land that goes with them."""
    return np.flatnonzero(np.isin(attached_to, nodes[list(members)]))


def _limit_radius(
    community_atoms: CommunityAtoms, attached_to: IntArray, nodes: IntArray, profile: Profile
) -> RadiusLimit | None:
    """Return the limit of the radius with the land and homes of a component; None where there is no limit."""
    if community_atoms.homes is None:
        return None
    return limit_radius(community_atoms.shape, community_atoms.homes, attached_to, nodes, profile.max_radius_m)


def _partition_component(
    component: PartitionComponent, settings: PartitionSettings, seed: int, limit: RadiusLimit | None
) -> GraphPlan:
    households = int(component.graph.weight.sum())
    if component.graph.weight.max() > settings.profile.maximum:
        return plan_oversize(component.graph)
    objective = build_objective(settings.profile, settings.weights, households)
    return partition_graph(component.graph, objective, seed, settings.effort, limit)
