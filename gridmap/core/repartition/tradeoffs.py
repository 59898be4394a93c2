"""Plans of one component at several prices of border, chosen from one pool."""

from collections.abc import Sequence

import numpy as np

from gridmap.core.array_types import IntArray
from gridmap.core.partition.search import GraphPlan, renumber_grids
from gridmap.core.repartition.pool import build_pool
from gridmap.core.repartition.present_graph import PresentGraph, count_out_of_range
from gridmap.core.repartition.search import PlanSearch, SearchSettings, match_certificates

MAX_TAKEN = 120
"""Households that a variant takes in, at most: shorter borders come from small exchanges, and fewer variants are faster
to choose from. The grids that windows find take in any number."""

MAX_PROGRAM_NODES = 800
"""Nodes of a graph with a program: in larger ones it takes ten times as long as windows, which are as good there."""


def find_tradeoffs(
    present: PresentGraph, found: GraphPlan, settings: SearchSettings, prices: Sequence[float]
) -> list[GraphPlan]:
    """Return a plan for each price of border, with no more households out of range than a plan that was found.

    Sound grids may change, too. Windows improve the plan once at each price; the program then chooses among the grids
    of all these plans and variants of those of today and of the plan, again for each price. In large graphs,
    windows are as good.

    Parameters
    ----------
    present : PresentGraph
    found : GraphPlan
        The plan that moves the fewest households; its proofs hold for the same grids in the others.
    settings : SearchSettings
    prices : sequence of float
        Households that a metre of border is worth.

    Examples
    --------
    >>> from gridmap.core.partition.graph import Graph
    >>> from gridmap.core.plans.profile import Profile
    >>> from gridmap.core.repartition.figures import RepartitionWeights
    >>> row = Graph(np.full(6, 100), np.arange(5), np.arange(1, 6), np.array([1.0, 1.0, 900.0, 1.0, 1.0]))
    >>> present = PresentGraph(row, np.array([0, 0, 0, 1, 1, 1]))
    >>> settings = SearchSettings(Profile(200, 400), RepartitionWeights())
    >>> plans = find_tradeoffs(present, GraphPlan(present.home, {}), settings, [0.001, 1.0])
    >>> [bool(plan.grid[2] == plan.grid[3]) for plan in plans]
    [False, True]
    """
    if not prices:
        return []
    searches = [PlanSearch(present, settings.at_price(price)) for price in prices]
    start = renumber_grids(present.start())
    windows = [
        search.improve_by_windows(plan, 1.0, settings.seed) for search in searches for plan in (start, found.grid)
    ]
    plans = [start, *windows, found.grid]
    chosen = [min(plans, key=search.rank) for search in searches]
    if len(present.graph) <= MAX_PROGRAM_NODES:
        pool = build_pool(present, plans, settings.profile, MAX_TAKEN, _slack(present, found.grid, settings))
        chosen = [search.choose(pool, plan) for search, plan in zip(searches, chosen, strict=True)]
    return [GraphPlan(plan, match_certificates(found, plan)) for plan in chosen]


def _slack(present: PresentGraph, plan: IntArray, settings: SearchSettings) -> int:
    """Return the number of households by which a grid of a plan is out of range, at most."""
    households = np.bincount(plan, present.graph.weight).astype(np.int64)
    return int(count_out_of_range(households, settings.profile).max())
