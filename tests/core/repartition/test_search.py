"""Plans from today's grids: the fewest households move, groups stay whole, and nothing changes without need."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.core.array_types import IntArray
from gridmap.core.partition.graph import Graph
from gridmap.core.plans.profile import Profile
from gridmap.core.repartition import program
from gridmap.core.repartition.figures import RepartitionWeights
from gridmap.core.repartition.grid_variants import VariantBounds, list_variants
from gridmap.core.repartition.limited_moves import UnlimitedPlan, limit_moves
from gridmap.core.repartition.pool import build_pool
from gridmap.core.repartition.present_graph import PresentGraph, count_new_cuts, measure_plan
from gridmap.core.repartition.program import solve_pools
from gridmap.core.repartition.search import SearchSettings, repartition_graph
from tests.benchmarks.present.proven_minimum import Case, count_moved, find_least_moved
from tests.core.partition.test_search import is_contiguous, lattice_graph

PROFILE = Profile(200, 300)
SETTINGS = SearchSettings(PROFILE, RepartitionWeights())


def row(*households: int, cost: float = 1.0) -> Graph:
    count = len(households)
    return Graph(np.array(households), np.arange(count - 1), np.arange(1, count), np.full(count - 1, cost))


def grids(text: str) -> IntArray:
    return np.array([int(letter) for letter in text.replace(" ", "")])


def repartition(graph: Graph, home: IntArray, *groups: IntArray) -> IntArray:
    plan = repartition_graph(PresentGraph(graph, home, groups), SETTINGS).grid
    return np.unique(plan, return_index=True, return_inverse=True)[1].argsort().argsort()[plan]


def test_grids_in_range_stay_however_long_their_borders_are() -> None:
    graph = row(100, 100, 100, 100, cost=10_000.0)
    assert repartition(graph, grids("0011")).tolist() == [0, 0, 1, 1]


@pytest.mark.parametrize(("households", "expected"), [(200, "0 0 1 1"), (199, "0 0 0 1")])
def test_a_grid_changes_once_it_is_below_the_minimum(households: int, expected: str) -> None:
    graph = row(households - 100, 100, 1, 250)
    assert repartition(graph, grids("0011")).tolist() == grids(expected).tolist()


def test_a_chain_of_exchanges_reaches_a_grid_far_away() -> None:
    graph = row(100, 100, 50, 150, 50, 150, 50, 150, 150, 150)
    plan = repartition(graph, grids("00 11 22 33 33"))
    assert np.bincount(plan, graph.weight).max() <= 300
    assert measure_plan(PresentGraph(graph, grids("0011223333")), plan, PROFILE).moved == 200


def test_a_grid_twice_too_large_becomes_two() -> None:
    plan = repartition(row(100, 100, 100, 100, 100), grids("00000"))
    assert sorted(np.bincount(plan).tolist()) == [2, 3]


def test_an_estate_stays_whole_where_other_households_can_move_instead() -> None:
    graph, home = row(200, 60, 150, 70, 200), grids("00122")
    assert repartition(graph, home).tolist() == grids("01122").tolist()
    assert repartition(graph, home, np.array([0, 0, -1, -1, -1])).tolist() == grids("00112").tolist()


def test_a_group_counts_as_newly_cut_only_beyond_the_grids_that_it_is_in_today() -> None:
    group, households = grids("000"), np.array([5, 5, 0])
    assert count_new_cuts(group, households, grids("011"), grids("012")) == 0
    assert count_new_cuts(group, households, grids("001"), grids("010")) == 1


@pytest.mark.parametrize(("max_moved", "moved"), [(49, 0), (50, 50)])
def test_no_more_households_move_than_may(max_moved: int, moved: int) -> None:
    present = PresentGraph(row(100, 50, 50, 250), grids("0111"))
    plan = repartition_graph(present, SETTINGS).grid
    (limited,) = limit_moves([UnlimitedPlan(present, plan)], SETTINGS, max_moved)
    assert measure_plan(present, plan, PROFILE).moved == 100
    assert measure_plan(present, limited, PROFILE).moved == moved


def test_a_program_of_more_grids_than_it_may_have_finds_a_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    """The grids that prices favour cover no land together: those of known plans do."""
    monkeypatch.setattr(program, "MAX_COLUMNS", 1)
    monkeypatch.setattr(program, "COLUMNS_OF_ROW", 0)
    present = PresentGraph(lattice_graph(6, 4, 5), np.repeat(np.arange(4), 6))
    plan = present.start()
    pool = build_pool(present, [plan], Profile(100, 400), 400, 400)
    assert solve_pools([pool], RepartitionWeights(), np.inf) is not None


@settings(derandomize=True, deadline=None, max_examples=10)
@given(st.integers(0, 999))
def test_variants_are_contiguous_and_within_the_bounds(seed: int) -> None:
    graph, plan = lattice_graph(6, 4, seed), np.repeat(np.arange(4), 6)
    bounds = VariantBounds(150, 300, 120)
    variants = list_variants(graph.to_csr(), plan, bounds)
    for grid, (*given_nodes, one, other) in zip(variants.grid, variants.changed, strict=True):
        members = (plan == grid) & ~np.isin(np.arange(24), given_nodes)
        members[[node for node in (one, other) if node >= 0]] = True
        assert 150 <= graph.weight[members].sum() <= 300
        assert is_contiguous(graph.subgraph(np.flatnonzero(members)), np.zeros(members.sum(), dtype=np.int64))


@settings(derandomize=True, deadline=None, max_examples=8)
@given(st.integers(0, 9_999))
def test_small_communities_move_the_proven_least(seed: int) -> None:
    graph = lattice_graph(5, 4, seed)
    home, profile = np.repeat(np.arange(4), 5), Profile(150, 290)
    plan = repartition_graph(PresentGraph(graph, home), SETTINGS._replace(profile=profile)).grid
    assert is_contiguous(graph, plan)
    households = np.bincount(plan, graph.weight)
    if households.min() >= 150 and households.max() <= 290:
        moved = count_moved(graph.weight, home, plan)
        edges = np.stack([graph.left, graph.right], axis=1)
        assert moved == find_least_moved(Case(graph.weight, edges, home, 150, 290), moved)
