"""What is in one grid on a day, thing by thing: what stands on its cells, who answers for it, what happened there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Subquery, func, or_, select, text
from sqlalchemy.orm import Session, aliased

from gridmap.core.caller import Caller
from gridmap.core.vocabulary import DutyKind, HouseholdKind
from gridmap.store.access import row_filter, scope_filter
from gridmap.store.day_bounds import day_end
from gridmap.store.queries import grids_in_force
from gridmap.store.queries.grids_in_force import SubdistrictDay
from gridmap.store.queries.link_counts import SERVICE_TABLES
from gridmap.store.queries.territory import COARSE_DECIMALS, METRE_IN_DEGREES
from gridmap.store.schema import (
    Adoption,
    Assignment,
    Building,
    BuildingCell,
    Community,
    Duty,
    HouseholdCount,
    Incident,
    Plan,
    Revision,
    RevisionGrid,
    Street,
    Worker,
)
from gridmap.store.schema.base import SRID

STREET_MARGIN_DEGREES = 0.0015
"""Degrees around a grid in which streets are drawn: about 150 m, as far as one looks to know where one is."""


@dataclass(frozen=True)
class GridDay:
    """A grid on a day."""

    day: SubdistrictDay
    grid_id: int


def list_buildings(session: Session, caller: Caller, grid_day: GridDay) -> Sequence[Any]:
    """Buildings, in the order of their names.

    Returns
    -------
    sequence of Row
        ``id``, ``code``, ``name``, ``address``, ``use``, ``levels``, ``list_household_totals`` and ``estimated`` (None where
        nobody counted), ``shape`` (GeoJSON).
    """
    living_here = HouseholdCount.kind == HouseholdKind.RESIDENT
    counted = grids_in_force.select_household_counts(session, caller, grid_day.day, living_here).subquery()
    rows = (
        select(Building.id, Building.code, Building.name, Building.address, Building.use, Building.levels)
        .add_columns(counted.c.households, counted.c.estimated, grids_in_force.geojson_column(Building.geometry))
        .outerjoin(counted, counted.c.building_id == Building.id)
        .where(*_building_conditions(session, caller, grid_day))
        .order_by(func.length(Building.name), Building.name, func.length(Building.code), Building.code)
    )
    return session.execute(rows).all()


def list_household_totals(session: Session, caller: Caller, grid_day: GridDay) -> Sequence[Any]:
    """Households of each kind that was counted up to the day: ``kind``, and the columns of `grids_in_force.household_sums`."""
    here = select(Building.id).where(*_building_conditions(session, caller, grid_day))
    newest = grids_in_force.select_household_counts(
        session, caller, grid_day.day, HouseholdCount.building_id.in_(here)
    ).subquery()
    return session.execute(select(newest.c.kind, *grids_in_force.household_sums(newest)).group_by(newest.c.kind)).all()


def list_services(session: Session, caller: Caller, grid_day: GridDay, layer: str) -> Sequence[Any]:
    """Rows of ``shops``, ``facilities`` or ``organisations``, by kind and name."""
    table: Any = SERVICE_TABLES[layer]
    rows = select(table).where(table.cell_id.in_(select(select_cells(session, caller, grid_day).c.cell_id)))
    rows = rows.where(table.valid.contains(grid_day.day.date), row_filter.visible(caller, table))
    order = [getattr(table, column) for column in ("kind", "name", "id") if hasattr(table, column)]
    return session.scalars(rows.order_by(*order)).all()


def list_open_incidents(session: Session, caller: Caller, grid_day: GridDay) -> Sequence[Any]:
    """Incidents that were open at the end of the day, urgent ones and then the newest first.

    Returns
    -------
    sequence of Row
        ``Incident``, ``building`` (name people use), ``shape`` (GeoJSON).
    """
    over = day_end(grid_day.day.date)
    after = or_(Incident.closed_at.is_(None), Incident.closed_at >= over)
    rows = (
        select(Incident, _display_name(Building).label("building"), grids_in_force.geojson_column(Incident.geometry))
        .outerjoin(Building, Building.id == Incident.building_id)
        .where(
            Incident.cell_id.in_(select(select_cells(session, caller, grid_day).c.cell_id)),
            row_filter.visible(caller, Incident),
        )
        .where(Incident.occurred_at < over, after)
        .order_by(Incident.urgent.desc(), Incident.occurred_at.desc(), Incident.id.desc())
    )
    return session.execute(rows).all()


def list_workers(session: Session, caller: Caller, grid_day: GridDay) -> Sequence[Any]:
    """Who is on the roster of the grid: ``name``, ``office_phone``, ``full_time``, ``in_charge``, ``work`` (keys)."""
    rows = (
        select(
            Worker.name, Worker.office_phone, Worker.full_time, Duty.in_charge, _work_column(session, caller, grid_day)
        )
        .join(Duty, Duty.worker_id == Worker.id)
        .where(
            Duty.grid_id == grid_day.grid_id,
            Duty.valid.contains(grid_day.day.date),
            Worker.valid.contains(grid_day.day.date),
        )
        .where(row_filter.visible(caller, Duty), row_filter.visible(caller, Worker))
        .order_by(Duty.in_charge.desc(), Worker.id)
    )
    return session.execute(rows).all()


def list_periods(session: Session, caller: Caller, grid_day: GridDay) -> Sequence[Any]:
    """When the grid was, is or will be in force, oldest first.

    Returns
    -------
    sequence of Row
        ``since``, ``until`` and the day before it, ``last`` (None without an end), ``plan``, ``number``, ``note``.
    """
    first, end = func.lower(Adoption.valid), func.upper(Adoption.valid)
    rows = (
        select(first.label("since"), end.label("until"), (end - 1).label("last"))
        .add_columns(Plan.name.label("plan"), Revision.number, Adoption.note)
        .join(Revision, Revision.id == Adoption.revision_id)
        .join(Plan, Plan.id == Revision.plan_id)
        .join(RevisionGrid, RevisionGrid.revision_id == Revision.id)
        .where(RevisionGrid.grid_id == grid_day.grid_id, scope_filter.in_scope_communities(caller, Adoption))
        .where(scope_filter.in_scope_grids(caller, RevisionGrid), row_filter.visible(caller, Plan))
        .order_by(first)
    )
    return session.execute(rows).all()


def get_own_building(session: Session, caller: Caller, building_id: int) -> Any | None:
    """A building whose people the account may see: ``id``, ``code``, ``name``, ``address``, ``levels``."""
    columns = Building.id, Building.code, Building.name, Building.address, Building.levels
    mine = Building.id.in_(select(text("my_buildings()")))
    rows = select(*columns).where(Building.id == building_id, mine, row_filter.visible(caller, Building))
    return session.execute(rows.where(Building.valid.contains(func.today()))).first()


def get_community(session: Session, caller: Caller, community_id: int) -> Any:
    """Community by its key, if the account works there: ``Community`` without its boundary."""
    columns = Community.id, Community.code, Community.name, Community.station_phone
    return session.execute(
        select(*columns).where(Community.id == community_id, scope_filter.in_scope_communities(caller))
    ).one()


def list_streets(session: Session, caller: Caller, grid_day: GridDay) -> Sequence[Any]:
    """Streets in and around the grid, to draw: ``kind`` and ``shape``, one row a kind."""
    held = grids_in_force.select_revisions(session, caller, grid_day.day).subquery()
    frame = (
        select(func.ST_Expand(func.ST_Envelope(RevisionGrid.geometry), STREET_MARGIN_DEGREES))
        .join(held, held.c.id == RevisionGrid.revision_id)
        .where(RevisionGrid.grid_id == grid_day.grid_id)
        .scalar_subquery()
    )
    clipped = func.ST_ClipByBox2D(Street.geometry, frame)
    drawn = func.ST_AsGeoJSON(
        func.ST_Simplify(func.ST_SetSRID(func.ST_Collect(clipped), SRID), METRE_IN_DEGREES), COARSE_DECIMALS
    )
    rows = select(Street.kind, drawn.label("shape")).where(Street.subdistrict_id == grid_day.day.subdistrict_id)
    rows = rows.where(func.ST_Intersects(Street.geometry, frame), row_filter.visible(caller, Street))
    return session.execute(rows.group_by(Street.kind).order_by(Street.kind)).all()


def select_cells(session: Session, caller: Caller, grid_day: GridDay) -> Subquery:
    """``cell_id`` and ``land_id`` of the grid's cells as they are in force."""
    held = grids_in_force.select_revisions(session, caller, grid_day.day).subquery()
    return (
        select(Assignment.cell_id, held.c.land_id)
        .join(held, held.c.id == Assignment.revision_id)
        .where(
            Assignment.grid_id == grid_day.grid_id,
            row_filter.visible(caller, Assignment),
            scope_filter.in_scope_grids(caller, Assignment),
        )
        .subquery()
    )


