"""Days as times, for columns that say when something happened."""

from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Date, DateTime, String, cast, func, literal, select
from sqlalchemy.orm import Session


def get_today(session: Session) -> date:
    """Return the date that rights and pages refer to; a rehearsal may set another one than the calendar's."""
    return session.execute(select(func.today(type_=Date))).scalar_one()


def day_start(on: date) -> ColumnElement[datetime]:
    """When a day begins, in the time zone of the connection.

    It is sent as a text that the database reads as a time before it plans. A date would find neither index nor
    statistics under row-level security, and a time that the query makes of a date is made anew for every row.
    """
    return _timestamp(on.isoformat())


def day_end(on: date) -> ColumnElement[datetime]:
    """When a day is over, which is when the next one begins."""
    return _timestamp("infinity") if on == date.max else day_start(on + timedelta(days=1))


def _timestamp(value: str) -> ColumnElement[datetime]:
    return cast(literal(value, String), DateTime(timezone=True))
