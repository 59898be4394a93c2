"""Names of buildings, shops, facilities and organisations that are in no grid in force."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, literal, select
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.store.access import row_filter
from gridmap.store.queries.columns import AnySelect, display_name_column
from gridmap.store.queries.grids import grids_in_force, link_counts
from gridmap.store.queries.grids.grids_in_force import SubdistrictDay
from gridmap.store.queries.grids.link_counts import ServiceTable
from gridmap.store.schema import Building


def list_unlinked_names(session: Session, caller: Caller, day: SubdistrictDay, layer: str, limit: int) -> Sequence[str]:
    """Return the names of things of a kind that are in no grid on the day.

    Parameters
    ----------
    session : Session
    caller : Caller
    day : SubdistrictDay
    layer : str
        ``buildings``, or one of `link_counts.SERVICE_TABLES`.
    limit : int
        Maximum number of names.
    """
    rows = (
        _select_buildings(caller, day)
        if layer == "buildings"
        else _select_services(caller, day, link_counts.SERVICE_TABLES[layer])
    )
    return session.scalars(rows.limit(limit)).all()


def _select_buildings(caller: Caller, day: SubdistrictDay) -> AnySelect:
    buildings, name = grids_in_force.select_buildings(caller, day).subquery(), display_name_column()
    rows = select(name).join(buildings, buildings.c.id == Building.id).where(buildings.c.grid_id.is_(None))
    return rows.where(row_filter.visible(caller, Building)).order_by(name, Building.id)


def _select_services(caller: Caller, day: SubdistrictDay, table: ServiceTable) -> AnySelect:
    grid_of_cell, name = link_counts.select_grid_of_cells(caller, day), _service_name(table)
    return (
        select(name)
        .outerjoin(grid_of_cell, grid_of_cell.c.cell_id == link_counts.cell_on_day(table, day))
        .where(grid_of_cell.c.grid_id.is_(None), table.subdistrict_id == day.subdistrict_id)
        .where(table.valid.contains(day.date), row_filter.visible(caller, table))
        .order_by(name, table.id)
    )


def _service_name(table: ServiceTable) -> ColumnElement[str]:
    """Return the name; where a facility has none, its kind."""
    return func.coalesce(table.name, getattr(table, "kind", literal("")))
