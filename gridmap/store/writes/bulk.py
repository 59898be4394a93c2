"""Bulk inserts by COPY, which writes a town in the time that single statements take for a street.

Row-level security refuses COPY. For the login of pages all rows travel in one INSERT, which its policies check.
"""

import io
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from types import NoneType
from typing import TypeGuard

import numpy as np
import pandas as pd
import shapely
from sqlalchemy import case, func, null, select, text
from sqlalchemy.orm import Session

from gridmap.core.array_types import IntArray
from gridmap.store.schema import Base

COPY_NULL = r"\N"
COPY_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
COPY_BYTES_PREFIX = r"\\x"
COPY_BYTES = 1 << 20
"""Bytes that go to the database at a time."""
MIN_ANALYZED_ROWS = 200
"""New rows from which the statistics of a table are taken anew at once. Rows that refer to these are checked by their
key then: without statistics, the database may look through all estates of a subdistrict for each building."""
FEW_VALUES = {str, int, date, NoneType}
"""Types of keys of other tables, kinds, names and days, which are the same in many rows; none equals one of another."""
ColumnValues = object
"""One value for all rows, or a sequence (list, tuple, Series, array) with one for each."""


def copy_rows(session: Session, table: type[Base], columns: Mapping[str, ColumnValues]) -> IntArray:
    """Insert rows: by COPY as the owner of the tables, by one INSERT under row-level security.

    Parameters
    ----------
    session : Session
        Of a trusted database, or of an account that may insert such rows.
    table : mapped class
    columns : mapping of str to sequence or value
        By the names of the table's columns; at least one is a sequence. Geometries in degrees, with their SRID.

    Returns
    -------
    ndarray of int
        Keys of the rows; empty for a table without a column ``id``.
    """
    count = next(len(values) for values in columns.values() if _is_sequence(values))
    if count and session.scalar(select(func.row_security_active(table.__tablename__))):
        return _insert_rows(session, table, columns, count)
    ids = reserve_ids(session, table, count) if "id" in table.__table__.c else np.empty(0, dtype=np.int64)
    all_columns = {"id": ids, **columns} if len(ids) else columns
    if count:
        _copy(session, table.__tablename__, all_columns, count)
    if count >= MIN_ANALYZED_ROWS:
        session.execute(text(f"ANALYZE {table.__tablename__}"))
    return ids


def reserve_ids(session: Session, table: type[Base], count: int) -> IntArray:
    """Return new keys of a table that no other transaction will get."""
    if not count:
        return np.empty(0, dtype=np.int64)
    sequence = select(func.pg_get_serial_sequence(table.__tablename__, "id")).scalar_subquery()  # looked up once
    keys = select(func.nextval(sequence).label("key")).select_from(func.generate_series(1, count)).subquery()
    first, last = func.min(keys.c.key), func.max(keys.c.key)
    others = case((last - first + 1 == count, null()), else_=func.array_agg(keys.c.key))  # rarely: others took some
    start, listed = session.execute(select(first, others)).one()
    return np.arange(start, start + count) if listed is None else np.array(listed, dtype=np.int64)


def ids_at(ids: IntArray, positions: IntArray) -> list[int | None]:
    """Return the keys of the rows at positions; None for -1."""
    return [int(ids[position]) if position >= 0 else None for position in positions]


def analyze(session: Session) -> None:
    """Update the statistics of the database, so that the first queries after an import are planned well."""
    session.execute(text("ANALYZE"))


def _copy(session: Session, table_name: str, columns: Mapping[str, ColumnValues], count: int) -> None:
    texts = [_copy_texts(values, count) for values in columns.values()]
    lines = map("\t".join, zip(*texts, strict=True))
    cursor = session.connection().connection.cursor()
    content = io.BytesIO(("\n".join(lines) + "\n").encode())
    cursor.copy_expert(f"COPY {table_name} ({', '.join(columns)}) FROM STDIN", content, COPY_BYTES)
    cursor.close()


