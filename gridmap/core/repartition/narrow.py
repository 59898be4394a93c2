"""Plans from the grids of today in which every home is within the radius of its grid, where that is possible."""

from dataclasses import replace

import numpy as np

from gridmap.core.array_types import IntArray
from gridmap.core.partition.graph import Graph
from gridmap.core.partition.radius import RadiusLimit, count_far_homes, narrow_grids
from gridmap.core.partition.search import GraphPlan, build_objective
from gridmap.core.partition.trees import Objective
from gridmap.core.plans.profile import CostWeights
from gridmap.core.repartition.present_graph import PresentGraph, measure_plan
from gridmap.core.repartition.search import SearchSettings, match_certificates

HOME_FACTORS = (10.0, 3.0, 1.0)
"""Costs of a metre of border within a grid of today, in metres of another border. Dear ones keep households in their
grids; cheap ones may be the only way to bring all homes within the radius."""
SEEDS = 3
"""Searches for each factor; each takes milliseconds for a grid that is too wide."""


def narrow_plan(
    present: PresentGraph, limit: RadiusLimit | None, found: GraphPlan, settings: SearchSettings
) -> GraphPlan:
    """Return a plan with as few homes too far from the centres of their grids as are found, then with few moves.

    Parameters
    ----------
    present : PresentGraph
    limit : RadiusLimit or None
        None where the profile has no radius.
    found : GraphPlan
        Plan without regard to the radius; returned as it is where it keeps the radius.
    settings : SearchSettings
    """
    if limit is None or not count_far_homes(limit, found.grid).any():
        return found
    plans = [
        narrow_grids(_keep_grids(present, factor), limit, _objective(present, settings), found.grid, seed)
        for factor in HOME_FACTORS
        for seed in range(settings.seed, settings.seed + SEEDS)
    ]
    plan = min(plans, key=lambda plan: _rank(present, limit, plan, settings))
    return GraphPlan(plan, match_certificates(found, plan))


def _objective(present: PresentGraph, settings: SearchSettings) -> Objective:
    """Return the costs of a partition from scratch; sizes within the range are all equal here."""
    objective = build_objective(settings.profile, CostWeights(), int(present.graph.weight.sum()))
    return objective._replace(cost_off_target=0.0)


def _keep_grids(present: PresentGraph, factor: float) -> Graph:
    """Return the graph with dearer borders within the grids of today."""
    graph = present.graph
    inside = present.home[graph.left] == present.home[graph.right]
    return replace(graph, cost=graph.cost * np.where(inside, factor, 1.0))


def _rank(
    present: PresentGraph, limit: RadiusLimit, plan: IntArray, settings: SearchSettings
) -> tuple[int, int, float]:
    """Return the key by which plans are compared: homes too far first, then as without a radius."""
    figures = measure_plan(present, plan, settings.profile)
    return int(count_far_homes(limit, plan).sum()), *figures.rank(settings.weights)
