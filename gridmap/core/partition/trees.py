"""Kernels on spanning trees: draw a random tree, cut it at minimum cost into parts within the range.

On a tree, the best plan is easy to find: from the leaves up, each node knows the minimum cost of every total that its
open part can have. A graph has many trees; a tree drawn so that costly borders stay within its branches contains good
plans.

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
"""Cost of a total that a part cannot have."""
MAX_LOG_DEVIATION = 1.5
"""Largest standard deviation of the logarithm of costs when trees are drawn: from the heaviest tree to nearly any."""


class Objective(NamedTuple):
    """Cost of a grid's size.

    Parameters
    ----------
    minimum, maximum : int
        Range of households, both included.
    cap : int
        No grid has more households than this.
    target : int
        Households aimed at.
    cost_off_target, cost_out_of_range : float
        Cost of each household off the target, and out of the range.
    """

    minimum: int
    maximum: int
    cap: int
    target: int
    cost_off_target: float
    cost_out_of_range: float


class EdgeList(NamedTuple):
    """Edges of a graph and the cost of a border along each."""

    left: IntArray
    right: IntArray
    cost: FloatArray


class SpanningTree(NamedTuple):
    """A rooted spanning tree.

    Parameters
    ----------
    parent : ndarray of int
        Parent of each node, -1 for the root.
    order : ndarray of int
        The nodes from the root down.
    branch_cost : ndarray of float
        Cost of cutting off the branch of each node.
    """

    parent: IntArray
    order: IntArray
    branch_cost: FloatArray


@njit(cache=True, nogil=True)
def size_penalty(households: int, objective: Objective) -> float:
    """Return the cost of one grid's size.

    A grid out of range costs three households more than it is out: few grids far off are better than many slightly off.
    """
    cost = objective.cost_off_target * abs(households - objective.target)
    if households < objective.minimum:
        cost += objective.cost_out_of_range * (objective.minimum - households + 3)
    elif households > objective.maximum:
        cost += objective.cost_out_of_range * (households - objective.maximum + 3)
    return cost


@njit(cache=True, nogil=True)
def plan_cost(edges: EdgeList, weight: IntArray, grid: IntArray, objective: Objective) -> float:
    """Return the cost of a plan: of the borders between its grids and of their sizes."""
    households, used = np.zeros(grid.max() + 1, np.int64), np.zeros(grid.max() + 1, np.bool_)
    for node in range(len(grid)):
        households[grid[node]] += weight[node]
        used[grid[node]] = True
    total = 0.0
    for number in np.flatnonzero(used):
        total += size_penalty(households[number], objective)
    for edge in range(len(edges.cost)):
        if grid[edges.left[edge]] != grid[edges.right[edge]]:
            total += edges.cost[edge]
    return total


@njit(cache=True, nogil=True)
def best_tree_partition(
    node_count: int, edges: EdgeList, weight: IntArray, objective: Objective, tree_count: int, seed: int
) -> tuple[IntArray, float]:
    """Return the cheapest of the plans that a number of random trees give, and its cost."""
    np.random.seed(seed)
    best_grid, best_cost = np.zeros(node_count, np.int64), INFINITE_COST
    for _ in range(tree_count):
        tree = draw_spanning_tree(node_count, edges, MAX_LOG_DEVIATION * np.random.random())
        grid = cut_tree(tree, weight, objective)
        cost = plan_cost(edges, weight, grid, objective)
        if cost < best_cost:
            best_grid, best_cost = grid, cost
    return best_grid, best_cost


@njit(cache=True, nogil=True)
def draw_spanning_tree(node_count: int, edges: EdgeList, log_deviation: float) -> SpanningTree:
    """Draw a random spanning tree that keeps costly borders within branches.

    `log_deviation` is the standard deviation of the logarithm of each cost: 0 gives the heaviest tree, a large value
    any tree. The graph must be connected.
    """
    key = np.empty(len(edges.cost))
    for edge in range(len(key)):
        key[edge] = -(edges.cost[edge] + 0.5) * np.exp(log_deviation * np.random.randn())
    parent, order = _root_tree(node_count, edges, _kruskal(node_count, edges, np.argsort(key)))
    return SpanningTree(parent, order, _branch_costs(parent, order, edges))


@njit(cache=True, nogil=True)
def find_root(root: IntArray, node: int) -> int:
    """Return the representative of a node's set; paths are halved on the way (union-find)."""
    while root[node] != node:
        root[node] = root[root[node]]
        node = root[node]
    return node


@njit(cache=True, nogil=True)
def _kruskal(node_count: int, edges: EdgeList, edge_order: IntArray) -> IntArray:
    """Return the edges of a spanning tree, taken in the given order (Kruskal's algorithm)."""
    root, tree_edges, count = np.arange(node_count), np.empty(node_count - 1, np.int64), 0
    for edge in edge_order:
        one, two = find_root(root, edges.left[edge]), find_root(root, edges.right[edge])
        if one != two:
            root[one] = two
            tree_edges[count] = edge
            count += 1
    return tree_edges[:count]


