"""Windows: a few neighbouring grids are partitioned again, exactly, and the result is kept where it is cheaper.

The nodes of a window are first contracted, at random, to about a dozen; the present plan remains possible, so no window
makes a plan worse. Two grids can become one or three. A grid is left alone once several windows around it have gained
nothing since it last changed.

References
----------
Shaw, P. (1998). Using constraint programming and local search methods to solve vehicle routing problems. CP98.
doi:10.1007/3-540-49481-2_30
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from gridmap.core.array_types import FloatArray, IntArray
from gridmap.core.partition.exact_cover import SetValue, SmallGraph, best_cover, partition_value
from gridmap.core.partition.search_state import (
    CSRGraph,
    SearchState,
    collect_nodes,
    free_labels,
    inner_edges,
    relabel,
    start_search,
)
from gridmap.core.partition.trees import EdgeList, find_root

MAX_WINDOW_GRIDS = 4
THREE_GRIDS_SHARE, FOUR_GRIDS_SHARE = 0.5, 0.15
"""Shares of windows with a third, and with a third and fourth grid."""
MAX_HOPS = 6
"""Steps of the walk that looks for another grid."""
MAX_LIGHT_HOUSEHOLDS = 120
"""Nodes are contracted up to this many households first, so that the contracted nodes stay small."""
BORDER_DELAY, BORDER_SHARE = 1.6, 0.7
"""In this share of windows, edges at present borders are contracted late, as if the logarithm of costs were less."""
MAX_LOG_DEVIATION = 1.2
"""Largest standard deviation of the logarithm of costs when edges are drawn for contraction."""
LOGISTIC_SCALE = 0.5513
"""Scale of a logistic distribution with a standard deviation of 1; it takes one random number, and half the time."""
SMALLEST_CHANCE = 1e-12
LEAST_KEY, KEYS_PER_UNIT, KEYS = -10.0, 128.0, 2048
"""Logarithms from -10 to 6 are sorted in steps of 1/128: a finer order would be chance."""
MAX_SLACK = 200
"""Households by which grids of a window may stay out of range, at most, where present ones are."""
MIN_GAIN = 1e-6
MAX_NODES = 18
"""A window that cannot be contracted to this many nodes is left as it is: the cover looks at every set of nodes."""


class WindowBudget(NamedTuple):
    """Effort of a search by windows.

    Parameters
    ----------
    rounds : int
        Windows begun at each grid, at most.
    patience : int
        Windows without gain after which a grid is left alone.
    nodes : int
        Nodes that a window is contracted to.
    """

    rounds: int
    patience: int
    nodes: int


class WindowState(NamedTuple):
    """A plan under change by windows.

    Parameters
    ----------
    search : SearchState
        The plan.
    anchor : ndarray of int, one per grid
        A node of each grid; meaningless where the grid has none.
    failures : ndarray of int, one per grid
        Windows around each grid that have gained nothing since it last changed.
    home : ndarray of int
        Grid of each node today.
    """

    search: SearchState
    anchor: IntArray
    failures: IntArray
    home: IntArray


@njit(cache=True, nogil=True)
def improve_by_windows(
    graph: CSRGraph, value: SetValue, plan: IntArray, home: IntArray, budget: WindowBudget, seed: int
) -> IntArray:
    """Return a plan that is as cheap or cheaper, from a contiguous one.

    Parameters
    ----------
    graph : CSRGraph
        Connected.
    value : SetValue
        Range and costs.
    plan : ndarray of int
        Grid of each node.
    home : ndarray of int
        Grid of each node today; used where moving costs something.
    budget : WindowBudget
        Effort.
    seed : int
        Seed of the random generator.
    """
    np.random.seed(seed)
    search = start_search(graph, plan)
    state = WindowState(search, _find_anchors(search), np.zeros(len(search.households), np.int64), home)
    for _ in range(budget.rounds):
        is_active = False
        for grid in np.random.permutation(len(state.anchor)):
            if search.node_count[grid] > 0 and state.failures[grid] < budget.patience:
                is_active = True
                _try_window(graph, value, state, budget.nodes, grid)
        if not is_active:
            break
    return search.grid


@njit(cache=True, nogil=True)
def _find_anchors(search: SearchState) -> IntArray:
    """Return a node of each grid."""
    anchor = np.full(len(search.households), -1)
    for node in range(len(search.grid)):
        anchor[search.grid[node]] = node
    return anchor


@njit(cache=True, nogil=True)
def _try_window(graph: CSRGraph, value: SetValue, state: WindowState, size: int, grid: int) -> None:
    """Partition a random window at a grid again; count a failure of its grids where that gains nothing."""
    search, start = state.search, state.anchor[grid]
    grids = _choose_grids(graph, search, start)
    members = collect_nodes(graph, search, start, grids)
    edges, weight = inner_edges(graph, search, members), graph.weight[members]
    present = _number_grids(search, grids, members)
    node = contract(edges, weight, present, size + (grids[-1] >= 0))
    part = _best_parts(_small_graph(edges, weight, node, state.home[members], value.move_cost), value, present, node)
    labels = free_labels(search, grids, part.max() + 1) if len(part) else part
    if not len(labels) or len(labels) <= part.max():
        _add_failure(state.failures, grids)
        return
    relabel(search, grids, labels, members, part[node], weight)
    for number in range(len(members)):
        label = search.grid[members[number]]
        state.anchor[label], state.failures[label] = members[number], 0


@njit(cache=True, nogil=True)
def _best_parts(small: SmallGraph, value: SetValue, present: IntArray, node: IntArray) -> IntArray:
    """Return the part of each node of the cheapest partition; an empty array where none is cheaper than the present."""
    part_now = np.zeros(len(small.weight), np.int64)
    part_now[node] = present
    count, nothing = present.max() + 1, np.empty(0, np.int64)
    if count < 2 or len(small.weight) > MAX_NODES:
        return nothing
    part, cost = best_cover(small, value, _present_slack(small, value, part_now, count))
    return part if cost < partition_value(small, value, part_now, count) - MIN_GAIN else nothing


@njit(cache=True, nogil=True)
def _add_failure(failures: IntArray, grids: IntArray) -> None:
    for grid in grids:
        if grid >= 0:
            failures[grid] += 1


@njit(cache=True, nogil=True)
def _choose_grids(graph: CSRGraph, search: SearchState, start: int) -> IntArray:
    """Return a node's grid and up to three others, each found by a short walk from a border; -1 for none."""
    grids = np.full(MAX_WINDOW_GRIDS, -1)
    grids[0] = search.grid[start]
    members, draw = collect_nodes(graph, search, start, grids), np.random.random()
    wanted = 4 if draw < FOUR_GRIDS_SHARE else 3 if draw < FOUR_GRIDS_SHARE + THREE_GRIDS_SHARE else 2
    node = _border_neighbour(graph, search, members)
    if node < 0:
        return grids
    grids[1], count, tries = search.grid[node], 2, 0
    while count < wanted and tries < 4 * wanted:
        tries += 1
        found = _walk_to_other_grid(graph, search, node, grids)
        if found >= 0:
            grids[count] = search.grid[found]
            count += 1
    return grids


