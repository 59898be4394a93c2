"""Kernels on spanning trees: draw one at random, cut it at the least cost into parts within the range.

A plan is easy to find on a tree: from the leaves up, each node knows the least cost of every sum its open part can
have. The graph has many trees; one drawn so that costly borders stay inside its branches shows good plans.

References
----------
Ito, T., Zhou, X., Nishizeki, T. (2006). Partitioning a graph of bounded tree-width to connected subgraphs of almost
uniform size. Journal of Discrete Algorithms 4 (1). doi:10.1016/j.jda.2005.01.005
DeFord, D., Duchin, M., Solomon, J. (2021). Recombination: a family of Markov chains for redistricting. Harvard Data
Science Review 3 (1). doi:10.1162/99608f92.eb30390f
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gridmap.core.array_types import FloatArray, IntArray

INFINITE_COST = 1e18
MAX_LOG_DEVIATION = 1.5
"""The largest deviation of the logarithm of costs that trees are drawn with: from the heaviest tree to nearly any."""


class Objective(NamedTuple):
    """What a grid's size costs: `cost_off_target` per household off the target, `cost_out_of_range` out of the range; none is above `cap`."""

    minimum: int
    maximum: int
    cap: int
    target: int
    cost_off_target: float
    cost_out_of_range: float


class EdgeList(NamedTuple):
    """Neighbours in a graph and what a border between them costs."""

    left: IntArray
    right: IntArray
    cost: FloatArray


class SpanningTree(NamedTuple):
    """A spanning tree: parents, the nodes from the root down, and what cutting each node's branch off costs."""

    parent: IntArray
    order: IntArray
    branch_cost: FloatArray


@njit(cache=True, nogil=True)
def size_penalty(households: int, objective: Objective) -> float:
    """Cost of one grid's size; out of range costs three households more, so that few grids far off beat many near."""
    cost = objective.cost_off_target * abs(households - objective.target)
    if households < objective.minimum:
        cost += objective.cost_out_of_range * (objective.minimum - households + 3)
    elif households > objective.maximum:
        cost += objective.cost_out_of_range * (households - objective.maximum + 3)
    return cost


@njit(cache=True, nogil=True)
def plan_cost(edges: EdgeList, weight: IntArray, grid: IntArray, objective: Objective) -> float:
    """Cost of a plan: of the borders between its grids and of their sizes."""
    households, used = np.zeros(grid.max() + 1, np.int64), np.zeros(grid.max() + 1, np.bool_)
    for node in range(len(grid)):
        households[grid[node]] += weight[node]
        used[grid[node]] = True
    total = 0.0
    for number in np.flatnonzero(used):
        total += size_penalty(households[number], objective)
    for pair in range(len(edges.cost)):
        if grid[edges.left[pair]] != grid[edges.right[pair]]:
            total += edges.cost[pair]
    return total


@njit(cache=True, nogil=True)
def best_tree_partition(
    node_count: int, edges: EdgeList, weight: IntArray, objective: Objective, tree_count: int, seed: int
) -> tuple[IntArray, float]:
    """The cheapest of the plans that a number of random trees give, and its cost."""
    np.random.seed(seed)
    best, least = np.zeros(node_count, np.int64), INFINITE_COST
    for _ in range(tree_count):
        grid = cut_tree(
            draw_spanning_tree(node_count, edges, MAX_LOG_DEVIATION * np.random.random()), weight, objective
        )
        cost = plan_cost(edges, weight, grid, objective)
        if cost < least:
            best, least = grid, cost
    return best, least


@njit(cache=True, nogil=True)
def draw_spanning_tree(node_count: int, edges: EdgeList, log_deviation: float) -> SpanningTree:
    """A random spanning tree that keeps costly borders within branches.

    `log_deviation` is the deviation of the logarithm of each cost: 0 gives the heaviest tree, large any tree. The graph must
    be connected.
    """
    key = np.empty(len(edges.cost))
    for pair in range(len(key)):
        key[pair] = -(edges.cost[pair] + 0.5) * np.exp(log_deviation * np.random.randn())
    parent, order = _root_tree(node_count, edges, _kruskal(node_count, edges, np.argsort(key)))
    return SpanningTree(parent, order, _branch_costs(parent, order, edges))


@njit(cache=True, nogil=True)
def _find_root(root: IntArray, node: int) -> int:
    """Representative of a node's set; halves the path on the way."""
    while root[node] != node:
        root[node] = root[root[node]]
        node = root[node]
    return node


@njit(cache=True, nogil=True)
def _kruskal(node_count: int, edges: EdgeList, edge_order: IntArray) -> IntArray:
    """Kruskal: the pairs of a spanning tree, taken in sequence."""
    root, chosen, count = np.arange(node_count), np.empty(node_count - 1, np.int64), 0
    for pair in edge_order:
        one, two = _find_root(root, edges.left[pair]), _find_root(root, edges.right[pair])
        if one != two:
            root[one] = two
            chosen[count] = pair
            count += 1
    return chosen[:count]


