"""Columns of tables: their kinds, and the tables whose keys they hold."""

from geoalchemy2 import Geometry
from sqlalchemy import BigInteger, Boolean, Column, Float, Integer, Table
from sqlalchemy.orm import Mapper

from gridmap.core.table_rows import ColumnKind
from gridmap.store.schema import Base

PLAIN_REFERENCES = {
    ("revision_street", "street_id"): "street",
    ("revision_street", "grid_id"): "grid",
}
"""Columns with keys of a table that no foreign key names."""


def column_kind(column: Column[object]) -> ColumnKind:
    """Return the kind of a column."""
    if isinstance(column.type, Geometry):
        return ColumnKind.GEOMETRY
    if isinstance(column.type, Boolean):
        return ColumnKind.BOOLEAN
    if isinstance(column.type, BigInteger | Integer):
        return ColumnKind.INTEGER
    return ColumnKind.NUMBER if isinstance(column.type, Float) else ColumnKind.TEXT


def referenced_table(table: Table, name: str) -> str | None:
    """Return the table whose keys a column holds, through other columns that only repeat a key; None for no key.

    Examples
    --------
    >>> tables = Base.metadata.tables
    >>> [referenced_table(tables["revision_street"], name) for name in ("first_grid_id", "street_id", "street_name")]
    ['grid', 'street', None]
    """
    plain = PLAIN_REFERENCES.get((table.name, name))
    if plain:
        return plain
    if name not in table.c:
        return None
    targets = {each.column for each in table.c[name].foreign_keys}
    for target in sorted(targets, key=lambda column: column.table.name):
        if target.name == "id":
            return str(target.table.name)
        if target.name != name or target.table is not table:
            found = referenced_table(Base.metadata.tables[str(target.table.name)], str(target.name))
            if found:
                return found
    return None


def mapped_class(name: str) -> type[Base]:
    """Return the class of a table.

    Raises
    ------
    LookupError
        If there is no such table.
    """
    mappers: list[Mapper[Base]] = list(Base.registry.mappers)
    for mapper in mappers:
        if mapper.local_table.name == name:  # type: ignore[attr-defined]  # all classes are mapped to tables
            return mapper.class_
    raise LookupError(name)
