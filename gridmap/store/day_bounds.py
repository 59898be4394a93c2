"""Today's date, and the start and end of a day as times."""

from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Date, DateTime, String, cast, func, literal, select
from sqlalchemy.orm import Session


def get_today(session: Session) -> date:
    """Return the date that rights and pages refer to; a rehearsal may set another one than the calendar's."""
    return session.execute(select(func.today(type_=Date))).scalar_one()


def get_local_time(session: Session) -> datetime:
    """Return the present time in the time zone of the office, without the zone."""
    return session.execute(select(func.localtimestamp(type_=DateTime))).scalar_one()


def day_start(on: date) -> ColumnElement[datetime]:
    """Return the time at which a day begins, in the time zone of the connection.

    It is sent as a text that the database converts to a time before planning. Under row-level security a date would use
    neither index nor statistics, and a conversion within the query would run for every row.
    """
    return _timestamp(on.isoformat())


def day_end(on: date) -> ColumnElement[datetime]:
    """Return the time at which a day ends, which is the start of the next day."""
    return _timestamp("infinity") if on == date.max else day_start(on + timedelta(days=1))


def _timestamp(value: str) -> ColumnElement[datetime]:
    return cast(literal(value, String), DateTime(timezone=True))
