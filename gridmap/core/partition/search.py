"""Search for a plan of one connected graph: first plans from trees, annealing, rebalancing of grids out of range."""

from typing import NamedTuple

import numpy as np

from gridmap.core.array_types import IntArray
from gridmap.core.partition.anneal import AnnealingSchedule, anneal
from gridmap.core.partition.graph import Graph
from gridmap.core.partition.trees import Objective, best_tree_partition
from gridmap.core.plans.profile import CostWeights, Profile

OUT_OF_RANGE_COST_M = 40.0
"""Cost of a household out of range, in metres of border: no border is worth one."""
MIN_STEPS = 200_000
"""Minimum number of steps, also for small graphs, where they cost nothing."""
RESTARTS = 3
"""Number of plans annealed from different seeds; the best is taken."""
MAX_RECOMBINATIONS = 100_000
"""Maximum number of recombinations in one search: beyond these, single moves achieve as much for less."""
END_TEMPERATURE = 1.0
"""Temperature at the end of every search: the cost of a metre between buildings."""
MAX_REBALANCE_DISTANCE = 4
"""Distance, in grids, up to which rebalancing partitions the surroundings of a grid again."""
REBALANCE_ROUNDS = 2
"""Number of rounds of rebalancing over all distances: one result may make another possible."""


class SearchBudget(NamedTuple):
    """Effort of one search.

    Parameters
    ----------
    trees : int
        Random trees for the first plan.
    steps_per_node, recombinations_per_grid : int
        Annealing steps per node, and recombinations per grid.
    start_temperature : float
        Temperature at the start.
    """

    trees: int
    steps_per_node: int
    recombinations_per_grid: int
    start_temperature: float


DEFAULT_BUDGET = SearchBudget(trees=16, steps_per_node=2000, recombinations_per_grid=200, start_temperature=20.0)
"""Tuned on Cambridge and Toa Payoh: three times the steps or recombinations save 1 to 2 % of cost."""
THOROUGH_BUDGET = SearchBudget(trees=64, steps_per_node=2000, recombinations_per_grid=2000, start_temperature=200.0)
"""For the surroundings of grids out of range: hot enough to take apart plans that are good except for those grids."""


def build_objective(profile: Profile, weights: CostWeights, households: int) -> Objective:
    """Return the profile as the kernels take it, for a graph with this many households.

    Where no number of grids fits, as few households as possible are out of range: either one grid above the maximum
    takes the surplus, or grids stay below the minimum.

    Examples
    --------
    >>> build_objective(Profile(), CostWeights(), 600).cap, build_objective(Profile(), CostWeights(), 540).cap
    (500, 540)
    """
    minimum, maximum = profile.minimum, profile.maximum
    full_grids = max(households // maximum, 1)
    over, under = households - full_grids * maximum, (full_grids + 1) * minimum - households
    is_surplus_smaller = not profile.is_partitionable(households) and 0 < over <= under
    cap = maximum + over if is_surplus_smaller else maximum
    return Objective(minimum, maximum, cap, profile.target, weights.load, OUT_OF_RANGE_COST_M)


def partition_graph(graph: Graph, objective: Objective, seed: int) -> IntArray:
    """Partition a connected graph into contiguous grids.

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
    plans = [_anneal_once(graph, objective, DEFAULT_BUDGET, seed + number) for number in range(RESTARTS)]
    grid, _ = min(plans, key=lambda plan: plan[1])
    return _rebalance(graph, objective, np.unique(grid, return_inverse=True)[1], seed)


def _anneal_once(graph: Graph, objective: Objective, budget: SearchBudget, seed: int) -> tuple[IntArray, float]:
    """Return a plan and its cost."""
    first, _ = best_tree_partition(len(graph), graph.edge_list(), graph.weight, objective, budget.trees, seed)
    steps = max(budget.steps_per_node * len(graph), MIN_STEPS)
    share = min(budget.recombinations_per_grid * (first.max() + 1), MAX_RECOMBINATIONS) / steps
    schedule = AnnealingSchedule(steps, budget.start_temperature, END_TEMPERATURE, share, seed)
    return anneal(graph.to_csr(), objective, first, schedule)


def _rebalance(graph: Graph, objective: Objective, grid: IntArray, seed: int) -> IntArray:
    """Partition the surroundings of every grid out of range again, at growing distances, until no such grid is left."""
    for distance in [*range(1, MAX_REBALANCE_DISTANCE + 1)] * REBALANCE_ROUNDS:
        seed += 1
        for node in _first_node_of_grids(grid)[_households_out_of_range(graph, objective, grid) > 0].tolist():
            grid = _repartition_around(graph, objective, grid, int(grid[node]), distance, seed)
    return grid


def _first_node_of_grids(grid: IntArray) -> IntArray:
    """Return a node of each grid, which identifies it after grids are renumbered."""
    return np.unique(grid, return_index=True)[1]


def _households_out_of_range(graph: Graph, objective: Objective, grid: IntArray) -> IntArray:
    """Return the number of households by which each grid is out of range."""
    households = np.bincount(grid, graph.weight).astype(np.int64)
    deviation = np.maximum(objective.minimum - households, households - objective.maximum)
    deviation[np.bincount(grid, minlength=len(deviation)) == 0] = 0
    return np.maximum(deviation, 0)


def _total_out_of_range(graph: Graph, objective: Objective, grid: IntArray) -> int:
    return int(_households_out_of_range(graph, objective, grid).sum())


def _repartition_around(
    graph: Graph, objective: Objective, grid: IntArray, centre_grid: int, distance: int, seed: int
) -> IntArray:
    """Partition the surroundings of one grid again; the result is kept where more households come into range."""
    nearby = np.array([centre_grid])
    for _ in range(distance):
        left, right = grid[graph.left], grid[graph.right]
        nearby = np.union1d(nearby, np.concatenate([right[np.isin(left, nearby)], left[np.isin(right, nearby)]]))
    nodes = np.flatnonzero(np.isin(grid, nearby))
    part, _ = _anneal_once(graph.subgraph(nodes), objective, THOROUGH_BUDGET, seed)
    changed = grid.copy()
    changed[nodes] = grid.max() + 1 + part
    changed = np.unique(changed, return_inverse=True)[1]
    is_better = _total_out_of_range(graph, objective, changed) < _total_out_of_range(graph, objective, grid)
    return changed if is_better else grid
