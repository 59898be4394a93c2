"""Rows of tables read as texts."""

from collections.abc import Mapping

from sqlalchemy import Text, cast, func, select, text
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.table_rows import ColumnKind, TableRows
from gridmap.store.access import row_filter
from gridmap.store.schema import Base
from gridmap.store.table_copies.columns import column_kind, mapped_class


def read_rows(
    session: Session, caller: Caller, name: str, condition: str, parameters: Mapping[str, object]
) -> TableRows:
    """Return the rows of a table that meet a condition and that the caller sees, in the order of the primary key.

    Parameters
    ----------
    session : Session
    caller : Caller
    name : str
        Name of the table.
    condition : str
        SQL with named parameters.
    parameters : mapping of str to object
    """
    table = Base.metadata.tables[name]
    columns = [column for column in table.c if column.computed is None]  # the database computes the others again
    kinds = [column_kind(column) for column in columns]
    values = [
        func.encode(func.ST_AsEWKB(column), "hex") if kind is ColumnKind.GEOMETRY else cast(column, Text)
        for column, kind in zip(columns, kinds, strict=True)
    ]
    rows = select(*values).select_from(table).where(text(f"({condition})"))
    if not caller.trusted:
        rows = rows.where(row_filter.visible(caller, mapped_class(name)))
    found = session.execute(rows.order_by(*table.primary_key), dict(parameters))
    return TableRows(name, [str(column.name) for column in columns], kinds, [list(row) for row in found])