def _building_conditions(session: Session, caller: Caller, grid_day: GridDay) -> list[ColumnElement[bool]]:
    """Conditions for buildings that stand in the grid on the day."""
    own = select_cells(session, caller, grid_day)
    on = (BuildingCell.cell_id == own.c.cell_id) & (BuildingCell.land_id == own.c.land_id)
    here = select(BuildingCell.building_id).join(own, on).where(row_filter.visible(caller, BuildingCell))
    return [Building.id.in_(here), Building.valid.contains(grid_day.day.date), row_filter.visible(caller, Building)]


def _display_name(building: Any) -> ColumnElement[str]:
    """What people call a building."""
    name: ColumnElement[str] = func.coalesce(building.name, building.address, building.code)
    return name


def _work_column(session: Session, caller: Caller, grid_day: GridDay) -> Any:
    """Lines of work that a worker has throughout the community."""
    field = aliased(Duty)
    lines = (
        select(func.array_agg(field.line_of_work))
        .where(field.worker_id == Worker.id, field.kind == DutyKind.FIELD, field.line_of_work.isnot(None))
        .where(field.valid.contains(grid_day.day.date), row_filter.visible(caller, field))
        .correlate(Worker)
        .scalar_subquery()
    )
    return func.coalesce(lines, []).label("work")
