"""Many rows at once: COPY writes a town in the time that single statements take for a street."""

import io
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd
import shapely
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from gridmap.core.array_types import IntArray

COPY_NULL = r"\N"
COPY_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
ColumnValues = Any
"""A value for all rows, or a sequence with one for each."""


def copy_rows(session: Session, table: Any, columns: Mapping[str, ColumnValues]) -> IntArray:
    """Write rows as the owner of the tables; row-level security takes no COPY from others.

    Parameters
    ----------
    session : Session
        Of a trusted database.
    table : mapped class
    columns : mapping of str to sequence or value
        By the names of the table's columns; at least one is a sequence. Geometries in degrees, marked with their SRID.

    Returns
    -------
    ndarray of int
        Numbers of the rows; empty for a table whose rows have none.
    """
    count = next(len(column) for column in columns.values() if _is_sequence(column))
    ids = reserve_ids(session, table, count) if "id" in table.__table__.c else np.empty(0, dtype=np.int64)
    every = {"id": ids, **columns} if len(ids) else columns
    if count:
        _copy(session, table.__tablename__, every, count)
    return ids


def reserve_ids(session: Session, table: Any, count: int) -> IntArray:
    """Numbers for so many rows that nobody else will get."""
    sequence = func.pg_get_serial_sequence(table.__tablename__, "id")
    every = select(func.nextval(sequence)).select_from(func.generate_series(1, count))
    return np.array(session.scalars(every).all(), dtype=np.int64)


def ids_at(ids: IntArray, positions: IntArray) -> list[int | None]:
    """Numbers of the rows at positions; None for -1."""
    return [int(ids[position]) if position >= 0 else None for position in positions]


def _copy(session: Session, table: str, columns: Mapping[str, ColumnValues], count: int) -> None:
    fields = (column if _is_sequence(column) else [column] * count for column in columns.values())
    lines = ("\t".join(map(_copy_text, row)) for row in zip(*fields, strict=True))
    cursor = session.connection().connection.cursor()
    cursor.copy_expert(f"COPY {table} ({', '.join(columns)}) FROM STDIN", io.StringIO("\n".join(lines) + "\n"))
    cursor.close()


def _is_sequence(values: ColumnValues) -> bool:
    return isinstance(values, np.ndarray | pd.Series | list | tuple | Sequence) and not isinstance(values, str)


def _copy_text(value: Any) -> str:
    """A value as COPY reads it."""
    match value:
        case shapely.Geometry():
            return str(shapely.to_wkb(value, hex=True, include_srid=True))
        case bytes():
            return r"\\x" + value.hex()
        case dict() | list():
            return json.dumps(value, ensure_ascii=False).translate(COPY_ESCAPES)
        case str():
            return value.translate(COPY_ESCAPES)
        case datetime() | date() if value is not pd.NaT:
            return value.isoformat()
        case _:
            return COPY_NULL if pd.isna(value) else str(value)


def analyze(session: Session) -> None:
    """Have the database look at what was written, so that queries are planned for it from the first one on."""
    session.execute(text("ANALYZE"))
