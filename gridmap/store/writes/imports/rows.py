"""Many rows of a table in one statement: by COPY as the owner, else under row-level security."""

from collections.abc import Mapping, Sequence
from datetime import date

import shapely
from sqlalchemy import Column, Table, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.store.schema import Base
from gridmap.store.writes import bulk

Columns = Mapping[str, Sequence[object]]


def insert_rows(session: Session, caller: Caller, table: type[Base], columns: Columns) -> list[int]:
    """Insert rows and return their keys, in the order of the rows.

    Parameters
    ----------
    session : Session
    caller : Caller
        The owner writes by COPY, which row-level security refuses for others.
    table : mapped class
    columns : mapping of str to sequence
        Values of every column, all of one length.
    """
    if not columns or not len(next(iter(columns.values()))):
        return []
    if caller.trusted:
        keys: list[int] = bulk.copy_rows(session, table, columns).tolist()
        return keys
    stored = _table(table)
    names = ", ".join(columns)
    arrays = ", ".join(f"CAST(:{name} AS {_array_type(stored.c[name])})" for name in columns)
    values = ", ".join(_expression(stored.c[name]) for name in columns)
    statement = (
        f"INSERT INTO {stored.name} ({names}) SELECT {values} FROM unnest({arrays})"  # noqa: S608 - names of the schema
        f" WITH ORDINALITY AS r({names}, n) ORDER BY r.n RETURNING id"
    )
    parameters = {name: [_parameter(value) for value in values_of] for name, values_of in columns.items()}
    return [int(key) for key in session.execute(text(statement), parameters).scalars()]


def update_rows(session: Session, table: type[Base], ids: Sequence[int], columns: Columns) -> None:
    """Update columns of rows by their keys.

    Parameters
    ----------
    session : Session
    table : mapped class
    ids : sequence of int
    columns : mapping of str to sequence
        New values of every row.
    """
    if not len(ids) or not columns:
        return
    stored = _table(table)
    arrays = ", ".join(f"CAST(:{name} AS {_array_type(stored.c[name])})" for name in columns)
    settings = ", ".join(f"{name} = {_expression(stored.c[name])}" for name in columns)
    statement = (
        f"UPDATE {stored.name} t SET {settings}"  # noqa: S608 - names of the schema
        f" FROM unnest(CAST(:row_ids AS bigint[]), {arrays}) AS r(row_id, {', '.join(columns)}) WHERE t.id = r.row_id"
    )
    parameters = {name: [_parameter(value) for value in values_of] for name, values_of in columns.items()}
    session.execute(text(statement), {"row_ids": list(ids), **parameters})


def end_rows(session: Session, table: type[Base], ids: Sequence[int], day: date) -> None:
    """Let rows end before a day; a row that begins on it or later ends a day after it begins."""
    statement = (
        f"UPDATE {_table(table).name}"  # noqa: S608 - a name of the schema
        " SET valid = daterange(lower(valid), greatest(CAST(:day AS date), lower(valid) + 1))"
        " WHERE id = ANY (CAST(:ids AS bigint[]))"
    )
    session.execute(text(statement), {"ids": list(ids), "day": day})


def _table(table: type[Base]) -> Table:
    stored = table.__table__
    assert isinstance(stored, Table), "mapped classes have a table"
    return stored


def _type_name(column: Column[object]) -> str:
    return str(column.type.compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]  # SQLAlchemy leaves dialects untyped


def _is_text(column: Column[object]) -> bool:
    """Return whether values of a column travel as texts: geometries as EWKB, periods as PostgreSQL writes them."""
    return _type_name(column).lower().startswith(("geometry", "daterange", "varchar"))


def _array_type(column: Column[object]) -> str:
    return "text[]" if _is_text(column) else f"{_type_name(column)}[]"


def _expression(column: Column[object]) -> str:
    name = _type_name(column)
    return f"r.{column.name}::{name.split('(')[0]}" if _is_text(column) else f"r.{column.name}"


def _parameter(value: object) -> object:
    """Return a value for a parameter; a geometry as text."""
    return shapely.to_wkb(value, hex=True, include_srid=True) if isinstance(value, shapely.Geometry) else value