@njit(cache=True, nogil=True)
def _border_neighbour(graph: CSRGraph, search: SearchState, members: IntArray) -> int:
    """Return the far end of a random edge that leaves a grid, -1 where there is none."""
    chosen, seen = -1, 0
    for node in members:
        for edge in range(graph.indptr[node], graph.indptr[node + 1]):
            if search.grid[graph.neighbour[edge]] != search.grid[node]:
                seen += 1
                if np.random.random() * seen < 1.0:
                    chosen = graph.neighbour[edge]
    return chosen


@njit(cache=True, nogil=True)
def _walk_to_other_grid(graph: CSRGraph, search: SearchState, node: int, grids: IntArray) -> int:
    """Walk at random until a node of another grid is met; return it, or -1."""
    for _ in range(MAX_HOPS):
        node = graph.neighbour[np.random.randint(graph.indptr[node], graph.indptr[node + 1])]
        if not (search.grid[node] == grids).any():
            return node
    return -1


@njit(cache=True, nogil=True)
def _number_grids(search: SearchState, grids: IntArray, members: IntArray) -> IntArray:
    """Return the position of each node's grid within the window."""
    present = np.zeros(len(members), np.int64)
    for position in range(len(grids)):
        for number in range(len(members)):
            if search.grid[members[number]] == grids[position]:
                present[number] = position
    return present


@njit(cache=True, nogil=True)
def _present_slack(small: SmallGraph, value: SetValue, part: IntArray, count: int) -> int:
    """Return the number of households by which the part farthest out of range is out of it, as far as it may be."""
    households = np.zeros(count, np.int64)
    for node in range(len(part)):
        households[part[node]] += small.weight[node]
    slack = max(value.objective.minimum - households.min(), households.max() - value.objective.maximum, 0)
    return int(min(slack, MAX_SLACK))


