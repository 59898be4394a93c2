"""Ranges of days are counted and compared where incidents were recorded; otherwise a sentence says why not."""

from datetime import date

import pytest

from gridmap.services.incidents.comparison import Records
from gridmap.store.queries.grids.date_range import DateRange

RECORDED = DateRange(date(2010, 1, 1), date(2016, 6, 30))
ANY_DAYS = DateRange(date(2016, 6, 1), date(2016, 6, 1))
NO_COMPARISON = "No comparison with the time before: "


def records_of(first: str, last: str) -> Records:
    """Return the records of a range of days in which, and before which, there are incidents."""
    return Records(DateRange(date.fromisoformat(first), date.fromisoformat(last)), RECORDED, ANY_DAYS, ANY_DAYS)


@pytest.mark.parametrize(
    ("first", "last", "obstacle"),
    [
        ("2010-01-08", "2010-01-14", ""),
        ("2010-01-07", "2010-01-13", "there is no record before 2010-01-01."),
        ("2010-01-02", "2010-01-02", ""),
        ("2010-01-01", "2010-01-01", "there is no record before 2010-01-01."),
        ("0001-01-01", "2016-06-30", "there is no record before 2010-01-01."),
        ("2016-06-25", "2016-07-01", ""),
        ("2016-06-26", "2016-07-01", "the last record is of 2016-06-30."),
        ("2016-06-19", "2016-07-02", ""),
        ("2016-06-20", "2016-07-02", "the last record is of 2016-06-30."),
        ("2016-06-30", "2016-06-30", ""),
        ("2016-07-01", "2016-07-01", "the last record is of 2016-06-30."),
    ],
)
def test_a_range_is_compared_if_both_periods_have_records(first: str, last: str, obstacle: str) -> None:
    records = records_of(first, last)
    assert str(records.obstacle or "") == (obstacle and NO_COMPARISON + obstacle)
    assert records.comparable is not bool(obstacle)


def test_a_range_after_days_without_records_is_not_compared() -> None:
    records = Records(DateRange(date(2014, 3, 8), date(2014, 3, 14)), RECORDED, ANY_DAYS, None)
    assert str(records.obstacle) == f"{NO_COMPARISON}no incident is recorded from 2014-03-01 to 2014-03-07."
    assert records.gap is None
    assert not records.comparable


@pytest.mark.parametrize(
    ("first", "last", "reason"),
    [
        ("2009-12-01", "2009-12-31", ": there is no record before 2010-01-01."),
        ("2009-12-01", "2010-01-01", "."),
        ("2014-03-08", "2014-03-14", "."),
        ("2016-06-30", "2016-07-31", "."),
        ("2016-07-01", "2016-07-31", ": the last record is of 2016-06-30."),
    ],
)
def test_a_range_without_records_says_why(first: str, last: str, reason: str) -> None:
    records = Records(DateRange(date.fromisoformat(first), date.fromisoformat(last)), RECORDED, None, ANY_DAYS)
    assert str(records.gap) == f"No incident is recorded from {first} to {last}{reason}"
    assert not records.comparable


def test_without_incidents_nothing_is_compared() -> None:
    records = Records(DateRange(date(2016, 6, 1), date(2016, 6, 30)), None, None, None)
    assert str(records.gap) == "No incident has been recorded."
    assert not records.comparable
