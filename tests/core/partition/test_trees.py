"""Spanning trees: drawn with costly borders inside branches, and cut at minimum cost."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.core.array_types import IntArray
from gridmap.core.labels import label_components
from gridmap.core.partition.trees import (
    EdgeList,
    Objective,
    best_tree_partition,
    cut_tree,
    draw_spanning_tree,
    plan_cost,
    size_penalty,
)

OBJECTIVE = Objective(minimum=30, maximum=50, cap=50, target=40, cost_off_target=0.1, cost_out_of_range=40.0)
several_examples = settings(derandomize=True, deadline=None, max_examples=60)


@st.composite
def random_trees(draw: st.DrawFn) -> tuple[EdgeList, IntArray]:
    """Draw a tree with border costs and households."""
    size = draw(st.integers(2, 10))
    parents = [draw(st.integers(0, node - 1)) for node in range(1, size)]
    cost = draw(st.lists(st.floats(0, 200), min_size=size - 1, max_size=size - 1))
    weight = draw(st.lists(st.integers(0, 45), min_size=size, max_size=size))
    return EdgeList(np.arange(1, size), np.array(parents), np.array(cost)), np.array(weight)


def cut_costs(edges: EdgeList, weight: IntArray, objective: Objective) -> list[float]:
    """Return the cost of every way to cut a tree into parts that are not too large."""
    costs = []
    for choice in product([False, True], repeat=len(edges.cost)):
        uncut = np.array(choice)
        part = label_components(len(weight), edges.left[uncut], edges.right[uncut])
        sizes = np.bincount(part, weight).astype(int)
        if sizes.max() <= objective.cap:
            costs.append(edges.cost[~uncut].sum() + sum(size_cost(size, objective) for size in sizes))
    return costs


def size_cost(households: int, objective: Objective) -> float:
    """Return the cost of a size: a little per household off the target, much more per household out of range."""
    excess = max(objective.minimum - households, households - objective.maximum, 0)
    return objective.cost_off_target * abs(households - objective.target) + (
        objective.cost_out_of_range * (excess + 3) if excess else 0.0
    )


@several_examples
@given(random_trees())
def test_no_cut_of_a_tree_costs_less(tree: tuple[EdgeList, IntArray]) -> None:
    edges, weight = tree
    part = cut_tree(draw_spanning_tree(len(weight), edges, 0.0), weight, OBJECTIVE)
    assert plan_cost(edges, weight, part, OBJECTIVE) == pytest.approx(min(cut_costs(edges, weight, OBJECTIVE)))


@several_examples
@given(random_trees())
def test_parts_of_a_tree_are_connected_and_not_too_large(tree: tuple[EdgeList, IntArray]) -> None:
    edges, weight = tree
    part = cut_tree(draw_spanning_tree(len(weight), edges, 0.0), weight, OBJECTIVE)
    inside = part[edges.left] == part[edges.right]
    assert label_components(len(weight), edges.left[inside], edges.right[inside]).max() == part.max()
    assert np.bincount(part, weight).max() <= OBJECTIVE.cap


@pytest.mark.parametrize("households", [0, 29, 30, 40, 50, 51])
def test_the_penalty_of_a_size_grows_with_its_distance_from_target_and_range(households: int) -> None:
    assert size_penalty(households, OBJECTIVE) == pytest.approx(size_cost(households, OBJECTIVE))


def test_a_tree_keeps_costly_borders_within_branches() -> None:
    square = EdgeList(np.array([0, 1, 2, 0]), np.array([1, 2, 3, 3]), np.array([9.0, 9.0, 9.0, 1.0]))
    tree = draw_spanning_tree(4, square, 0.0)
    assert tree.parent.tolist() == [-1, 0, 1, 2]
    assert tree.branch_cost[1:].tolist() == [10, 10, 10]


def test_the_best_tree_partition_is_the_same_for_the_same_seed() -> None:
    edges = EdgeList(np.arange(0, 19), np.arange(1, 20), np.ones(19))
    weight = np.full(20, 10)
    one, two = (best_tree_partition(20, edges, weight, OBJECTIVE, 4, 7) for _ in range(2))
    assert one[0].tolist() == two[0].tolist()
    assert np.bincount(one[0], weight).tolist() == [40] * 5
