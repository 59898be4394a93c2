"""Search for a plan of one component from the grids of today: windows with a price on moves, then the pool program."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from gridmap.core.array_types import IntArray
from gridmap.core.labels import label_components
from gridmap.core.partition.certificates import ExceptionProof
from gridmap.core.partition.exact_cover import SetValue
from gridmap.core.partition.graph import Graph
from gridmap.core.partition.search import BUDGETS, GraphPlan, GraphSearch, build_objective, renumber_grids
from gridmap.core.partition.windows import WindowBudget, improve_by_windows
from gridmap.core.plans.profile import CostWeights, Profile
from gridmap.core.repartition.figures import RepartitionWeights
from gridmap.core.repartition.pool import Pool, build_pool
from gridmap.core.repartition.present_graph import (
    PresentGraph,
    border_prices,
    count_out_of_range,
    measure_plan,
)
from gridmap.core.repartition.program import OUT_OF_RANGE_COST, solve_pools
from gridmap.core.vocabulary import SearchEffort

WINDOWS = WindowBudget(rounds=200, patience=60, nodes=12)
MOVE_SHARES = (1.0, 0.1, 0.03, 0.01, 0.003)
"""Cost of a household that moves, as a share of the true one, in each run of windows: cheap moves lead to other plans,
which windows at the true cost improve and the program combines with the rest."""
POOL_ROUNDS = 5
"""Programs in a row, at most; each has the variants of the plan that the one before found."""
MAX_ROUNDS, ROUND_NODES = 4, 800
"""Rounds of windows and programs, at most, and nodes of all rounds together: rounds cost little in small graphs."""
DISTANCES = (4, 8)
"""Distances from a grid out of range, in grids, within which grids may change; beyond them, all of the component."""


class SearchSettings(NamedTuple):
    """Settings of a search from the grids of today.

    Parameters
    ----------
    profile : Profile
    weights : RepartitionWeights
    seed : int
    effort : SearchEffort
    """

    profile: Profile
    weights: RepartitionWeights
    seed: int = 0
    effort: SearchEffort = SearchEffort.DEFAULT

    def at_price(self, border_m: float) -> "SearchSettings":
        """Return the settings with another price of a metre of border, in households that move."""
        return self._replace(weights=replace(self.weights, border_m=border_m))


def repartition_graph(present: PresentGraph, settings: SearchSettings) -> GraphPlan:
    """Return a plan in range, as far as there is one, that moves few households from the grids of today.

    Parameters
    ----------
    present : PresentGraph
        No node above the maximum.
    settings : SearchSettings

    Returns
    -------
    GraphPlan
        The grids of today where they are all in range.

    Examples
    --------
    >>> row = Graph(np.full(8, 100), np.arange(7), np.arange(1, 8), np.ones(7))
    >>> present = PresentGraph(row, np.array([0, 0, 0, 0, 0, 0, 1, 1]))
    >>> grid = repartition_graph(present, SearchSettings(Profile(), RepartitionWeights())).grid
    >>> (grid == grid[0]).tolist()
    [True, True, True, True, True, False, False, False]
    """
    plan = renumber_grids(present.start())
    for distance in (*DISTANCES, len(plan)):
        nodes = _nodes_around(present.graph, plan, _grids_out_of_range(present, plan, settings.profile), distance)
        if not len(nodes):
            return GraphPlan(plan, {})
        plan = _improve_parts(present, plan, nodes, settings)
        if len(nodes) == len(plan):
            break
    return _rebalance(present, plan, settings)


def _rebalance(present: PresentGraph, plan: IntArray, settings: SearchSettings) -> GraphPlan:
    """Search more thoroughly where grids are out of range still, and prove which must be."""
    graph = present.graph
    if not len(_grids_out_of_range(present, plan, settings.profile)):
        return GraphPlan(plan, {})
    objective = build_objective(settings.profile, CostWeights(), int(graph.weight.sum()))
    thorough, search = GraphSearch(graph, objective, BUDGETS[settings.effort]), PlanSearch(present, settings)
    found = thorough.rebalance(plan, settings.seed)
    if search.rank(found.grid)[0] >= search.rank(plan)[0]:
        return GraphPlan(plan, match_certificates(found, plan))
    improved = search.improve(found.grid)
    return GraphPlan(improved, match_certificates(found, improved))


def match_certificates(found: GraphPlan, plan: IntArray) -> dict[int, ExceptionProof]:
    """Return the proofs for the grids of a plan that have the same nodes as the grids that were proven."""
    certificates = {}
    for grid, proof in found.certificates.items():
        nodes = np.flatnonzero(found.grid == grid)
        if np.array_equal(nodes, np.flatnonzero(plan == plan[nodes[0]])):
            certificates[int(plan[nodes[0]])] = proof
    return certificates


def _grids_out_of_range(present: PresentGraph, plan: IntArray, profile: Profile) -> IntArray:
    households = np.bincount(plan, present.graph.weight).astype(np.int64)
    return np.flatnonzero(count_out_of_range(households, profile))


def _nodes_around(graph: Graph, plan: IntArray, grids: IntArray, distance: int) -> IntArray:
    """Return the nodes of all grids within a distance of some, counted in grids."""
    left, right = plan[graph.left], plan[graph.right]
    for _ in range(distance):
        further = np.union1d(grids, np.r_[right[np.isin(left, grids)], left[np.isin(right, grids)]])
        if len(further) == len(grids):
            break
        grids = further
    return np.flatnonzero(np.isin(plan, grids))


def _improve_parts(present: PresentGraph, plan: IntArray, nodes: IntArray, settings: SearchSettings) -> IntArray:
    """Improve a plan on some nodes, each connected part of them by itself."""
    changed = plan.copy()
    for part in split_nodes(present.graph, nodes):
        found = PlanSearch(present.subset(part), settings).improve(renumber_grids(plan[part]))
        changed[part] = changed.max() + 1 + found
    return renumber_grids(changed)


def split_nodes(graph: Graph, nodes: IntArray) -> list[IntArray]:
    """Return the connected parts of some nodes."""
    small = graph.subgraph(nodes)
    part = label_components(len(small), small.left, small.right)
    return [nodes[part == number] for number in range(part.max(initial=-1) + 1)]


class PlanSearch:
    """Search for plans of one graph.

    Parameters
    ----------
    present : PresentGraph
        Connected.
    settings : SearchSettings
    """

    def __init__(self, present: PresentGraph, settings: SearchSettings) -> None:
        self.present, self.settings = present, settings
        graph, self.scale = present.graph, 1 / settings.weights.border_m  # borders in metres, as windows expect them
        prices = self.scale * border_prices(present, settings.weights)
        self.priced = Graph(graph.weight, graph.left, graph.right, prices).to_csr()
        objective = build_objective(settings.profile, CostWeights(), int(graph.weight.sum()))
        self.objective = objective._replace(cost_off_target=0.0, cost_out_of_range=self.scale * OUT_OF_RANGE_COST)

    def improve(self, plan: IntArray) -> IntArray:
        """Return the best plan found from a contiguous one, numbered from 0 without gaps.

        Small graphs get several rounds; each begins at the best plan so far, and keeps the plans of the rounds before.
        """
        plans, best = [plan], plan
        for number in range(min(max(ROUND_NODES // len(plan), 1), MAX_ROUNDS)):
            found = self._improve_once(plans, best, self.settings.seed + number * 2 * len(MOVE_SHARES))
            if number and self.rank(found) >= self.rank(best):
                break
            plans, best = [*plans, found], found
        return best

    def _improve_once(self, plans: list[IntArray], start: IntArray, seed: int) -> IntArray:
        """Return the best plan of windows from one plan and of the pool; add what windows find to the plans."""
        for number, share in enumerate(MOVE_SHARES):
            found = self.improve_by_windows(start, share, seed + 2 * number)
            plans.extend([found, self.improve_by_windows(found, 1.0, seed + 2 * number + 1)])
        best = min(plans, key=self.rank)
        for _ in range(POOL_ROUNDS):
            found = self._choose_from_pool(plans, best)
            if found is best:
                break
            best = found
        return best

    def rank(self, plan: IntArray) -> tuple[int, float]:
        """Return the key by which plans are compared; the least is the best."""
        return measure_plan(self.present, plan, self.settings.profile).rank(self.settings.weights)

    def improve_by_windows(self, plan: IntArray, share: float, seed: int) -> IntArray:
        """Return a plan that windows have improved, where a household that moves costs a share of its true cost."""
        value = SetValue(self.objective, share * self.scale)
        return renumber_grids(improve_by_windows(self.priced, value, plan, self.present.home, WINDOWS, seed))

    def _choose_from_pool(self, plans: list[IntArray], best: IntArray) -> IntArray:
        """Return the best plan of the pool, no grid of which takes in more than the best one so far costs."""
        profile = self.settings.profile
        households = np.bincount(best, self.present.graph.weight).astype(np.int64)
        slack = int(count_out_of_range(households, profile).max())
        cost = self.rank(best)[1]
        max_moved = profile.maximum if slack else min(int(cost), profile.maximum)
        return self.choose(build_pool(self.present, [*plans, best], profile, max_moved, slack), best)

    def choose(self, pool: Pool, known: IntArray) -> IntArray:
        """Return the best plan of a pool, or the known one where the program finds none that is better."""
        out, cost = self.rank(known)
        found = solve_pools([pool], self.settings.weights, OUT_OF_RANGE_COST * out + cost)
        plan = renumber_grids(found[0]) if found else known
        return plan if self.rank(plan) < self.rank(known) else known
