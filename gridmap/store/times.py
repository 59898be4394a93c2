"""Days as times, for columns that say when something happened."""

from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, DateTime, String, cast, literal


def begins(day: date) -> ColumnElement[datetime]:
    """When a day begins, in the time zone of the connection.

    It is sent as a text that the database reads as a time before it plans: what is compared with a date, or with a time
    made of one, is compared anew for every row, and under row-level security without any index or statistics.
    """
    return _time(day.isoformat())


def ended(day: date) -> ColumnElement[datetime]:
    """When a day is over, which is when the next one begins."""
    return _time("infinity") if day == date.max else begins(day + timedelta(days=1))


def _time(spelled: str) -> ColumnElement[datetime]:
    return cast(literal(spelled, String), DateTime(timezone=True))
