"""Values of a GeoPackage that GDAL does not return as they are stored.

SQLite stores any value in any column. GDAL makes 60 of the text ``60户`` and of the number 60.5 in a column of whole
numbers, nothing of a date that it cannot parse, cuts texts off at a NUL, and leaves out columns of unknown types.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pyogrio

STORED_TEXT = "typeof({column}) IN ('text', 'blob')"
CONDITIONS: Mapping[str, str] = {
    "int": f"{STORED_TEXT} OR (typeof({{column}}) = 'real' AND {{column}} <> CAST({{column}} AS INTEGER))",
    "float": STORED_TEXT,
    "object": "instr(CAST({column} AS BLOB), x'00') > 0",
}
"""Conditions for values that GDAL changes, by the beginning of the type that it reads a column as."""
NOT_BOOLEAN = "{column} NOT IN (0, 1)"
NOT_EMPTY = "{column} IS NOT NULL"


def list_ignored_columns(path: Path, table: str, metadata: Mapping[str, Any]) -> list[str]:
    """Return the columns of a table that GDAL leaves out, since it does not know their types.

    Parameters
    ----------
    path : Path
        GeoPackage without unfinished changes.
    table : str
        Name of the layer.
    metadata : mapping
        What pyogrio says about the layer.
    """
    with _open(path) as database:
        rows = database.execute(f"PRAGMA table_info({_quote(table)})").fetchall()
        shapes = _list_shape_columns(database, table)
    known = {*metadata["fields"], metadata["fid_column"], *shapes}
    return [name for _, name, declared, *_ in rows if name not in known and declared.upper() not in ("", "GEOMETRY")]


def count_stored_rows(path: Path, table: str) -> int:
    """Return the number of rows of a table, whatever the file declares."""
    with _open(path) as database:
        (count,) = database.execute(f"SELECT count(*) FROM {_quote(table)}").fetchone()  # noqa: S608 - quoted
    return int(count)


def restore_stored_values(
    frame: pd.DataFrame, path: Path, table: str, columns: Sequence[str] | None = None
) -> pd.DataFrame:
    """Return a layer with its values as they are stored.

    Parameters
    ----------
    frame : DataFrame
        Rows as pyogrio read them, from the first one on.
    path : Path
        GeoPackage without unfinished changes.
    table : str
        Name of the layer.
    columns : sequence of str, optional
        Columns that were to be read; all by default.
    """
    metadata = pyogrio.read_info(path, layer=table)
    types = dict(zip(metadata["fields"], metadata["dtypes"], strict=True))
    ignored = list_ignored_columns(path, table, metadata)
    with _open(path) as database:
        for name in frame.columns.intersection(list(types)):
            values = _changed_values(database, table, name, types[name], frame[name])
            if values:
                frame[name] = _replace(frame[name], values)
        for name in ignored:
            if columns is None or name in columns:
                empty = pd.Series([None] * len(frame), index=frame.index, dtype=object)
                frame[name] = _replace(empty, _select(database, table, name, NOT_EMPTY))
    return frame


def _changed_values(
    database: sqlite3.Connection, table: str, name: str, dtype: str, read: pd.Series
) -> Mapping[int, object]:
    """Return the stored values that GDAL changed, by position."""
    if dtype == "bool":
        return _select(database, table, name, NOT_EMPTY) if _select(database, table, name, NOT_BOOLEAN, 1) else {}
    if dtype.startswith("datetime"):
        is_lost = read.isna().to_numpy()
        stored = _select(database, table, name, NOT_EMPTY) if is_lost.any() else {}
        return {position: value for position, value in stored.items() if position < len(read) and is_lost[position]}
    condition = next((text for start, text in CONDITIONS.items() if dtype.lstrip("u").startswith(start)), None)
    if condition is None or not _select(database, table, name, condition, 1):
        return {}
    return _select(database, table, name, condition)


def _select(database: sqlite3.Connection, table: str, name: str, condition: str, limit: int = -1) -> dict[int, object]:
    """Return the values of a column that meet a condition, by their position; with a limit, the position is 0."""
    column, rows = _quote(name), _quote(table)
    source = f"SELECT 0 AS position, {column} AS value FROM {rows}"  # noqa: S608 - quoted
    if limit < 0:
        source = f"SELECT row_number() OVER (ORDER BY rowid) - 1 AS position, {column} AS value FROM {rows}"  # noqa: S608 - quoted
    query = f"SELECT position, value FROM ({source}) WHERE {condition.format(column='value')} LIMIT {limit}"  # noqa: S608 - quoted; our conditions
    return dict(database.execute(query).fetchall())


def _replace(read: pd.Series, values: Mapping[int, object]) -> pd.Series:
    replaced = list(read.astype(object))
    for position, value in values.items():
        if position < len(replaced):
            replaced[position] = value
    return pd.Series(replaced, index=read.index, dtype=object)


def _list_shape_columns(database: sqlite3.Connection, table: str) -> list[str]:
    query = "SELECT column_name FROM gpkg_geometry_columns WHERE lower(table_name) = lower(?)"
    return [str(name) for (name,) in database.execute(query, (table,))]


@contextmanager
def _open(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
        database.text_factory = lambda raw: raw.decode("utf-8", "replace")
        yield database


def _quote(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'
