"""The smallest count that is disclosed, by literal values on both sides of the limit."""

import pytest

from gridmap.core.privacy.disclosure import DisclosedCount, disclose


@pytest.mark.parametrize(
    ("count", "disclosed", "text"),
    [
        (0, DisclosedCount(0, 0), "0"),
        (1, DisclosedCount(1, 4), "< 5"),
        (4, DisclosedCount(1, 4), "< 5"),
        (5, DisclosedCount(5, 5), "5"),
    ],
)
def test_counts_from_one_to_four_are_suppressed(count: int, disclosed: DisclosedCount, text: str) -> None:
    assert disclose({"noise": count}) == disclosed
    assert str(disclose({"noise": count})) == text


def test_a_count_of_four_suppresses_its_smallest_neighbour_and_a_count_of_five_none() -> None:
    assert disclose({"noise": 4, "lamps": 9, "lifts": 20}, ["lamps"]) == DisclosedCount(0, None)
    assert disclose({"noise": 5, "lamps": 9, "lifts": 20}, ["lamps"]) == DisclosedCount(9, 9)
