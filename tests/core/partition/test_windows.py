"""Windows: exact on small graphs, never worse, contiguous, and blind to nothing that moving costs."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.core.array_types import IntArray
from gridmap.core.partition.exact_cover import SetValue, SmallGraph, best_cover, list_sets, lowest_bit, partition_value
from gridmap.core.partition.graph import Graph, overlay_plans
from gridmap.core.partition.search import build_objective, renumber_grids
from gridmap.core.partition.trees import INFINITE_COST, best_tree_partition, plan_cost
from gridmap.core.partition.windows import WindowBudget, improve_by_windows
from gridmap.core.plans.profile import CostWeights, Profile
from tests.core.partition.test_search import few_examples, is_contiguous, lattice_graph

BUDGET = WindowBudget(rounds=20, patience=8, nodes=10)


def small_graph(graph: Graph, home: IntArray | None = None) -> SmallGraph:
    size = len(graph)
    cost, neighbours = np.zeros((size, size)), np.zeros(size, dtype=np.int64)
    for left, right, border in zip(graph.left, graph.right, graph.cost, strict=True):
        cost[left, right] = cost[right, left] = border
        neighbours[left] |= 1 << right
        neighbours[right] |= 1 << left
    at_home = np.zeros((size, 0 if home is None else home.max() + 1))
    if home is not None:
        at_home[np.arange(size), home] = graph.weight
    return SmallGraph(graph.weight, cost, neighbours, at_home)


def cheapest_by_trying_all(graph: Graph, profile: Profile) -> float:
    """Return the minimum cost of all contiguous plans in range, by trying every labelling of at most three grids."""
    objective = build_objective(profile, CostWeights(), int(graph.weight.sum()))
    costs = [INFINITE_COST]
    for labels in product(range(3), repeat=len(graph)):
        plan = renumber_grids(np.array(labels))
        households = np.bincount(plan, graph.weight)
        is_in_range = ((households >= profile.minimum) & (households <= profile.maximum)).all()
        if is_in_range and is_contiguous(graph, plan):
            costs.append(plan_cost(graph.edge_list(), graph.weight, plan, objective))
    return min(costs)


def test_the_lowest_bit_is_found_at_every_position() -> None:
    assert [lowest_bit(0b101 << position) for position in range(60)] == list(range(60))


@settings(derandomize=True, deadline=None, max_examples=8)
@given(st.integers(0, 999))
def test_the_cover_of_a_small_graph_is_the_cheapest_of_all_plans(seed: int) -> None:
    graph, profile = lattice_graph(4, 2, seed), Profile(90, 200)
    objective = build_objective(profile, CostWeights(), int(graph.weight.sum()))
    part, cost = best_cover(small_graph(graph), SetValue(objective, 0.0), 0)
    expected = cheapest_by_trying_all(graph, profile)
    if expected == INFINITE_COST:
        assert cost == INFINITE_COST or part.max() > 2
    else:
        assert cost + graph.cost.sum() <= expected + 1e-6
        assert plan_cost(graph.edge_list(), graph.weight, part, objective) == pytest.approx(cost + graph.cost.sum())


def test_sets_at_the_limits_are_listed_and_those_beyond_are_not() -> None:
    row = Graph(np.array([299, 1, 200, 1]), np.arange(3), np.arange(1, 4), np.ones(3))
    value = SetValue(build_objective(Profile(), CostWeights(), 501), 0.0)
    sets = list_sets(small_graph(row), value, 300, 500)
    assert sorted(sets.households[: sets.first[-1]].tolist()) == [300, 500]


def test_a_small_graph_without_a_plan_in_range_has_no_cover() -> None:
    row = Graph(np.array([299, 502]), np.array([0]), np.array([1]), np.ones(1))
    value = SetValue(build_objective(Profile(), CostWeights(), 801), 0.0)
    assert best_cover(small_graph(row), value, 1)[1] == INFINITE_COST
    assert best_cover(small_graph(row), value, 2)[1] < INFINITE_COST


@few_examples
@given(st.integers(0, 99))
def test_windows_keep_plans_contiguous_and_never_make_them_worse(seed: int) -> None:
    graph = lattice_graph(9, 9, seed)
    objective = build_objective(Profile(), CostWeights(), int(graph.weight.sum()))
    first, cost = best_tree_partition(len(graph), graph.edge_list(), graph.weight, objective, 1, seed)
    plan = improve_by_windows(graph.to_csr(), SetValue(objective, 0.0), first, first, BUDGET, seed)
    assert is_contiguous(graph, plan)
    assert plan_cost(graph.edge_list(), graph.weight, plan, objective) <= cost + 1e-6


def test_three_grids_become_two_where_that_is_cheaper() -> None:
    row = Graph(np.full(10, 90), np.arange(9), np.arange(1, 10), np.full(9, 100.0))
    objective = build_objective(Profile(), CostWeights(), 900)
    three = np.array([0, 0, 0, 1, 1, 1, 1, 2, 2, 2])
    plan = improve_by_windows(row.to_csr(), SetValue(objective, 0.0), three, three, BUDGET, 1)
    assert np.bincount(renumber_grids(plan)).tolist() == [5, 5]


def test_a_household_stays_where_moving_it_costs_more_than_it_gains() -> None:
    row = Graph(np.full(8, 100), np.arange(7), np.arange(1, 8), np.array([9.0, 9, 1, 9, 5, 9, 9]))
    objective = build_objective(Profile(), CostWeights(load=0.0), 800)
    today = np.array([0, 0, 0, 0, 0, 1, 1, 1])
    moved, unmoved = (
        improve_by_windows(row.to_csr(), SetValue(objective, price), today, today, BUDGET, 1) for price in (0.0, 0.05)
    )
    assert np.flatnonzero(np.diff(moved)).tolist() == [2]
    assert np.flatnonzero(np.diff(unmoved)).tolist() == [4]


def test_moves_are_counted_against_the_grid_that_most_belong_to() -> None:
    row = Graph(np.array([100, 200, 300]), np.arange(2), np.arange(1, 3), np.ones(2))
    value = SetValue(build_objective(Profile(300, 600, 600), CostWeights(load=0.0), 600), 1.0)
    home = np.array([0, 0, 1])
    assert partition_value(small_graph(row, home), value, np.zeros(3, dtype=np.int64), 1) == pytest.approx(300 - 2)
    assert partition_value(small_graph(row, home), value, home, 2) == pytest.approx(-1)


def test_the_same_seed_gives_the_same_windows() -> None:
    graph = lattice_graph(10, 10, 3)
    objective = build_objective(Profile(), CostWeights(), int(graph.weight.sum()))
    first, _ = best_tree_partition(len(graph), graph.edge_list(), graph.weight, objective, 1, 3)
    one, two = (improve_by_windows(graph.to_csr(), SetValue(objective, 0.0), first, first, BUDGET, 5) for _ in range(2))
    assert one.tolist() == two.tolist()


def test_an_overlay_keeps_weights_and_borders() -> None:
    graph = lattice_graph(5, 4, 2)
    plans = [np.arange(20) // 5, np.arange(20) % 5]
    small, node = overlay_plans(graph, plans)
    assert len(small) == 20
    assert small.cost.sum() == pytest.approx(graph.cost.sum())
    halves, node = overlay_plans(graph, [np.arange(20) // 10])
    assert halves.weight.tolist() == np.bincount(node, graph.weight).tolist()
    assert halves.cost.tolist() == pytest.approx([graph.cost[node[graph.left] != node[graph.right]].sum()])
