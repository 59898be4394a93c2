"""Annealing kernel: improves a plan by single moves across borders and by recombination along random trees.

Every plan on the way is contiguous. Worse plans are accepted with a probability that falls with the temperature, so
that the search leaves poor plans early and settles late. The search is limited by steps, never by time: the same seed
gives the same plan.

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

from gridmap.core.array_types import IntArray
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
    MAX_LOG_DEVIATION,
    EdgeList,
    Objective,
    cut_tree,
    draw_spanning_tree,
    plan_cost,
    size_penalty,
)

THREE_GRID_SHARE = 0.3
"""Share of recombinations that include a third grid: two grids alone cannot pass a surplus on."""
STEPS_PER_TEMPERATURE = 64
"""Number of steps at one temperature."""


class AnnealingSchedule(NamedTuple):
    """Schedule of a search.

    Parameters
    ----------
    steps : int
        Number of steps.
    start_temperature, end_temperature : float
        In units of cost.
    recombination_share : float
        Share of the steps that recombine grids instead of moving one node.
    seed : int
        Seed of the random generator.
    """

    steps: int
    start_temperature: float
    end_temperature: float
    recombination_share: float
    seed: int


@njit(cache=True, nogil=True)
def anneal(
    graph: CSRGraph, objective: Objective, grid: IntArray, schedule: AnnealingSchedule
) -> tuple[IntArray, float]:
    """Return the best plan found from a contiguous one, and its cost."""
    np.random.seed(schedule.seed)
    search = start_search(graph, grid)
    edges = EdgeList(graph.source, graph.neighbour, graph.cost / 2)  # every edge occurs twice
    cost = plan_cost(edges, graph.weight, grid, objective)
    best_grid, best_cost = grid.copy(), cost
    steps_since_best, temperature = 0, schedule.start_temperature
    for step in range(schedule.steps):
        if step % STEPS_PER_TEMPERATURE == 0:
            temperature = schedule.start_temperature * (schedule.end_temperature / schedule.start_temperature) ** (
                step / schedule.steps
            )
        edge = np.random.randint(len(graph.neighbour))
        node = graph.source[edge]
        if search.grid[node] == search.grid[graph.neighbour[edge]]:
            continue
        if np.random.random() < schedule.recombination_share:
            cost += _recombine(graph, objective, search, node, graph.neighbour[edge], temperature)
        else:
            cost += _try_move(graph, objective, search, node, search.grid[graph.neighbour[edge]], temperature)
        steps_since_best += 1
        # copying takes time in proportion to the nodes: at high temperature the best plan is copied only now and then
        if cost < best_cost - 1e-6 and (steps_since_best > len(grid) or temperature < 2 * schedule.end_temperature):
            best_grid[:], best_cost, steps_since_best = search.grid, cost, 0
    return best_grid, plan_cost(edges, graph.weight, best_grid, objective)


@njit(cache=True, nogil=True)
def _is_accepted(cost_change: float, temperature: float) -> bool:
    return cost_change <= 0 or np.random.random() < np.exp(-cost_change / temperature)


@njit(cache=True, nogil=True)
def _try_move(
    graph: CSRGraph, objective: Objective, search: SearchState, node: int, grid: int, temperature: float
) -> float:
    """Move a node to a neighbouring grid if that is accepted and its own stays contiguous; return the cost change."""
    own_grid, weight, change = search.grid[node], graph.weight[node], 0.0
    for edge in range(graph.indptr[node], graph.indptr[node + 1]):
        neighbour_grid = search.grid[graph.neighbour[edge]]
        change += graph.cost[edge] * ((neighbour_grid == own_grid) - (neighbour_grid == grid))
    change += size_penalty(search.households[grid] + weight, objective) - size_penalty(
        search.households[grid], objective
    )
    change -= size_penalty(search.households[own_grid], objective)
    if search.node_count[own_grid] > 1:
        change += size_penalty(search.households[own_grid] - weight, objective)
    if not _is_accepted(change, temperature) or not _stays_contiguous(graph, search, node):
        return 0.0
    search.grid[node] = grid
    search.households[own_grid] -= weight
    search.households[grid] += weight
    search.node_count[own_grid] -= 1
    search.node_count[grid] += 1
    return change


@njit(cache=True, nogil=True)
def _stays_contiguous(graph: CSRGraph, search: SearchState, node: int) -> bool:
    """Return whether a node's grid is contiguous without it: its neighbours in the grid must reach each other.

    Neighbours are stamped first; a breadth-first search from one of them then counts how many it meets.
    """
    grid, neighbour_count, first = search.grid[node], 0, -1
    search.visit_stamp[-1] += 2
    visited = search.visit_stamp[-1]
    for edge in range(graph.indptr[node], graph.indptr[node + 1]):
        if search.grid[graph.neighbour[edge]] == grid:
            neighbour_count, first = neighbour_count + 1, graph.neighbour[edge]
            search.visit_stamp[first] = visited - 1
    if neighbour_count < 2:
        return True
    search.queue[0], search.visit_stamp[first], search.visit_stamp[node] = first, visited, visited
    head, tail, met = 0, 1, 1
    while head < tail and met < neighbour_count:
        current = search.queue[head]
        head += 1
        for edge in range(graph.indptr[current], graph.indptr[current + 1]):
            neighbour = graph.neighbour[edge]
            if search.grid[neighbour] == grid and search.visit_stamp[neighbour] != visited:
                met += search.visit_stamp[neighbour] == visited - 1
                search.visit_stamp[neighbour] = visited
                search.queue[tail] = neighbour
                tail += 1
    return met == neighbour_count


@njit(cache=True, nogil=True)
def _recombine(
    graph: CSRGraph, objective: Objective, search: SearchState, node: int, other: int, temperature: float
) -> float:
    """Partition the grids of two neighbours, and sometimes a third, again by a random tree; return the cost change."""
    grids = np.array([search.grid[node], search.grid[other], -1])
    if np.random.random() < THREE_GRID_SHARE:
        grids[2] = _third_grid(graph, search, other, grids)
    members = collect_nodes(graph, search, node, grids)
    edges, weight = inner_edges(graph, search, members), graph.weight[members]
    cost_before = plan_cost(edges, weight, search.grid[members], objective)
    part = cut_tree(draw_spanning_tree(len(members), edges, MAX_LOG_DEVIATION * np.random.random()), weight, objective)
    change = plan_cost(edges, weight, part, objective) - cost_before
    labels = free_labels(search, grids, part.max() + 1)
    if len(labels) <= part.max() or not _is_accepted(change, temperature):
        return 0.0
    relabel(search, grids, labels, members, part, weight)
    return change


@njit(cache=True, nogil=True)
def _third_grid(graph: CSRGraph, search: SearchState, node: int, grids: IntArray) -> int:
    """Return a grid next to a node other than the first two of `grids`, or -1."""
    for edge in range(graph.indptr[node], graph.indptr[node + 1]):
        grid = search.grid[graph.neighbour[edge]]
        if grid != grids[0] and grid != grids[1]:
            return int(grid)
    return -1
