"""Buildings, shops, facilities, organisations and incidents that are in no grid in force."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, select
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.facilities.place_kinds import SHOP_KIND
from gridmap.store.access import row_filter
from gridmap.store.day_bounds import day_end, day_start
from gridmap.store.join_method import hash_joins
from gridmap.store.queries.columns import display_name_column
from gridmap.store.queries.grids import grids_in_force, incident_places, link_counts
from gridmap.store.queries.grids.date_range import DateRange
from gridmap.store.queries.grids.grids_in_force import SubdistrictDay
from gridmap.store.queries.grids.link_counts import ServiceTable
from gridmap.store.schema import Building, Cell, Community, Incident


@dataclass(frozen=True)
class UnlinkedRow:
    """A building or place in no grid.

    Parameters
    ----------
    layer : str
        ``buildings``, or one of `link_counts.SERVICE_TABLES`.
    id : int
    name : str or None
    kind : str or None
        Kind of a place.
    community_id : int or None
        Community on whose land it stands; None outside all land.
    community : str or None
    """

    layer: str
    id: int
    name: str | None
    kind: str | None
    community_id: int | None
    community: str | None


@dataclass(frozen=True)
class UnlinkedIncidentRow:
    """An ordinary incident in no grid, with its point in degrees and the community whose boundary is around it."""

    id: int
    number: str
    category: str
    occurred_at: datetime
    longitude: float
    latitude: float
    community_id: int | None
    community: str | None


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
    if layer == "buildings":
        return session.scalars(_select_buildings(caller, day, display_name_column()).limit(limit)).all()
    table = link_counts.SERVICE_TABLES[layer]
    return session.scalars(_select_services(caller, day, table, _service_name(table)).limit(limit)).all()


def list_unlinked_buildings(session: Session, caller: Caller, day: SubdistrictDay, limit: int) -> Sequence[UnlinkedRow]:
    """Return buildings that are in no grid on the day, with their communities."""
    rows = _select_buildings(caller, day, Building.id, display_name_column(), Community.id, Community.name)
    rows = rows.outerjoin(Community, (Community.id == Building.community_id) & row_filter.visible(caller, Community))
    found = session.execute(rows.limit(limit))
    return [UnlinkedRow("buildings", key, name, None, *community) for key, name, *community in found]


def list_unlinked_places(
    session: Session, caller: Caller, day: SubdistrictDay, layer: str, limit: int
) -> Sequence[UnlinkedRow]:
    """Return facilities, organisations or shops that are in no grid on the day, with the communities of their cells.

    Parameters
    ----------
    session : Session
    caller : Caller
    day : SubdistrictDay
    layer : str
        One of `link_counts.SERVICE_TABLES`.
    limit : int
        Maximum number of rows.
    """
    table = link_counts.SERVICE_TABLES[layer]
    rows = _select_services(
        caller, day, table, table.id, table.name, _service_kind(table), Community.id, Community.name
    )
    rows = (
        rows.outerjoin(Cell, (Cell.id == table.cell_id) & row_filter.visible(caller, Cell))
        .outerjoin(Community, (Community.id == Cell.community_id) & row_filter.visible(caller, Community))
        .limit(limit)
    )
    return [UnlinkedRow(layer, *row) for row in session.execute(rows)]


def list_unlinked_incidents(
    session: Session, caller: Caller, day: SubdistrictDay, date_range: DateRange, limit: int
) -> Sequence[UnlinkedIncidentRow]:
    """Return ordinary incidents of a range of days that are in no grid on a day; the newest first."""
    rule = incident_places.load_rule(session, caller, day, with_borders=False)
    candidates = select(Incident.id, *incident_places.place_columns(rule)).where(
        Incident.subdistrict_id == day.subdistrict_id,
        incident_places.IS_ORDINARY,
        Incident.occurred_at >= day_start(date_range.first),
        Incident.occurred_at < day_end(date_range.last),
        row_filter.visible(caller, Incident),
    )
    located = incident_places.locate(caller, rule, rule.join_former_cells(candidates).cte("candidates"))
    point = func.ST_X(Incident.geometry), func.ST_Y(Incident.geometry)
    around = func.ST_Covers(Community.geometry, Incident.geometry) & row_filter.visible(caller, Community)
    rows = (
        select(Incident.id, Incident.number, Incident.category, Incident.occurred_at, *point)
        .add_columns(Community.id, Community.name)
        .join(located, located.c.id == Incident.id)
        .outerjoin(Community, around)
        .where(located.c.grid_id.is_(None), row_filter.visible(caller, Incident))
        .order_by(Incident.occurred_at.desc(), Incident.id.desc())
        .limit(limit)
    )
    with hash_joins(session):
        return [UnlinkedIncidentRow(*row) for row in session.execute(rows)]


def _select_buildings(caller: Caller, day: SubdistrictDay, *columns: Any) -> Select[Any]:
    buildings = grids_in_force.select_buildings(caller, day).subquery()
    rows = select(*columns).select_from(Building).join(buildings, buildings.c.id == Building.id)
    rows = rows.where(buildings.c.grid_id.is_(None), row_filter.visible(caller, Building))
    return rows.order_by(display_name_column(), Building.id)


def _select_services(caller: Caller, day: SubdistrictDay, table: ServiceTable, *columns: Any) -> Select[Any]:
    grid_of_cell = link_counts.select_grid_of_cells(caller, day)
    return (
        select(*columns)
        .select_from(table)
        .outerjoin(grid_of_cell, grid_of_cell.c.cell_id == link_counts.cell_on_day(table, day))
        .where(grid_of_cell.c.grid_id.is_(None), table.subdistrict_id == day.subdistrict_id)
        .where(table.valid.contains(day.date), row_filter.visible(caller, table))
        .order_by(_service_name(table), table.id)
    )


def _service_name(table: ServiceTable) -> ColumnElement[str]:
    """Return the name; where a facility has none, its kind."""
    return func.coalesce(table.name, getattr(table, "kind", literal("")))


def _service_kind(table: ServiceTable) -> ColumnElement[str]:
    kind: ColumnElement[str] = getattr(table, "kind", literal(SHOP_KIND))
    return kind
