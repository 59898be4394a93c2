"""Narrowing: grids are partitioned again until every home is within the radius of its grid, where that is possible.

The radius comes before everything else. One to three neighbouring grids at a time are joined and cut again along random
trees; the result is kept where fewer homes are too far, then where the plan costs less.
"""

from typing import NamedTuple

import numpy as np
import shapely
from numba import njit

from gridmap.core.array_types import FloatArray, GeometryArray, IntArray
from gridmap.core.partition.graph import Graph
from gridmap.core.partition.search_state import (
    CSRGraph,
    SearchState,
    collect_nodes,
    free_labels,
    inner_edges,
    relabel,
    start_search,
)
from gridmap.core.partition.trees import (
    EdgeList,
    Objective,
    SpanningTree,
    cut_tree,
    draw_spanning_tree,
    plan_cost,
    size_penalty,
)

FAR_HOME_COST = 1e8
"""Cost of a home beyond the radius: more than that of any number of households out of range."""
FAR_METRE_COST = 1e5
"""Cost of each metre that it is beyond: less than that of a further home."""
ROUNDING_M = 0.1
"""Metres by which the search keeps below the limit, since polygons of grids are rounded."""
PATIENCE = 100
"""Attempts without gain after which a grid is left alone."""
MAX_RUNS = 20
"""Most runs of the kernel; each has room for a fifth more grids, and five."""
ALONE_SHARE, TREE_SHARE, THIRD_SHARE = 0.3, 0.5, 0.4
"""Shares of attempts at one grid alone, of those cut into any number of parts, and of these with a third grid."""
MAX_LOG_DEVIATION = 1.5


class RadiusLimit(NamedTuple):
    """Largest distance of homes from the centre of their grid, with the land and homes of each node of a graph.

    Parameters
    ----------
    area, east, north : ndarray of float, one per node
        Area, and the area times the coordinates of its centre.
    first : ndarray of int, one per node and one more
        Position of each node's first home.
    homes : ndarray of float, shape (homes, 2), metres
        Centres of the inhabited buildings.
    radius_m : float
        The distance.
    """

    area: FloatArray
    east: FloatArray
    north: FloatArray
    first: IntArray
    homes: FloatArray
    radius_m: float

    def subset(self, nodes: IntArray) -> "RadiusLimit":
        """Return the limit for some of the nodes, in their order."""
        counts = np.diff(self.first)[nodes]
        first = np.r_[0, np.cumsum(counts)].astype(np.int64)
        homes = np.arange(first[-1]) + np.repeat(self.first[nodes] - first[:-1], counts)
        return RadiusLimit(
            self.area[nodes], self.east[nodes], self.north[nodes], first, self.homes[homes], self.radius_m
        )


class NarrowingState(NamedTuple):
    """A plan while its grids become narrower.

    Parameters
    ----------
    search : SearchState
        The plan.
    anchor : ndarray of int, one per grid
        A node of each grid; meaningless where the grid has none.
    failures : ndarray of int, one per grid
        Attempts that have gained nothing since the grid last changed.
    """

    search: SearchState
    anchor: IntArray
    failures: IntArray


def limit_radius(
    land: GeometryArray, homes: GeometryArray, attached_to: IntArray, nodes: IntArray, radius_m: float
) -> RadiusLimit:
    """Return the limit of a radius for some atoms, with the land that goes with them.

    Parameters
    ----------
    land : ndarray of MultiPolygon, metres
        Shape of each atom of a community.
    homes : ndarray of MultiPoint
        Centres of the inhabited buildings of each atom.
    attached_to : ndarray of int
        Atom that each atom goes with; those that go with another have no homes.
    nodes : ndarray of int
        Atoms that are nodes.
    radius_m : float

    Examples
    --------
    >>> squares = shapely.box([0, 2], 0, [2, 4], 2)
    >>> homes = np.array([shapely.MultiPoint([(1, 1)]), shapely.MultiPoint()])
    >>> limit = limit_radius(squares, homes, np.array([0, 0]), np.array([0]), 1_000)
    >>> limit.area.tolist(), limit.east.tolist(), limit.homes.tolist()
    ([8.0], [16.0], [[1.0, 1.0]])
    """
    area, (east, north) = shapely.area(land), shapely.get_coordinates(shapely.centroid(land)).T
    areas, easts, norths = (
        np.bincount(attached_to, each, len(land))[nodes].astype(np.float64)
        for each in (area, area * east, area * north)
    )
    first = np.r_[0, np.cumsum(shapely.get_num_geometries(homes[nodes]))].astype(np.int64)
    return RadiusLimit(areas, easts, norths, first, shapely.get_coordinates(homes[nodes]), radius_m - ROUNDING_M)


