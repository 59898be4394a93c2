"""Gaps in records at the edges of the days that are read: records may be years older."""

from datetime import date, timedelta

import numpy as np
import pytest

from gridmap.services.incidents.daily_figures import DailyFigures
from gridmap.store.queries.grids.date_range import DateRange

FIRST, DAYS = date(2026, 6, 4), 180
LAST = FIRST + timedelta(DAYS - 1)


def figures_of(empty: slice, recorded: DateRange) -> DailyFigures:
    """Return the figures of half a year in which a run of days has no record."""
    days = np.full(DAYS, True)
    days[empty] = False
    return DailyFigures(FIRST, np.zeros((0, DAYS), dtype=int), days, days, recorded)


@pytest.mark.parametrize(
    ("first_record", "missing"),
    [(date(2010, 1, 1), [DateRange(FIRST, date(2026, 8, 31))]), (date(2026, 9, 1), [])],
)
def test_days_before_the_first_record_of_half_a_year_are_missing_if_there_are_older_ones(
    first_record: date, missing: list[DateRange]
) -> None:
    assert figures_of(slice(0, 89), DateRange(first_record, LAST)).missing == missing


@pytest.mark.parametrize(
    ("last_record", "missing"),
    [(date(2027, 3, 1), [DateRange(date(2026, 11, 21), LAST)]), (date(2026, 11, 20), [])],
)
def test_days_after_the_last_record_of_half_a_year_are_missing_if_there_are_later_ones(
    last_record: date, missing: list[DateRange]
) -> None:
    assert figures_of(slice(DAYS - 10, DAYS), DateRange(FIRST, last_record)).missing == missing


def test_days_without_any_record_between_others_are_missing() -> None:
    whole = DateRange(FIRST, LAST)
    assert figures_of(slice(0, DAYS), DateRange(date(2010, 1, 1), date(2027, 1, 1))).missing == [whole]
    assert figures_of(slice(0, DAYS), DateRange(date(2010, 1, 1), date(2016, 6, 30))).missing == []
