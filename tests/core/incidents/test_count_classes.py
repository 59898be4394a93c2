"""Classes of counts: like counts share a class, and equal distances give equal classes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.core.incidents.count_classes import classify_counts


def classes(*counts: int) -> list[int]:
    return list(map(int, classify_counts(np.array(counts, dtype=np.int64))))


def test_56_and_83_are_told_apart_as_114_and_165_are() -> None:
    assert classes(56, 66, 83, 114, 165) == [1, 1, 2, 3, 4]


@pytest.mark.parametrize(("other", "expected"), [(78, [1, 1]), (79, [1, 2])])
def test_the_limit_is_where_two_counts_differ_by_more_than_chance(other: int, expected: list[int]) -> None:
    """Hold 56 against counts on both sides of the square of its root and 1.386: 78.66."""
    assert classes(56, other) == expected


def test_none_has_a_class_of_its_own() -> None:
    assert classes(0, 1, 0) == [0, 1, 0]
    assert classes(0) == [0]
    assert classes() == []


@given(st.lists(st.integers(0, 5000), min_size=1, max_size=80))
def test_there_are_at_most_seven_classes_in_the_order_of_the_counts(counts: list[int]) -> None:
    found = classes(*counts)
    assert max(found) <= 7
    ordered = [each for _, each in sorted(zip(counts, found, strict=True))]
    assert ordered == sorted(ordered)


def test_a_thousand_different_counts_have_seven_classes() -> None:
    assert max(classes(*range(1000))) == 7
