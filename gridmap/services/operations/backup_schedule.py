"""When a backup is due, which backups are kept, and when the last one is too old: pure functions of times."""

from collections.abc import Callable, Hashable, Iterable
from datetime import datetime, timedelta

DEFAULT_HOUR = 3
"""Hour of the office's night in which nobody works."""
DAYS_KEPT, WEEKS_KEPT, MONTHS_KEPT = 7, 4, 12
"""A mistake is noticed within days; a quiet loss, at a monthly or yearly report."""
MAX_AGE = timedelta(hours=36)
"""Age from which an alarm is given: one night has been missed, and half a day to correct it is over."""
RETRY_DELAY = timedelta(minutes=30)


def latest_slot(now: datetime, hour: int) -> datetime:
    """Return the last time before or at `now` at which a backup was due.

    >>> from datetime import UTC
    >>> str(latest_slot(datetime(2026, 11, 23, 2, 59, tzinfo=UTC), 3))
    '2026-11-22 03:00:00+00:00'
    >>> str(latest_slot(datetime(2026, 11, 23, 3, 0, tzinfo=UTC), 3))
    '2026-11-23 03:00:00+00:00'
    """
    slot = now.replace(hour=hour, minute=0, second=0, microsecond=0)
    return slot if slot <= now else slot - timedelta(days=1)


def is_due(now: datetime, last: datetime | None, hour: int) -> bool:
    """Return whether no backup has been made since the latest slot; a missed night is made up for."""
    return last is None or last < latest_slot(now, hour)


def expired_backups(times: Iterable[datetime]) -> set[datetime]:
    """Return the times of the backups to delete.

    The newest backup is kept of each of the last `DAYS_KEPT` days, `WEEKS_KEPT` weeks (from Monday) and `MONTHS_KEPT`
    months that have one. Days without a backup do not count, so a pause in backups deletes nothing.

    Parameters
    ----------
    times : iterable of datetime
        In the time zone of the office.
    """
    newest_first = sorted(times, reverse=True)
    kept = {
        *_newest_of_each(newest_first, datetime.date, DAYS_KEPT),
        *_newest_of_each(newest_first, lambda time: time.isocalendar()[:2], WEEKS_KEPT),
        *_newest_of_each(newest_first, lambda time: (time.year, time.month), MONTHS_KEPT),
    }
    return set(newest_first) - kept


def _newest_of_each(newest_first: list[datetime], period: Callable[[datetime], Hashable], count: int) -> list[datetime]:
    newest: dict[Hashable, datetime] = {}
    for time in newest_first:
        newest.setdefault(period(time), time)
    return list(newest.values())[:count]


def is_too_old(now: datetime, last: datetime | None) -> bool:
    """Return whether an alarm is to be given: no backup, or the last one is older than `MAX_AGE`."""
    return last is None or now - last > MAX_AGE
