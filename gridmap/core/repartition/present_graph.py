"""A graph with the grids of today, and the figures by which plans from them are compared."""

from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import linear_sum_assignment

from gridmap.core.array_types import FloatArray, IntArray
from gridmap.core.labels import label_components
from gridmap.core.partition.graph import Graph
from gridmap.core.plans.profile import Profile
from gridmap.core.repartition.figures import PlanFigures, RepartitionWeights


@dataclass(frozen=True, eq=False)
class PresentGraph:
    """Atoms of one component with the grids that they are in today.

    Parameters
    ----------
    graph : Graph
        Households and borders; connected.
    home : ndarray of int
        Grid of each node today.
    groups : tuple of ndarray of int
        For each kind of group (estates, resident groups): the group of each node, -1 for none.
    """

    graph: Graph
    home: IntArray
    groups: tuple[IntArray, ...] = field(default=())

    def subset(self, nodes: IntArray) -> "PresentGraph":
        """Return some of the nodes, renumbered in their order."""
        home = np.asarray(np.unique(self.home[nodes], return_inverse=True)[1], dtype=np.int64)
        return PresentGraph(self.graph.subgraph(nodes), home, tuple(group[nodes] for group in self.groups))

    def start(self) -> IntArray:
        """Return the grids of today as a plan; a grid in several pieces counts as several."""
        graph = self.graph
        same = self.home[graph.left] == self.home[graph.right]
        return label_components(len(graph), graph.left[same], graph.right[same])


def count_out_of_range(households: IntArray, profile: Profile) -> IntArray:
    """Return the number of households by which each grid is out of range.

    Examples
    --------
    >>> count_out_of_range(np.array([299, 300, 500, 502]), Profile()).tolist()
    [1, 0, 0, 2]
    """
    return np.maximum(np.maximum(profile.minimum - households, households - profile.maximum), 0)


def measure_plan(present: PresentGraph, plan: IntArray, profile: Profile) -> PlanFigures:
    """Return the figures of a plan.

    Parameters
    ----------
    present : PresentGraph
    plan : ndarray of int
        Grid of each node, numbered from 0 without gaps. Each inherits the code of at most one grid of today, so that
        as many households as possible keep theirs.
    profile : Profile

    Examples
    --------
    >>> row = Graph(np.full(4, 100), np.arange(3), np.arange(1, 4), np.ones(3))
    >>> measure_plan(PresentGraph(row, np.array([0, 0, 0, 1])), np.array([0, 0, 1, 1]), Profile(200, 300))
    PlanFigures(out_of_range=0, cuts=0, moved=100, border_m=1.0)
    """
    graph = present.graph
    households = np.bincount(plan, graph.weight).astype(np.int64)
    shared = np.zeros((plan.max() + 1, present.home.max() + 1))
    np.add.at(shared, (plan, present.home), graph.weight)
    kept = shared[linear_sum_assignment(shared, maximize=True)].sum()
    border = float(graph.cost[plan[graph.left] != plan[graph.right]].sum())
    out = int(count_out_of_range(households, profile).sum())
    cuts = sum(count_new_cuts(group, graph.weight, present.home, plan) for group in present.groups)
    return PlanFigures(out, cuts, int(graph.weight.sum() - kept), border)


def count_new_cuts(group: IntArray, households: IntArray, before: IntArray, after: IntArray) -> int:
    """Return by how many grids more than before the households of each group are apart, summed over the groups.

    Parameters
    ----------
    group : ndarray of int
        Group of each building or node, -1 for none.
    households : ndarray of int
    before, after : ndarray of int
        Grid of each in two plans.

    Examples
    --------
    >>> count_new_cuts(np.array([0, 0, 1, -1]), np.ones(4), np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1]))
    1
    """
    then, now = (_count_grids(group, households, grid) for grid in (before, after))
    return int(np.maximum(now - then, 0).sum())


def _count_grids(group: IntArray, households: IntArray, grid: IntArray) -> IntArray:
    """Return the number of grids that the households of each group are in."""
    chosen = (group >= 0) & (households > 0)
    pairs = np.unique(np.stack([group[chosen], grid[chosen]]), axis=1)
    return np.bincount(pairs[0], minlength=group.max(initial=-1) + 1)


def border_prices(present: PresentGraph, weights: RepartitionWeights) -> FloatArray:
    """Return the cost of a border along each edge, in households, dearer within a group that is in one grid today."""
    graph = present.graph
    price = weights.border_m * graph.cost
    for group in present.groups:
        whole = np.append(_count_grids(group, graph.weight, present.home) == 1, False)
        inside = (group[graph.left] == group[graph.right]) & whole[group[graph.left]]
        price = price + np.where(inside, weights.cut, 0.0)
    return price
