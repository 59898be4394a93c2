"""Incidents of grids day by day, with the days that have no records."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from sqlalchemy.orm import Session

from gridmap.core.array_types import BoolArray, IntArray
from gridmap.core.caller import Caller
from gridmap.core.incidents.data_gaps import find_gaps
from gridmap.core.incidents.rises import DaySpan
from gridmap.services.grids import in_force
from gridmap.services.grids.incident_counts import DateRange, IncidentFilter
from gridmap.store.queries.grids.packed_counts import DailyCounts
from gridmap.store.queries.incidents import daily_counts

LONG_DAYS, MAX_DAYS = 90, 366
"""Days that are compared at least, so that a slow rise is seen; longest range that is counted day by day."""


@dataclass(frozen=True)
class DailyFigures:
    """Incidents of a range of days and of as many days before it, day by day.

    Parameters
    ----------
    first : date
        First day.
    counts : (grids, days) array of int
    is_observed : (days,) array of bool
        False for days before the first and after the last record, and for gaps in the records.
    recorded_days : (days,) array of bool
        Days with an incident of any category.
    recorded : DateRange
        Days of the first and the last record, which may be long before and after these days.
    """

    first: date
    counts: IntArray
    is_observed: BoolArray
    recorded_days: BoolArray
    recorded: DateRange

    @property
    def observed(self) -> DaySpan:
        """Positions of the days from the first record to the last; none where all records are of other days."""
        days = self.days_of((0, len(self.recorded_days))).intersection(self.recorded)
        return self.span_of(days) if days else (0, 0)

    @property
    def missing(self) -> Sequence[DateRange]:
        """Gaps in the records: runs of days without any that are too long for chance."""
        start, end = self.observed
        return [self.days_of((start + one, start + other)) for one, other in find_gaps(self.recorded_days[start:end])]

    def days_of(self, span: DaySpan) -> DateRange:
        """Return the days of a span of positions."""
        return DateRange(self.first + timedelta(span[0]), self.first + timedelta(span[1] - 1))

    def span_of(self, days: DateRange) -> DaySpan:
        """Return the positions of days."""
        return (days.first - self.first).days, (days.last - self.first).days + 1

    def count_days_without_records(self, days: DateRange) -> int:
        """Return the number of days without an incident of any category."""
        first, end = self.span_of(days)
        return int((~self.recorded_days[first:end]).sum())


def find_first_compared_day(days: DateRange) -> date:
    """Return the first of the days that are read to compare a range, day by day for up to a year.

    Examples
    --------
    >>> find_first_compared_day(DateRange(date(2026, 3, 1), date(2026, 3, 7)))
    datetime.date(2025, 9, 9)
    >>> find_first_compared_day(DateRange(date(2022, 1, 1), date(2025, 12, 31)))
    datetime.date(2018, 1, 1)
    """
    if days.days > MAX_DAYS:
        return days.previous_first
    return in_force.date_before(days.last, timedelta(2 * max(days.days, LONG_DAYS) - 1))


def load_daily_figures(
    session: Session,
    caller: Caller,
    subdistrict_id: int,
    filters: IncidentFilter,
    grid_ids: Sequence[int],
    recorded: DateRange,
) -> DailyFigures | None:
    """Return the incidents of grids that are in force on the last day, by day; None for ranges of more than a year.

    Parameters
    ----------
    session : Session
    caller : Caller
    subdistrict_id : int
    filters : IncidentFilter
        The status is not considered: on no day but the last are as many open as were on that day.
    grid_ids : sequence of int
    recorded : DateRange
        Days of the first and the last record.
    """
    days = filters.date_range
    if days.days > MAX_DAYS:
        return None
    first = find_first_compared_day(days)
    day = in_force.resolve_day(session, subdistrict_id, days.last)
    found = daily_counts.count_by_grid_and_day(session, caller, day, DateRange(first, days.last), filters.categories)
    return _make_figures(DateRange(first, days.last), found, grid_ids, recorded)


def _make_figures(days: DateRange, found: DailyCounts, grid_ids: Sequence[int], recorded: DateRange) -> DailyFigures:
    counts = np.zeros((len(grid_ids), days.days), dtype=np.int64)
    for position, grid_id in enumerate(grid_ids):
        counts[position] = found.by_grid.get(grid_id, 0)
    recorded_days = found.total > 0
    figures = DailyFigures(days.first, counts, np.zeros(days.days, dtype=bool), recorded_days, recorded)
    figures.is_observed[slice(*figures.observed)] = True
    for gap in figures.missing:
        first, end = figures.span_of(gap)
        figures.is_observed[first:end] = False
    return figures
