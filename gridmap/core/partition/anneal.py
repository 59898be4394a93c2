"""The kernel that improves a plan: single moves across borders, and grids divided anew along random trees.

Every plan on the way is contiguous. Worse plans are accepted with a chance that falls with the temperature, so that the
search leaves poor plans early and settles late. It ends by counts, never by time: the same seed gives the same plan.

References
----------
Kirkpatrick, S., Gelatt, C. D., Vecchi, M. P. (1983). Optimization by simulated annealing. Science 220.
doi:10.1126/science.220.4598.671
DeFord, D., Duchin, M., Solomon, J. (2021). Recombination: a family of Markov chains for redistricting. Harvard Data
Science Review 3 (1). doi:10.1162/99608f92.eb30390f
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from gridmap.core.array_types import FloatArray, IntArray
from gridmap.core.partition.trees import (
    MAX_LOG_DEVIATION,
    EdgeList,
    Objective,
    cut_tree,
    draw_spanning_tree,
    plan_cost,
    size_penalty,
)

THREE_GRID_SHARE = 0.3
"""Share of new divisions that take in a third grid: two alone cannot pass a surplus on."""
STEPS_PER_TEMPERATURE = 64
"""Steps at one temperature."""


class CSRGraph(NamedTuple):
    """A graph in compressed rows: where each node's links start; from, to and border cost of each link; households."""

    indptr: IntArray
    source: IntArray
    neighbour: IntArray
    cost: FloatArray
    weight: IntArray


class AnnealingSchedule(NamedTuple):
    """Steps of the search; temperatures it starts and ends at, in units of cost; share that divides anew; seed."""

    steps: int
    start_temperature: float
    end_temperature: float
    recombination_share: float
    seed: int


class SearchState(NamedTuple):
    """A plan under change: the grid of each node; households and nodes of each grid; marks for searches."""

    grid: IntArray
    households: IntArray
    node_count: IntArray
    visit_stamp: IntArray
    queue: IntArray


@njit(cache=True, nogil=True)
def anneal(
    graph: CSRGraph, objective: Objective, grid: IntArray, schedule: AnnealingSchedule
) -> tuple[IntArray, float]:
    """The best plan found from a contiguous one, and its cost."""
    np.random.seed(schedule.seed)
    plan = _start_search(graph, grid)
    pairs = EdgeList(graph.source, graph.neighbour, graph.cost / 2)
    cost = plan_cost(pairs, graph.weight, grid, objective)
    best, least = grid.copy(), cost
    since, heat = 0, schedule.start_temperature
    for step in range(schedule.steps):
        if step % STEPS_PER_TEMPERATURE == 0:
            heat = schedule.start_temperature * (schedule.end_temperature / schedule.start_temperature) ** (
                step / schedule.steps
            )
        pair = np.random.randint(len(graph.neighbour))
        node = graph.source[pair]
        if plan.grid[node] == plan.grid[graph.neighbour[pair]]:
            continue
        if np.random.random() < schedule.recombination_share:
            cost += _recombine(graph, objective, plan, node, graph.neighbour[pair], heat)
        else:
            cost += _try_move(graph, objective, plan, node, plan.grid[graph.neighbour[pair]], heat)
        since += 1
        if cost < least - 1e-6 and (since > len(grid) or heat < 2 * schedule.end_temperature):
            best[:], least, since = plan.grid, cost, 0
    return best, plan_cost(pairs, graph.weight, best, objective)


@njit(cache=True, nogil=True)
def _start_search(graph: CSRGraph, grid: IntArray) -> SearchState:
    """Room for a fifth more grids than there are, and five."""
    size, room = len(grid), grid.max() + 1 + (grid.max() + 1) // 5 + 5
    households, nodes = np.zeros(room, np.int64), np.zeros(room, np.int64)
    for node in range(size):
        households[grid[node]] += graph.weight[node]
        nodes[grid[node]] += 1
    return SearchState(grid.copy(), households, nodes, np.zeros(size + 1, np.int64), np.empty(size, np.int64))


@njit(cache=True, nogil=True)
def _is_accepted(cost_change: float, temperature: float) -> bool:
    return cost_change <= 0 or np.random.random() < np.exp(-cost_change / temperature)


@njit(cache=True, nogil=True)
def _try_move(
    graph: CSRGraph, objective: Objective, search: SearchState, node: int, grid: int, temperature: float
) -> float:
    """Move a node to a neighbouring grid if that is accepted and its own stays whole; returns the change of cost."""
    home, weight, change = search.grid[node], graph.weight[node], 0.0
    for link in range(graph.indptr[node], graph.indptr[node + 1]):
        other = search.grid[graph.neighbour[link]]
        change += graph.cost[link] * ((other == home) - (other == grid))
    change += size_penalty(search.households[grid] + weight, objective) - size_penalty(
        search.households[grid], objective
    )
    change -= size_penalty(search.households[home], objective)
    if search.node_count[home] > 1:
        change += size_penalty(search.households[home] - weight, objective)
    if not _is_accepted(change, temperature) or not _stays_contiguous(graph, search, node):
        return 0.0
    search.grid[node] = grid
    search.households[home] -= weight
    search.households[grid] += weight
    search.node_count[home] -= 1
    search.node_count[grid] += 1
    return change


