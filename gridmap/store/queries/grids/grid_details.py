"""Contents of one grid on a day: its buildings, services, workers and incidents, and its periods in force."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Label,
    Subquery,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased

from gridmap.core.caller import Caller
from gridmap.core.vocabulary import AccessClass, DutyKind, HouseholdKind, RosterRole, StreetKind
from gridmap.store.access import row_filter, scope_filter
from gridmap.store.day_bounds import day_end
from gridmap.store.queries.columns import display_name_column, geojson_column, present_day
from gridmap.store.queries.grids import grids_in_force, incident_places
from gridmap.store.queries.grids.grids_in_force import HouseholdTotals, SubdistrictDay
from gridmap.store.queries.grids.link_counts import SERVICE_TABLES, ServiceTable, is_on_cells, select_grid_of_cells
from gridmap.store.queries.territory import COARSE_DECIMALS, METRE_IN_DEGREES, StreetsRow
from gridmap.store.schema import (
    Adoption,
    Assignment,
    Building,
    BuildingCell,
    Case,
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
"""Degrees around a grid in which streets are drawn: about 150 m, enough to recognise the place."""


@dataclass(frozen=True)
class GridDay:
    """A grid on a day."""

    day: SubdistrictDay
    grid_id: int


@dataclass(frozen=True)
class GridBuildingRow:
    """A building of a grid; `households` and `estimated` are None without a count, `shape` is GeoJSON."""

    id: int
    code: str
    name: str | None
    address: str | None
    use: str | None
    levels: float | None
    display_name: str
    households: int | None
    estimated: bool | None
    shape: str = field(repr=False)


@dataclass(frozen=True)
class OwnBuildingRow:
    """A building whose residents the caller may see."""

    id: int
    code: str
    name: str | None
    address: str | None
    levels: float | None
    display_name: str


@dataclass(frozen=True)
class ServiceRow:
    """A shop, a facility or an organisation; a shop has no kind.

    `address` is that of a shop, otherwise that of the building; `shape` is GeoJSON, or None where the place is unknown.
    """

    id: int
    kind: str | None
    name: str | None
    address: str | None
    shape: str | None = field(repr=False)


@dataclass(frozen=True)
class OpenIncidentRow:
    """An open incident; `building` is the name that people use for the building, `shape` is GeoJSON or None.

    `on_border` is true for an ordinary one within 5 m of a cell that is in another grid, or in none, where no side has
    the street; `is_overdue` where the promised day was before the day of the list.
    """

    id: int
    number: str
    category: str
    title: str | None
    urgent: bool
    occurred_at: datetime
    on_border: bool
    is_overdue: bool
    building: str | None
    shape: str | None = field(repr=False)


@dataclass(frozen=True)
class GridWorkerRow:
    """A person on the roster of a grid; `work` are keys of lines of work in the community."""

    name: str
    office_phone: str | None
    full_time: bool
    role: RosterRole
    in_charge: bool
    work: Sequence[str]


@dataclass(frozen=True)
class PeriodRow:
    """A period in which a grid is in force; `until` is the day after `last`, both None without an end."""

    since: date
    until: date | None
    last: date | None
    plan: str
    number: int
    note: str | None


def list_buildings(session: Session, caller: Caller, grid_day: GridDay) -> Sequence[GridBuildingRow]:
    """Return the buildings of a grid in the order of their names."""
    counts = grids_in_force.select_resident_household_counts(caller, grid_day.day).subquery()
    rows = (
        select(Building.id, Building.code, Building.name, Building.address, Building.use, Building.levels)
        .add_columns(display_name_column(), counts.c.households, counts.c.estimated, geojson_column(Building.geometry))
        .outerjoin(counts, counts.c.building_id == Building.id)
        .where(*_building_conditions(caller, grid_day))
        .order_by(func.length(Building.name), Building.name, func.length(Building.code), Building.code)
    )
    return [GridBuildingRow(*row) for row in session.execute(rows)]


def sum_households(session: Session, caller: Caller, grid_day: GridDay) -> Mapping[HouseholdKind, HouseholdTotals]:
    """Return the households of a grid by kind, of kinds that were counted up to the day."""
    in_grid = select(Building.id).where(*_building_conditions(caller, grid_day))
    counts = grids_in_force.select_household_counts(
        caller, grid_day.day, HouseholdCount.building_id.in_(in_grid)
    ).subquery()
    rows = select(counts.c.kind, *grids_in_force.household_sums(counts)).group_by(counts.c.kind)
    return {HouseholdKind(row.kind): grids_in_force.household_totals(row) for row in session.execute(rows)}


def list_services(session: Session, caller: Caller, grid_day: GridDay, layer: str) -> Sequence[ServiceRow]:
    """Return the ``shops``, ``facilities`` or ``organisations`` of a grid, by kind and name."""
    table, cells = SERVICE_TABLES[layer], select_cells(caller, grid_day)
    return _service_rows(session, caller, table, grid_day.day, is_on_cells(table, grid_day.day, cells))


def list_services_in_force(
    session: Session, caller: Caller, day: SubdistrictDay, layer: str, excluded_kinds: Collection[str]
) -> Sequence[ServiceRow]:
    """Return the ``facilities`` or ``organisations`` of all grids in which the caller works, but for some kinds."""
    table, cells = SERVICE_TABLES[layer], select_grid_of_cells(caller, day)
    kind = row_filter.first_column(table, "kind")
    conditions = table.subdistrict_id == day.subdistrict_id, kind.notin_(excluded_kinds)
    return _service_rows(session, caller, table, day, is_on_cells(table, day, cells), *conditions)


def _service_rows(
    session: Session, caller: Caller, table: ServiceTable, day: SubdistrictDay, *conditions: ColumnElement[bool]
) -> Sequence[ServiceRow]:
    kind, name, address = (_column_or_null(table, column) for column in ("kind", "name", "address"))
    building_address = func.coalesce(address, Building.address, Building.name).label("address")
    rows = (
        select(table.id, kind, name, building_address, geojson_column(table.geometry))
        .outerjoin(Building, (Building.id == table.building_id) & row_filter.visible(caller, Building))
        .where(*conditions, table.valid.contains(day.date), row_filter.visible(caller, table))
        .order_by(*(getattr(table, column) for column in ("kind", "name", "id") if hasattr(table, column)))
    )
    return [ServiceRow(*row) for row in session.execute(rows)]


def list_open_incidents(session: Session, caller: Caller, grid_day: GridDay) -> Sequence[OpenIncidentRow]:
    """Return the incidents of a grid that were open at the end of the day: urgent ones first, then the newest."""
    end = day_end(grid_day.day.date)
    is_open = Incident.occurred_at < end, or_(Incident.closed_at.is_(None), Incident.closed_at >= end)
    counted = incident_places.select_grid_incidents(session, caller, grid_day.day, grid_day.grid_id, *is_open)
    rows = (
        select(Incident.id, Incident.number, Incident.category, listed_title(caller), Incident.urgent)
        .add_columns(Incident.occurred_at, counted.c.on_border, geojson_column(Incident.geometry))
        .add_columns(func.coalesce(Case.due_on < grid_day.day.date, false()).label("is_overdue"))
        .join(counted, counted.c.id == Incident.id)
        .outerjoin(Case, and_(Case.incident_id == Incident.id, row_filter.visible(caller, Case)))
        .order_by(Incident.urgent.desc(), Incident.occurred_at.desc(), Incident.id.desc())
    )
    incidents = session.execute(rows).all()
    names = _building_names(session, caller, [row[0] for row in incidents])
    return [
        OpenIncidentRow(
            id=row.id,
            number=row.number,
            category=row.category,
            title=row.title,
            urgent=row.urgent,
            occurred_at=row.occurred_at,
            on_border=row.on_border,
            is_overdue=row.is_overdue,
            building=names.get(row.id),
            shape=row.shape,
        )
        for row in incidents
    ]


def listed_title(caller: Caller) -> ColumnElement[str | None]:
    """Return the title of an incident in lists; a leader opens sensitive ones one at a time."""
    if not caller.shows_lines:
        return Incident.title.expression
    return case((Incident.access_class != AccessClass.SENSITIVE.value, Incident.title)).label("title")


def _building_names(session: Session, caller: Caller, incident_ids: list[int]) -> Mapping[int, str]:
    """Return the names of the buildings of incidents, as far as the caller may see them."""
    links = func.buildings_of_incidents(cast(incident_ids, ARRAY(BigInteger))).table_valued(
        "incident_id", "building_id"
    )
    rows = (
        select(links.c.incident_id, display_name_column())
        .join(Building, Building.id == links.c.building_id)
        .where(row_filter.visible(caller, Building))
    )
    return {row[0]: row[1] for row in session.execute(rows)}


def list_workers(session: Session, caller: Caller, grid_day: GridDay) -> Sequence[GridWorkerRow]:
    """Return the people on the roster of a grid, the one in charge first, then by role."""
    on = grid_day.day.date
    rows = (
        select(Worker.name, Worker.office_phone, Worker.full_time, Duty.role, Duty.in_charge, _work_column(caller, on))
        .join(Duty, Duty.worker_id == Worker.id)
        .where(Duty.grid_id == grid_day.grid_id, Duty.valid.contains(on), Worker.valid.contains(on))
        .where(row_filter.visible(caller, Duty), row_filter.visible(caller, Worker))
        .order_by(Duty.in_charge.desc(), Worker.id)
    )
    people = [
        GridWorkerRow(name, phone, full_time, RosterRole(role), in_charge, work)
        for name, phone, full_time, role, in_charge, work in session.execute(rows)
    ]
    return sorted(people, key=lambda each: (not each.in_charge, list(RosterRole).index(each.role)))


def list_periods(session: Session, caller: Caller, grid_day: GridDay) -> Sequence[PeriodRow]:
    """Return the past, present and future periods in which a grid is in force, the oldest first."""
    first, end = func.lower(Adoption.valid), func.upper(Adoption.valid)
    rows = (
        select(first, end, end - 1, Plan.name, Revision.number, Adoption.note)
        .join(Revision, Revision.id == Adoption.revision_id)
        .join(Plan, Plan.id == Revision.plan_id)
        .join(RevisionGrid, RevisionGrid.revision_id == Revision.id)
        .where(RevisionGrid.grid_id == grid_day.grid_id, scope_filter.in_scope_communities(caller, Adoption))
        .where(scope_filter.in_scope_grids(caller, RevisionGrid), row_filter.visible(caller, Plan))
        .order_by(first)
    )
    return [PeriodRow(*row) for row in session.execute(rows)]


def find_own_building(session: Session, caller: Caller, building_id: int) -> OwnBuildingRow | None:
    """Return a building of today whose residents the caller may see, or None."""
    own = row_filter.in_own_buildings(caller, row_filter.first_column(Building, "id"))
    rows = (
        select(Building.id, Building.code, Building.name, Building.address, Building.levels, display_name_column())
        .where(Building.id == building_id, own, row_filter.visible(caller, Building))
        .where(Building.valid.contains(present_day()))
    )
    row = session.execute(rows).first()
    return OwnBuildingRow(*row) if row else None


def list_streets(session: Session, caller: Caller, grid_day: GridDay) -> Sequence[StreetsRow]:
    """Return the streets in and around a grid by kind, for drawing."""
    in_force = grids_in_force.select_revisions(caller, grid_day.day).subquery()
    frame = (
        select(func.ST_Expand(func.ST_Envelope(RevisionGrid.geometry), STREET_MARGIN_DEGREES))
        .join(in_force, in_force.c.id == RevisionGrid.revision_id)
        .where(RevisionGrid.grid_id == grid_day.grid_id)
        .scalar_subquery()
    )
    clipped = func.ST_SetSRID(func.ST_Collect(func.ST_ClipByBox2D(Street.geometry, frame)), SRID)
    shape = func.ST_AsGeoJSON(func.ST_Simplify(clipped, METRE_IN_DEGREES), COARSE_DECIMALS).label("shape")
    rows = (
        select(Street.kind, shape)
        .where(Street.subdistrict_id == grid_day.day.subdistrict_id)
        .where(func.ST_Intersects(Street.geometry, frame), row_filter.visible(caller, Street))
        .group_by(Street.kind)
        .order_by(Street.kind)
    )
    return [StreetsRow(StreetKind(row.kind), row.shape) for row in session.execute(rows)]


def select_cells(caller: Caller, grid_day: GridDay) -> Subquery:
    """Select ``cell_id`` and ``land_id`` of the cells of a grid in force."""
    in_force = grids_in_force.select_revisions(caller, grid_day.day).subquery()
    return (
        select(Assignment.cell_id, in_force.c.land_id)
        .join(in_force, in_force.c.id == Assignment.revision_id)
        .where(Assignment.grid_id == grid_day.grid_id, row_filter.visible(caller, Assignment))
        .where(scope_filter.in_scope_grids(caller, Assignment))
        .subquery()
    )


def _building_conditions(caller: Caller, grid_day: GridDay) -> list[ColumnElement[bool]]:
    """Return the conditions for the buildings of a grid on the day."""
    cells = select_cells(caller, grid_day)
    on_cell = (BuildingCell.cell_id == cells.c.cell_id) & (BuildingCell.land_id == cells.c.land_id)
    in_grid = select(BuildingCell.building_id).join(cells, on_cell).where(row_filter.visible(caller, BuildingCell))
    return [Building.id.in_(in_grid), Building.valid.contains(grid_day.day.date), row_filter.visible(caller, Building)]


def _column_or_null(table: ServiceTable, name: str) -> ColumnElement[str | None]:
    column: ColumnElement[str | None] = getattr(table, name, literal(None))
    return column


def _work_column(caller: Caller, on: date) -> Label[list[str]]:
    """Return the lines of work that a worker has throughout the community."""
    field_duty = aliased(Duty)
    lines = (
        select(func.array_agg(field_duty.line_of_work))
        .where(
            field_duty.worker_id == Worker.id, field_duty.kind == DutyKind.FIELD, field_duty.line_of_work.isnot(None)
        )
        .where(field_duty.valid.contains(on), row_filter.visible(caller, field_duty))
        .correlate(Worker)
        .scalar_subquery()
    )
    return func.coalesce(lines, []).label("work")
