"""Incidents by place, category and status, as one array."""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

import numpy as np

from gridmap.core.array_types import IntArray

CategoryStatus: TypeAlias = tuple[str, str]
"""Category of incidents, and their status at the end of the counted period."""
CategoryCounts = dict[CategoryStatus, int]
PlaceT = TypeVar("PlaceT", bound=Hashable)
PlaceCount: TypeAlias = tuple[PlaceT, CategoryStatus, tuple[int, ...]]
"""Place, category and status; incidents of the range, of the days before it, and of the range on the border."""


@dataclass(frozen=True)
class IncidentCounts:
    """Incidents of a place by category and status, in a range of days and in as many days before; no zeros.

    Parameters
    ----------
    current, previous : mapping
        Incidents of the range, and of the days before it.
    on_border : mapping
        Those of the range that are ordinary, within 5 m of another grid, and on no street given to a side; by grid
        only.
    """

    current: CategoryCounts = field(default_factory=dict)
    previous: CategoryCounts = field(default_factory=dict)
    on_border: CategoryCounts = field(default_factory=dict)


class CountTable(Mapping[PlaceT, IncidentCounts]):
    """Incidents of places that have any in either period.

    Parameters
    ----------
    places : sequence
    kinds : sequence of CategoryStatus
    counts : (3, places, kinds) array of int
        Incidents of the range, of the days before it, and of the range on the border.

    Examples
    --------
    >>> table = make_count_table([("g1", ("noise", "open"), (2, 1, 0)), ("g2", ("theft", "closed"), (0, 4, 0))])
    >>> table["g1"]
    IncidentCounts(current={('noise', 'open'): 2}, previous={('noise', 'open'): 1}, on_border={})
    >>> table.sum_kinds([True, True])
    {'g1': (2, 1, 0), 'g2': (0, 4, 0)}
    """

    def __init__(self, places: Sequence[PlaceT], kinds: Sequence[CategoryStatus], counts: IntArray) -> None:
        self.kinds, self.counts = kinds, counts
        used: list[int] = np.flatnonzero(counts[:2].any(axis=(0, 2))).tolist()
        self._positions = {places[position]: position for position in used}

    def __getitem__(self, place: PlaceT) -> IncidentCounts:
        rows = self.counts[:, self._positions[place]].tolist()
        return IncidentCounts(*({kind: n for kind, n in zip(self.kinds, row, strict=True) if n} for row in rows))

    def __iter__(self) -> Iterator[PlaceT]:
        return iter(self._positions)

    def __len__(self) -> int:
        return len(self._positions)

    def sum_kinds(self, is_counted: Sequence[bool]) -> dict[PlaceT, tuple[int, int, int]]:
        """Return the sums of the three counts of each place over some of the kinds."""
        sums = self.counts[:, :, np.array(is_counted, dtype=np.bool_)].sum(axis=2).T.tolist()
        return {place: tuple(sums[position]) for place, position in self._positions.items()}

    def list_counts(self) -> list[PlaceCount[PlaceT]]:
        """Return the counts that are not zero, with their place and kind."""
        places = {position: place for place, position in self._positions.items()}
        found = np.argwhere(self.counts[:2].any(axis=0))
        numbers = self.counts[:, found[:, 0], found[:, 1]].T.tolist()
        return [
            (places[place], self.kinds[kind], tuple(each))
            for (place, kind), each in zip(found.tolist(), numbers, strict=True)
        ]


def make_count_table(counts: Iterable[PlaceCount[PlaceT]]) -> CountTable[PlaceT]:
    """Return the table of some counts; those of one place and kind are added."""
    rows = list(counts)
    places = {place: position for position, place in enumerate(dict.fromkeys(place for place, _, _ in rows))}
    kinds = {kind: position for position, kind in enumerate(dict.fromkeys(kind for _, kind, _ in rows))}
    table = np.zeros((3, len(places), len(kinds)), dtype=np.int64)
    for place, kind, numbers in rows:
        table[:, places[place], kinds[kind]] += numbers
    return CountTable(list(places), list(kinds), table)
