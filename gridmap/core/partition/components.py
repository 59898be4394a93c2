"""Pieces of a community that are divided each on its own: what people reach on foot, as far as that holds grids."""

from dataclasses import dataclass

import numpy as np
import shapely

from gridmap.core.array_types import BoolArray, FloatArray, GeometryArray, IntArray
from gridmap.core.labels import label_components, propagate_labels
from gridmap.core.partition.atoms import AtomBorders, Atoms
from gridmap.core.partition.graph import Graph
from gridmap.core.plans.profile import Profile

MAX_SHARE_JOINING_OVERSIZE = 0.1
"""A piece with less than this share of the minimum joins a grid above the maximum, where nothing else is in reach."""


@dataclass(frozen=True, eq=False)
class CommunityAtoms:
    """The atoms of one community that grids of households are made of.

    Parameters
    ----------
    households : ndarray of int
        Households of each atom.
    borders : AtomBorders
        Borders between them.
    island : ndarray of int
        Number of the part of the community each lies in.
    shape : ndarray of MultiPolygon, metres
        Where each lies.
    """

    households: IntArray
    borders: AtomBorders
    island: IntArray
    shape: GeometryArray

    @classmethod
    def from_atoms(cls, atoms: Atoms, selected: IntArray, island: IntArray, cells: GeometryArray) -> "CommunityAtoms":
        """The ground of chosen atoms, with the island of each; `cells` are the shapes of the town's cells."""
        number = np.full(len(atoms.households), -1, dtype=np.int64)
        number[selected] = np.arange(len(selected))
        of_cell = number[atoms.atom_of_cell]
        order = np.argsort(of_cell, kind="stable")
        order = order[of_cell[order] >= 0]
        shape = shapely.multipolygons(cells[order], indices=of_cell[order])
        return cls(atoms.households[selected], atoms.borders_among(selected), island, shape)


@dataclass(frozen=True, eq=False)
class PartitionComponent:
    """Atoms divided together.

    Parameters
    ----------
    nodes : ndarray of int
        Nodes of the ground that the graph stands for.
    graph : Graph
        Their households and borders; connected.
    walkable : ndarray of bool, one per border of the graph
        False where pieces are joined that nobody gets between on foot.
    """

    nodes: IntArray
    graph: Graph
    walkable: BoolArray


def attach_empty_land(community_atoms: CommunityAtoms, oversize: BoolArray) -> IntArray:
    """Node that each node goes along with: land without households that nobody reaches joins its longest neighbour.

    Parameters
    ----------
    community_atoms : CommunityAtoms
    oversize : ndarray of bool
        Nodes above the maximum, each a grid of its own: no way leads through them.

    Returns
    -------
    ndarray of int
        Its own number for every node that stands for itself.
    """
    reached = _walkable_components(community_atoms, oversize)
    peopled = np.bincount(reached, community_atoms.households) > 0
    own = np.where(peopled[reached] | oversize, np.arange(len(reached)), -1)
    host = propagate_labels(
        own, community_atoms.borders.left, community_atoms.borders.right, community_atoms.borders.length
    )
    alone = np.flatnonzero(host < 0)
    if len(alone) < len(host):
        settled = np.flatnonzero(host >= 0)
        host[alone] = host[
            settled[shapely.STRtree(community_atoms.shape[settled]).nearest(community_atoms.shape[alone])]
        ]
        return host
    return np.zeros(len(host), dtype=np.int64)


def _walkable_components(community_atoms: CommunityAtoms, oversize: BoolArray) -> IntArray:
    """Number of the piece of land that people on foot reach from each node, not through large ones."""
    open_ = (
        community_atoms.borders.walkable
        & ~oversize[community_atoms.borders.left]
        & ~oversize[community_atoms.borders.right]
    )
    return label_components(len(oversize), community_atoms.borders.left[open_], community_atoms.borders.right[open_])


def merge_components(
    community_atoms: CommunityAtoms, attached_to: IntArray, oversize: BoolArray, profile: Profile
) -> IntArray:
    """Number the pieces to divide; those whose households fit no grids join a neighbour across what parts them.

    Parameters
    ----------
    community_atoms : CommunityAtoms
    attached_to : ndarray of int
        From `attach_empty_land`.
    oversize : ndarray of bool
        Nodes above the maximum.
    profile : Profile
        The range that decides what fits.

    Returns
    -------
    ndarray of int
        Piece of each node. A large node is a piece of its own, with at most a few neighbours that fit nowhere else.
    """
    piece = _walkable_components(community_atoms, oversize)[attached_to]
    helpless: set[int] = set()
    while (wanting := _next_to_merge(community_atoms, piece, oversize, profile, helpless)) is not None:
        other = _merge_target(community_atoms, piece, oversize, wanting, profile)
        if other is None:
            helpless.add(wanting)
        else:
            piece[piece == wanting] = other
            helpless.discard(other)
    return piece