@njit(cache=True, nogil=True)
def _root_tree(node_count: int, edges: EdgeList, tree_edges: IntArray) -> tuple[IntArray, IntArray]:
    """Return the parents of a tree's nodes and an order from node 0 down.

    The neighbours of each node are a linked list: `first_link` is its start, `next_link` its continuation.
    """
    first_link, next_link = np.full(node_count, -1), np.empty(2 * node_count, np.int64)
    target = np.empty(2 * node_count, np.int64)
    for number, edge in enumerate(tree_edges):
        one, two, link = edges.left[edge], edges.right[edge], 2 * number
        target[link], next_link[link], first_link[one] = two, first_link[one], link
        target[link + 1], next_link[link + 1], first_link[two] = one, first_link[two], link + 1
    parent, order, tail = np.full(node_count, -1), np.zeros(node_count, np.int64), 1
    for head in range(node_count):
        link = first_link[order[head]]
        while link >= 0:
            if target[link] != parent[order[head]]:
                parent[target[link]], order[tail] = order[head], target[link]
                tail += 1
            link = next_link[link]
    return parent, order


@njit(cache=True, nogil=True)
def _branch_costs(parent: IntArray, order: IntArray, edges: EdgeList) -> FloatArray:
    """Return the cost of all borders between each node's branch and the rest.

    The cost of an edge is added along both paths from its ends up to their common ancestor.
    """
    depth, total = np.zeros(len(parent), np.int64), np.zeros(len(parent))
    for node in order[1:]:
        depth[node] = depth[parent[node]] + 1
    for edge in range(len(edges.cost)):
        one, two = edges.left[edge], edges.right[edge]
        while one != two:
            if depth[one] < depth[two]:
                one, two = two, one
            total[one] += edges.cost[edge]
            one = parent[one]
    return total


@njit(cache=True, nogil=True)
def cut_tree(tree: SpanningTree, weight: IntArray, objective: Objective) -> IntArray:
    """Cut a tree into parts of at most `cap` households at minimum cost; return the part of each node.

    Each node has a table of the minimum cost for every total that its open part can have. Tables end at `cap`, so all
    of them take time in proportion to the households times `cap`. No weight may exceed `cap`.
    """
    parent, order, size = tree.parent, tree.order, len(tree.parent)
    branch_weight = weight.copy()
    for node in order[:0:-1]:
        branch_weight[parent[node]] += branch_weight[node]
    first, first_choice = np.zeros(size + 1, np.int64), np.zeros(size + 1, np.int64)
    for node in range(size):
        first[node + 1] = first[node] + min(branch_weight[node], objective.cap) + 1
        first_choice[node + 1] = first_choice[node] + min(branch_weight[parent[node]], objective.cap) + 1
    table, choices = np.full(first[size], INFINITE_COST), np.full(first_choice[size], -1, np.int16)
    max_total, part_total = weight.copy(), np.zeros(size, np.int64)
    for node in range(size):
        table[first[node] + weight[node]] = 0.0
    for node in order[:0:-1]:
        branch_table = table[first[node] : first[node + 1]]
        parent_table = table[first[parent[node]] : first[parent[node] + 1]]
        part_total[node], part_cost = _best_part_total(branch_table, objective)
        choice = choices[first_choice[node] : first_choice[node + 1]]
        _merge_branch(parent_table, max_total[parent[node]], branch_table, part_cost + tree.branch_cost[node], choice)
        max_total[parent[node]] = min(max_total[parent[node]] + max_total[node], objective.cap)
    part_total[order[0]], _ = _best_part_total(table[first[order[0]] : first[order[0] + 1]], objective)
    return _assign_parts(tree, part_total, choices, first_choice)


@njit(cache=True, nogil=True)
def _best_part_total(table: FloatArray, objective: Objective) -> tuple[int, float]:
    """Return the best total at which to close a part, and its cost."""
    best_total, best_cost = 0, INFINITE_COST
    for total in range(len(table)):
        if table[total] < INFINITE_COST:
            cost = table[total] + size_penalty(total, objective)
            if cost < best_cost:
                best_total, best_cost = total, cost
    return best_total, best_cost


@njit(cache=True, nogil=True)
def _merge_branch(
    parent_table: FloatArray, max_total: int, branch_table: FloatArray, cut_cost: float, choice: NDArray[np.int16]
) -> None:
    """Merge a branch into its parent's table, either cut off (choice -1) or open with some total.

    Totals are updated from the highest down, so that the table can be changed in place.
    """
    for total in range(min(max_total, len(parent_table) - 1), -1, -1):
        open_cost = parent_table[total]
        if open_cost >= INFINITE_COST:
            continue
        parent_table[total] = INFINITE_COST
        for added in range(min(len(branch_table), len(parent_table) - total) - 1, 0, -1):
            if open_cost + branch_table[added] < parent_table[total + added]:
                parent_table[total + added] = open_cost + branch_table[added]
                choice[total + added] = added
        unchanged_cost, unchanged_choice = open_cost + cut_cost, -1
        if open_cost + branch_table[0] <= unchanged_cost:
            unchanged_cost, unchanged_choice = open_cost + branch_table[0], 0
        if unchanged_cost < parent_table[total]:
            parent_table[total], choice[total] = unchanged_cost, unchanged_choice


@njit(cache=True, nogil=True)
def _assign_parts(
    tree: SpanningTree, part_total: IntArray, choices: NDArray[np.int16], first_choice: IntArray
) -> IntArray:
    """Follow the choices from the root down; siblings come in the reverse of the order in which they were merged."""
    part, remaining, count = np.zeros(len(part_total), np.int64), part_total.copy(), 1
    for node in tree.order[1:]:
        parent = tree.parent[node]
        choice = choices[first_choice[node] + remaining[parent]]
        if choice < 0:
            part[node] = count
            count += 1
        else:
            part[node], remaining[node] = part[parent], choice
            remaining[parent] -= choice
    return part
