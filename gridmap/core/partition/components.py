"""Components of a community, each partitioned on its own: land that is connected on foot and large enough for grids."""

from dataclasses import dataclass

import numpy as np
import shapely

from gridmap.core.array_types import BoolArray, FloatArray, GeometryArray, IntArray
from gridmap.core.labels import label_components, propagate_labels, renumber_nodes
from gridmap.core.partition.atoms import AtomBorders, Atoms
from gridmap.core.partition.graph import Graph
from gridmap.core.plans.profile import Profile

MAX_SHARE_JOINING_OVERSIZE = 0.1
"""A component with at most this share of the minimum may join a grid above the maximum if it has no other neighbour."""


@dataclass(frozen=True, eq=False)
class CommunityAtoms:
    """The atoms of one community that household grids are made of.

    Parameters
    ----------
    households : ndarray of int
        Households of each atom.
    borders : AtomBorders
        Borders between them.
    island : ndarray of int
        Number of the part of the community that each atom lies in.
    shape : ndarray of MultiPolygon, metres
        Shape of each atom.
    homes : ndarray of MultiPoint, optional
        Centres of its inhabited buildings, where the radius of grids is limited.
    """

    households: IntArray
    borders: AtomBorders
    island: IntArray
    shape: GeometryArray
    homes: GeometryArray | None = None

    @classmethod
    def from_atoms(cls, atoms: Atoms, selected: IntArray, island: IntArray, cells: GeometryArray) -> "CommunityAtoms":
        """Select atoms of a community.

        Parameters
        ----------
        atoms : Atoms
            All atoms of the town.
        selected : ndarray of int
            Atoms to take.
        island : ndarray of int, one per selected atom
        cells : ndarray of Polygon, metres
            All cells of the town.
        """
        atom_of_cell = renumber_nodes(selected, len(atoms.households))[atoms.atom_of_cell]
        order = np.argsort(atom_of_cell, kind="stable")
        order = order[atom_of_cell[order] >= 0]
        shape = shapely.multipolygons(cells[order], indices=atom_of_cell[order])
        homes = None if atoms.homes is None else atoms.homes[selected]
        return cls(atoms.households[selected], atoms.borders_among(selected), island, shape, homes)


@dataclass(frozen=True, eq=False)
class PartitionComponent:
    """Atoms that are partitioned together.

    Parameters
    ----------
    nodes : ndarray of int
        Atoms of the community that the graph consists of.
    graph : Graph
        Their households and borders; connected.
    walkable : ndarray of bool, one per edge of the graph
        False where an edge joins parts between which nobody can walk.
    """

    nodes: IntArray
    graph: Graph
    walkable: BoolArray


def attach_empty_land(community_atoms: CommunityAtoms, oversize: BoolArray) -> IntArray:
    """Attach land without households that cannot be reached on foot to the neighbour with the longest border.

    Parameters
    ----------
    community_atoms : CommunityAtoms
    oversize : ndarray of bool
        Atoms above the maximum, each a grid of its own: no path leads through them.

    Returns
    -------
    ndarray of int
        Atom that each atom is attached to; its own number for every atom that is not attached to another.

    Examples
    --------
    >>> walkable = np.array([True, False])
    >>> borders = AtomBorders(np.array([0, 1]), np.array([1, 2]), np.ones(2), np.ones(2), walkable)
    >>> island, shapes = np.zeros(3, dtype=np.int64), shapely.box([0, 1, 2], 0, [1, 2, 3], 1)
    >>> row = CommunityAtoms(np.array([300, 0, 0]), borders, island, shapes)
    >>> attach_empty_land(row, np.zeros(3, dtype=np.bool_)).tolist()
    [0, 1, 1]
    """
    component = _walkable_components(community_atoms, oversize)
    inhabited = np.bincount(component, community_atoms.households) > 0
    source = np.where(inhabited[component] | oversize, np.arange(len(component)), -1)
    borders = community_atoms.borders
    attached_to = propagate_labels(source, borders.left, borders.right, borders.length)
    isolated = np.flatnonzero(attached_to < 0)
    if len(isolated) == len(attached_to):
        return np.zeros(len(attached_to), dtype=np.int64)
    connected = np.flatnonzero(attached_to >= 0)
    nearest = shapely.STRtree(community_atoms.shape[connected]).nearest(community_atoms.shape[isolated])
    attached_to[isolated] = attached_to[connected[nearest]]
    return attached_to


