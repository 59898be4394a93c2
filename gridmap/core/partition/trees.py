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

from gridmap.core.arrays import Floats, Ints

FAR = 1e18
SPREAD = 1.5
"""The largest deviation of the logarithm of costs that trees are drawn with: from the heaviest tree to nearly any."""


class Rules(NamedTuple):
    """What a grid's size costs: `load` per household off the target, `out` out of the range; none is above `cap`."""

    low: int
    high: int
    cap: int
    target: int
    load: float
    out: float


class Pairs(NamedTuple):
    """Neighbours in a graph and what a border between them costs."""

    left: Ints
    right: Ints
    cost: Floats


class Tree(NamedTuple):
    """A spanning tree: parents, the nodes from the root down, and what cutting each node's branch off costs."""

    parent: Ints
    order: Ints
    branch: Floats


@njit(cache=True, nogil=True)
def penalty(households: int, rules: Rules) -> float:
    """Cost of one grid's size; out of range costs three households more, so that few grids far off beat many near."""
    cost = rules.load * abs(households - rules.target)
    if households < rules.low:
        cost += rules.out * (rules.low - households + 3)
    elif households > rules.high:
        cost += rules.out * (households - rules.high + 3)
    return cost


@njit(cache=True, nogil=True)
def plan_cost(pairs: Pairs, weight: Ints, grid: Ints, rules: Rules) -> float:
    """Cost of a plan: of the borders between its grids and of their sizes."""
    households, used = np.zeros(grid.max() + 1, np.int64), np.zeros(grid.max() + 1, np.bool_)
    for node in range(len(grid)):
        households[grid[node]] += weight[node]
        used[grid[node]] = True
    total = 0.0
    for number in np.flatnonzero(used):
        total += penalty(households[number], rules)
    for pair in range(len(pairs.cost)):
        if grid[pairs.left[pair]] != grid[pairs.right[pair]]:
            total += pairs.cost[pair]
    return total


@njit(cache=True, nogil=True)
def best_of_trees(size: int, pairs: Pairs, weight: Ints, rules: Rules, tries: int, seed: int) -> tuple[Ints, float]:
    """The cheapest of the plans that a number of random trees give, and its cost."""
    np.random.seed(seed)
    best, least = np.zeros(size, np.int64), FAR
    for _ in range(tries):
        grid = cut_tree(draw_tree(size, pairs, SPREAD * np.random.random()), weight, rules)
        cost = plan_cost(pairs, weight, grid, rules)
        if cost < least:
            best, least = grid, cost
    return best, least


@njit(cache=True, nogil=True)
def draw_tree(size: int, pairs: Pairs, spread: float) -> Tree:
    """A random spanning tree that keeps costly borders within branches.

    `spread` is the deviation of the logarithm of each cost: 0 gives the heaviest tree, large any tree. The graph must
    be connected.
    """
    key = np.empty(len(pairs.cost))
    for pair in range(len(key)):
        key[pair] = -(pairs.cost[pair] + 0.5) * np.exp(spread * np.random.randn())
    parent, order = _rooted(size, pairs, _heaviest(size, pairs, np.argsort(key)))
    return Tree(parent, order, _branch_costs(parent, order, pairs))


@njit(cache=True, nogil=True)
def _find(root: Ints, node: int) -> int:
    """Representative of a node's set; halves the path on the way."""
    while root[node] != node:
        root[node] = root[root[node]]
        node = root[node]
    return node


@njit(cache=True, nogil=True)
def _heaviest(size: int, pairs: Pairs, sequence: Ints) -> Ints:
    """Kruskal: the pairs of a spanning tree, taken in sequence."""
    root, chosen, count = np.arange(size), np.empty(size - 1, np.int64), 0
    for pair in sequence:
        one, two = _find(root, pairs.left[pair]), _find(root, pairs.right[pair])
        if one != two:
            root[one] = two
            chosen[count] = pair
            count += 1
    return chosen[:count]