@njit(cache=True, nogil=True)
def contract(edges: EdgeList, weight: IntArray, present: IntArray, size: int) -> IntArray:
    """Contract edges within present grids at random until `size` nodes are left; return the new node of each node.

    Costly borders go first. Nodes stay light as long as that suffices.
    """
    order = _contraction_order(edges, present)
    root, total, count = np.arange(len(weight)), weight.copy(), len(weight)
    for limit in (MAX_LIGHT_HOUSEHOLDS, weight.sum()):
        for edge in order:
            if count <= size:
                break
            one, two = find_root(root, edges.left[edge]), find_root(root, edges.right[edge])
            if one != two and (total[one] + total[two] <= limit or total[one] == 0 or total[two] == 0):
                root[one] = two
                total[two] += total[one]
                count -= 1
    return _number_roots(root)


@njit(cache=True, nogil=True)
def _contraction_order(edges: EdgeList, present: IntArray) -> IntArray:
    """Return the edges within present grids in the order of contraction, costly ones first, with random deviations."""
    at_border, size = np.zeros(len(present), np.bool_), 0
    for edge in range(len(edges.cost)):
        if present[edges.left[edge]] == present[edges.right[edge]]:
            size += 1
        else:
            at_border[edges.left[edge]] = at_border[edges.right[edge]] = True
    scale = LOGISTIC_SCALE * MAX_LOG_DEVIATION * np.random.random()
    border_delay = BORDER_DELAY if np.random.random() < BORDER_SHARE else 0.0
    inner, key, count = np.empty(size, np.int64), np.empty(size, np.int64), 0
    for edge in range(len(edges.cost)):
        one, two = edges.left[edge], edges.right[edge]
        if present[one] == present[two]:
            chance = np.random.random() + SMALLEST_CHANCE
            value = scale * np.log(1.0 / chance - 1.0 + SMALLEST_CHANCE) - np.log(edges.cost[edge] + 0.5)
            value += border_delay * (at_border[one] or at_border[two])
            inner[count], key[count] = edge, min(max(int((value - LEAST_KEY) * KEYS_PER_UNIT), 0), KEYS - 1)
            count += 1
    return _sort_by_key(inner, key)


@njit(cache=True, nogil=True)
def _sort_by_key(numbers: IntArray, key: IntArray) -> IntArray:
    """Return numbers in the order of their keys; counting is several times as fast here as a sort by comparison."""
    end, order = np.zeros(KEYS, np.int64), np.empty_like(numbers)
    for one in key:
        end[one] += 1
    for one in range(1, KEYS):
        end[one] += end[one - 1]
    for position in range(len(numbers) - 1, -1, -1):
        end[key[position]] -= 1
        order[end[key[position]]] = numbers[position]
    return order


@njit(cache=True, nogil=True)
def _number_roots(root: IntArray) -> IntArray:
    """Return the number of each node's set, in the order of their first nodes."""
    number, node, count = np.full(len(root), -1), np.empty(len(root), np.int64), 0
    for position in range(len(root)):
        top = find_root(root, position)
        if number[top] < 0:
            number[top] = count
            count += 1
        node[position] = number[top]
    return node


@njit(cache=True, nogil=True)
def _small_graph(edges: EdgeList, weight: IntArray, node: IntArray, home: IntArray, move_cost: float) -> SmallGraph:
    """Sum nodes and edges up to those of the contracted graph."""
    count = node.max() + 1
    total, cost, neighbours = np.zeros(count, np.int64), np.zeros((count, count)), np.zeros(count, np.int64)
    for position in range(len(node)):
        total[node[position]] += weight[position]
    for edge in range(len(edges.cost)):
        one, two = node[edges.left[edge]], node[edges.right[edge]]
        if one != two:
            cost[one, two] += edges.cost[edge]
            cost[two, one] += edges.cost[edge]
            neighbours[one] |= 1 << two
            neighbours[two] |= 1 << one
    return SmallGraph(total, cost, neighbours, _households_at_home(weight, node, home, count, move_cost))


@njit(cache=True, nogil=True)
def _households_at_home(weight: IntArray, node: IntArray, home: IntArray, count: int, move_cost: float) -> FloatArray:
    """Return the households of each contracted node by the grid that they belong to today."""
    if move_cost <= 0:
        return np.zeros((count, 0))
    homes = np.unique(home)
    at_home = np.zeros((count, len(homes)))
    column = np.searchsorted(homes, home)
    for position in range(len(node)):
        at_home[node[position], column[position]] += weight[position]
    return at_home
