"""The smallest count that is disclosed, by literal values on both sides of the limit."""

import pytest

from gridmap.core.privacy.disclosure import SUPPRESSED, WITHHELD, DisclosedCount, exact_count, suppression_groups


@pytest.mark.parametrize(
    ("count", "text"), [(exact_count(0), "0"), (SUPPRESSED, "< 5"), (exact_count(5), "5"), (WITHHELD, "–")]
)
def test_a_disclosed_count_has_a_text(count: DisclosedCount, text: str) -> None:
    assert str(count) == text


def test_a_suppressed_count_is_from_one_to_four() -> None:
    assert DisclosedCount(1, 4) == SUPPRESSED


@pytest.mark.parametrize(
    ("noise", "groups"),
    [
        (0, [["noise"], ["lamps"], ["lifts"]]),
        (1, [["lamps", "noise"], ["lifts"]]),
        (4, [["lamps", "noise"], ["lifts"]]),
        (5, [["noise"], ["lamps"], ["lifts"]]),
    ],
)
def test_a_count_from_one_to_four_joins_its_smallest_neighbour(noise: int, groups: list[list[str]]) -> None:
    counts = {"noise": noise, "lamps": 9, "lifts": 20}
    assert [sorted(group) for group in suppression_groups(counts)] == groups
