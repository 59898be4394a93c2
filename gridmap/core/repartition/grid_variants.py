"""Variants of the grids of a plan: up to two nodes given away, up to two taken in, contiguous and within a range."""

from typing import NamedTuple

import numpy as np
from numba import njit

from gridmap.core.array_types import BoolArray, IntArray
from gridmap.core.partition.search_state import CSRGraph

NONE = -1
MAX_VARIANTS = 2_000
"""Variants of one grid, at most: those that give and take the fewest households."""
MAX_TRIES = 50_000
"""Combinations of one grid that are looked at, at most; grids of many light nodes have more."""


class VariantBounds(NamedTuple):
    """Bounds of a variant: households of the grid, and households that it may give or take."""

    minimum: int
    maximum: int
    max_moved: int


class GridVariants(NamedTuple):
    """Variants of grids.

    Parameters
    ----------
    grid : ndarray of int
        The grid that each is a variant of.
    changed : ndarray of int, shape (n, 4)
        Two nodes given away, then two taken in; -1 for none.
    """

    grid: IntArray
    changed: IntArray


class _Members(NamedTuple):
    """Nodes of a grid, nodes next to it, and work space: `stamp` holds the number of the last visit of each node."""

    inside: IntArray
    adjacent: IntArray
    stamp: IntArray
    queue: IntArray


@njit(cache=True, nogil=True)
def list_variants(graph: CSRGraph, plan: IntArray, bounds: VariantBounds) -> GridVariants:
    """List the variants of the grids of a plan; a grid as it is is one of them where it is within the range.

    Parameters
    ----------
    graph : CSRGraph
    plan : ndarray of int
        Grid of each node; the grids are contiguous, and numbered from 0.
    bounds : VariantBounds
    """
    room = MAX_VARIANTS * (plan.max() + 1)
    variants, count = GridVariants(np.empty(room, np.int64), np.empty((room, 4), np.int64)), 0
    stamp, queue = np.zeros(len(plan) + 1, np.int64), np.empty(len(plan), np.int64)
    for grid in range(plan.max() + 1):
        inside = np.flatnonzero(plan == grid)
        members = _Members(inside, _adjacent_nodes(graph, plan, inside, grid), stamp, queue)
        count = _add_variants(graph, plan, members, bounds, variants, count)
    return GridVariants(variants.grid[:count].copy(), variants.changed[:count].copy())


@njit(cache=True, nogil=True)
def _adjacent_nodes(graph: CSRGraph, plan: IntArray, inside: IntArray, grid: int) -> IntArray:
    """Return the nodes of other grids next to a grid."""
    found = np.zeros(len(plan), np.bool_)
    for node in inside:
        for edge in range(graph.indptr[node], graph.indptr[node + 1]):
            if plan[graph.neighbour[edge]] != grid:
                found[graph.neighbour[edge]] = True
    return np.flatnonzero(found)


@njit(cache=True, nogil=True)
def _add_variants(
    graph: CSRGraph, plan: IntArray, members: _Members, bounds: VariantBounds, variants: GridVariants, count: int
) -> int:
    """Add the variants of one grid; return the new number of variants."""
    grid, total, end = plan[members.inside[0]], graph.weight[members.inside].sum(), count + MAX_VARIANTS
    border = _nodes_at_border(graph, plan, members.inside, grid)
    given = _node_pairs(graph, plan == grid, border, bounds.max_moved)
    taken = _node_pairs(graph, plan != grid, members.adjacent, bounds.max_moved)
    households = _pair_households(graph, taken)
    tries = 0
    for one in range(len(given)):
        rest = total - _households_of(graph, given[one])
        for other in range(len(taken)):
            size = rest + households[other]
            if size < bounds.minimum or size > bounds.maximum:
                continue
            tries += 1
            if count >= end or tries > MAX_TRIES:
                return count
            if _is_contiguous(graph, members, given[one], taken[other]):
                variants.grid[count] = grid
                variants.changed[count, :2], variants.changed[count, 2:] = given[one], taken[other]
                count += 1
    return count


