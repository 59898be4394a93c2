"""No small count follows from the sums of suppression groups, even for a reader who knows the rule."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.core.privacy.disclosure import suppression_groups

Counts = tuple[int, ...]
SMALL_COUNTS = range(1, 5)
PLACE_COUNTS = st.lists(st.integers(0, 12), min_size=1, max_size=8).map(lambda counts: dict(enumerate(counts)))


def selections(size: int) -> Sequence[tuple[int, ...]]:
    return [selection for length in range(1, size + 1) for selection in combinations(range(size), length)]


def published_sums(counts: Counts) -> frozenset[tuple[tuple[int, ...], int | None]]:
    """Return the groups of places with their sums; None for a sum from one to four. The last place is no grid."""
    *grids, remainder = counts
    groups = suppression_groups(dict(enumerate(grids)), remainder)
    if set(counts) & set(SMALL_COUNTS):
        groups[0].add(len(grids))
    else:
        groups.append({len(grids)})
    sums = {tuple(sorted(group)): sum(counts[key] for key in group) for group in groups}
    return frozenset((group, None if total in SMALL_COUNTS else total) for group, total in sums.items())


def revealed_sums(size: int, maximum: int) -> Iterator[tuple[Counts, tuple[int, ...]]]:
    """Yield sums from one to four that all communities with the same published sums have in common."""
    communities: defaultdict[object, list[Counts]] = defaultdict(list)
    for counts in product(range(maximum + 1), repeat=size):
        communities[published_sums(counts)].append(counts)
    for alike in communities.values():
        for selection in selections(size) if max(map(max, alike)) < maximum else ():
            sums = {sum(counts[key] for key in selection) for counts in alike}
            if len(sums) == 1 and sums <= set(SMALL_COUNTS):
                yield alike[0], selection


@pytest.mark.parametrize(("size", "maximum"), [(2, 12), (3, 12), (4, 7), pytest.param(5, 6, marks=pytest.mark.full)])
def test_no_small_count_follows_from_all_sums_and_the_rule(size: int, maximum: int) -> None:
    assert list(revealed_sums(size, maximum)) == []


@given(PLACE_COUNTS)
def test_no_suppression_group_has_a_small_sum(counts: dict[int, int]) -> None:
    groups = suppression_groups(counts)
    assert sorted(key for group in groups for key in group) == sorted(counts)
    if sum(counts.values()) >= 5:
        assert not [group for group in groups if sum(counts[key] for key in group) in SMALL_COUNTS]


@given(PLACE_COUNTS.filter(lambda counts: not set(counts.values()) & set(SMALL_COUNTS)))
def test_without_small_counts_every_place_is_a_group_of_its_own(counts: dict[int, int]) -> None:
    assert all(len(group) == 1 for group in suppression_groups(counts))
