"""Rows of tables that a sheet describes row by row, with the columns that are compared."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, and_, or_, select
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.store.access import row_filter
from gridmap.store.queries.columns import present_day
from gridmap.store.schema import Base, Building, Cell


def list_flat_rows(
    session: Session, caller: Caller, table: type[Base], subdistrict_id: int, columns: Sequence[str]
) -> dict[int, tuple[object, ...]]:
    """Return the values of columns of the rows of a subdistrict that hold today and that the caller works with."""
    stored = table.__table__
    assert isinstance(stored, Table), "mapped classes have a table"
    chosen: list[Column[Any]] = [stored.c.id, *(stored.c[name] for name in columns)]
    rows = select(*chosen).where(stored.c.subdistrict_id == subdistrict_id, row_filter.visible(caller, table))
    if not caller.trusted and "building_id" in stored.c and "grid_id" not in stored.c:
        rows = rows.where(_in_communities(caller, stored))
    if "valid" in stored.c:
        rows = rows.where(stored.c.valid.contains(present_day()))
    return {row[0]: tuple(row[1:]) for row in session.execute(rows.order_by(stored.c.id))}


def _in_communities(caller: Caller, stored: Table) -> ColumnElement[bool]:
    """Return the condition for places in buildings, or on cells, of the communities that a caller works in."""
    in_buildings = stored.c.building_id.in_(select(Building.id).where(row_filter.in_communities(caller, Building)))
    if "cell_id" not in stored.c:
        return in_buildings
    on_cells = stored.c.cell_id.in_(select(Cell.id).where(row_filter.in_communities(caller, Cell)))
    return or_(in_buildings, and_(stored.c.building_id.is_(None), on_cells))