def count_far_homes(limit: RadiusLimit, plan: IntArray) -> IntArray:
    """Return the number of homes of each grid that are too far from its centre."""
    area, east, north = (np.bincount(plan, each) for each in (limit.area, limit.east, limit.north))
    centre = np.stack([east, north], axis=1) / area[:, None]
    grid_of_home = np.repeat(plan, np.diff(limit.first))
    is_far = np.hypot(*(limit.homes - centre[grid_of_home]).T) > limit.radius_m
    return np.bincount(grid_of_home[is_far], minlength=len(area)).astype(np.int64)


def narrow_grids(graph: Graph, limit: RadiusLimit, objective: Objective, plan: IntArray, seed: int) -> IntArray:
    """Return a plan with as few homes too far from the centres of their grids as are found.

    Parameters
    ----------
    graph : Graph
        Connected; no node above the maximum.
    limit : RadiusLimit
    objective : Objective
        Range and costs.
    plan : ndarray of int
        Contiguous; its grids are numbered without gaps.
    seed : int
        Seed of the random trees.
    """
    csr = graph.to_csr()
    for run in range(MAX_RUNS):
        far_homes = count_far_homes(limit, plan)
        if not far_homes.any():
            break
        found = _narrow_once(csr, limit, objective, plan, far_homes, seed + run)
        found = np.unique(found, return_inverse=True)[1].astype(np.int64)
        is_same = bool((found == plan).all())
        plan = found
        if is_same:
            break
    return plan


@njit(cache=True, nogil=True)
def _narrow_once(
    graph: CSRGraph, limit: RadiusLimit, objective: Objective, plan: IntArray, far_homes: IntArray, seed: int
) -> IntArray:
    """Partition wide grids and their neighbours again until that gains nothing."""
    np.random.seed(seed)
    search = start_search(graph, plan)
    room = len(search.households)
    state = NarrowingState(search, np.full(room, -1), np.full(room, PATIENCE))
    for node in range(len(plan)):
        state.anchor[plan[node]] = node
        if far_homes[plan[node]] > 0:
            state.failures[plan[node]] = 0
    is_active = True
    while is_active:
        is_active = False
        for grid in np.random.permutation(room):
            if search.node_count[grid] > 0 and state.failures[grid] < PATIENCE:
                is_active = True
                _try_narrower(graph, limit, objective, state, grid)
    return search.grid


@njit(cache=True, nogil=True)
def _try_narrower(graph: CSRGraph, limit: RadiusLimit, objective: Objective, state: NarrowingState, grid: int) -> None:
    """Cut one to three grids again along a random tree; count a failure of the first where that gains nothing."""
    search = state.search
    grids = _choose_neighbours(graph, search, state.anchor[grid])
    members = collect_nodes(graph, search, state.anchor[grid], grids)
    edges, weight = inner_edges(graph, search, members), graph.weight[members]
    present = search.grid[members].copy()
    cost_now = _plan_value(limit, objective, members, edges, weight, present)
    part = _cut_again(limit, objective, members, edges, weight)
    labels = free_labels(search, grids, part.max() + 1)
    cost = _plan_value(limit, objective, members, edges, weight, part)
    if len(labels) <= part.max() or cost >= cost_now - 1e-3:
        state.failures[grid] += 1
        return
    relabel(search, grids, labels, members, part, weight)
    for number in range(len(members)):
        label = search.grid[members[number]]
        state.anchor[label], state.failures[label] = members[number], 0


