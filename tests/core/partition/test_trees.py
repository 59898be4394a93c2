"""Trees are cut at the least cost that any cut has."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.core.arrays import Ints
from gridmap.core.partition.graph import components
from gridmap.core.partition.trees import Pairs, Rules, best_of_trees, cut_tree, draw_tree, penalty, plan_cost

RULES = Rules(low=30, high=50, cap=50, target=40, load=0.1, out=40.0)
several = settings(derandomize=True, deadline=None, max_examples=60)


@st.composite
def trees(draw: st.DrawFn) -> tuple[Pairs, Ints]:
    """A tree with border costs and households."""
    size = draw(st.integers(2, 10))
    parents = [draw(st.integers(0, node - 1)) for node in range(1, size)]
    cost = draw(st.lists(st.floats(0, 200), min_size=size - 1, max_size=size - 1))
    weight = draw(st.lists(st.integers(0, 45), min_size=size, max_size=size))
    return Pairs(np.arange(1, size), np.array(parents), np.array(cost)), np.array(weight)


def every_cut(pairs: Pairs, weight: Ints, rules: Rules) -> list[float]:
    """The cost of every way to cut a tree into parts that are not too large."""
    costs = []
    for kept in product([False, True], repeat=len(pairs.cost)):
        chosen = np.array(kept)
        part = components(len(weight), pairs.left[chosen], pairs.right[chosen])
        sizes = np.bincount(part, weight).astype(int)
        if sizes.max() <= rules.cap:
            costs.append(pairs.cost[~chosen].sum() + sum(size_cost(size, rules) for size in sizes))
    return costs


def size_cost(households: int, rules: Rules) -> float:
    """Off the target costs a little each; out of range a lot each, and three more."""
    off = max(rules.low - households, households - rules.high, 0)
    return rules.load * abs(households - rules.target) + (rules.out * (off + 3) if off else 0.0)


@several
@given(trees())
def test_no_cut_of_a_tree_costs_less(tree: tuple[Pairs, Ints]) -> None:
    pairs, weight = tree
    part = cut_tree(draw_tree(len(weight), pairs, 0.0), weight, RULES)
    assert plan_cost(pairs, weight, part, RULES) == pytest.approx(min(every_cut(pairs, weight, RULES)))


@several
@given(trees())
def test_parts_of_a_tree_are_connected_and_not_too_large(tree: tuple[Pairs, Ints]) -> None:
    pairs, weight = tree
    part = cut_tree(draw_tree(len(weight), pairs, 0.0), weight, RULES)
    inside = part[pairs.left] == part[pairs.right]
    assert components(len(weight), pairs.left[inside], pairs.right[inside]).max() == part.max()
    assert np.bincount(part, weight).max() <= RULES.cap


@pytest.mark.parametrize("households", [0, 29, 30, 40, 50, 51])
def test_a_size_costs_what_it_is_off(households: int) -> None:
    assert penalty(households, RULES) == pytest.approx(size_cost(households, RULES))


def test_trees_keep_costly_borders_within_branches() -> None:
    square = Pairs(np.array([0, 1, 2, 0]), np.array([1, 2, 3, 3]), np.array([9.0, 9.0, 9.0, 1.0]))
    tree = draw_tree(4, square, 0.0)
    assert tree.parent.tolist() == [-1, 0, 1, 2]
    assert tree.branch[1:].tolist() == [10, 10, 10]


def test_the_best_of_trees_is_the_same_for_the_same_seed() -> None:
    pairs = Pairs(np.arange(0, 19), np.arange(1, 20), np.ones(19))
    weight = np.full(20, 10)
    one, two = (best_of_trees(20, pairs, weight, RULES, 4, 7) for _ in range(2))
    assert one[0].tolist() == two[0].tolist()
    assert np.bincount(one[0], weight).tolist() == [40] * 5
