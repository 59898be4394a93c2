"""Plans under change, as the kernels of the search use them: graph in compressed rows, grids, work space."""

from typing import NamedTuple

import numpy as np
from numba import njit

from gridmap.core.array_types import FloatArray, IntArray
from gridmap.core.partition.trees import EdgeList


class CSRGraph(NamedTuple):
    """A graph in compressed rows; every edge occurs in both directions.

    Parameters
    ----------
    indptr : ndarray of int
        Position of each node's first edge.
    source, neighbour : ndarray of int
        Start and end of each directed edge.
    cost : ndarray of float
        Cost of a border along each edge.
    weight : ndarray of int
        Households of each node.
    """

    indptr: IntArray
    source: IntArray
    neighbour: IntArray
    cost: FloatArray
    weight: IntArray


class SearchState(NamedTuple):
    """A plan under change.

    Parameters
    ----------
    grid : ndarray of int
        Grid of each node.
    households, node_count : ndarray of int, one per grid
        Households and number of nodes; a grid without nodes is unused.
    visit_stamp : ndarray of int, one per node and one more
        Stamp of the last search that visited each node; the last entry is the highest stamp used.
    queue : ndarray of int
        Work space for searches.
    """

    grid: IntArray
    households: IntArray
    node_count: IntArray
    visit_stamp: IntArray
    queue: IntArray


@njit(cache=True, nogil=True)
def start_search(graph: CSRGraph, grid: IntArray) -> SearchState:
    """Return the state for a plan, with room for a fifth more grids, and five."""
    size, room = len(grid), grid.max() + 1 + (grid.max() + 1) // 5 + 5
    households, node_count = np.zeros(room, np.int64), np.zeros(room, np.int64)
    for node in range(size):
        households[grid[node]] += graph.weight[node]
        node_count[grid[node]] += 1
    return SearchState(grid.copy(), households, node_count, np.zeros(size + 1, np.int64), np.empty(size, np.int64))


@njit(cache=True, nogil=True)
def collect_nodes(graph: CSRGraph, search: SearchState, node: int, grids: IntArray) -> IntArray:
    """Return the nodes of neighbouring grids, in the order of a breadth-first search from one of them."""
    search.visit_stamp[-1] += 2
    visited = search.visit_stamp[-1]
    search.queue[0], search.visit_stamp[node] = node, visited
    head, tail = 0, 1
    while head < tail:
        current = search.queue[head]
        head += 1
        for edge in range(graph.indptr[current], graph.indptr[current + 1]):
            neighbour = graph.neighbour[edge]
            if search.visit_stamp[neighbour] != visited and (search.grid[neighbour] == grids).any():
                search.visit_stamp[neighbour] = visited
                search.queue[tail] = neighbour
                tail += 1
    return search.queue[:tail].copy()


@njit(cache=True, nogil=True)
def inner_edges(graph: CSRGraph, search: SearchState, members: IntArray) -> EdgeList:
    """Return the edges among some nodes, numbered in their order; the stamps hold the numbers meanwhile."""
    for number in range(len(members)):
        search.visit_stamp[members[number]] = -1 - number
    room = 0
    for node in members:
        room += graph.indptr[node + 1] - graph.indptr[node]
    left, right, cost = np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room)
    count = 0
    for number in range(len(members)):
        for edge in range(graph.indptr[members[number]], graph.indptr[members[number] + 1]):
            other = -1 - search.visit_stamp[graph.neighbour[edge]]
            if other > number:
                left[count], right[count], cost[count] = number, other, graph.cost[edge]
                count += 1
    for node in members:
        search.visit_stamp[node] = 0
    return EdgeList(left[:count], right[:count], cost[:count])


@njit(cache=True, nogil=True)
def free_labels(search: SearchState, grids: IntArray, count: int) -> IntArray:
    """Return labels for `count` parts: those of the grids they replace, then unused ones; fewer where room is short."""
    labels, used = np.empty(count, np.int64), 0
    for grid in grids:
        if grid >= 0 and used < count:
            labels[used] = grid
            used += 1
    for grid in range(len(search.node_count)):
        if used < count and search.node_count[grid] == 0:
            labels[used] = grid
            used += 1
    return labels[:used]


@njit(cache=True, nogil=True)
def relabel(
    search: SearchState, grids: IntArray, labels: IntArray, members: IntArray, part: IntArray, weight: IntArray
) -> None:
    """Replace the grids of some nodes by new parts."""
    for grid in grids:
        if grid >= 0:
            search.households[grid] = search.node_count[grid] = 0
    for number in range(len(members)):
        grid = labels[part[number]]
        search.grid[members[number]] = grid
        search.households[grid] += weight[number]
        search.node_count[grid] += 1
