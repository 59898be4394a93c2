"""Exact partition of a small graph: list all connected sets within the range, then cover the nodes at minimum cost.

Sets of nodes are bits of an integer. Each set is listed once, under its lowest node. The cover is found from the whole
down: what remains is always covered at its lowest node next, so that each remainder is looked at once.

References
----------
Avis, D., Fukuda, K. (1996). Reverse search for enumeration. Discrete Applied Mathematics 65.
doi:10.1016/0166-218X(95)00026-N
Garfinkel, R. S., Nemhauser, G. L. (1970). Optimal political districting by implicit enumeration techniques. Management
Science 16 (8). doi:10.1287/mnsc.16.8.B495
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from gridmap.core.array_types import FloatArray, IntArray
from gridmap.core.partition.trees import INFINITE_COST, Objective, size_penalty

MAX_SETS = 60_000
"""Most sets that are listed; a graph with more is left as it is."""
DE_BRUIJN = 0x03F79D71B4CB0A89
"""Every number of six bits occurs once among its bits."""
POSITION_OF_PRODUCT = np.argsort([(DE_BRUIJN << position) % 2**64 >> 58 for position in range(64)])
"""Position of a bit by the highest six bits of its product with the sequence."""


class SmallGraph(NamedTuple):
    """A graph of at most twenty nodes.

    Parameters
    ----------
    weight : ndarray of int
        Households of each node.
    cost : ndarray of float, shape (nodes, nodes)
        Cost of a border between two nodes; symmetric.
    neighbours : ndarray of int
        Neighbours of each node, as bits.
    at_home : ndarray of float, shape (nodes, homes)
        Households of each node by the grid that they belong to today; without columns where moving is free.
    """

    weight: IntArray
    cost: FloatArray
    neighbours: IntArray
    at_home: FloatArray


class SetValue(NamedTuple):
    """Costs of a grid.

    Parameters
    ----------
    objective : Objective
        Range and costs of its size.
    move_cost : float
        Cost of each household that is not of the grid which most of the others are of today.
    """

    objective: Objective
    move_cost: float


class GridSets(NamedTuple):
    """Connected sets of nodes within a range, by their lowest nodes.

    Parameters
    ----------
    members : ndarray of int
        Nodes of each set, as bits.
    value : ndarray of float
        Cost of the set as a grid, less the cost of the borders within it.
    households : ndarray of int
    first : ndarray of int, one per node and one more
        Position of the first set of each lowest node; the last entry is -1 where there are too many sets.
    """

    members: IntArray
    value: FloatArray
    households: IntArray
    first: IntArray


@njit(cache=True, nogil=True)
def best_cover(graph: SmallGraph, value: SetValue, slack: int) -> tuple[IntArray, float]:
    """Return the cheapest partition of a small graph, and its cost less the cost of all borders.

    Grids may be out of range by `slack` households. Without any partition, the cost is `INFINITE_COST`.
    """
    low, high = value.objective.minimum - slack, value.objective.maximum + slack
    sets = list_sets(graph, value, low, high)
    if sets.first[-1] <= 0:
        return np.zeros(len(graph.weight), np.int64), INFINITE_COST
    return _cover_nodes(graph.weight, sets, low, high)


@njit(cache=True, nogil=True)
def partition_value(graph: SmallGraph, value: SetValue, part: IntArray, count: int) -> float:
    """Return the cost of a partition of a small graph, less the cost of all borders."""
    total = 0.0
    for number in range(count):
        members, households, inner = 0, 0, 0.0
        for node in range(len(part)):
            if part[node] == number:
                inner += _cost_within(graph, members, node)
                members |= 1 << node
                households += graph.weight[node]
        total += _set_value(graph, value, members, households, inner)
    return total


@njit(cache=True, nogil=True)
def _cost_within(graph: SmallGraph, members: int, node: int) -> float:
    """Return the cost of the borders between a node and a set."""
    total, rest = 0.0, members & graph.neighbours[node]
    while rest:
        total += graph.cost[node, lowest_bit(rest)]
        rest &= rest - 1
    return total


@njit(cache=True, nogil=True)
def _set_value(graph: SmallGraph, value: SetValue, members: int, households: int, inner: float) -> float:
    total = size_penalty(households, value.objective) - inner
    if value.move_cost > 0:
        total += value.move_cost * (households - _most_at_home(graph, members))
    return total


@njit(cache=True, nogil=True)
def _most_at_home(graph: SmallGraph, members: int) -> float:
    """Return the largest number of households of a set that belong to one grid today."""
    most = 0.0
    for home in range(graph.at_home.shape[1]):
        total = 0.0
        for node in range(len(graph.weight)):
            if members >> node & 1:
                total += graph.at_home[node, home]
        most = max(most, total)
    return most


@njit(cache=True, nogil=True)
def list_sets(graph: SmallGraph, value: SetValue, low: int, high: int) -> GridSets:
    """List the connected sets with `low` to `high` households."""
    size = len(graph.weight)
    sets = GridSets(
        np.empty(MAX_SETS, np.int64), np.empty(MAX_SETS), np.empty(MAX_SETS, np.int64), np.zeros(size + 1, np.int64)
    )
    count = 0
    for root in range(size):
        sets.first[root] = count
        if graph.weight[root] <= high:
            count = _list_sets_from(graph, value, sets, root, low, high)
        if count < 0:
            break
    sets.first[size] = count
    return sets


@njit(cache=True, nogil=True)
def _list_sets_from(graph: SmallGraph, value: SetValue, sets: GridSets, root: int, low: int, high: int) -> int:
    """List the sets whose lowest node is `root`; return the new count, or -1 where there are too many.

    At each depth of the search one node is added: `frontier` are the neighbours not yet tried there, `closed` are the
    nodes that no deeper set may take, because it was or will be listed without them.
    """
    depths, count = len(graph.weight) + 1, int(sets.first[root])
    members, frontier, closed = np.zeros(depths, np.int64), np.zeros(depths, np.int64), np.zeros(depths, np.int64)
    households, inner = np.zeros(depths, np.int64), np.zeros(depths)
    members[0], closed[0], households[0] = 1 << root, (2 << root) - 1, graph.weight[root]
    frontier[0] = graph.neighbours[root] & ~closed[0]
    depth, is_new = 0, True
    while depth >= 0:
        if is_new and households[depth] >= low:
            if count >= len(sets.members):
                return -1
            sets.members[count], sets.households[count] = members[depth], households[depth]
            sets.value[count] = _set_value(graph, value, members[depth], households[depth], inner[depth])
            count += 1
        is_new = False
        if frontier[depth] == 0:
            depth -= 1
            continue
        node = lowest_bit(frontier[depth])
        bit = 1 << node
        frontier[depth] &= ~bit
        closed[depth] |= bit
        if households[depth] + graph.weight[node] > high:
            continue
        members[depth + 1], closed[depth + 1] = members[depth] | bit, closed[depth]
        frontier[depth + 1] = (frontier[depth] | graph.neighbours[node]) & ~closed[depth]
        households[depth + 1] = households[depth] + graph.weight[node]
        inner[depth + 1] = inner[depth] + _cost_within(graph, members[depth], node)
        depth, is_new = depth + 1, True
    return count


@njit(cache=True, nogil=True)
def lowest_bit(bits: int) -> int:
    """Return the position of the lowest bit that is set.

    A product with a de Bruijn sequence has another number in its highest six bits for each position. A loop over the
    positions takes several times as long, since its end cannot be predicted.
    """
    return int(POSITION_OF_PRODUCT[(bits & -bits) * DE_BRUIJN >> 58 & 63])


@njit(cache=True, nogil=True)
def _cover_nodes(weight: IntArray, sets: GridSets, low: int, high: int) -> tuple[IntArray, float]:
    """Return the partition by disjoint sets at minimum cost, and its cost.

    A remainder with fewer households than two grids can only be one set, which is looked up instead of searched. The
    lowest node is covered first, so that no remainder has it: tables are as long as half of the sets of nodes.
    """
    every = (1 << len(weight)) - 1
    value, cost = _value_of_members(sets, every), np.full((every >> 1) + 1, INFINITE_COST)
    last, households = np.zeros((every >> 1) + 1, np.int64), np.empty((every >> 1) + 1, np.int64)
    for number in range(sets.first[0], sets.first[1]):
        rest = (every ^ sets.members[number]) >> 1
        cost[rest], last[rest] = sets.value[number], sets.members[number]
        households[rest] = weight.sum() - sets.households[number]
    for half in range(every >> 1, 0, -1):
        if cost[half] >= INFINITE_COST or -(-households[half] // high) * low > households[half]:
            continue
        rest = half << 1
        if households[half] < 2 * low:
            if cost[half] + value[half] < cost[0]:
                cost[0], last[0] = cost[half] + value[half], rest
            continue
        lowest = lowest_bit(rest)
        for number in range(sets.first[lowest], sets.first[lowest + 1]):
            chosen = sets.members[number]
            after = (rest ^ chosen) >> 1
            if chosen & ~rest == 0 and cost[half] + sets.value[number] < cost[after]:
                cost[after], last[after] = cost[half] + sets.value[number], chosen
                households[after] = households[half] - sets.households[number]
    return _parts_of_cover(last, len(weight)), cost[0]


@njit(cache=True, nogil=True)
def _value_of_members(sets: GridSets, every: int) -> FloatArray:
    """Return the value of each set without the lowest node by half of its members, infinite for what is no set."""
    value = np.full((every >> 1) + 1, INFINITE_COST)
    for number in range(sets.first[1], sets.first[-1]):
        value[sets.members[number] >> 1] = sets.value[number]
    return value


@njit(cache=True, nogil=True)
def _parts_of_cover(last: IntArray, size: int) -> IntArray:
    """Follow the chosen sets back from the empty remainder; return the part of each node."""
    part, rest, number = np.zeros(size, np.int64), 0, 0
    while not rest & 1 and last[rest >> 1]:
        chosen = last[rest >> 1]
        for node in range(size):
            if chosen >> node & 1:
                part[node] = number
        rest |= chosen
        number += 1
    return part
