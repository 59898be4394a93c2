"""A graph is divided into contiguous grids within the range, the same for the same seed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.core.arrays import Ints
from gridmap.core.partition.anneal import Schedule, anneal
from gridmap.core.partition.graph import Graph, components
from gridmap.core.partition.profile import Profile, Weights
from gridmap.core.partition.solve import rules_of, solve
from gridmap.core.partition.trees import best_of_trees, plan_cost

few = settings(derandomize=True, deadline=None, max_examples=15)


def lattice(width: int, height: int, seed: int) -> Graph:
    """Blocks in rows and columns with households at random."""
    rng, node = np.random.default_rng(seed), np.arange(width * height).reshape(height, width)
    left = np.r_[node[:, :-1].ravel(), node[:-1].ravel()]
    right = np.r_[node[:, 1:].ravel(), node[1:].ravel()]
    return Graph(rng.integers(0, 90, width * height), left, right, rng.uniform(0, 60, len(left)))


def contiguous(graph: Graph, grid: Ints) -> bool:
    inside = grid[graph.left] == grid[graph.right]
    pieces = components(len(graph), graph.left[inside], graph.right[inside])
    return bool(pieces.max() + 1 == len(np.unique(grid)))


@few
@given(st.integers(5, 12), st.integers(5, 12), st.integers(0, 99))
def test_grids_of_a_lattice_are_contiguous_and_in_range(width: int, height: int, seed: int) -> None:
    graph = lattice(width, height, seed)
    grid = solve(graph, rules_of(Profile(), Weights(), int(graph.weight.sum())), seed)
    assert contiguous(graph, grid)
    households = np.bincount(grid, graph.weight)
    assert households.sum() == graph.weight.sum()
    assert not Profile().fits(int(graph.weight.sum())) or ((households >= 300) & (households <= 500)).all()


@few
@given(st.integers(0, 99))
def test_annealing_keeps_plans_whole_and_never_ends_worse(seed: int) -> None:
    graph = lattice(9, 9, seed)
    rules = rules_of(Profile(), Weights(), int(graph.weight.sum()))
    first, cost = best_of_trees(len(graph), graph.pairs(), graph.weight, rules, 2, seed)
    grid, least = anneal(graph.net(), rules, first, Schedule(20_000, 20.0, 1.0, 0.01, seed))
    assert contiguous(graph, grid)
    assert least <= cost + 1e-6
    assert least == pytest.approx(plan_cost(graph.pairs(), graph.weight, grid, rules))


def test_the_same_seed_gives_the_same_plan() -> None:
    graph = lattice(10, 10, 3)
    rules = rules_of(Profile(), Weights(), int(graph.weight.sum()))
    assert solve(graph, rules, 5).tolist() == solve(graph, rules, 5).tolist()


def test_what_fits_one_grid_is_one_grid() -> None:
    graph = Graph(np.array([200, 300]), np.array([0]), np.array([1]), np.ones(1))
    assert solve(graph, rules_of(Profile(), Weights(), 500), 0).tolist() == [0, 0]


def test_a_street_is_the_border_where_it_costs_less() -> None:
    cost = np.array([9.0, 9.0, 1.0, 9.0, 9.0])
    row = Graph(np.full(6, 120), np.arange(5), np.arange(1, 6), cost)
    assert solve(row, rules_of(Profile(), Weights(), 720), 0)[[2, 3]].tolist() in ([0, 1], [1, 0])


@pytest.mark.parametrize(
    ("households", "cap"), [(540, 540), (550, 550), (560, 500), (590, 500), (600, 500), (1020, 500)]
)
def test_one_grid_may_be_too_large_where_that_leaves_fewer_out(households: int, cap: int) -> None:
    assert rules_of(Profile(), Weights(), households).cap == cap
