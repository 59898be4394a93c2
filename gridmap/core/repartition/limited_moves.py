"""Plans in which at most a number of households of a town move: the program decides where moves help most.

The radius comes before the range here, too: no grid changes into one with homes too far from its centre, and grids of
today that are too wide are the first to change.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from gridmap.core.array_types import IntArray
from gridmap.core.partition.radius import RadiusLimit
from gridmap.core.partition.search import renumber_grids
from gridmap.core.repartition.pool import Pool, build_pool
from gridmap.core.repartition.present_graph import PresentGraph, count_out_of_range, measure_plan
from gridmap.core.repartition.program import solve_pools
from gridmap.core.repartition.search import SearchSettings, split_nodes

SETS_AT_ONCE = 2_000
"""Possible grids whose homes are measured at once, so that the homes of all of them are never in memory together."""


class UnlimitedPlan(NamedTuple):
    """Plan of a component as if any number of households might move.

    Parameters
    ----------
    present : PresentGraph
    plan : ndarray of int
        Grid of each node.
    limit : RadiusLimit or None
        None where the profile has no radius.
    """

    present: PresentGraph
    plan: IntArray
    limit: RadiusLimit | None = None


class _Region(NamedTuple):
    """Part of a component in which a plan changes grids."""

    component: int
    nodes: IntArray
    pool: Pool


def limit_moves(plans: Sequence[UnlimitedPlan], settings: SearchSettings, max_moved: int) -> list[IntArray]:
    """Return plans of several components that together move at most a number of households.

    Parameters
    ----------
    plans : sequence of UnlimitedPlan
        Plans without that limit.
    settings : SearchSettings
    max_moved : int
        Grids stay out of range where more households would have to move.
    """
    moved = sum(measure_plan(each.present, each.plan, settings.profile).moved for each in plans)
    if moved <= max_moved:
        return [each.plan for each in plans]
    regions = [region for number, each in enumerate(plans) for region in _list_regions(number, each, settings)]
    limited = [renumber_grids(each.present.start()) for each in plans]
    found = solve_pools([region.pool for region in regions], settings.weights, np.inf, max_moved)
    for region, part in zip(regions, found or [], strict=bool(found)):
        plan = limited[region.component]
        plan[region.nodes] = plan.max() + 1 + part
    return [renumber_grids(plan) for plan in limited]


def _list_regions(number: int, unlimited: UnlimitedPlan, settings: SearchSettings) -> list[_Region]:
    """Return the parts of a component that differ from today, each with the grids of both plans and their variants."""
    present, plan, limit = unlimited
    start = renumber_grids(present.start())
    regions = []
    for nodes in split_nodes(present.graph, _changed_nodes(start, plan)):
        part, plans = present.subset(nodes), [renumber_grids(each[nodes]) for each in (start, plan)]
        households = np.bincount(plans[0], part.graph.weight).astype(np.int64)
        slack = int(count_out_of_range(households, settings.profile).max())
        pool = build_pool(part, plans, settings.profile, settings.profile.maximum, slack)
        regions.append(_Region(number, nodes, pool if limit is None else _keep_narrow(pool, limit.subset(nodes))))
    return regions


def _keep_narrow(pool: Pool, limit: RadiusLimit) -> Pool:
    """Return the grids of a pool that keep the radius, those of today, and those of the plan, with their far homes.

    Grids of the plan may be too wide where the search has found none that are narrower.
    """
    far_homes = count_far_homes_of_sets(limit, pool.members[:, pool.row_of_node])
    return replace(pool, far_homes=far_homes).select((far_homes == 0) | pool.is_known)


def count_far_homes_of_sets(limit: RadiusLimit, members: csr_array) -> IntArray:
    """Return the number of homes of each of many possible grids that are too far from its centre.

    Parameters
    ----------
    limit : RadiusLimit
    members : csr_array, shape (grids, nodes)
        1 for each node that a grid consists of.

    Examples
    --------
    >>> one = np.ones(3)
    >>> limit = RadiusLimit(one, np.arange(3.0), one, np.arange(4), np.array([[0.0, 1], [1, 1], [2, 1]]), 0.9)
    >>> count_far_homes_of_sets(limit, csr_array([[1, 1, 0], [1, 1, 1]])).tolist()
    [0, 2]
    """
    members, counts = csr_array(members), np.diff(limit.first)
    area, east, north = (members @ each for each in (limit.area, limit.east, limit.north))
    found = []
    for start in range(0, members.shape[0], SETS_AT_ONCE):
        part = members[start : start + SETS_AT_ONCE].tocoo()
        homes = counts[part.col]
        grid = np.repeat(part.row, homes)
        first = np.repeat(limit.first[part.col] - np.cumsum(homes) + homes, homes)
        home = limit.homes[first + np.arange(len(grid))]
        far = np.hypot(*(home - (np.stack([east, north]) / area)[:, start + grid].T).T) > limit.radius_m
        found.append(np.bincount(grid[far], minlength=part.shape[0]))
    return np.concatenate([np.empty(0, dtype=np.int64), *found])


def _changed_nodes(start: IntArray, plan: IntArray) -> IntArray:
    """Return the nodes of the grids of today that are not the same in a plan."""
    pairs = np.unique(np.stack([start, plan]), axis=1)
    counts = np.bincount(pairs[0])[pairs[0]], np.bincount(pairs[1])[pairs[1]]
    changed = pairs[0][(counts[0] > 1) | (counts[1] > 1)]
    return np.flatnonzero(np.isin(start, changed))