@njit(cache=True, nogil=True)
def _root_tree(node_count: int, edges: EdgeList, tree_edges: IntArray) -> tuple[IntArray, IntArray]:
    """Parents and an order from node 0 down, of a tree given by pairs."""
    head, follow, to = np.full(node_count, -1), np.empty(2 * node_count, np.int64), np.empty(2 * node_count, np.int64)
    for number, pair in enumerate(tree_edges):
        one, two, link = edges.left[pair], edges.right[pair], 2 * number
        to[link], follow[link], head[one] = two, head[one], link
        to[link + 1], follow[link + 1], head[two] = one, head[two], link + 1
    parent, order, known = np.full(node_count, -1), np.zeros(node_count, np.int64), 1
    for done in range(node_count):
        link = head[order[done]]
        while link >= 0:
            if to[link] != parent[order[done]]:
                parent[to[link]], order[known] = order[done], to[link]
                known += 1
            link = follow[link]
    return parent, order


@njit(cache=True, nogil=True)
def _branch_costs(parent: IntArray, order: IntArray, edges: EdgeList) -> FloatArray:
    """Cost of all borders between each node's branch and the rest: each pair counts up to where its ends meet."""
    depth, total = np.zeros(len(parent), np.int64), np.zeros(len(parent))
    for node in order[1:]:
        depth[node] = depth[parent[node]] + 1
    for pair in range(len(edges.cost)):
        one, two = edges.left[pair], edges.right[pair]
        while one != two:
            if depth[one] < depth[two]:
                one, two = two, one
            total[one] += edges.cost[pair]
            one = parent[one]
    return total


@njit(cache=True, nogil=True)
def cut_tree(tree: SpanningTree, weight: IntArray, objective: Objective) -> IntArray:
    """Cut a tree into parts of at most `cap` households at the least cost; returns a part per node.

    Each node has a table of the least cost for every sum its open part can have. Tables end at `cap`, so all of them
    take time in proportion to the households times `cap`. No weight may exceed `cap`.
    """
    parent, order, size = tree.parent, tree.order, len(tree.parent)
    below = weight.copy()
    for node in order[:0:-1]:
        below[parent[node]] += below[node]
    first, taken_first = np.zeros(size + 1, np.int64), np.zeros(size + 1, np.int64)
    for node in range(size):
        first[node + 1] = first[node] + min(below[node], objective.cap) + 1
        taken_first[node + 1] = taken_first[node] + min(below[parent[node]], objective.cap) + 1
    table, taken = np.full(first[size], INFINITE_COST), np.full(taken_first[size], -1, np.int16)
    reach, closed = weight.copy(), np.zeros(size, np.int64)
    for node in range(size):
        table[first[node] + weight[node]] = 0.0
    for node in order[:0:-1]:
        mine, theirs = table[first[node] : first[node + 1]], table[first[parent[node]] : first[parent[node] + 1]]
        closed[node], cut = _best_part_total(mine, objective)
        choice = taken[taken_first[node] : taken_first[node + 1]]
        _merge_branch(theirs, reach[parent[node]], mine, cut + tree.branch_cost[node], choice)
        reach[parent[node]] = min(reach[parent[node]] + reach[node], objective.cap)
    closed[order[0]], _ = _best_part_total(table[first[order[0]] : first[order[0] + 1]], objective)
    return _assign_parts(tree, closed, taken, taken_first)


@njit(cache=True, nogil=True)
def _best_part_total(table: FloatArray, objective: Objective) -> tuple[int, float]:
    """The best sum to close a part at, and its cost."""
    best, least = 0, INFINITE_COST
    for total in range(len(table)):
        if table[total] < INFINITE_COST:
            cost = table[total] + size_penalty(total, objective)
            if cost < least:
                best, least = total, cost
    return best, least


@njit(cache=True, nogil=True)
def _merge_branch(
    parent_table: FloatArray, max_total: int, branch_table: FloatArray, cut_cost: float, choice: NDArray[np.int16]
) -> None:
    """Add a branch to its parent's table, cut off (-1) or open with some sum; from the top down, so in place."""
    for total in range(min(max_total, len(parent_table) - 1), -1, -1):
        open_ = parent_table[total]
        if open_ >= INFINITE_COST:
            continue
        parent_table[total] = INFINITE_COST
        for more in range(min(len(branch_table), len(parent_table) - total) - 1, 0, -1):
            if open_ + branch_table[more] < parent_table[total + more]:
                parent_table[total + more] = open_ + branch_table[more]
                choice[total + more] = more
        stay, taking = open_ + cut_cost, -1
        if open_ + branch_table[0] <= stay:
            stay, taking = open_ + branch_table[0], 0
        if stay < parent_table[total]:
            parent_table[total], choice[total] = stay, taking


@njit(cache=True, nogil=True)
def _assign_parts(
    tree: SpanningTree, part_total: IntArray, choices: NDArray[np.int16], first_choice: IntArray
) -> IntArray:
    """Follow the choices from the root down; siblings come in the reverse of the order they were merged in."""
    part, left, count = np.zeros(len(part_total), np.int64), part_total.copy(), 1
    for node in tree.order[1:]:
        up = tree.parent[node]
        choice = choices[first_choice[node] + left[up]]
        if choice < 0:
            part[node] = count
            count += 1
        else:
            part[node], left[node] = part[up], choice
            left[up] -= choice
    return part
