"""Days without records: gaps differ from the quiet days of a small subdistrict."""

import numpy as np
import pytest

from gridmap.core.incidents.data_gaps import find_gaps


def days(*runs: int) -> list[bool]:
    """Return runs of days, with and without records in turn."""
    return [bool(position % 2 == 0) for position, length in enumerate(runs) for _ in range(length)]


@pytest.mark.parametrize(("empty", "found"), [(1, False), (2, False), (3, True), (20, True)])
def test_where_every_day_has_records_three_empty_ones_are_a_gap(empty: int, found: bool) -> None:
    assert find_gaps(np.array(days(44, empty, 44))) == ([(44, 44 + empty)] if found else [])


@pytest.mark.parametrize(("empty", "found"), [(12, False), (14, True)])
def test_where_every_second_day_is_empty_a_gap_is_longer(empty: int, found: bool) -> None:
    quiet = days(*[1] * 60)
    assert find_gaps(np.array([*quiet, *[False] * empty, *quiet])) == ([(59, 60 + empty)] if found else [])


def test_two_gaps_are_both_found() -> None:
    assert find_gaps(np.array(days(40, 6, 40, 8, 40))) == [(40, 46), (86, 94)]


@pytest.mark.parametrize("length", [0, 1, 60])
def test_days_that_all_have_records_have_no_gap(length: int) -> None:
    assert find_gaps(np.full(length, True)) == []
