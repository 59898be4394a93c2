"""Plans in which at most a number of households of a town move: the program decides where moves help most."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from gridmap.core.array_types import IntArray
from gridmap.core.partition.search import renumber_grids
from gridmap.core.repartition.pool import Pool, build_pool
from gridmap.core.repartition.present_graph import PresentGraph, count_out_of_range, measure_plan
from gridmap.core.repartition.program import solve_pools
from gridmap.core.repartition.search import SearchSettings, split_nodes


class _Region(NamedTuple):
    """Part of a component in which a plan changes grids."""

    component: int
    nodes: IntArray
    pool: Pool


def limit_moves(
    presents: Sequence[PresentGraph], plans: Sequence[IntArray], settings: SearchSettings, max_moved: int
) -> list[IntArray]:
    """Return plans of several components that together move at most a number of households.

    Parameters
    ----------
    presents : sequence of PresentGraph
    plans : sequence of ndarray of int
        Plans without that limit.
    settings : SearchSettings
    max_moved : int
        Grids stay out of range where more households would have to move.
    """
    moved = sum(
        measure_plan(present, plan, settings.profile).moved for present, plan in zip(presents, plans, strict=True)
    )
    if moved <= max_moved:
        return list(plans)
    regions = [
        region
        for number, (present, plan) in enumerate(zip(presents, plans, strict=True))
        for region in _list_regions(number, present, plan, settings)
    ]
    limited = [renumber_grids(present.start()) for present in presents]
    found = solve_pools([region.pool for region in regions], settings.weights, np.inf, max_moved)
    for region, part in zip(regions, found or [], strict=bool(found)):
        plan = limited[region.component]
        plan[region.nodes] = plan.max() + 1 + part
    return [renumber_grids(plan) for plan in limited]


def _list_regions(number: int, present: PresentGraph, plan: IntArray, settings: SearchSettings) -> list[_Region]:
    """Return the parts of a component that differ from today, each with the grids of both plans and their variants."""
    start = renumber_grids(present.start())
    regions = []
    for nodes in split_nodes(present.graph, _changed_nodes(start, plan)):
        part, plans = present.subset(nodes), [renumber_grids(each[nodes]) for each in (start, plan)]
        households = np.bincount(plans[0], part.graph.weight).astype(np.int64)
        slack = int(count_out_of_range(households, settings.profile).max())
        pool = build_pool(part, plans, settings.profile, settings.profile.maximum, slack)
        regions.append(_Region(number, nodes, pool))
    return regions


def _changed_nodes(start: IntArray, plan: IntArray) -> IntArray:
    """Return the nodes of the grids of today that are not the same in a plan."""
    pairs = np.unique(np.stack([start, plan]), axis=1)
    counts = np.bincount(pairs[0])[pairs[0]], np.bincount(pairs[1])[pairs[1]]
    changed = pairs[0][(counts[0] > 1) | (counts[1] > 1)]
    return np.flatnonzero(np.isin(start, changed))
