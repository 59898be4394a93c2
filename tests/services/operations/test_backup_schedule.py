"""When a backup is due, which ones are kept, and when the last one is too old."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.services.operations.backup_schedule import expired_backups, is_due, is_too_old


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00")


@pytest.mark.parametrize(
    ("now", "last", "due"),
    [
        ("2026-11-23 03:00:00", "2026-11-23 02:59:59", True),
        ("2026-11-23 03:00:00", "2026-11-23 03:00:00", False),
        ("2026-11-23 02:59:59", "2026-11-22 03:00:00", False),
        ("2026-11-23 02:59:59", "2026-11-22 02:59:59", True),
        ("2026-11-23 23:00:00", "2026-11-23 03:00:05", False),
        ("2026-11-24 08:00:00", "2026-11-23 03:00:05", True),
        ("2026-11-23 03:00:00", None, True),
    ],
)
def test_a_backup_is_due_once_a_night_and_a_missed_one_afterwards(now: str, last: str | None, due: bool) -> None:
    assert is_due(at(now), at(last) if last else None, 3) is due


def nights(first: str, count: int) -> list[datetime]:
    return [at(f"{first} 03:00:00") - timedelta(days=days) for days in range(count)]


def kept(times: Iterable[datetime]) -> list[str]:
    times = list(times)
    return [f"{time:%m-%d}" for time in times if time not in expired_backups(times)]


def test_seven_days_four_weeks_and_twelve_months_are_kept() -> None:
    """2026-11-23 is a Monday: weeks end on the Sundays 22, 15 and 8."""
    assert kept(nights("2026-11-23", 420)) == [
        "11-23", "11-22", "11-21", "11-20", "11-19", "11-18", "11-17",
        "11-15", "11-08",
        "10-31", "09-30", "08-31", "07-31", "06-30", "05-31", "04-30", "03-31", "02-28", "01-31", "12-31",
    ]  # fmt: skip


@pytest.mark.parametrize(("count", "deleted"), [(0, 0), (1, 0), (7, 0), (8, 0), (9, 1)])
def test_the_first_week_deletes_nothing(count: int, deleted: int) -> None:
    """From a Sunday on, the eighth night is the Sunday before, the newest of its week; the ninth is neither."""
    assert len(expired_backups(nights("2026-11-22", count))) == deleted


def test_the_newest_of_a_day_is_kept() -> None:
    times = [at("2026-11-23 03:00:00"), at("2026-11-23 12:00:00")]
    assert expired_backups(times) == {at("2026-11-23 03:00:00")}


def test_a_pause_deletes_nothing() -> None:
    old = nights("2025-01-07", 7)
    assert expired_backups(old) == set()


@given(st.lists(st.datetimes(timezones=st.just(UTC)), max_size=40))
def test_the_newest_backup_is_never_deleted_and_a_second_run_deletes_nothing(times: list[datetime]) -> None:
    expired = expired_backups(times)
    rest = [time for time in times if time not in expired]
    assert not times or max(times) in rest
    assert expired_backups(rest) == set()
    assert len(set(rest)) <= 7 + 4 + 12


@pytest.mark.parametrize(
    ("last", "too_old"), [("2026-11-22 00:00:00", False), ("2026-11-21 23:59:59", True), (None, True)]
)
def test_an_alarm_is_given_after_36_hours(last: str | None, too_old: bool) -> None:
    assert is_too_old(at("2026-11-23 12:00:00"), at(last) if last else None) is too_old
