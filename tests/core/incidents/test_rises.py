"""Rises are found in the days in which they lie; chance and gaps are none."""

import numpy as np
import pytest

from gridmap.core.array_types import IntArray
from gridmap.core.incidents.rises import DaySpan, Rise, find_rises, slide_spans

DAYS = 180
RANGE, MONTHS = [(90, DAYS)], slide_spans(90, DAYS, 30)
ALL_OBSERVED = np.full(DAYS, True)


def towns(grids: int = 12, per_day: float = 0.3) -> IntArray:
    """Return quiet counts of some grids, day by day."""
    return np.random.default_rng(7).poisson(per_day, (grids, DAYS))


def rises_in(daily: IntArray) -> list[Rise]:
    return list(find_rises(daily, ALL_OBSERVED, [RANGE, MONTHS]))


def test_quiet_grids_have_no_rise() -> None:
    assert rises_in(towns()) == []


@pytest.mark.parametrize("seed", range(20))
def test_a_false_alarm_is_rare(seed: int) -> None:
    daily = np.random.default_rng(seed).poisson(0.5, (20, DAYS))
    assert rises_in(daily) == []


def test_a_burst_is_told_by_the_thirty_days_in_which_it_lies() -> None:
    daily = towns()
    daily[3, 140:154] += 3
    (rise,) = rises_in(daily)
    first, end = rise.span
    assert rise.place == 3
    assert end - first == 30
    assert first <= 140
    assert end >= 154
    assert rise.current >= 42 + daily[3, first:140].sum()


def test_a_slow_rise_is_told_by_the_whole_range() -> None:
    daily = towns()
    daily[5] = np.tile([1, 0, 0], DAYS // 3)
    daily[5, 60:] += np.repeat([0, 1, 2, 3], 30) * (np.arange(120) % 3 == 1)
    (rise,) = rises_in(daily)
    assert (rise.place, rise.span) == (5, RANGE[0])
    assert (rise.current, rise.previous) == (90, 30)


@pytest.mark.parametrize(("current", "found"), [(13, 0), (14, 1)])
def test_the_limit_of_a_single_span_of_a_single_grid(current: int, found: int) -> None:
    """Hold 13 and 14 of 18 tosses against the exact test of a coin: 0.096 and 0.031."""
    daily = np.zeros((1, 2), dtype=np.int64)
    daily[0] = 18 - current, current
    assert len(find_rises(daily, np.full(2, True), [[(1, 2)]])) == found


@pytest.mark.parametrize(("spans", "found"), [(1, 1), (2, 0)])
def test_spans_are_corrected_for_their_number(spans: int, found: int) -> None:
    daily = np.array([[4, 14]])
    assert len(find_rises(daily, np.full(2, True), [[(1, 2)] * spans])) == found


@pytest.mark.parametrize(("missing", "found"), [(4, 1), (5, 0)])
def test_spans_that_lack_more_than_one_day_of_seven_are_not_compared(missing: int, found: int) -> None:
    daily, is_observed = np.array([[0] * 30 + [2] * 30]), np.full(60, True)
    is_observed[5 : 5 + missing] = False
    assert len(find_rises(daily, is_observed, [[(30, 60)]])) == found


def test_days_without_records_do_not_make_the_following_ones_a_rise() -> None:
    daily, is_observed = np.array([[1] * 26 + [0] * 4 + [1] * 30]), np.full(60, True)
    is_observed[26:30] = False
    assert not find_rises(daily, is_observed, [[(30, 60)]])


@pytest.mark.parametrize("span", [(29, 60), (31, 62)])
def test_spans_beyond_the_days_are_left_out(span: DaySpan) -> None:
    daily = np.array([[0] * 30 + [2] * 30])
    assert not find_rises(daily, np.full(60, True), [[span]])


def test_a_fall_is_no_rise() -> None:
    assert not find_rises(np.array([[2] * 30 + [0] * 30]), np.full(60, True), [[(30, 60)]])


def test_without_grids_nothing_rises() -> None:
    assert not find_rises(np.zeros((0, 60), dtype=np.int64), np.full(60, True), [[(30, 60)]])
