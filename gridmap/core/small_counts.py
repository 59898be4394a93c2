"""Counts as they may be told: small ones are hidden, and nothing that is told gives a hidden one away."""

from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

FEW = 5
"""From so many on a count is told; fewer people or incidents are as good as named to whoever knows the place."""

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Told:
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

    @property
    def hidden(self) -> bool:
        """Whether nothing is told but that there are some."""
        return self.low == 1 != self.high and (self.high is None or self.high < FEW)


def exactly(number: int) -> Told:
    """A count without any secret."""
    return Told(number, number)


HIDDEN = Told(1, FEW - 1)
"""Some, but too few to say."""


def told(counts: Mapping[Key, int], wanted: Collection[Key] | None = None) -> Told:
    """The sum of some of the counts of a place, as far as it may be told.

    Whichever selections are asked for one after the other, sums and differences of the answers never give a count, or a
    sum of counts, from one to four: an exact answer is a sum of whole `blocks`, and each of these is none or not few.

    Parameters
    ----------
    counts : mapping of key to int
        All counts of the place, for example its incidents by category.
    wanted : collection of key, optional
        Which of them are asked for; all where left out.

    Returns
    -------
    Told
        The number; at least so many, where a part of them would give others away; or that they are hidden.

    Examples
    --------
    >>> counts = {"noise": 3, "lamps": 8, "lifts": 20}
    >>> told(counts), told(counts, ["lifts"]), told(counts, ["lamps"]), told(counts, ["lamps", "lifts"])
    (Told(low=31, high=31), Told(low=20, high=20), Told(low=1, high=None), Told(low=21, high=None))
    """
    asked = {key for key in (counts if wanted is None else wanted) if counts.get(key)}
    found = blocks(counts)
    known = sum(_sum(counts, block) for block in found if block <= asked and _is_told(counts, block))
    unknown = any(block & asked and not (block <= asked and _is_told(counts, block)) for block in found)
    if unknown and wanted is None:
        return HIDDEN
    return Told(known + 1, None) if unknown else exactly(known)


def blocks(counts: Mapping[Key, int]) -> list[set[Key]]:
    """Which counts are told together only: the small ones with the smallest of the others, each other one by itself.

    The one that is not small stands among them so that nobody knows which of them are; that no count is none is known.

    Examples
    --------
    >>> [sorted(block) for block in blocks({"a": 2, "b": 9, "c": 0, "d": 4, "e": 7})]
    [['a', 'd', 'e'], ['b']]
    """
    rising = sorted((key for key in counts if counts[key]), key=lambda key: counts[key])
    few = [key for key in rising if counts[key] < FEW]
    joined = rising[: len(few) + 1] if few else []
    alone = [{key} for key in rising[len(joined) :]]
    return [set(joined), *alone] if joined else alone


def _sum(counts: Mapping[Key, int], block: Iterable[Key]) -> int:
    return sum(counts[key] for key in block)


def _is_told(counts: Mapping[Key, int], block: Collection[Key]) -> bool:
    """A sum as large as the number of its parts would say that each part is one."""
    return _sum(counts, block) >= FEW and (len(block) == 1 or _sum(counts, block) > len(block))


def total(counts: Iterable[Told]) -> Told:
    """The sum of counts, made of nothing but what is told of them: no difference to it says more.

    Examples
    --------
    >>> total([exactly(12), exactly(0)]), total([exactly(12), HIDDEN])
    (Told(low=12, high=12), Told(low=13, high=None))
    """
    every = list(counts)
    low = sum(each.low for each in every)
    return exactly(low) if all(each.number is not None for each in every) else Told(low, None)