def _next_to_merge(
    community_atoms: CommunityAtoms, component: IntArray, oversize: BoolArray, profile: Profile, unmergeable: set[int]
) -> int | None:
    """The smallest piece that fits no number of grids and may still find a neighbour."""
    households = np.bincount(component, community_atoms.households)
    holds_large = np.bincount(component, oversize) > 0
    for number in np.argsort(households, kind="stable"):
        present = (component == number).any() and not holds_large[number]
        if present and int(number) not in unmergeable and not profile.is_partitionable(int(households[number])):
            return int(number)
    return None


def _merge_target(
    community_atoms: CommunityAtoms,
    component: IntArray,
    oversize: BoolArray,
    merging: int,
    profile: Profile,
) -> int | None:
    """The piece to join: by the longest border; for an island too small for a grid, the nearest of another."""
    households = int(community_atoms.households[component == merging].sum())
    left, right = component[community_atoms.borders.left], component[community_atoms.borders.right]
    touching = (left == merging) != (right == merging)
    other = np.where(left == merging, right, left)[touching]
    length = np.bincount(other, community_atoms.borders.length[touching], component.max() + 1)
    crowd = np.bincount(component, oversize, component.max() + 1) > 0
    small = np.where(crowd, 0.0, length)
    if small.any():
        return int(small.argmax())
    if length.any():
        return int(length.argmax()) if households <= MAX_SHARE_JOINING_OVERSIZE * profile.minimum else None
    home = np.isin(community_atoms.island, community_atoms.island[component == merging])
    apart = np.flatnonzero(~home & ~crowd[component])
    if community_atoms.households[home].sum() >= profile.minimum or not len(apart):
        return None
    near = shapely.distance(
        shapely.union_all(community_atoms.shape[component == merging]), community_atoms.shape[apart]
    )
    return int(component[apart[near.argmin()]])


def build_components(
    community_atoms: CommunityAtoms, attached_to: IntArray, component: IntArray, oversize: BoolArray
) -> list[PartitionComponent]:
    """Graphs of the pieces, in the order of their first nodes.

    Parameters
    ----------
    community_atoms : CommunityAtoms
    attached_to, component : ndarray of int
        From `attach_empty_land` and `merge_components`.
    oversize : ndarray of bool
        Nodes above the maximum.
    """
    left, right = attached_to[community_atoms.borders.left], attached_to[community_atoms.borders.right]
    kept = (left != right) & (component[left] == component[right])
    open_ = (
        community_atoms.borders.walkable
        & ~oversize[community_atoms.borders.left]
        & ~oversize[community_atoms.borders.right]
    )
    number = label_components(len(attached_to), left[kept & open_], right[kept & open_])
    usable = kept & (open_ | (number[left] != number[right]))
    found = []
    for which in dict.fromkeys(component.tolist()):
        nodes = np.flatnonzero((component == which) & (attached_to == np.arange(len(attached_to))))
        here = usable & (component[left] == which)
        found.append(
            _build_component(
                community_atoms, nodes, left[here], right[here], community_atoms.borders.cost[here], open_[here]
            )
        )
    return found


def _build_component(
    community_atoms: CommunityAtoms,
    nodes: IntArray,
    left: IntArray,
    right: IntArray,
    cost: FloatArray,
    walkable: BoolArray,
) -> PartitionComponent:
    number = np.full(len(community_atoms.households), -1, dtype=np.int64)
    number[nodes] = np.arange(len(nodes))
    ends = np.sort(number[np.stack([left, right])], axis=0)
    pairs, pair = np.unique(ends.T, axis=0, return_inverse=True)
    pair = pair.ravel()
    costs = np.bincount(pair, cost, len(pairs)).astype(np.float64)
    foot = np.bincount(pair, walkable, len(pairs)) > 0
    graph = Graph(community_atoms.households[nodes], pairs[:, 0], pairs[:, 1], costs)
    return PartitionComponent(nodes, *_bridge_islands(community_atoms, nodes, graph, foot))


def _bridge_islands(
    community_atoms: CommunityAtoms, nodes: IntArray, graph: Graph, walkable: BoolArray
) -> tuple[Graph, BoolArray]:
    """The graph with a free border from every island to the nearest land: nothing is cut where nothing is shared."""
    island = label_components(len(graph), graph.left, graph.right)
    left, right = [graph.left], [graph.right]
    for number in range(1, island.max(initial=0) + 1):
        here, there = np.flatnonzero(island == number), np.flatnonzero(island < number)
        tree = shapely.STRtree(community_atoms.shape[nodes[there]])
        (one, two), _ = tree.query_nearest(community_atoms.shape[nodes[here]], return_distance=True, all_matches=False)
        apart = shapely.distance(community_atoms.shape[nodes[here[one]]], community_atoms.shape[nodes[there[two]]])
        left.append(here[one[[apart.argmin()]]])
        right.append(there[two[[apart.argmin()]]])
    bridges = sum(len(more) for more in left[1:])
    cost, walkable = np.r_[graph.cost, np.zeros(bridges)], np.r_[walkable, np.zeros(bridges, dtype=np.bool_)]
    return Graph(graph.weight, np.concatenate(left), np.concatenate(right), cost), walkable
