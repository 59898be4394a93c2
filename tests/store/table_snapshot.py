"""All rows of all tables, to compare the database before and after an undo."""

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from gridmap.store.schema import Base

DERIVED_TABLES = {"change_set", "record_change", "data_version", "incident_month", "incident_month_change"}
"""The journal itself, and what is computed from other rows."""


def snapshot_tables(connection: Connection | Session) -> dict[str, list[str]]:
    """Return the rows of every table as texts, sorted."""
    return {
        table: sorted(connection.execute(text(f"SELECT r::text FROM {table} r")).scalars())
        for table in Base.metadata.tables
        if table not in DERIVED_TABLES
    }


def changed_tables(before: dict[str, list[str]], after: dict[str, list[str]]) -> list[str]:
    """Return the tables whose rows differ."""
    return [table for table in before if before[table] != after[table]]
