"""Count of what was entered since a time, in every table that records when a row was made."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Column, DateTime, Table, func, select
from sqlalchemy.orm import Session

from gridmap.store.schema import Base

LEFT_OUT_TABLES = ("web_session", "sign_in_throttle", "installation_secret", "audit")
"""Sessions and failed sign-ins end by themselves, fingerprints of secrets are made by upgrades, and a restore carries
the audit on.
"""


def count_entries(session: Session, since: datetime) -> dict[str, int]:
    """Return the number of rows made since a time, by table; tables without such rows are missing.

    Parameters
    ----------
    session : Session
        Of the owner.
    since : datetime
        With a time zone.
    """
    counts = {table.name: _count_since(session, column, since) for table, column in _creation_columns()}
    return {name: count for name, count in sorted(counts.items()) if count}


def _creation_columns() -> Iterator[tuple[Table, Column[datetime]]]:
    """Yield each table with the column that the database fills when a row is made."""
    for table in Base.metadata.sorted_tables:
        times = [column for column in table.columns if isinstance(column.type, DateTime) and column.server_default]
        if times and table.name not in LEFT_OUT_TABLES:
            yield table, times[0]


def _count_since(session: Session, column: Column[datetime], since: datetime) -> int:
    statement = select(func.count()).where(column > since)
    return int(session.execute(statement).scalar_one())