@njit(cache=True, nogil=True)
def _rooted(size: int, pairs: Pairs, chosen: Ints) -> tuple[Ints, Ints]:
    """Parents and an order from node 0 down, of a tree given by pairs."""
    head, follow, to = np.full(size, -1), np.empty(2 * size, np.int64), np.empty(2 * size, np.int64)
    for number, pair in enumerate(chosen):
        one, two, link = pairs.left[pair], pairs.right[pair], 2 * number
        to[link], follow[link], head[one] = two, head[one], link
        to[link + 1], follow[link + 1], head[two] = one, head[two], link + 1
    parent, order, known = np.full(size, -1), np.zeros(size, np.int64), 1
    for done in range(size):
        link = head[order[done]]
        while link >= 0:
            if to[link] != parent[order[done]]:
                parent[to[link]], order[known] = order[done], to[link]
                known += 1
            link = follow[link]
    return parent, order


@njit(cache=True, nogil=True)
def _branch_costs(parent: Ints, order: Ints, pairs: Pairs) -> Floats:
    """Cost of all borders between each node's branch and the rest: each pair counts up to where its ends meet."""
    depth, total = np.zeros(len(parent), np.int64), np.zeros(len(parent))
    for node in order[1:]:
        depth[node] = depth[parent[node]] + 1
    for pair in range(len(pairs.cost)):
        one, two = pairs.left[pair], pairs.right[pair]
        while one != two:
            if depth[one] < depth[two]:
                one, two = two, one
            total[one] += pairs.cost[pair]
            one = parent[one]
    return total


@njit(cache=True, nogil=True)
def cut_tree(tree: Tree, weight: Ints, rules: Rules) -> Ints:
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
        first[node + 1] = first[node] + min(below[node], rules.cap) + 1
        taken_first[node + 1] = taken_first[node] + min(below[parent[node]], rules.cap) + 1
    table, taken = np.full(first[size], FAR), np.full(taken_first[size], -1, np.int16)
    reach, closed = weight.copy(), np.zeros(size, np.int64)
    for node in range(size):
        table[first[node] + weight[node]] = 0.0
    for node in order[:0:-1]:
        mine, theirs = table[first[node] : first[node + 1]], table[first[parent[node]] : first[parent[node] + 1]]
        closed[node], cut = _closed(mine, rules)
        choice = taken[taken_first[node] : taken_first[node + 1]]
        _merge(theirs, reach[parent[node]], mine, cut + tree.branch[node], choice)
        reach[parent[node]] = min(reach[parent[node]] + reach[node], rules.cap)
    closed[order[0]], _ = _closed(table[first[order[0]] : first[order[0] + 1]], rules)
    return _parts(tree, closed, taken, taken_first)


@njit(cache=True, nogil=True)
def _closed(table: Floats, rules: Rules) -> tuple[int, float]:
    """The best sum to close a part at, and its cost."""
    best, least = 0, FAR
    for total in range(len(table)):
        if table[total] < FAR:
            cost = table[total] + penalty(total, rules)
            if cost < least:
                best, least = total, cost
    return best, least


@njit(cache=True, nogil=True)
def _merge(theirs: Floats, reach: int, mine: Floats, cut: float, choice: NDArray[np.int16]) -> None:
    """Add a branch to its parent's table, cut off (-1) or open with some sum; from the top down, so in place."""
    for total in range(min(reach, len(theirs) - 1), -1, -1):
        open_ = theirs[total]
        if open_ >= FAR:
            continue
        theirs[total] = FAR
        for more in range(min(len(mine), len(theirs) - total) - 1, 0, -1):
            if open_ + mine[more] < theirs[total + more]:
                theirs[total + more] = open_ + mine[more]
                choice[total + more] = more
        stay, taking = open_ + cut, -1
        if open_ + mine[0] <= stay:
            stay, taking = open_ + mine[0], 0
        if stay < theirs[total]:
            theirs[total], choice[total] = stay, taking


@njit(cache=True, nogil=True)
def _parts(tree: Tree, closed: Ints, taken: NDArray[np.int16], taken_first: Ints) -> Ints:
    """Follow the choices from the root down; siblings come in the reverse of the order they were merged in."""
    part, left, count = np.zeros(len(closed), np.int64), closed.copy(), 1
    for node in tree.order[1:]:
        up = tree.parent[node]
        choice = taken[taken_first[node] + left[up]]
        if choice < 0:
            part[node] = count
            count += 1
        else:
            part[node], left[node] = part[up], choice
            left[up] -= choice
    return part
