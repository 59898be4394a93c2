"""Counter of packed months: periods, closed incidents, border and streets that are left out."""

from datetime import date, timedelta

import numpy as np
import pytest

from gridmap.core.array_types import IntArray
from gridmap.core.incidents.count_table import IncidentCounts, make_count_table
from gridmap.core.incidents.month_counter import MonthCounter
from gridmap.core.incidents.packed_months import PackedMonth, days_since_epoch

MAY = date(2026, 5, 1)
NEVER = 2**31 - 1
PERIODS = (date(2026, 5, 10), date(2026, 5, 19)), (date(2026, 4, 30), date(2026, 5, 9))
OPEN, CLOSED = ("lamp", "open"), ("lamp", "closed")


def pack_month(*incidents: tuple[int, date | None], left_out: tuple[int, ...] = ()) -> PackedMonth:
    """Pack lamps of May, each with its day of the month and the day on which it was closed; all on street 5."""

    def pack(kind: str, values: list[int]) -> memoryview:
        return memoryview(np.array(values, dtype=kind).tobytes())

    number = len(incidents)
    days = pack(">i2", [day for day, _ in incidents])
    closed_days = pack(">i4", [NEVER if closed is None else days_since_epoch(closed) for _, closed in incidents])
    places = [pack(">i8", [1] * number), pack(">i2", [0] * number), pack(">i8", []), pack(">i8", [5] * number)]
    return PackedMonth(MAY, ["lamp"], pack(">i2", [1] * number), days, closed_days, places, left_out)


def first_place(month: PackedMonth) -> IntArray:
    return np.zeros(len(month.days) // 2, dtype=np.int64)


def count(month: PackedMonth, periods: tuple[tuple[date, date], tuple[date, date]] = PERIODS) -> IncidentCounts | None:
    """Return the counts of the incidents of a month, all in one place, and all on the border."""
    counter = MonthCounter([month], 1, periods)
    place = first_place(month)
    counter.add(month, place, lambda: np.ones(len(place), dtype=np.bool_))
    return counter.make_table(["here"]).get("here")


@pytest.mark.parametrize(
    ("day", "counted"),
    [(9, ({}, {OPEN: 1}, {})), (10, ({OPEN: 1}, {}, {OPEN: 1})), (19, ({OPEN: 1}, {}, {OPEN: 1})), (20, None)],
)
def test_an_incident_counts_in_the_period_of_its_day(day: int, counted: tuple[object, ...] | None) -> None:
    found = count(pack_month((day, None)))
    assert (found and (found.current, found.previous, found.on_border)) == counted


@pytest.mark.parametrize(
    ("day", "closed", "status"), [(12, 19, CLOSED), (12, 20, OPEN), (3, 9, CLOSED), (3, 10, OPEN), (3, 19, OPEN)]
)
def test_an_incident_is_closed_at_the_end_of_its_own_period(day: int, closed: int, status: tuple[str, str]) -> None:
    found = count(pack_month((day, MAY.replace(day=closed))))
    assert found
    assert {**found.current, **found.previous} == {status: 1}


@pytest.mark.parametrize("first", [MAY, MAY + timedelta(1)])
@pytest.mark.parametrize("last", [date(2026, 5, 30), date(2026, 5, 31)])
def test_months_that_lie_within_a_period_count_like_others(first: date, last: date) -> None:
    found = count(pack_month((1, None), (15, None), (31, None)), ((first, last), (first - timedelta(9), first)))
    expected = 1 + (first == MAY) + (last.day == 31)
    assert found
    assert found.current == found.on_border == {OPEN: expected}


def test_incidents_of_streets_that_are_left_out_count_nowhere() -> None:
    whole = (MAY, date(2026, 5, 31)), (date(2026, 4, 1), date(2026, 4, 30))
    assert count(pack_month((15, None), left_out=(5,)), whole) is None
    assert count(pack_month((15, None), left_out=(6,)), whole)


@pytest.mark.parametrize("day", [1, 31])
def test_a_month_outside_the_periods_counts_nowhere(day: int) -> None:
    before = (date(2026, 4, 16), date(2026, 4, 30)), (date(2026, 4, 1), date(2026, 4, 15))
    after = (date(2026, 6, 16), date(2026, 6, 30)), (date(2026, 6, 1), date(2026, 6, 15))
    assert count(pack_month((day, None)), before) is None
    assert count(pack_month((day, None)), after) is None


def test_counts_of_one_place_and_kind_are_added() -> None:
    table = make_count_table([("a", OPEN, (1, 0, 1)), ("a", OPEN, (2, 3, 0)), ("a", CLOSED, (0, 1, 0))])
    assert dict(table) == {"a": IncidentCounts({OPEN: 3}, {OPEN: 3, CLOSED: 1}, {OPEN: 1})}
    assert table.sum_kinds([True, False]) == {"a": (3, 3, 1)}
    assert dict(make_count_table(table.list_counts())) == dict(table)


def test_a_table_without_counts_has_no_place() -> None:
    assert not dict(make_count_table([]))
    assert make_count_table([]).sum_kinds([]) == {}
