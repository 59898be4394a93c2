"""Disclosed counts are true, and no small count follows from them, even for a reader who knows the rule."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.core.privacy.disclosure import (
    MIN_DISCLOSED,
    DisclosedCount,
    disclose,
    exact_count,
    sum_disclosed,
    suppression_groups,
)

Counts = tuple[int, ...]
SMALL_COUNTS = range(1, 5)
CATEGORY_COUNTS = st.lists(st.integers(0, 12), min_size=1, max_size=8).map(lambda counts: dict(enumerate(counts)))


def category_selections(size: int) -> Sequence[tuple[int, ...]]:
    return [selection for length in range(1, size + 1) for selection in combinations(range(size), length)]


def disclosed_sums(counts: Counts, *, omit_zeros: bool) -> tuple[DisclosedCount, ...]:
    """Return the answers to all requests about a place; zeros may be missing from its counts."""
    place = {key: count for key, count in enumerate(counts) if count or not omit_zeros}
    return disclose(place), *(disclose(place, selection) for selection in category_selections(len(counts)))


def disclosed_margins(counts: Counts, *, omit_zeros: bool) -> tuple[DisclosedCount, ...]:
    """Return the answers to all requests about the margins of a table of two by two."""
    a, b, c, d = counts
    rows = disclosed_sums((a + b, c + d), omit_zeros=omit_zeros)
    columns = disclosed_sums((a + c, b + d), omit_zeros=omit_zeros)
    return *rows, *columns


def revealed_sums(
    size: int,
    maximum: int,
    *,
    omit_zeros: bool = False,
    answers: Callable[..., tuple[DisclosedCount, ...]] = disclosed_sums,
) -> Iterator[tuple[Counts, tuple[int, ...]]]:
    """Yield sums from one to four that all places with the same answers have in common."""
    places_by_answers: defaultdict[tuple[DisclosedCount, ...], list[Counts]] = defaultdict(list)
    for counts in product(range(maximum + 1), repeat=size):
        places_by_answers[answers(counts, omit_zeros=omit_zeros)].append(counts)
    for places in places_by_answers.values():
        for selection in category_selections(size) if max(map(max, places)) < maximum else ():
            sums = {sum(counts[key] for key in selection) for counts in places}
            if len(sums) == 1 and sums <= set(SMALL_COUNTS):
                yield places[0], selection


def test_counts_from_five_on_are_disclosed() -> None:
    assert MIN_DISCLOSED == 5
    assert [str(disclose({"noise": count})) for count in (0, 1, 4, 5)] == ["0", "< 5", "< 5", "5"]


@pytest.mark.parametrize(("size", "maximum"), [(2, 12), (3, 12), (4, 7), pytest.param(5, 6, marks=pytest.mark.full)])
def test_no_small_count_follows_from_all_answers_and_the_rule(size: int, maximum: int) -> None:
    assert list(revealed_sums(size, maximum)) == []


@pytest.mark.parametrize("omit_zeros", [False, True])
def test_no_small_count_follows_from_both_margins_of_a_table(omit_zeros: bool) -> None:
    assert list(revealed_sums(4, 10, omit_zeros=omit_zeros, answers=disclosed_margins)) == []


def test_without_zeros_only_a_place_of_ones_is_revealed() -> None:
    assert {max(counts) for counts, _ in revealed_sums(5, 5, omit_zeros=True)} == {1}


@given(CATEGORY_COUNTS)
def test_no_suppression_group_has_a_small_sum(place: dict[int, int]) -> None:
    """A selection follows linearly from exact answers only if it is a union of groups."""
    groups = suppression_groups(place)
    assert sorted(key for group in groups for key in group) == sorted(place)
    if sum(place.values()) >= 5:
        assert not [group for group in groups if sum(place[key] for key in group) in SMALL_COUNTS]


@given(CATEGORY_COUNTS, st.sets(st.integers(0, 8)))
def test_a_disclosed_sum_is_true_and_never_a_small_number(place: dict[int, int], selection: set[int]) -> None:
    true_sum, disclosed = sum(place.get(key, 0) for key in selection), disclose(place, selection)
    assert disclosed.number not in SMALL_COUNTS
    assert disclosed.low <= true_sum <= (true_sum if disclosed.high is None else disclosed.high)


@given(CATEGORY_COUNTS)
def test_the_total_of_a_place_is_disclosed_from_five_on(place: dict[int, int]) -> None:
    total = sum(place.values())
    assert disclose(place) == (DisclosedCount(1, 4) if total in SMALL_COUNTS else exact_count(total))


@given(CATEGORY_COUNTS.filter(lambda place: not set(place.values()) & set(SMALL_COUNTS)))
def test_without_small_counts_every_selection_is_disclosed(place: dict[int, int]) -> None:
    for selection in category_selections(len(place)):
        assert disclose(place, selection) == exact_count(sum(place[key] for key in selection))


@given(st.lists(CATEGORY_COUNTS))
def test_a_total_reveals_no_more_than_its_parts(places: list[dict[int, int]]) -> None:
    parts = [disclose(place) for place in places]
    assert sum_disclosed(parts).low == sum(part.low for part in parts)
    assert (sum_disclosed(parts).number is None) == any(part.number is None for part in parts)
