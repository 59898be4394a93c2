"""What is in one grid on a day, thing by thing: what stands on its cells, who answers for it, what happened there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Subquery, func, or_, select, text
from sqlalchemy.orm import Session, aliased

from gridmap.core.names import HouseholdKind, Line
from gridmap.store import access, extent, in_force
from gridmap.store.in_force import Day
from gridmap.store.linked import SERVICES
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
from gridmap.store.territory import COARSE, METRE
from gridmap.store.times import ended

AROUND = 0.0015
"""Degrees around a grid in which streets are drawn: about 150 m, as far as one looks to know where one is."""


@dataclass(frozen=True)
class Spot:
    """A grid on a day."""

    day: Day
    grid: int


def buildings(session: Session, spot: Spot) -> Sequence[Any]:
    """Buildings, in the order of their names.

    Returns
    -------
    sequence of Row
        ``id``, ``code``, ``name``, ``address``, ``use``, ``levels``, ``households`` and ``estimated`` (None where
        nobody counted), ``shape`` (GeoJSON).
    """
    living_here = HouseholdCount.kind == HouseholdKind.RESIDENT
    counted = in_force.counts(session, spot.day, living_here).subquery()
    rows = (
        select(Building.id, Building.code, Building.name, Building.address, Building.use, Building.levels)
        .add_columns(counted.c.households, counted.c.estimated, in_force.geojson(Building.geometry))
        .outerjoin(counted, counted.c.building_id == Building.id)
        .where(*_standing(session, spot))
        .order_by(func.length(Building.name), Building.name, func.length(Building.code), Building.code)
    )
    return session.execute(rows).all()


def households(session: Session, spot: Spot) -> Sequence[Any]:
    """Households of each kind that was counted up to the day: ``kind``, and the columns of `in_force.sums`."""
    here = select(Building.id).where(*_standing(session, spot))
    newest = in_force.counts(session, spot.day, HouseholdCount.building_id.in_(here)).subquery()
    return session.execute(select(newest.c.kind, *in_force.sums(newest)).group_by(newest.c.kind)).all()


def services(session: Session, spot: Spot, name: str) -> Sequence[Any]:
    """Rows of ``shops``, ``facilities`` or ``organisations``, by kind and name."""
    table: Any = SERVICES[name]
    rows = select(table).where(table.cell_id.in_(select(cells(session, spot).c.cell_id)))
    rows = rows.where(table.valid.contains(spot.day.on), access.only(session, table))
    order = [getattr(table, column) for column in ("kind", "name", "id") if hasattr(table, column)]
    return session.scalars(rows.order_by(*order)).all()


def open_incidents(session: Session, spot: Spot) -> Sequence[Any]:
    """Incidents that were open at the end of the day, urgent ones and then the newest first.

    Returns
    -------
    sequence of Row
        ``Incident``, ``building`` (name people use), ``shape`` (GeoJSON).
    """
    over = ended(spot.day.on)
    after = or_(Incident.closed_at.is_(None), Incident.closed_at >= over)
    rows = (
        select(Incident, _called(Building).label("building"), in_force.geojson(Incident.geometry))
        .outerjoin(Building, Building.id == Incident.building_id)
        .where(Incident.cell_id.in_(select(cells(session, spot).c.cell_id)), access.only(session, Incident))
        .where(Incident.occurred_at < over, after)
        .order_by(Incident.urgent.desc(), Incident.occurred_at.desc(), Incident.id.desc())
    )
    return session.execute(rows).all()


def roster(session: Session, spot: Spot) -> Sequence[Any]:
    """Who is on the roster of the grid: ``name``, ``office_phone``, ``full_time``, ``in_charge``, ``work`` (keys)."""
    rows = (
        select(Worker.name, Worker.office_phone, Worker.full_time, Duty.in_charge, _lines(session, spot))
        .join(Duty, Duty.worker_id == Worker.id)
        .where(Duty.grid_id == spot.grid, Duty.valid.contains(spot.day.on), Worker.valid.contains(spot.day.on))
        .where(access.only(session, Duty), access.only(session, Worker))
        .order_by(Duty.in_charge.desc(), Worker.id)
    )
    return session.execute(rows).all()


def periods(session: Session, spot: Spot) -> Sequence[Any]:
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
        .where(RevisionGrid.grid_id == spot.grid, extent.communities(session, Adoption))
        .where(extent.grids(session, RevisionGrid), access.only(session, Plan))
        .order_by(first)
    )
    return session.execute(rows).all()


def own_building(session: Session, key: int) -> Any | None:
    """A building whose people the account may see: ``id``, ``code``, ``name``, ``address``, ``levels``."""
    columns = Building.id, Building.code, Building.name, Building.address, Building.levels
    mine = Building.id.in_(select(text("my_buildings()")))
    rows = select(*columns).where(Building.id == key, mine, access.only(session, Building))
    return session.execute(rows.where(Building.valid.contains(func.today()))).first()


def community(session: Session, key: int) -> Any:
    """Community by its key, if the account works there: ``Community`` without its boundary."""
    columns = Community.id, Community.code, Community.name, Community.station_phone
    return session.execute(select(*columns).where(Community.id == key, extent.communities(session))).one()


def streets(session: Session, spot: Spot) -> Sequence[Any]:
    """Streets in and around the grid, to draw: ``kind`` and ``shape``, one row a kind."""
    held = in_force.revisions(session, spot.day).subquery()
    frame = (
        select(func.ST_Expand(func.ST_Envelope(RevisionGrid.geometry), AROUND))
        .join(held, held.c.id == RevisionGrid.revision_id)
        .where(RevisionGrid.grid_id == spot.grid)
        .scalar_subquery()
    )
    clipped = func.ST_ClipByBox2D(Street.geometry, frame)
    drawn = func.ST_AsGeoJSON(func.ST_Simplify(func.ST_SetSRID(func.ST_Collect(clipped), SRID), METRE), COARSE)
    rows = select(Street.kind, drawn.label("shape")).where(Street.subdistrict_id == spot.day.home)
    rows = rows.where(func.ST_Intersects(Street.geometry, frame), access.only(session, Street))
    return session.execute(rows.group_by(Street.kind).order_by(Street.kind)).all()


def cells(session: Session, spot: Spot) -> Subquery:
    """``cell_id`` and ``land_id`` of the grid's cells as they are in force."""
    held = in_force.revisions(session, spot.day).subquery()
    return (
        select(Assignment.cell_id, held.c.land_id)
        .join(held, held.c.id == Assignment.revision_id)
        .where(Assignment.grid_id == spot.grid, access.only(session, Assignment), extent.grids(session, Assignment))
        .subquery()
    )


def _standing(session: Session, spot: Spot) -> list[ColumnElement[bool]]:
    """Conditions for buildings that stand in the grid on the day."""
    own = cells(session, spot)
    on = (BuildingCell.cell_id == own.c.cell_id) & (BuildingCell.land_id == own.c.land_id)
    here = select(BuildingCell.building_id).join(own, on).where(access.only(session, BuildingCell))
    return [Building.id.in_(here), Building.valid.contains(spot.day.on), access.only(session, Building)]


def _called(building: Any) -> ColumnElement[str]:
    """What people call a building."""
    name: ColumnElement[str] = func.coalesce(building.name, building.address, building.code)
    return name


def _lines(session: Session, spot: Spot) -> Any:
    """Lines of work that a worker has throughout the community."""
    field = aliased(Duty)
    lines = (
        select(func.array_agg(field.subject))
        .where(field.worker_id == Worker.id, field.line == Line.FIELD, field.subject.isnot(None))
        .where(field.valid.contains(spot.day.on), access.only(session, field))
        .correlate(Worker)
        .scalar_subquery()
    )
    return func.coalesce(lines, []).label("work")
