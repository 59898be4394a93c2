"""Search for plans: contiguous grids within the range, and the same plan for the same seed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.core.array_types import IntArray
from gridmap.core.labels import label_components
from gridmap.core.partition.graph import Graph
from gridmap.core.partition.search import BUDGETS, GraphSearch, build_objective, partition_graph
from gridmap.core.plans.profile import CostWeights, Profile
from gridmap.core.vocabulary import SearchEffort

few_examples = settings(derandomize=True, deadline=None, max_examples=15)


def lattice_graph(width: int, height: int, seed: int) -> Graph:
    """Return a lattice of nodes with random households and border costs."""
    rng, node = np.random.default_rng(seed), np.arange(width * height).reshape(height, width)
    left = np.r_[node[:, :-1].ravel(), node[:-1].ravel()]
    right = np.r_[node[:, 1:].ravel(), node[1:].ravel()]
    return Graph(rng.integers(0, 90, width * height), left, right, rng.uniform(0, 60, len(left)))


def is_contiguous(graph: Graph, grid: IntArray) -> bool:
    inside = grid[graph.left] == grid[graph.right]
    component = label_components(len(graph), graph.left[inside], graph.right[inside])
    return bool(component.max() + 1 == len(np.unique(grid)))


@few_examples
@given(st.integers(5, 12), st.integers(5, 12), st.integers(0, 99))
def test_grids_of_a_lattice_are_contiguous_and_in_range(width: int, height: int, seed: int) -> None:
    graph = lattice_graph(width, height, seed)
    grid = partition_graph(graph, build_objective(Profile(), CostWeights(), int(graph.weight.sum())), seed).grid
    assert is_contiguous(graph, grid)
    households = np.bincount(grid, graph.weight)
    assert households.sum() == graph.weight.sum()
    assert not Profile().is_partitionable(int(graph.weight.sum())) or ((households >= 300) & (households <= 500)).all()


def test_the_same_seed_gives_the_same_plan() -> None:
    graph = lattice_graph(10, 10, 3)
    objective = build_objective(Profile(), CostWeights(), int(graph.weight.sum()))
    assert partition_graph(graph, objective, 5).grid.tolist() == partition_graph(graph, objective, 5).grid.tolist()


def test_households_that_fit_one_grid_are_one_grid() -> None:
    graph = Graph(np.array([200, 300]), np.array([0]), np.array([1]), np.ones(1))
    assert partition_graph(graph, build_objective(Profile(), CostWeights(), 500), 0).grid.tolist() == [0, 0]


def test_the_border_is_where_it_costs_least() -> None:
    cost = np.array([9.0, 9.0, 1.0, 9.0, 9.0])
    row = Graph(np.full(6, 120), np.arange(5), np.arange(1, 6), cost)
    assert partition_graph(row, build_objective(Profile(), CostWeights(), 720), 0).grid[[2, 3]].tolist() in (
        [0, 1],
        [1, 0],
    )


@pytest.mark.parametrize(
    ("households", "cap"), [(540, 540), (550, 550), (560, 500), (590, 500), (600, 500), (1020, 500)]
)
def test_one_grid_may_exceed_the_maximum_where_fewer_households_are_then_out_of_range(
    households: int, cap: int
) -> None:
    assert build_objective(Profile(), CostWeights(), households).cap == cap


def count_starts(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> int:
    """Return the number of plans from trees that a search at default effort makes."""
    objective, made = build_objective(Profile(), CostWeights(), int(graph.weight.sum())), list[int]()
    original = GraphSearch._start_from_trees

    def count(self: GraphSearch, seed: int, *, few_grids: bool) -> IntArray:
        made.append(seed)
        return original(self, seed, few_grids=few_grids)

    monkeypatch.setattr(GraphSearch, "_start_from_trees", count)
    GraphSearch(graph, objective, BUDGETS[SearchEffort.DEFAULT]).find_plan(0)
    return len(made)


def test_a_search_ends_once_three_starts_with_light_atoms_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    row = Graph(np.full(40, 20), np.arange(39), np.arange(1, 40), np.r_[np.ones(19), 0.1, np.ones(19)])
    assert count_starts(row, monkeypatch) == 3


def test_starts_with_heavy_atoms_are_all_made_even_if_they_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    row = Graph(np.full(39, 21), np.arange(38), np.arange(1, 39), np.ones(38))
    assert count_starts(row, monkeypatch) == 24
