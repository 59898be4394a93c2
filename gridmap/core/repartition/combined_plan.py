"""One plan of a town from the plans of its components and the grids that stay."""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from gridmap.core.array_types import IntArray
from gridmap.core.errors import N_, Message
from gridmap.core.partition.atoms import Atoms
from gridmap.core.partition.reasons import PROVEN, certify_exception, explain_grids
from gridmap.core.partition.search import GraphPlan
from gridmap.core.plans.plan import ExceptionCertificate, GridPlan
from gridmap.core.plans.profile import Profile
from gridmap.core.repartition.present_plan import PresentCommunity, PresentComponent, PresentPlan
from gridmap.core.vocabulary import GridKind, GridStatus

DEDICATED_REASON = N_("dedicated land: the range does not apply")
LOCKED_REASON = N_("it is locked, so it stays as it is today")
PROVEN_WITH_LOCKS = N_(
    "buildings or courtyards here with {sizes} households cannot all be in grids of {minimum} to {maximum} households"
    " while the locked grids stay: this is proven, whatever the partition of the rest"
)
LIMIT_REASON = N_("no more than {max_moved} households may move")


class ComponentPlan(NamedTuple):
    """Plan of one component.

    Parameters
    ----------
    component : PresentComponent
    plan : GraphPlan
    max_moved : int or None
        The limit of moves, where it kept this component from a better plan.
    """

    component: PresentComponent
    plan: GraphPlan
    max_moved: int | None = None


class _CommunityPart(NamedTuple):
    """Some grids of a community.

    Parameters
    ----------
    atoms, grid : ndarray of int
        Their atoms, and the grid of each, from 0.
    kinds, reasons : sequence
        A kind and a reason for each grid.
    certificates : sequence of ExceptionCertificate
        Proofs of exceptions; their members are positions in `atoms`.
    """

    atoms: IntArray
    grid: IntArray
    kinds: Sequence[GridKind]
    reasons: Sequence[Message | None]
    certificates: Sequence[ExceptionCertificate] = ()


def combine_plans(
    atoms: Atoms,
    present: PresentPlan,
    communities: Sequence[tuple[PresentCommunity, Sequence[ComponentPlan]]],
    profile: Profile,
) -> GridPlan:
    """Combine the plans of components and the grids that stay into the plan of a town.

    Parameters
    ----------
    atoms : Atoms
    present : PresentPlan
    communities : sequence of (PresentCommunity, sequence of ComponentPlan)
    profile : Profile
    """
    grid = np.empty(len(atoms.households), dtype=np.int64)
    kinds: list[GridKind] = []
    reasons: list[Message | None] = []
    certificates: list[ExceptionCertificate] = []
    counts = []
    for community, plans in communities:
        before = len(kinds)
        fixed = _fixed_part(atoms, present, community, profile)
        for part in (fixed, *(_component_part(present, community, each, profile) for each in plans)):
            grid[part.atoms] = len(kinds) + part.grid
            cells_of = partial(_list_cells, atoms, part.atoms)
            certificates += [each.renumber(len(kinds), cells_of) for each in part.certificates]
            kinds += part.kinds
            reasons += part.reasons
        counts.append(len(kinds) - before)
    community_of_grid = np.repeat(np.arange(len(counts)), counts)
    return GridPlan(
        grid[atoms.atom_of_cell], community_of_grid, tuple(kinds), tuple(reasons), atoms.notes, tuple(certificates)
    )


def _list_cells(atoms: Atoms, nodes: IntArray, members: tuple[int, ...]) -> IntArray:
    """Return the cells of some atoms, which are given by their positions among others."""
    return atoms.list_cells(nodes[list(members)])


def _fixed_part(atoms: Atoms, present: PresentPlan, community: PresentCommunity, profile: Profile) -> _CommunityPart:
    """Return the grids that stay, and those of dedicated land that had none."""
    chosen = community.fixed >= 0
    labels, grid = np.unique(community.fixed[chosen], return_inverse=True)
    is_household = np.append(~present.is_dedicated(), False)[np.minimum(labels, len(present.codes))]
    nodes = community.members[chosen]
    households = np.bincount(grid.ravel(), atoms.households[nodes], len(labels)).astype(np.int64)
    kinds = [GridKind.HOUSEHOLD if each else GridKind.DEDICATED for each in is_household]
    reasons = [_fixed_reason(*each, profile) for each in zip(kinds, households.tolist(), strict=True)]
    return _CommunityPart(nodes, grid.ravel(), kinds, reasons)


def _fixed_reason(kind: GridKind, households: int, profile: Profile) -> Message | None:
    if kind is GridKind.DEDICATED:
        return Message(DEDICATED_REASON)
    return None if profile.status(households) is GridStatus.IN_RANGE else Message(LOCKED_REASON)


def _component_part(
    present: PresentPlan, community: PresentCommunity, each: ComponentPlan, profile: Profile
) -> _CommunityPart:
    component, plan = each.component.component, each.plan
    reasons = explain_grids(component, plan, community.atoms, profile)
    if each.max_moved is not None:
        households = np.bincount(plan.grid, component.graph.weight).astype(np.int64)
        limit = Message(LIMIT_REASON, {"max_moved": each.max_moved})
        in_range = [profile.status(int(count)) is GridStatus.IN_RANGE for count in households]
        reasons = [reason if fits else limit for fits, reason in zip(in_range, reasons, strict=True)]
    if present.is_locked().any():
        reasons = [reason and _with_locks(reason) for reason in reasons]
    nodes = community.members[community.free[component.nodes]]
    certificates = [certify_exception(*proven, component.graph.weight) for proven in plan.certificates.items()]
    return _CommunityPart(nodes, plan.grid, [GridKind.HOUSEHOLD] * len(reasons), reasons, certificates)


def _with_locks(reason: Message) -> Message:
    """Return a reason that says, where it is a proof, that this holds with the locked grids only."""
    return Message(PROVEN_WITH_LOCKS, reason.values) if reason.template == PROVEN else reason
