"""Times of incidents that need a confirmation: those long ago, and those to come."""

from datetime import datetime, timedelta

EARLIEST_TIME = datetime(1990, 1, 1)  # noqa: DTZ001 - local, as times are entered
"""Records of grid governance begin later; 1900 and 1970 are what programs make of an empty date."""
CLOCK_TOLERANCE = timedelta(minutes=10)
"""Time by which the clocks of phones are ahead without a question."""


def is_long_ago(time: datetime) -> bool:
    """Return whether a local time without a zone is before 1990.

    Examples
    --------
    >>> is_long_ago(datetime(1989, 12, 31, 23, 59)), is_long_ago(datetime(1990, 1, 1))
    (True, False)
    """
    return time < EARLIEST_TIME


def is_to_come(time: datetime, now: datetime) -> bool:
    """Return whether a time is later than the present one; 10 minutes are tolerated.

    Examples
    --------
    >>> now = datetime(2026, 3, 1, 8)
    >>> is_to_come(datetime(2026, 3, 1, 8, 10), now), is_to_come(datetime(2026, 3, 1, 8, 11), now)
    (False, True)
    """
    return time > now + CLOCK_TOLERANCE
