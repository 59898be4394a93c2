"""Minimal connected sets: all of them, over several words, within the limits."""

from collections.abc import Iterable
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.core.labels import label_components
from gridmap.core.partition.connected_sets import BitGraph, SetLimits, list_minimal_sets, pack_masks, unpack_masks
from gridmap.core.partition.graph import Graph
from tests.core.partition.test_search import few_examples, lattice_graph

NO_LIMITS = SetLimits(10_000, 1_000_000, 1_000_000)


def bit_graph(graph: Graph, core: Iterable[int], minimum: int, maximum: int) -> BitGraph:
    masks = [0] * len(graph)
    for one, two in zip(graph.left.tolist(), graph.right.tolist(), strict=True):
        masks[one] |= 1 << two
        masks[two] |= 1 << one
    is_core = np.isin(np.arange(len(graph)), list(core))
    return BitGraph(pack_masks(masks, len(graph)), graph.weight, is_core, minimum, maximum)


def is_connected(graph: Graph, members: set[int]) -> bool:
    part = graph.subgraph(np.array(sorted(members)))
    return bool(members) and label_components(len(part), part.left, part.right).max() == 0


def is_minimal(graph: Graph, members: set[int], core: set[int], minimum: int) -> bool:
    needless = (members - {node} for node in members - core)
    return not any(graph.weight[list(rest)].sum() >= minimum and is_connected(graph, rest) for rest in needless)


@few_examples
@given(st.integers(0, 9_999), st.sets(st.integers(0, 8), min_size=1, max_size=3))
def test_the_list_is_that_of_all_subsets(seed: int, core: set[int]) -> None:
    graph, expected = lattice_graph(3, 3, seed), set()
    for size in range(1, 10):
        for members in map(set, combinations(range(9), size)):
            is_in_range = 100 <= graph.weight[list(members)].sum() <= 150
            if members & core and is_in_range and is_connected(graph, members):
                expected |= {sum(1 << node for node in members)} if is_minimal(graph, members, core, 100) else set()
    sets, is_complete = list_minimal_sets(bit_graph(graph, core, 100, 150), NO_LIMITS)
    assert (sorted(unpack_masks(sets)), is_complete) == (sorted(expected), True)


def spider(legs: int) -> Graph:
    """Return a body of 50 households with legs of 300 and feet of 100: with 450 to 500, a set is a leg and its foot."""
    leg, foot = np.arange(1, legs + 1), np.arange(legs + 1, 2 * legs + 1)
    weight = np.r_[50, np.full(legs, 300), np.full(legs, 100)]
    return Graph(weight, np.r_[np.zeros(legs, dtype=np.int64), leg], np.r_[leg, foot], np.ones(2 * legs))


@pytest.mark.parametrize("legs", [1, 31, 32, 64, 700])
def test_sets_over_any_number_of_words_are_listed(legs: int) -> None:
    sets, is_complete = list_minimal_sets(bit_graph(spider(legs), [0], 450, 500), NO_LIMITS)
    expected = {1 | 1 << leg | 1 << legs + leg for leg in range(1, legs + 1)}
    assert (set(unpack_masks(sets)), len(sets), is_complete) == (expected, legs, True)


@pytest.mark.parametrize(
    ("limits", "is_complete"),
    [
        (SetLimits(40, 162, 360), True),  # 81 nodes are two words; 1 + 40 + 40 sets are built, 40 of them checked
        (SetLimits(39, 162, 360), False),
        (SetLimits(40, 161, 360), False),
        (SetLimits(40, 162, 359), False),
    ],
)
def test_a_list_beyond_its_limits_is_given_up(limits: SetLimits, is_complete: bool) -> None:
    sets, is_listed = list_minimal_sets(bit_graph(spider(40), [0], 450, 500), limits)
    assert (is_listed, len(sets)) == (is_complete, 40 if is_complete else 0)
