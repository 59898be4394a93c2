"""What is told of small counts: true, and nothing follows from it even for one who asks for all and knows the rule."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.core.small_counts import FEW, Told, blocks, exactly, told, total

Counts = tuple[int, ...]
FEWER = range(1, FEW)
PLACES = st.lists(st.integers(0, 12), min_size=1, max_size=8).map(lambda counts: dict(enumerate(counts)))


def selections(size: int) -> Sequence[tuple[int, ...]]:
    return [chosen for length in range(1, size + 1) for chosen in combinations(range(size), length)]


def answers(counts: Counts, *, sparing: bool) -> tuple[Told, ...]:
    """Everything there is to be asked of a place, whose counts of none may be left out."""
    place = {key: count for key, count in enumerate(counts) if count or not sparing}
    return told(place), *(told(place, chosen) for chosen in selections(len(counts)))


def margins(counts: Counts, *, sparing: bool) -> tuple[Told, ...]:
    """Everything there is to be asked of a table of two by two whose rows and columns are told, but no more."""
    a, b, c, d = counts
    return *answers((a + b, c + d), sparing=sparing), *answers((a + c, b + d), sparing=sparing)


def given_away(
    size: int, most: int, *, sparing: bool = False, ask: Callable[..., tuple[Told, ...]] = answers
) -> Iterator[tuple[Counts, tuple[int, ...]]]:
    """Sums from one to four that all places with the same answers have in common."""
    alike: defaultdict[tuple[Told, ...], list[Counts]] = defaultdict(list)
    for counts in product(range(most + 1), repeat=size):
        alike[ask(counts, sparing=sparing)].append(counts)
    for places in alike.values():
        for chosen in selections(size) if max(map(max, places)) < most else ():
            sums = {sum(counts[key] for key in chosen) for counts in places}
            if len(sums) == 1 and sums <= set(FEWER):
                yield places[0], chosen


@pytest.mark.parametrize(("size", "most"), [(2, 12), (3, 12), (4, 7), (5, 6)])
def test_nothing_small_follows_from_all_answers_and_the_rule(size: int, most: int) -> None:
    assert list(given_away(size, most)) == []


@pytest.mark.parametrize("sparing", [False, True])
def test_nothing_small_follows_from_both_margins_of_a_table(sparing: bool) -> None:
    assert list(given_away(4, 10, sparing=sparing, ask=margins)) == []


def test_if_none_is_left_out_only_a_place_of_ones_is_given_away() -> None:
    assert {max(counts) for counts, _ in given_away(5, 5, sparing=True)} == {1}


@given(PLACES)
def test_exact_answers_span_no_small_sum(place: dict[int, int]) -> None:
    """A selection follows linearly from exact answers only if it is a union of blocks: each sum of those is not few."""
    parts = blocks(place)
    assert sorted(key for part in parts for key in part) == sorted(place)
    if sum(place.values()) >= FEW:
        assert not [part for part in parts if sum(place[key] for key in part) in FEWER]


@given(PLACES, st.sets(st.integers(0, 8)))
def test_what_is_told_is_true_and_never_a_small_number(place: dict[int, int], chosen: set[int]) -> None:
    real, found = sum(place.get(key, 0) for key in chosen), told(place, chosen)
    assert found.number not in FEWER
    assert found.low <= real <= (real if found.high is None else found.high)


@given(PLACES)
def test_a_whole_place_is_told_from_five_on(place: dict[int, int]) -> None:
    every = sum(place.values())
    assert told(place) == (Told(1, FEW - 1) if every in FEWER else exactly(every))


@given(PLACES.filter(lambda place: not set(place.values()) & set(FEWER)))
def test_where_nothing_is_small_every_selection_is_told(place: dict[int, int]) -> None:
    for chosen in selections(len(place)):
        assert told(place, chosen) == exactly(sum(place[key] for key in chosen))


@given(st.lists(PLACES))
def test_a_total_says_no_more_than_its_parts(places: list[dict[int, int]]) -> None:
    parts = [told(place) for place in places]
    assert total(parts).low == sum(part.low for part in parts)
    assert (total(parts).number is None) == any(part.number is None for part in parts)
