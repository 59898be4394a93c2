"""What is told of small counts: true, and nothing follows from it even for one who asks for all and knows the rule."""

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
UNDISCLOSED_COUNTS = range(1, MIN_DISCLOSED)
CATEGORY_COUNTS = st.lists(st.integers(0, 12), min_size=1, max_size=8).map(lambda counts: dict(enumerate(counts)))


def category_selections(size: int) -> Sequence[tuple[int, ...]]:
    return [chosen for length in range(1, size + 1) for chosen in combinations(range(size), length)]


def disclosed_sums(counts: Counts, *, omit_zeros: bool) -> tuple[DisclosedCount, ...]:
    """Everything there is to be asked of a place, whose counts of none may be left out."""
    place = {key: count for key, count in enumerate(counts) if count or not omit_zeros}
    return disclose(place), *(disclose(place, chosen) for chosen in category_selections(len(counts)))


def disclosed_margins(counts: Counts, *, omit_zeros: bool) -> tuple[DisclosedCount, ...]:
    """Everything there is to be asked of a table of two by two whose rows and columns are told, but no more."""
    a, b, c, d = counts
    return *disclosed_sums((a + b, c + d), omit_zeros=omit_zeros), *disclosed_sums(
        (a + c, b + d), omit_zeros=omit_zeros
    )


def revealed_sums(
    size: int,
    maximum: int,
    *,
    omit_zeros: bool = False,
    disclose: Callable[..., tuple[DisclosedCount, ...]] = disclosed_sums,
) -> Iterator[tuple[Counts, tuple[int, ...]]]:
    """Sums from one to four that all places with the same answers have in common."""
    alike: defaultdict[tuple[DisclosedCount, ...], list[Counts]] = defaultdict(list)
    for counts in product(range(maximum + 1), repeat=size):
        alike[disclose(counts, sparing=omit_zeros)].append(counts)
    for places in alike.values():
        for chosen in category_selections(size) if max(map(max, places)) < maximum else ():
            sums = {sum(counts[key] for key in chosen) for counts in places}
            if len(sums) == 1 and sums <= set(UNDISCLOSED_COUNTS):
                yield places[0], chosen


@pytest.mark.parametrize(("size", "most"), [(2, 12), (3, 12), (4, 7), (5, 6)])
def test_nothing_small_follows_from_all_answers_and_the_rule(size: int, most: int) -> None:
    assert list(revealed_sums(size, most)) == []


@pytest.mark.parametrize("sparing", [False, True])
def test_nothing_small_follows_from_both_margins_of_a_table(sparing: bool) -> None:
    assert list(revealed_sums(4, 10, omit_zeros=sparing, disclose=disclosed_margins)) == []


def test_if_none_is_left_out_only_a_place_of_ones_is_given_away() -> None:
    assert {max(counts) for counts, _ in revealed_sums(5, 5, omit_zeros=True)} == {1}


@given(CATEGORY_COUNTS)
def test_exact_answers_span_no_small_sum(place: dict[int, int]) -> None:
    """A selection follows linearly from exact answers only if it is a union of blocks: each sum of those is not few."""
    parts = suppression_groups(place)
    assert sorted(key for part in parts for key in part) == sorted(place)
    if sum(place.values()) >= MIN_DISCLOSED:
        assert not [part for part in parts if sum(place[key] for key in part) in UNDISCLOSED_COUNTS]


@given(CATEGORY_COUNTS, st.sets(st.integers(0, 8)))
def test_what_is_told_is_true_and_never_a_small_number(place: dict[int, int], chosen: set[int]) -> None:
    real, found = sum(place.get(key, 0) for key in chosen), disclose(place, chosen)
    assert found.number not in UNDISCLOSED_COUNTS
    assert found.low <= real <= (real if found.high is None else found.high)


@given(CATEGORY_COUNTS)
def test_a_whole_place_is_told_from_five_on(place: dict[int, int]) -> None:
    every = sum(place.values())
    assert disclose(place) == (
        DisclosedCount(1, MIN_DISCLOSED - 1) if every in UNDISCLOSED_COUNTS else exact_count(every)
    )


@given(CATEGORY_COUNTS.filter(lambda place: not set(place.values()) & set(UNDISCLOSED_COUNTS)))
def test_where_nothing_is_small_every_selection_is_told(place: dict[int, int]) -> None:
    for chosen in category_selections(len(place)):
        assert disclose(place, chosen) == exact_count(sum(place[key] for key in chosen))


@given(st.lists(CATEGORY_COUNTS))
def test_a_total_says_no_more_than_its_parts(places: list[dict[int, int]]) -> None:
    parts = [disclose(place) for place in places]
    assert sum_disclosed(parts).low == sum(part.low for part in parts)
    assert (sum_disclosed(parts).number is None) == any(part.number is None for part in parts)
