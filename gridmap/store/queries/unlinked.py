"""What is in no grid in force, by name: buildings, shops, facilities, organisations."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.store.access import row_filter
from gridmap.store.queries import grids_in_force, link_counts
from gridmap.store.queries.grids_in_force import SubdistrictDay
from gridmap.store.schema import Building


def list_unlinked_names(session: Session, caller: Caller, day: SubdistrictDay, layer: str, limit: int) -> Sequence[str]:
    """Names of things of a kind that stand on the day and are in no grid; at most so many.

    Parameters
    ----------
    session : Session
    day : SubdistrictDay
    layer : str
        ``buildings``, or one of `link_counts.SERVICE_TABLES`.
    limit : int
        How many are wanted.
    """
    rows = (
        _select_buildings(session, caller, day)
        if layer == "buildings"
        else _select_services(session, caller, day, layer)
    )
    return session.scalars(rows.limit(limit)).all()


def _select_buildings(session: Session, caller: Caller, day: SubdistrictDay) -> Any:
    standing = grids_in_force.select_buildings(session, caller, day).subquery()
    called = func.coalesce(Building.name, Building.address, Building.code)
    rows = select(called).join(standing, standing.c.id == Building.id).where(standing.c.grid_id.is_(None))
    return rows.where(row_filter.visible(caller, Building)).order_by(called, Building.id)


def _select_services(session: Session, caller: Caller, day: SubdistrictDay, layer: str) -> Any:
    table: Any = link_counts.SERVICE_TABLES[layer]
    gridded = link_counts.select_grid_of_cells(session, caller, day)
    called = func.coalesce(table.name, table.kind) if hasattr(table, "kind") else table.name
    rows = select(called).outerjoin(gridded, gridded.c.cell_id == table.cell_id).where(gridded.c.grid_id.is_(None))
    here = (
        table.subdistrict_id == day.subdistrict_id,
        table.valid.contains(day.date),
        row_filter.visible(caller, table),
    )
    return rows.where(*here).order_by(called, table.id)