def _is_passable(borders: AtomBorders, oversize: BoolArray) -> BoolArray:
    """Return whether pedestrians can cross each border without entering an oversize atom."""
    return np.asarray(borders.walkable & ~oversize[borders.left] & ~oversize[borders.right])


def _walkable_components(community_atoms: CommunityAtoms, oversize: BoolArray) -> IntArray:
    """Return the component of each atom by reachability on foot, not through oversize atoms."""
    borders = community_atoms.borders
    passable = _is_passable(borders, oversize)
    return label_components(len(oversize), borders.left[passable], borders.right[passable])


def merge_components(
    community_atoms: CommunityAtoms, attached_to: IntArray, oversize: BoolArray, profile: Profile
) -> IntArray:
    """Merge components whose households do not fit any number of grids with a neighbour.

    Parameters
    ----------
    community_atoms : CommunityAtoms
    attached_to : ndarray of int
        From `attach_empty_land`.
    oversize : ndarray of bool
        Atoms above the maximum.
    profile : Profile
        The range that decides what fits.

    Returns
    -------
    ndarray of int
        Component of each atom. An oversize atom is a component of its own, with at most a few neighbours that fit
        nowhere else.

    Examples
    --------
    >>> walkable = np.array([True, False])
    >>> borders = AtomBorders(np.array([0, 1]), np.array([1, 2]), np.ones(2), np.ones(2), walkable)
    >>> island, shapes = np.zeros(3, dtype=np.int64), shapely.box([0, 1, 2], 0, [1, 2, 3], 1)
    >>> row = CommunityAtoms(np.array([300, 0, 100]), borders, island, shapes)
    >>> merge_components(row, np.arange(3), np.zeros(3, dtype=np.bool_), Profile()).tolist()
    [0, 0, 0]
    """
    component = _walkable_components(community_atoms, oversize)[attached_to]
    unmergeable: set[int] = set()
    while (merging := _next_to_merge(community_atoms, component, oversize, profile, unmergeable)) is not None:
        target = _merge_target(community_atoms, component, oversize, merging, profile)
        if target is None:
            unmergeable.add(merging)
        else:
            component[component == merging] = target
            unmergeable.discard(target)
    return component


def _next_to_merge(
    community_atoms: CommunityAtoms, component: IntArray, oversize: BoolArray, profile: Profile, unmergeable: set[int]
) -> int | None:
    """Return the smallest component that does not fit any number of grids and may still have a neighbour to join."""
    households = np.bincount(component, community_atoms.households)
    has_oversize = np.bincount(component, oversize) > 0
    for number in np.argsort(households, kind="stable"):
        is_candidate = (component == number).any() and not has_oversize[number]
        if is_candidate and int(number) not in unmergeable and not profile.is_partitionable(int(households[number])):
            return int(number)
    return None


def _merge_target(
    community_atoms: CommunityAtoms,
    component: IntArray,
    oversize: BoolArray,
    merging: int,
    profile: Profile,
) -> int | None:
    """Return the component to join: the one with the longest border, or for a small island the nearest one."""
    households = int(community_atoms.households[component == merging].sum())
    border_length = _border_lengths(community_atoms, component, merging)
    has_oversize = np.bincount(component, oversize, component.max() + 1) > 0
    usable_length = np.where(has_oversize, 0.0, border_length)
    if usable_length.any():
        return int(usable_length.argmax())
    if border_length.any():
        may_join = households <= MAX_SHARE_JOINING_OVERSIZE * profile.minimum
        return int(border_length.argmax()) if may_join else None
    return _nearest_component(community_atoms, component, has_oversize, merging, profile)


def _border_lengths(community_atoms: CommunityAtoms, component: IntArray, merging: int) -> FloatArray:
    """Return the length of the border between a component and each other one, metres."""
    borders = community_atoms.borders
    left, right = component[borders.left], component[borders.right]
    touching = (left == merging) != (right == merging)
    neighbour = np.where(left == merging, right, left)[touching]
    return np.bincount(neighbour, borders.length[touching], component.max() + 1).astype(np.float64)


def _nearest_component(
    community_atoms: CommunityAtoms, component: IntArray, has_oversize: BoolArray, merging: int, profile: Profile
) -> int | None:
    """Return the nearest component on another island, for an island too small for a grid."""
    members = component == merging
    same_island = np.isin(community_atoms.island, community_atoms.island[members])
    candidates = np.flatnonzero(~same_island & ~has_oversize[component])
    if community_atoms.households[same_island].sum() >= profile.minimum or not len(candidates):
        return None
    distance = shapely.distance(shapely.union_all(community_atoms.shape[members]), community_atoms.shape[candidates])
    return int(component[candidates[distance.argmin()]])


