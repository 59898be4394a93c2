"""Rows of copies inserted, under new keys or under their own."""

import io
from collections.abc import Mapping, Sequence

import psycopg2
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gridmap.core.errors import N_, Message, NotPossible
from gridmap.core.table_rows import TableRows
from gridmap.store.schema import Base
from gridmap.store.table_copies.columns import mapped_class, referenced_table
from gridmap.store.writes import bulk

NOT_STORED = N_("The database does not accept the rows of {table}: {reason}")
UNKNOWN_COLUMNS = N_("The file is of another version of gridmap: {table} has no {columns}.")
KeyMaps = dict[str, dict[str, str]]
"""New keys by table and key of the copy."""


def insert_under_new_keys(
    session: Session, tables: Sequence[TableRows], known: Mapping[str, Mapping[str, str]]
) -> KeyMaps:
    """Insert the rows of several tables under keys that no other row has, and let them refer to one another by these.

    Parameters
    ----------
    session : Session
        Of a trusted database.
    tables : sequence of TableRows
        Tables before those that refer to them.
    known : mapping of str to mapping of str to str
        Keys of rows that are there already, by table and key of the copy; they are not inserted again.

    Returns
    -------
    dict of str to dict of str to str
    """
    maps: KeyMaps = {name: dict(keys) for name, keys in known.items()}
    for rows in tables:
        inserted = _without_known(rows, known.get(rows.name, {}))
        if "id" in rows.columns:
            ids = bulk.reserve_ids(session, mapped_class(rows.name), len(inserted.rows))
            old = [str(key) for key in inserted.values("id")]
            maps.setdefault(rows.name, {}).update(zip(old, map(str, ids.tolist()), strict=True))
        copy_texts(session, _with_new_keys(inserted, maps))
    return maps


def copy_texts(session: Session, rows: TableRows) -> None:
    """Insert rows as they are, by COPY.

    Raises
    ------
    NotPossible
        If the table does not have the columns, or the database refuses a row.
    """
    unknown = set(rows.columns) - set(Base.metadata.tables[rows.name].c.keys())
    if unknown:
        raise NotPossible(Message(UNKNOWN_COLUMNS, {"table": rows.name, "columns": ", ".join(sorted(unknown))}))
    if not rows.rows:
        return
    lines = ("\t".join(_copy_text(value) for value in row) for row in rows.rows)
    cursor = session.connection().connection.cursor()
    columns = ", ".join(f'"{name}"' for name in rows.columns)
    try:
        cursor.copy_expert(f"COPY {rows.name} ({columns}) FROM STDIN", io.StringIO("\n".join(lines) + "\n"))
    except psycopg2.Error as error:
        reason = str(error).splitlines()[0]
        raise NotPossible(Message(NOT_STORED, {"table": rows.name, "reason": reason})) from None
    finally:
        cursor.close()


def find_equal_shapes(session: Session, rows: TableRows, subdistrict_id: str) -> dict[str, str]:
    """Return the keys of rows of a subdistrict with the same shape, by key of the copy."""
    table = Base.metadata.tables[rows.name]
    query = select(func.encode(func.ST_AsEWKB(table.c.geometry), "hex"), table.c.id)
    query = query.where(table.c.subdistrict_id == int(subdistrict_id))
    present = {str(shape): str(key) for shape, key in session.execute(query)}
    pairs = zip(rows.values("id"), rows.values("geometry"), strict=True)
    return {str(key): present[str(shape)] for key, shape in pairs if str(shape) in present}


def _without_known(rows: TableRows, known: Mapping[str, str]) -> TableRows:
    if not known:
        return rows
    position = rows.position("id")
    return TableRows(rows.name, rows.columns, rows.kinds, [row for row in rows.rows if str(row[position]) not in known])


def _with_new_keys(rows: TableRows, maps: KeyMaps) -> TableRows:
    """Return rows with new keys; links to rows that the copy does not have are empty."""
    table = Base.metadata.tables[rows.name]
    targets = [rows.name if name == "id" else referenced_table(table, name) for name in rows.columns]
    changed = [
        [
            value if target is None or value is None else maps.get(target, {}).get(value)
            for value, target in zip(row, targets, strict=True)
        ]
        for row in rows.rows
    ]
    return TableRows(rows.name, rows.columns, rows.kinds, changed)


def _copy_text(value: str | None) -> str:
    return bulk.COPY_NULL if value is None else value.translate(bulk.COPY_ESCAPES)
