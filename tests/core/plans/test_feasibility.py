"""Arithmetic of a range: exact on both sides, and the nearest ranges that can be met."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.core.plans.feasibility import FeasibleRange, count_grids, nearest_ranges, refusal
from gridmap.core.plans.profile import Profile

ranges = st.tuples(st.integers(1, 400), st.integers(1, 400)).map(lambda pair: Profile(min(pair), max(pair)))
totals = st.integers(1, 3000)


def can_be_met(total: int, minimum: int, maximum: int) -> bool:
    """Return whether some number of grids meets a range: an independent answer, by trying all of them."""
    return any(grids * minimum <= total <= grids * maximum for grids in range(1, total + 1))


@pytest.mark.parametrize(
    ("total", "minimum", "maximum", "possible"),
    [
        (4711, 300, 300, False),
        (4800, 300, 300, True),
        (1000, 400, 450, False),
        (1000, 400, 499, False),
        (1000, 400, 500, True),
        (1000, 333, 450, True),
        (1000, 334, 450, False),
        (299, 300, 500, False),
        (300, 300, 500, True),
        (500, 300, 500, True),
        (501, 300, 500, False),
        (599, 300, 500, False),
        (600, 300, 500, True),
        (0, 300, 500, True),
    ],
)
def test_a_range_is_refused_where_no_number_of_grids_meets_it_and_not_elsewhere(
    total: int, minimum: int, maximum: int, possible: bool
) -> None:
    assert (refusal(total, Profile(minimum, maximum)) is None) == possible


@given(totals, ranges)
def test_a_range_is_possible_where_some_number_of_grids_meets_it(total: int, profile: Profile) -> None:
    possible = can_be_met(total, profile.minimum, profile.maximum)
    assert count_grids(total, profile).is_possible == possible == (refusal(total, profile) is None)
    assert profile.is_partitionable(total) == possible


@given(totals, ranges)
def test_every_number_of_grids_in_between_meets_the_range_and_none_beyond(total: int, profile: Profile) -> None:
    found = [k for k in range(1, total + 1) if k * profile.minimum <= total <= k * profile.maximum]
    count = count_grids(total, profile)
    assert found == list(range(max(count.low, 1), count.high + 1))


@given(totals, ranges)
def test_the_offered_ranges_can_be_met_and_no_nearer_one_can(total: int, profile: Profile) -> None:
    if can_be_met(total, profile.minimum, profile.maximum):
        return
    for offered in nearest_ranges(total, profile):
        assert offered.grids * offered.minimum <= total <= offered.grids * offered.maximum
        if offered.minimum == profile.minimum:
            nearer = [(profile.minimum, maximum) for maximum in range(profile.maximum, offered.maximum)]
        else:
            nearer = [(minimum, profile.maximum) for minimum in range(offered.minimum + 1, profile.minimum + 1)]
        assert not any(can_be_met(total, *each) for each in nearer)


def test_no_maximum_beyond_the_largest_that_is_accepted_is_offered() -> None:
    assert nearest_ranges(29_999, Profile(15_000, 20_000))[0].maximum == 20_000
    assert nearest_ranges(29_999, Profile(20_000, 20_000)) == [FeasibleRange(14_999, 20_000, 2)]


def test_the_refusal_says_the_numbers_that_would_do() -> None:
    text = str(refusal(4711, Profile(300, 300)))
    assert "4711 households fit no number of grids of 300 to 300" in text
    assert "300 to 315 (15 grids), or 294 to 300 (16 grids)" in text


def test_fewer_households_than_the_minimum_are_one_grid() -> None:
    assert "This range would do: 261 to 500." in str(refusal(261, Profile(300, 500)))
