"""Rows of tables that a sheet describes row by row, with the columns that are compared."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, Table, select
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.store.access import row_filter
from gridmap.store.queries.columns import present_day
from gridmap.store.schema import Base


def list_flat_rows(
    session: Session, caller: Caller, table: type[Base], subdistrict_id: int, columns: Sequence[str]
) -> dict[int, tuple[object, ...]]:
    """Return the values of columns of the rows of a subdistrict that hold today, by key."""
    stored = table.__table__
    assert isinstance(stored, Table), "mapped classes have a table"
    chosen: list[Column[Any]] = [stored.c.id, *(stored.c[name] for name in columns)]
    rows = select(*chosen).where(stored.c.subdistrict_id == subdistrict_id, row_filter.visible(caller, table))
    if "valid" in stored.c:
        rows = rows.where(stored.c.valid.contains(present_day()))
    return {row[0]: tuple(row[1:]) for row in session.execute(rows.order_by(stored.c.id))}