@njit(cache=True, nogil=True)
def _choose_neighbours(graph: CSRGraph, search: SearchState, node: int) -> IntArray:
    """Return the grid of a node, alone or with one or two neighbours."""
    grids = np.full(3, -1)
    grids[0] = search.grid[node]
    wanted, draw = 1, np.random.random()
    if draw > ALONE_SHARE:
        wanted = 3 if np.random.random() < THIRD_SHARE else 2
    for position in range(1, wanted):
        seen = 0
        for member in collect_nodes(graph, search, node, grids):
            for edge in range(graph.indptr[member], graph.indptr[member + 1]):
                other = search.grid[graph.neighbour[edge]]
                if not (other == grids[:position]).any():
                    seen += 1
                    if np.random.random() * seen < 1.0:
                        grids[position] = other
    return grids


@njit(cache=True, nogil=True)
def _cut_again(
    limit: RadiusLimit, objective: Objective, members: IntArray, edges: EdgeList, weight: IntArray
) -> IntArray:
    """Return parts along a random tree: the best for the range, or the best two for everything."""
    tree = draw_spanning_tree(len(members), edges, MAX_LOG_DEVIATION * np.random.random())
    if np.random.random() < TREE_SHARE:
        return cut_tree(tree, weight, objective)
    return _best_two_parts(limit, objective, members, tree, weight)


@njit(cache=True, nogil=True)
def _best_two_parts(
    limit: RadiusLimit, objective: Objective, members: IntArray, tree: SpanningTree, weight: IntArray
) -> IntArray:
    """Return the two parts of the cheapest cut of a tree, or one part where no cut is cheaper."""
    total, branch_weight = weight.sum(), weight.copy()
    for node in tree.order[:0:-1]:
        branch_weight[tree.parent[node]] += branch_weight[node]
    best = np.zeros(len(members), np.int64)
    best_cost = size_penalty(total, objective) + _far_cost(limit, members, best, 1)
    part = np.zeros(len(members), np.int64)
    for top in tree.order[1:]:
        cost = tree.branch_cost[top] + size_penalty(branch_weight[top], objective)
        cost += size_penalty(total - branch_weight[top], objective)
        if cost >= best_cost:
            continue
        for node in tree.order:
            part[node] = node == top or (tree.parent[node] >= 0 and part[tree.parent[node]] == 1)
        cost += _far_cost(limit, members, part, 2)
        if cost < best_cost:
            best_cost, best = cost, part.copy()
    return best


@njit(cache=True, nogil=True)
def _plan_value(
    limit: RadiusLimit,
    objective: Objective,
    members: IntArray,
    edges: EdgeList,
    weight: IntArray,
    part: IntArray,
) -> float:
    """Return the cost of parts, with that of their far homes."""
    return plan_cost(edges, weight, part, objective) + _far_cost(limit, members, part, part.max() + 1)


@njit(cache=True, nogil=True)
def _far_cost(limit: RadiusLimit, members: IntArray, part: IntArray, count: int) -> float:
    """Return the cost of the homes that are too far from the centres of their parts."""
    area, east, north = np.zeros(count), np.zeros(count), np.zeros(count)
    for number in range(len(members)):
        area[part[number]] += limit.area[members[number]]
        east[part[number]] += limit.east[members[number]]
        north[part[number]] += limit.north[members[number]]
    total = 0.0
    for number in range(len(members)):
        own = part[number]
        for home in range(limit.first[members[number]], limit.first[members[number] + 1]):
            away = np.hypot(limit.homes[home, 0] - east[own] / area[own], limit.homes[home, 1] - north[own] / area[own])
            if away > limit.radius_m:
                total += FAR_HOME_COST + FAR_METRE_COST * (away - limit.radius_m)
    return total
