"""Counts as they may be told: small ones are hidden, and nothing that is told gives a hidden one away."""

from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

MIN_DISCLOSED = 5
"""From so many on a count is told; fewer people or incidents are as good as named to whoever knows the place."""

KeyT = TypeVar("KeyT", bound=Hashable)


@dataclass(frozen=True)
class DisclosedCount:
    """What is told of a count: that it lies between two numbers.

    Parameters
    ----------
    low : int
    high : int or None
        None where no upper end is told.
    """

    low: int
    high: int | None

    @property
    def number(self) -> int | None:
        """The count itself, where it is told."""
        return self.low if self.low == self.high else None

    def __str__(self) -> str:
        """As people read it, in any language."""
        if self.number is not None:
            return f"{self.number:,}"
        return f"< {MIN_DISCLOSED}" if self.high else f"≥ {self.low:,}" if self.low else "–"


def exact_count(number: int) -> DisclosedCount:
    """A count without any secret.

    Examples
    --------
    >>> [str(each) for each in (exact_count(1200), SUPPRESSED, DisclosedCount(31, None), WITHHELD)]
    ['1,200', '< 5', '≥ 31', '–']
    """
    return DisclosedCount(number, number)


SUPPRESSED, WITHHELD = DisclosedCount(1, MIN_DISCLOSED - 1), DisclosedCount(0, None)
"""Some, but too few to say; whether there are any would give others away."""


def disclose(counts: Mapping[KeyT, int], keys: Collection[KeyT] | None = None) -> DisclosedCount:
    """The sum of some of the counts of a place, as far as it may be told.

    An exact answer is a sum of whole `suppression_groups`, none of which is few. So whichever selections are asked for one after
    the other, no count and no sum of counts from one to four follows, not even for one who knows the rule: exchange
    the counts within a block, and the answers stay the same.

    Parameters
    ----------
    counts : mapping of key to int
        All counts of the place, for example its incidents by category. What is left out is known to be none; where
        all that is there are ones, their sum then tells so, and nothing can be done about it but to leave out nothing.
    keys : collection of key, optional
        Which of them are asked for; all where left out.

    Returns
    -------
    DisclosedCount
        The number; at least so many, where a part of them would give others away; or that they are hidden.

    Examples
    --------
    >>> counts = {"noise": 3, "lamps": 8, "lifts": 20}
    >>> disclose(counts), disclose(counts, ["lifts"]), disclose(counts, ["lamps"]), disclose(counts, ["lamps", "lifts"])
    (Told(low=31, high=31), Told(low=20, high=20), Told(low=0, high=None), Told(low=20, high=None))
    """
    if 0 < sum(counts.values()) < MIN_DISCLOSED:
        return SUPPRESSED if keys is None else WITHHELD
    asked = set(counts if keys is None else keys)
    found = suppression_groups(counts)
    known = sum(counts[key] for block in found if block <= asked for key in block)
    whole = all(block <= asked for block in found if block & asked)
    return exact_count(known) if whole else DisclosedCount(known, None)


def suppression_groups(counts: Mapping[KeyT, int]) -> list[set[KeyT]]:
    """Which counts are told together only: small ones, those that are none, and the smallest of the others.

    Any other count is a block by itself, and so is every count where none is small. Of equal ones all join: which of
    them did would tell something.

    Examples
    --------
    >>> [sorted(block) for block in suppression_groups({"a": 2, "b": 9, "c": 0, "d": 4, "e": 7})]
    [['a', 'c', 'd', 'e'], ['b']]
    """
    if not any(0 < count < MIN_DISCLOSED for count in counts.values()):
        return [{key} for key in counts]
    least = min((count for count in counts.values() if count >= MIN_DISCLOSED), default=MIN_DISCLOSED)
    joined = {key for key in counts if counts[key] <= least}
    return [joined, *({key} for key in counts if key not in joined)]


def sum_disclosed(counts: Iterable[DisclosedCount]) -> DisclosedCount:
    """The sum of counts, made of nothing but what is told of them: no difference to it says more.

    Examples
    --------
    >>> sum_disclosed([exact_count(12), exact_count(0)]), sum_disclosed([exact_count(12), SUPPRESSED])
    (Told(low=12, high=12), Told(low=13, high=None))
    """
    every = list(counts)
    low = sum(each.low for each in every)
    return exact_count(low) if all(each.number is not None for each in every) else DisclosedCount(low, None)
