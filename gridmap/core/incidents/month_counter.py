"""Counting of packed months by place, category and status, in two periods."""

from collections.abc import Callable, Sequence
from datetime import date

import numpy as np

from gridmap.core.array_types import BoolArray, IntArray
from gridmap.core.incidents.count_table import CountTable, PlaceT
from gridmap.core.incidents.packed_months import PackedMonth, days_since_epoch, list_categories
from gridmap.core.vocabulary import IncidentStatus

STATUSES = IncidentStatus.OPEN.value, IncidentStatus.CLOSED.value
Period = tuple[date, date]
"""First and last day."""


class MonthCounter:
    """Counter of the incidents of packed months in a range of days, in the days before it, and on the border.

    An incident counts as closed if it was closed by the end of its own period.

    Parameters
    ----------
    months : sequence of PackedMonth
        All months that are added.
    places : int
        Number of places.
    periods : pair of Period
        The range of days, and the days before it.
    """

    def __init__(self, months: Sequence[PackedMonth], places: int, periods: tuple[Period, Period]) -> None:
        self.categories = {name: position for position, name in enumerate(list_categories(months))}
        self.periods = periods
        self.places, self.kinds = places, len(self.categories) * len(STATUSES)
        self.counts = np.zeros((3, places * self.kinds), dtype=np.int64)

    def add(self, month: PackedMonth, place: IntArray, find_border: Callable[[], BoolArray] | None = None) -> None:
        """Add the incidents of a month.

        Parameters
        ----------
        month : PackedMonth
        place : (n,) array of int
            Number of the place of each.
        find_border : callable, optional
            Returns which incidents are on the border.
        """
        for number, (first, last) in enumerate(self.periods):
            inside = month.select_days(first, last)
            if inside is None:
                continue
            key = self._encode(month, place, inside, last)
            self.counts[number] += self._count(key)
            if number == 0 and find_border:
                self.counts[2] += self._count(key[find_border()[inside]])

    def make_table(self, places: Sequence[PlaceT]) -> CountTable[PlaceT]:
        """Return the counts as a table of the places."""
        kinds = [(category, status) for category in self.categories for status in STATUSES]
        return CountTable(places, kinds, self.counts.reshape(3, self.places, self.kinds))

    def _encode(self, month: PackedMonth, place: IntArray, inside: BoolArray | slice, last: date) -> IntArray:
        """Return place, category and status at the end of a period as one number."""
        category = month.encode_categories(self.categories)[inside]
        is_closed = month.closed_day[inside] <= days_since_epoch(last)
        key: IntArray = place[inside] * self.kinds + category * len(STATUSES) + is_closed
        return key

    def _count(self, key: IntArray) -> IntArray:
        return np.bincount(key, minlength=self.places * self.kinds)