def _copy_texts(values: ColumnValues, count: int) -> list[str]:
    """Return the values of a column in the text format of COPY; columns of one type are converted at once."""
    if not _is_sequence(values):
        return [_copy_text(values)] * count
    dtype = getattr(values, "dtype", None)
    listed = np.asarray(values).tolist() if dtype is not None and dtype.kind in "iufb" else list(values)
    types = set(map(type, listed))
    if types in ({int}, {bool}) or (types == {str} and _is_plain("".join(map(str, listed)))):
        return list(map(str, listed))
    if isinstance(listed[0], shapely.Geometry):
        texts = shapely.to_wkb(np.array(listed, dtype=object), hex=True, include_srid=True)
        return [COPY_NULL if each is None else each for each in texts]
    if types <= {bytes, NoneType}:
        return [COPY_BYTES_PREFIX + value.hex() if isinstance(value, bytes) else COPY_NULL for value in listed]
    return _copy_few(listed) if types <= FEW_VALUES else [_copy_text(value) for value in listed]


def _copy_few(listed: Sequence[object]) -> list[str]:
    """Return values in the text format of COPY; each different one is converted once."""
    texts = {value: _copy_text(value) for value in set(listed)}
    return [texts[value] for value in listed]


def _is_plain(text: str) -> bool:
    """Return whether nothing of a text has to be escaped."""
    return text.isprintable() and "\\" not in text


def _insert_rows(session: Session, table: type[Base], columns: Mapping[str, ColumnValues], count: int) -> IntArray:
    """Insert rows by one statement; the sequence gives ascending keys in the order of the rows."""
    sequences = [values if _is_sequence(values) else [values] * count for values in columns.values()]
    rows = [dict(zip(columns, map(_json_text, row), strict=True)) for row in zip(*sequences, strict=True)]
    names, has_key = ", ".join(columns), "id" in table.__table__.c
    statement = (
        f"INSERT INTO {table.__tablename__} ({names}) SELECT {names}"  # noqa: S608 - our own table and columns
        f" FROM json_populate_recordset(CAST(NULL AS {table.__tablename__}), CAST(:rows AS json))"
    )
    returning = f"{statement} RETURNING id" if has_key else statement
    result = session.execute(text(returning), {"rows": json.dumps(rows, ensure_ascii=False)})
    return np.array(sorted(result.scalars()) if has_key else [], dtype=np.int64)


def _json_text(value: object) -> str | None:
    """Return a value as the text that its column reads; geometries as hexadecimal WKB."""
    if isinstance(value, shapely.Geometry):
        return str(shapely.to_wkb(value, hex=True, include_srid=True))
    if isinstance(value, datetime | date) and not _is_missing(value):
        return value.isoformat()
    return None if _is_missing(value) else str(value)


def _is_sequence(values: ColumnValues) -> TypeGuard[Sequence[object]]:
    return isinstance(values, np.ndarray | pd.Series | Sequence) and not isinstance(values, str)


def _copy_text(value: object) -> str:
    """Return a value in the text format of COPY; the most frequent types come first."""
    if value is None:
        return COPY_NULL
    if isinstance(value, str):
        return value if _is_plain(value) else value.translate(COPY_ESCAPES)
    if isinstance(value, bytes):
        return COPY_BYTES_PREFIX + value.hex()
    return str(value) if type(value) is int else _copy_rare_text(value)


def _copy_rare_text(value: object) -> str:
    match value:
        case shapely.Geometry():
            return str(shapely.to_wkb(value, hex=True, include_srid=True))
        case dict() | list():
            return json.dumps(value, ensure_ascii=False).translate(COPY_ESCAPES)
        case datetime() | date() if not _is_missing(value):  # NaT is a date, too
            return value.isoformat()
        case _:
            return COPY_NULL if _is_missing(value) else str(value)


def _is_missing(value: object) -> bool:
    """Return whether a single value is None, NaN, NaT or NA."""
    return bool(pd.isna(value))  # type: ignore[call-overload]  # the stubs of pandas take no object
