"""Labels of graph nodes: components, propagation, the heaviest label and renumbering."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.core.array_types import IntArray
from gridmap.core.labels import heaviest_labels, label_components, propagate_labels, renumber_nodes

NO_NODES: IntArray = np.empty(0, dtype=np.int64)
entries = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3), st.integers(1, 5)), min_size=1)


def test_nodes_without_edges_are_components_of_their_own() -> None:
    assert label_components(3, NO_NODES, NO_NODES).tolist() == [0, 1, 2]


def test_a_label_stops_where_no_edge_leads() -> None:
    labels = propagate_labels(np.array([5, -1, -1]), np.array([0]), np.array([1]), np.ones(1))
    assert labels.tolist() == [5, 5, -1]


def test_the_longest_border_decides_and_edges_of_a_pair_add_up() -> None:
    left, right, length = np.array([0, 1, 1]), np.array([2, 2, 2]), np.array([3.0, 2.0, 2.0])
    assert propagate_labels(np.array([0, 1, -1]), left, right, length).tolist() == [0, 1, 1]


def test_a_tie_goes_to_the_lower_label() -> None:
    labels = propagate_labels(np.array([8, 7, -1]), np.array([0, 1]), np.array([2, 2]), np.ones(2))
    assert labels.tolist() == [8, 7, 7]


@given(entries)
def test_the_heaviest_label_is_the_one_with_the_largest_sum(rows: list[tuple[int, int, int]]) -> None:
    items, labels = heaviest_labels(*(np.array(column) for column in zip(*rows, strict=True)))
    sums = {item: {label: 0 for _, label, _ in rows} for item, _, _ in rows}
    for item, label, weight in rows:
        sums[item][label] += weight
    best = {item: min(label for label in by if by[label] == max(by.values())) for item, by in sums.items()}
    assert dict(zip(items.tolist(), labels.tolist(), strict=True)) == best


def test_no_entries_have_no_heaviest_label() -> None:
    items, labels = heaviest_labels(NO_NODES, NO_NODES, np.empty(0))
    assert (items.tolist(), labels.tolist()) == ([], [])


@pytest.mark.parametrize("nodes", [[], [0], [2, 0]])
def test_renumbering_gives_the_positions_of_selected_nodes(nodes: list[int]) -> None:
    number = renumber_nodes(np.array(nodes, dtype=np.int64), 3)
    assert number[nodes].tolist() == list(range(len(nodes)))
    assert (number < 0).sum() == 3 - len(nodes)


def test_an_edge_may_occur_any_number_of_times() -> None:
    ends = np.zeros(256, dtype=np.int64)
    assert label_components(2, ends, ends + 1).tolist() == [0, 0]
