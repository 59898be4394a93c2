"""A plan for one connected graph: first plans from trees, annealing, rebalancing of what is left out of range."""

from typing import NamedTuple

import numpy as np

from gridmap.core.arrays import Ints
from gridmap.core.partition.anneal import Schedule, anneal
from gridmap.core.partition.graph import Graph
from gridmap.core.partition.profile import Profile, Weights
from gridmap.core.partition.trees import Rules, best_of_trees

OUT_M = 40.0
"""Cost of a household out of range: no border is worth one."""
LEAST_STEPS = 200_000
"""Small graphs get at least these steps: they cost nothing there."""
RESTARTS = 3
"""Plans annealed from different seeds; the best is taken."""
MOST_DIVISIONS = 100_000
"""New divisions of one search, however many grids: beyond these, single moves do as well for less."""
COLD = 1.0
"""Temperature that every search ends at: the cost of a metre between buildings."""
REACH = 4
"""How many neighbours away rebalancing looks for room."""
ROUNDS = 2
"""How often it looks at each distance: what one division opens, the next may use."""


class Effort(NamedTuple):
    """Trees for a first plan; steps per node and new divisions per grid; temperature to start at."""

    trees: int
    steps: int
    divisions: int
    hot: float


USUAL = Effort(trees=16, steps=2000, divisions=200, hot=20.0)
"""Found on Cambridge and Toa Payoh: three times the steps or divisions gain 1 to 2 % of cost."""
THOROUGH = Effort(trees=64, steps=2000, divisions=2000, hot=200.0)
"""For surroundings where grids are out of range: hot enough to take plans apart that are good but for those."""


def rules_of(profile: Profile, weights: Weights, households: int) -> Rules:
    """The profile as the kernels take it, for a graph with so many households.

    Where no number of grids fits, the fewest households are left out of range: one grid above the maximum takes what is
    too much, or grids stay below the minimum.

    Examples
    --------
    >>> rules_of(Profile(), Weights(), 600).cap, rules_of(Profile(), Weights(), 540).cap
    (500, 540)
    """
    low, high = profile.minimum, profile.maximum
    fewer = max(households // high, 1)
    over, under = households - fewer * high, (fewer + 1) * low - households
    cap = high + over if not profile.fits(households) and 0 < over <= under else high
    return Rules(low, high, cap, profile.target, weights.load, OUT_M)


def solve(graph: Graph, rules: Rules, seed: int) -> Ints:
    """Divide a connected graph into contiguous grids.

    Parameters
    ----------
    graph : Graph
        Connected; no node above the maximum.
    rules : Rules
        Range and costs, from `rules_of`.
    seed : int
        Seed of the search; the same seed gives the same plan.

    Returns
    -------
    ndarray of int
        Grid of each node, numbered from 0.

    Examples
    --------
    >>> row = Graph(np.full(8, 100), np.arange(7), np.arange(1, 8), np.ones(7))
    >>> np.bincount(solve(row, rules_of(Profile(), Weights(), 800), seed=0)).tolist()
    [4, 4]
    """
    if graph.weight.sum() <= rules.cap:
        return np.zeros(len(graph), dtype=np.int64)
    found = [_annealed(graph, rules, USUAL, seed + number) for number in range(RESTARTS)]
    grid, _ = min(found, key=lambda plan: plan[1])
    return _rebalanced(graph, rules, np.unique(grid, return_inverse=True)[1], seed)


def _annealed(graph: Graph, rules: Rules, effort: Effort, seed: int) -> tuple[Ints, float]:
    first, _ = best_of_trees(len(graph), graph.pairs(), graph.weight, rules, effort.trees, seed)
    steps = max(effort.steps * len(graph), LEAST_STEPS)
    anew = min(effort.divisions * (first.max() + 1), MOST_DIVISIONS) / steps
    return anneal(graph.net(), rules, first, Schedule(steps, effort.hot, COLD, anew, seed))


def _rebalanced(graph: Graph, rules: Rules, grid: Ints, seed: int) -> Ints:
    """Divide the surroundings of every grid out of range again, wider and wider, until none is left."""
    for reach in [*range(1, REACH + 1)] * ROUNDS:
        seed += 1
        for node in _first_nodes(grid)[_off(graph, rules, grid) > 0].tolist():
            grid = _redivided(graph, rules, grid, int(grid[node]), reach, seed)
    return grid


def _first_nodes(grid: Ints) -> Ints:
    """A node of each grid, to know it by when grids are numbered anew."""
    return np.unique(grid, return_index=True)[1]


def _off(graph: Graph, rules: Rules, grid: Ints) -> Ints:
    """Households that each grid is out of range."""
    households = np.bincount(grid, graph.weight).astype(np.int64)
    off = np.maximum(rules.low - households, households - rules.high)
    off[np.bincount(grid, minlength=len(off)) == 0] = 0
    return np.maximum(off, 0)


def _missing(graph: Graph, rules: Rules, grid: Ints) -> int:
    return int(_off(graph, rules, grid).sum())


def _redivided(graph: Graph, rules: Rules, grid: Ints, faulty: int, reach: int, seed: int) -> Ints:
    """The plan with the surroundings of one grid divided anew, where that brings more households into range."""
    near = np.array([faulty])
    for _ in range(reach):
        left, right = grid[graph.left], grid[graph.right]
        near = np.union1d(near, np.concatenate([right[np.isin(left, near)], left[np.isin(right, near)]]))
    nodes = np.flatnonzero(np.isin(grid, near))
    part, _ = _annealed(graph.part(nodes), rules, THOROUGH, seed)
    changed = grid.copy()
    changed[nodes] = grid.max() + 1 + part
    changed = np.unique(changed, return_inverse=True)[1]
    return changed if _missing(graph, rules, changed) < _missing(graph, rules, grid) else grid