@njit(cache=True, nogil=True)
def _stays_contiguous(graph: CSRGraph, search: SearchState, node: int) -> bool:
    """Whether a node's grid is in one piece without it: its neighbours there must reach each other."""
    home, wanted, first = search.grid[node], 0, -1
    search.visit_stamp[-1] += 2
    seen = search.visit_stamp[-1]
    for link in range(graph.indptr[node], graph.indptr[node + 1]):
        if search.grid[graph.neighbour[link]] == home:
            wanted, first = wanted + 1, graph.neighbour[link]
            search.visit_stamp[first] = seen - 1
    if wanted < 2:
        return True
    search.queue[0], search.visit_stamp[first], search.visit_stamp[node] = first, seen, seen
    done, known, met = 0, 1, 1
    while done < known and met < wanted:
        here = search.queue[done]
        done += 1
        for link in range(graph.indptr[here], graph.indptr[here + 1]):
            there = graph.neighbour[link]
            if search.grid[there] == home and search.visit_stamp[there] != seen:
                met += search.visit_stamp[there] == seen - 1
                search.visit_stamp[there] = seen
                search.queue[known] = there
                known += 1
    return met == wanted


@njit(cache=True, nogil=True)
def _recombine(
    graph: CSRGraph, objective: Objective, search: SearchState, node: int, other: int, temperature: float
) -> float:
    """Divide the grids of two neighbours, and sometimes of a third, along a random tree; returns the change of cost."""
    grids = np.array([search.grid[node], search.grid[other], -1])
    if np.random.random() < THREE_GRID_SHARE:
        grids[2] = _third_grid(graph, search, other, grids)
    members = _collect_nodes(graph, search, node, grids)
    pairs, weight = _inner_edges(graph, search, members), graph.weight[members]
    before = plan_cost(pairs, weight, search.grid[members], objective)
    part = cut_tree(draw_spanning_tree(len(members), pairs, MAX_LOG_DEVIATION * np.random.random()), weight, objective)
    change = plan_cost(pairs, weight, part, objective) - before
    names = _free_labels(search, grids, part.max() + 1)
    if len(names) <= part.max() or not _is_accepted(change, temperature):
        return 0.0
    _relabel(search, grids, names, members, part, weight)
    return change


@njit(cache=True, nogil=True)
def _third_grid(graph: CSRGraph, search: SearchState, node: int, grids: IntArray) -> int:
    """A grid next to a node other than the two, or -1."""
    for link in range(graph.indptr[node], graph.indptr[node + 1]):
        grid = search.grid[graph.neighbour[link]]
        if grid != grids[0] and grid != grids[1]:
            return int(grid)
    return -1


@njit(cache=True, nogil=True)
def _collect_nodes(graph: CSRGraph, search: SearchState, node: int, grids: IntArray) -> IntArray:
    """The nodes of neighbouring grids, in the order a search from one of them meets them."""
    search.visit_stamp[-1] += 2
    seen = search.visit_stamp[-1]
    search.queue[0], search.visit_stamp[node] = node, seen
    done, known = 0, 1
    while done < known:
        here = search.queue[done]
        done += 1
        for link in range(graph.indptr[here], graph.indptr[here + 1]):
            there = graph.neighbour[link]
            if search.visit_stamp[there] != seen and (search.grid[there] == grids).any():
                search.visit_stamp[there] = seen
                search.queue[known] = there
                known += 1
    return search.queue[:known].copy()


@njit(cache=True, nogil=True)
def _inner_edges(graph: CSRGraph, search: SearchState, members: IntArray) -> EdgeList:
    """Neighbours among some marked nodes, numbered in their order."""
    for number in range(len(members)):
        search.visit_stamp[members[number]] = -1 - number
    count = 0
    for node in members:
        count += graph.indptr[node + 1] - graph.indptr[node]
    left, right, cost = np.empty(count, np.int64), np.empty(count, np.int64), np.empty(count)
    used = 0
    for number in range(len(members)):
        for link in range(graph.indptr[members[number]], graph.indptr[members[number] + 1]):
            other = -1 - search.visit_stamp[graph.neighbour[link]]
            if other > number:
                left[used], right[used], cost[used] = number, other, graph.cost[link]
                used += 1
    for node in members:
        search.visit_stamp[node] = 0
    return EdgeList(left[:used], right[:used], cost[:used])


@njit(cache=True, nogil=True)
def _free_labels(search: SearchState, grids: IntArray, count: int) -> IntArray:
    """Names for the parts: those of the grids they replace, then unused ones; fewer where there is no room."""
    names, used = np.empty(count, np.int64), 0
    for grid in grids:
        if grid >= 0 and used < count:
            names[used] = grid
            used += 1
    for grid in range(len(search.node_count)):
        if used < count and search.node_count[grid] == 0:
            names[used] = grid
            used += 1
    return names[:used]


@njit(cache=True, nogil=True)
def _relabel(
    search: SearchState, grids: IntArray, labels: IntArray, members: IntArray, part: IntArray, weight: IntArray
) -> None:
    for grid in grids:
        if grid >= 0:
            search.households[grid] = search.node_count[grid] = 0
    for number in range(len(members)):
        grid = labels[part[number]]
        search.grid[members[number]] = grid
        search.households[grid] += weight[number]
        search.node_count[grid] += 1
