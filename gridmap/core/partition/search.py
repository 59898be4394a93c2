"""A plan for one connected graph: first plans from trees, annealing, rebalancing of what is left out of range."""

from typing import NamedTuple

import numpy as np

from gridmap.core.array_types import IntArray
from gridmap.core.partition.anneal import AnnealingSchedule, anneal
from gridmap.core.partition.graph import Graph
from gridmap.core.partition.trees import Objective, best_tree_partition
from gridmap.core.plans.profile import CostWeights, Profile

OUT_OF_RANGE_COST_M = 40.0
"""Cost of a household out of range: no border is worth one."""
MIN_STEPS = 200_000
"""Small graphs get at least these steps: they cost nothing there."""
RESTARTS = 3
"""Plans annealed from different seeds; the best is taken."""
MAX_RECOMBINATIONS = 100_000
"""New divisions of one search, however many grids: beyond these, single moves do as well for less."""
END_TEMPERATURE = 1.0
"""Temperature that every search ends at: the cost of a metre between buildings."""
MAX_REBALANCE_DISTANCE = 4
"""How many neighbours away rebalancing looks for room."""
REBALANCE_ROUNDS = 2
"""How often it looks at each distance: what one division opens, the next may use."""


class SearchBudget(NamedTuple):
    """Trees for a first plan; steps per node and new divisions per grid; temperature to start at."""

    trees: int
    steps_per_node: int
    recombinations_per_grid: int
    start_temperature: float


DEFAULT_BUDGET = SearchBudget(trees=16, steps_per_node=2000, recombinations_per_grid=200, start_temperature=20.0)
"""Found on Cambridge and Toa Payoh: three times the steps or divisions gain 1 to 2 % of cost."""
THOROUGH_BUDGET = SearchBudget(trees=64, steps_per_node=2000, recombinations_per_grid=2000, start_temperature=200.0)
"""For surroundings where grids are out of range: hot enough to take plans apart that are good but for those."""


def build_objective(profile: Profile, weights: CostWeights, households: int) -> Objective:
    """The profile as the kernels take it, for a graph with so many households.

    Where no number of grids fits, the fewest households are left out of range: one grid above the maximum takes what is
    too much, or grids stay below the minimum.

    Examples
    --------
    >>> build_objective(Profile(), CostWeights(), 600).cap, build_objective(Profile(), CostWeights(), 540).cap
    (500, 540)
    """
    low, high = profile.minimum, profile.maximum
    fewer = max(households // high, 1)
    over, under = households - fewer * high, (fewer + 1) * low - households
    cap = high + over if not profile.is_partitionable(households) and 0 < over <= under else high
    return Objective(low, high, cap, profile.target, weights.load, OUT_OF_RANGE_COST_M)


def partition_graph(graph: Graph, objective: Objective, seed: int) -> IntArray:
    """Divide a connected graph into contiguous grids.

    Parameters
    ----------
    graph : Graph
        Connected; no node above the maximum.
    objective : Objective
        Range and costs, from `build_objective`.
    seed : int
        Seed of the search; the same seed gives the same plan.

    Returns
    -------
    ndarray of int
        Grid of each node, numbered from 0.

    Examples
    --------
    >>> row = Graph(np.full(8, 100), np.arange(7), np.arange(1, 8), np.ones(7))
    >>> np.bincount(partition_graph(row, build_objective(Profile(), CostWeights(), 800), seed=0)).tolist()
    [4, 4]
    """
    if graph.weight.sum() <= objective.cap:
        return np.zeros(len(graph), dtype=np.int64)
    found = [_anneal_once(graph, objective, DEFAULT_BUDGET, seed + number) for number in range(RESTARTS)]
    grid, _ = min(found, key=lambda plan: plan[1])
    return _rebalance(graph, objective, np.unique(grid, return_inverse=True)[1], seed)


def _anneal_once(graph: Graph, objective: Objective, budget: SearchBudget, seed: int) -> tuple[IntArray, float]:
    first, _ = best_tree_partition(len(graph), graph.edge_list(), graph.weight, objective, budget.trees, seed)
    steps = max(budget.steps_per_node * len(graph), MIN_STEPS)
    anew = min(budget.recombinations_per_grid * (first.max() + 1), MAX_RECOMBINATIONS) / steps
    return anneal(
        graph.to_csr(),
        objective,
        first,
        AnnealingSchedule(steps, budget.start_temperature, END_TEMPERATURE, anew, seed),
    )


def _rebalance(graph: Graph, objective: Objective, grid: IntArray, seed: int) -> IntArray:
    """Divide the surroundings of every grid out of range again, wider and wider, until none is left."""
    for reach in [*range(1, MAX_REBALANCE_DISTANCE + 1)] * REBALANCE_ROUNDS:
        seed += 1
        for node in _first_node_of_grids(grid)[_households_out_of_range(graph, objective, grid) > 0].tolist():
            grid = _repartition_around(graph, objective, grid, int(grid[node]), reach, seed)
    return grid


def _first_node_of_grids(grid: IntArray) -> IntArray:
    """A node of each grid, to know it by when grids are numbered anew."""
    return np.unique(grid, return_index=True)[1]


def _households_out_of_range(graph: Graph, objective: Objective, grid: IntArray) -> IntArray:
    """Households that each grid is out of range."""
    households = np.bincount(grid, graph.weight).astype(np.int64)
    off = np.maximum(objective.minimum - households, households - objective.maximum)
    off[np.bincount(grid, minlength=len(off)) == 0] = 0
    return np.maximum(off, 0)


def _total_out_of_range(graph: Graph, objective: Objective, grid: IntArray) -> int:
    return int(_households_out_of_range(graph, objective, grid).sum())


def _repartition_around(
    graph: Graph, objective: Objective, grid: IntArray, centre_grid: int, distance: int, seed: int
) -> IntArray:
    """The plan with the surroundings of one grid divided anew, where that brings more households into range."""
    near = np.array([centre_grid])
    for _ in range(distance):
        left, right = grid[graph.left], grid[graph.right]
        near = np.union1d(near, np.concatenate([right[np.isin(left, near)], left[np.isin(right, near)]]))
    nodes = np.flatnonzero(np.isin(grid, near))
    part, _ = _anneal_once(graph.subgraph(nodes), objective, THOROUGH_BUDGET, seed)
    changed = grid.copy()
    changed[nodes] = grid.max() + 1 + part
    changed = np.unique(changed, return_inverse=True)[1]
    return (
        changed
        if _total_out_of_range(graph, objective, changed) < _total_out_of_range(graph, objective, grid)
        else grid
    )
