"""Disclosure control of counts: small counts are suppressed, with others that would reveal them.

Suppression of a small count alone (primary suppression) is not enough: it follows from the total and the other counts.
Further counts are therefore suppressed with it (complementary suppression).
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

MIN_DISCLOSED = 5
"""Smallest count that is disclosed; people who know the place can identify persons behind smaller ones."""

KeyT = TypeVar("KeyT", bound=Hashable)


@dataclass(frozen=True)
class DisclosedCount:
    """Disclosed range of a count.

    Parameters
    ----------
    low : int
    high : int or None
        None where no upper limit is disclosed.
    """

    low: int
    high: int | None

    @property
    def number(self) -> int | None:
        """Return the exact count, or None where it is not disclosed."""
        return self.low if self.low == self.high else None

    def __str__(self) -> str:
        """Return the text for pages, the same in every language."""
        if self.number is not None:
            return f"{self.number:,}"
        return f"< {MIN_DISCLOSED}" if self.high else f"≥ {self.low:,}" if self.low else "–"


def exact_count(number: int) -> DisclosedCount:
    """Return a count that is fully disclosed.

    Examples
    --------
    >>> [str(count) for count in (exact_count(1200), SUPPRESSED, DisclosedCount(31, None), WITHHELD)]
    ['1,200', '< 5', '≥ 31', '–']
    """
    return DisclosedCount(number, number)


SUPPRESSED, WITHHELD = DisclosedCount(1, MIN_DISCLOSED - 1), DisclosedCount(0, None)
"""A count from 1 to 4; a count that is not disclosed at all, because it would reveal others."""


def suppression_groups(counts: Mapping[KeyT, int], remainder: int = 0) -> list[set[KeyT]]:
    """Return groups of keys whose counts are disclosed only as a sum: the rule of published counts.

    The database publishes by the same rule (``pooled_incident_counts``); the tests compare both.

    One group has the small counts, the zeros and the smallest of the other counts; every other count is a group of its
    own. Without small counts every count is. Equal counts join the group together, because the choice of one of them
    would reveal something. The remainder belongs to the group without a key; since a small one has to hide as well, the
    group has at least two keys: of a sum of six over one key and the remainder, the key would have five.

    Parameters
    ----------
    counts : mapping of key to int
        Counts of the grids of a community.
    remainder : int, default 0
        Count of its land in no grid.

    Examples
    --------
    >>> [sorted(group) for group in suppression_groups({"a": 2, "b": 9, "c": 0, "d": 4, "e": 7})]
    [['a', 'c', 'd', 'e'], ['b']]
    >>> [sorted(group) for group in suppression_groups({"a": 5, "b": 9, "c": 30}, remainder=1)]
    [['a', 'b'], ['c']]
    """
    if not any(0 < count < MIN_DISCLOSED for count in (*counts.values(), remainder)):
        return [{key} for key in counts]
    smallest = min((count for count in counts.values() if count >= MIN_DISCLOSED), default=MIN_DISCLOSED)
    limit = max(smallest, *sorted(counts.values())[:2])
    joined = {key for key in counts if counts[key] <= limit}
    return [joined, *({key} for key in counts if key not in joined)]