@njit(cache=True, nogil=True)
def _nodes_at_border(graph: CSRGraph, plan: IntArray, inside: IntArray, grid: int) -> IntArray:
    """Return the nodes of a grid that have a neighbour in another grid."""
    found = np.zeros(len(inside), np.bool_)
    for number in range(len(inside)):
        for edge in range(graph.indptr[inside[number]], graph.indptr[inside[number] + 1]):
            found[number] |= plan[graph.neighbour[edge]] != grid
    return inside[found]


@njit(cache=True, nogil=True)
def _node_pairs(graph: CSRGraph, is_side: BoolArray, nodes: IntArray, limit: int) -> IntArray:
    """Return no node, each node, and pairs of nodes, by households; the second of a pair may be next to the first only.

    Parameters
    ----------
    graph : CSRGraph
    is_side : ndarray of bool
        The nodes that may be in a pair: those of the grid, or those of other grids.
    nodes : ndarray of int
        Those of them at the border of the grid.
    limit : int
        Households of a pair, at most.
    """
    is_listed = np.zeros(len(is_side), np.bool_)
    is_listed[nodes] = True
    room = 1 + len(nodes) * (len(nodes) + 1) // 2
    for node in nodes:
        room += graph.indptr[node + 1] - graph.indptr[node]
    pairs, count = np.full((room, 2), NONE), 1
    for position in range(len(nodes)):
        node = nodes[position]
        if graph.weight[node] > limit:
            continue
        pairs[count, 0] = node
        count += 1
        neighbours = graph.neighbour[graph.indptr[node] : graph.indptr[node + 1]]
        inner = neighbours[is_side[neighbours] & ~is_listed[neighbours]]
        for other in np.concatenate((nodes[position + 1 :], inner)):
            if graph.weight[node] + graph.weight[other] <= limit:
                pairs[count, 0], pairs[count, 1] = node, other
                count += 1
    pairs = pairs[:count]
    return pairs[np.argsort(_pair_households(graph, pairs), kind="mergesort")]


@njit(cache=True, nogil=True)
def _pair_households(graph: CSRGraph, pairs: IntArray) -> IntArray:
    return np.array([_households_of(graph, pair) for pair in pairs])


@njit(cache=True, nogil=True)
def _households_of(graph: CSRGraph, nodes: IntArray) -> int:
    total = 0
    for node in nodes:
        if node >= 0:
            total += graph.weight[node]
    return total


@njit(cache=True, nogil=True)
def _stamp_nodes(members: _Members, given: IntArray, taken: IntArray) -> tuple[int, int, int]:
    """Stamp the nodes of a variant; return the stamp, one of the nodes (-1: there is none), and their number."""
    members.stamp[-1] += 2
    waiting, start, count = members.stamp[-1] - 1, NONE, 0
    for node in members.inside:
        if node != given[0] and node != given[1]:
            members.stamp[node], start = waiting, node
            count += 1
    for node in taken:
        if node >= 0:
            members.stamp[node], start = waiting, node
            count += 1
    return waiting, start, count


@njit(cache=True, nogil=True)
def _is_contiguous(graph: CSRGraph, members: _Members, given: IntArray, taken: IntArray) -> bool:
    """Return whether a grid is in one piece once it has given and taken nodes."""
    waiting, start, count = _stamp_nodes(members, given, taken)
    if start < 0:
        return False
    stamp, queue = members.stamp, members.queue
    stamp[start], queue[0] = waiting + 1, start
    head, tail = 0, 1
    while head < tail:
        node = queue[head]
        head += 1
        for edge in range(graph.indptr[node], graph.indptr[node + 1]):
            other = graph.neighbour[edge]
            if stamp[other] == waiting:
                stamp[other] = waiting + 1
                queue[tail] = other
                tail += 1
    return tail == count