def build_components(
    community_atoms: CommunityAtoms, attached_to: IntArray, component: IntArray, oversize: BoolArray
) -> list[PartitionComponent]:
    """Build the graphs of the components, in the order of their first atoms.

    Parameters
    ----------
    community_atoms : CommunityAtoms
    attached_to, component : ndarray of int
        From `attach_empty_land` and `merge_components`.
    oversize : ndarray of bool
        Atoms above the maximum.

    Returns
    -------
    list of PartitionComponent

    Examples
    --------
    >>> walkable = np.array([True, False])
    >>> borders = AtomBorders(np.array([0, 1]), np.array([1, 2]), np.ones(2), np.ones(2), walkable)
    >>> island, shapes = np.zeros(3, dtype=np.int64), shapely.box([0, 1, 2], 0, [1, 2, 3], 1)
    >>> row = CommunityAtoms(np.array([300, 0, 300]), borders, island, shapes)
    >>> components = build_components(row, np.arange(3), np.array([0, 0, 1]), np.zeros(3, dtype=np.bool_))
    >>> [component.nodes.tolist() for component in components]
    [[0, 1], [2]]
    """
    borders = community_atoms.borders
    left, right = attached_to[borders.left], attached_to[borders.right]
    inside = (left != right) & (component[left] == component[right])
    passable = _is_passable(borders, oversize)
    walkable_part = label_components(len(attached_to), left[inside & passable], right[inside & passable])
    # a border that nobody can cross is an edge only where nothing else connects its two sides
    used = inside & (passable | (walkable_part[left] != walkable_part[right]))
    components = []
    for number in dict.fromkeys(component.tolist()):
        nodes = np.flatnonzero((component == number) & (attached_to == np.arange(len(attached_to))))
        own = used & (component[left] == number)
        edges = ComponentEdges(left[own], right[own], borders.cost[own], passable[own])
        components.append(_build_component(community_atoms, nodes, edges))
    return components


@dataclass(frozen=True, eq=False)
class ComponentEdges:
    """Edges of one component between atoms of the community; a pair may occur several times."""

    left: IntArray
    right: IntArray
    cost: FloatArray
    walkable: BoolArray


def _build_component(community_atoms: CommunityAtoms, nodes: IntArray, edges: ComponentEdges) -> PartitionComponent:
    """Sum the edges of each pair up and connect the islands of a component."""
    number = renumber_nodes(nodes, len(community_atoms.households))
    ends = np.sort(number[np.stack([edges.left, edges.right])], axis=0)
    pairs, pair = np.unique(ends.T, axis=0, return_inverse=True)
    pair = pair.ravel()
    cost = np.bincount(pair, edges.cost, len(pairs)).astype(np.float64)
    walkable = np.bincount(pair, edges.walkable, len(pairs)) > 0
    graph = Graph(community_atoms.households[nodes], pairs[:, 0], pairs[:, 1], cost)
    return PartitionComponent(nodes, *_bridge_islands(community_atoms.shape[nodes], graph, walkable))


def _bridge_islands(shape: GeometryArray, graph: Graph, walkable: BoolArray) -> tuple[Graph, BoolArray]:
    """Add an edge without cost from every island to the nearest land: they share no border that could be cut."""
    island = label_components(len(graph), graph.left, graph.right)
    left, right = [graph.left], [graph.right]
    for number in range(1, island.max(initial=0) + 1):
        nodes, others = np.flatnonzero(island == number), np.flatnonzero(island < number)
        tree = shapely.STRtree(shape[others])
        (one, two), _ = tree.query_nearest(shape[nodes], return_distance=True, all_matches=False)
        nearest = shapely.distance(shape[nodes[one]], shape[others[two]]).argmin()
        left.append(nodes[one[[nearest]]])
        right.append(others[two[[nearest]]])
    bridges = sum(len(bridge) for bridge in left[1:])
    cost, walkable = np.r_[graph.cost, np.zeros(bridges)], np.r_[walkable, np.zeros(bridges, dtype=np.bool_)]
    return Graph(graph.weight, np.concatenate(left), np.concatenate(right), cost), walkable
