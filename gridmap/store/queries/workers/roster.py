"""People on the roster of a community and their duties, with periods."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.vocabulary import DutyKind, GridKind, RosterRole
from gridmap.store.access import row_filter, scope_filter
from gridmap.store.queries.columns import AnyRow, AnySelect, display_name_column, present_day
from gridmap.store.schema import Adoption, Building, Duty, Grid, ResidentGroup, RevisionGrid, Worker

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class WorkerRow:
    """A person on the roster; `last` is None without an end, `has_account` tells whether the person signs in."""

    id: int
    name: str
    office_phone: str | None
    full_time: bool
    community_id: int
    subdistrict_id: int
    first: date
    last: date | None
    has_account: bool


@dataclass(frozen=True)
class DutyRow:
    """A duty of a person: the names of its place, or the key of its line of work; `last` is None without an end."""

    id: int
    worker_id: int
    worker: str
    office_phone: str | None
    full_time: bool
    kind: DutyKind
    role: RosterRole
    in_charge: bool
    grid_id: int | None
    grid: str | None
    building_id: int | None
    building: str | None
    resident_group_id: int | None
    resident_group: str | None
    line_of_work: str | None
    first: date
    last: date | None


class RosterGrid(NamedTuple):
    """A grid in force on a day."""

    id: int
    code: str
    name: str | None
    kind: GridKind
    community_id: int


def list_workers(session: Session, caller: Caller, community_id: int, since: date) -> Sequence[WorkerRow]:
    """Return the people of a community who are in office on a day or later, by name."""
    rows = _select_workers(caller).where(Worker.community_id == community_id, _not_over(Worker, since))
    return [_worker_row(row) for row in session.execute(rows)]


def find_worker(session: Session, caller: Caller, worker_id: int) -> WorkerRow | None:
    """Return a person on the roster of the caller's communities, or None."""
    row = session.execute(_select_workers(caller).where(Worker.id == worker_id)).first()
    return _worker_row(row) if row else None


def list_duties_of_worker(session: Session, caller: Caller, worker_id: int) -> Sequence[DutyRow]:
    """Return all duties of a person, past ones included, the newest first."""
    return _duty_rows(session, caller, Duty.worker_id == worker_id)


def list_duties_of_grid(session: Session, caller: Caller, grid_id: int) -> Sequence[DutyRow]:
    """Return all duties for a grid, past ones included, the newest first."""
    return _duty_rows(session, caller, Duty.grid_id == grid_id)


def list_duties_of_community(session: Session, caller: Caller, community_id: int, since: date) -> Sequence[DutyRow]:
    """Return the duties, of a day or later, of people of a community and for grids of it."""
    of_community = or_(Worker.community_id == community_id, Grid.community_id == community_id)
    return _duty_rows(session, caller, of_community, _not_over(Duty, since))


def find_duty(session: Session, caller: Caller, duty_id: int) -> DutyRow | None:
    """Return a duty of a person of the caller's communities, or None."""
    rows = _duty_rows(session, caller, Duty.id == duty_id)
    return rows[0] if rows else None


def list_grids_in_force(
    session: Session, caller: Caller, on: date, community_id: int | None = None
) -> Sequence[RosterGrid]:
    """Return the grids in force on a day in the caller's communities, or in one of them, by code."""
    rows = (
        select(Grid.id, Grid.code, RevisionGrid.name, RevisionGrid.kind, Grid.community_id)
        .join(RevisionGrid, RevisionGrid.grid_id == Grid.id)
        .join(Adoption, Adoption.revision_id == RevisionGrid.revision_id)
        .where(Adoption.valid.contains(on), scope_filter.in_scope_communities(caller, Adoption))
        .where(row_filter.visible(caller, RevisionGrid), scope_filter.in_scope_communities(caller, Grid))
        .order_by(Grid.code, Grid.id)
    )
    if community_id is not None:
        rows = rows.where(Grid.community_id == community_id)
    return [RosterGrid(row[0], row[1], row[2], GridKind(row[3]), row[4]) for row in session.execute(rows)]


def list_grids_in_charge(session: Session, caller: Caller, on: date) -> frozenset[int]:
    """Return the grids of the caller's communities that somebody in office is in charge of on a day."""
    rows = (
        select(Duty.grid_id)
        .join(Worker, Worker.id == Duty.worker_id)
        .where(Duty.in_charge, Duty.valid.contains(on), Worker.valid.contains(on))
        .where(row_filter.visible(caller, Duty), row_filter.visible(caller, Worker))
    )
    return frozenset(key for key in session.scalars(rows) if key is not None)


def find_grid(session: Session, caller: Caller, grid_id: int) -> RosterGrid | None:
    """Return a grid of the caller's communities, in force or not, with the name that it had last; else None."""
    rows = (
        select(Grid.id, Grid.code, RevisionGrid.name, RevisionGrid.kind, Grid.community_id)
        .outerjoin(RevisionGrid, (RevisionGrid.grid_id == Grid.id) & row_filter.visible(caller, RevisionGrid))
        .where(Grid.id == grid_id, scope_filter.in_scope_communities(caller, Grid))
        .order_by(RevisionGrid.revision_id.desc().nulls_last())
    )
    row = session.execute(rows.limit(1)).first()
    return RosterGrid(row[0], row[1], row[2], GridKind(row[3] or GridKind.HOUSEHOLD), row[4]) if row else None


def list_buildings_by_name(session: Session, caller: Caller, community_id: int, name: str) -> Sequence[tuple[int, str]]:
    """Return the present buildings of a community whose name, address or code is a text, with the code of each."""
    rows = select(Building.id, Building.code).where(
        Building.community_id == community_id,
        or_(Building.name == name, Building.address == name, Building.code == name),
        Building.valid.contains(present_day()),
        scope_filter.in_scope_communities(caller, Building),
    )
    return [(row[0], row[1]) for row in session.execute(rows.order_by(Building.code).limit(10))]


def _select_workers(caller: Caller) -> AnySelect:
    return (
        select(Worker.id, Worker.name, Worker.office_phone, Worker.full_time, Worker.community_id)
        .add_columns(Worker.subdistrict_id, Worker.valid, Worker.account_id.is_not(None).label("has_account"))
        .where(row_filter.visible(caller, Worker), scope_filter.in_scope_communities(caller, Worker))
        .order_by(Worker.name, Worker.id)
    )


def _worker_row(row: AnyRow) -> WorkerRow:
    end = row.valid.upper
    identity = row.id, row.name, row.office_phone, row.full_time, row.community_id, row.subdistrict_id
    return WorkerRow(*identity, row.valid.lower, end - ONE_DAY if end else None, row.has_account)


def _duty_rows(session: Session, caller: Caller, *conditions: ColumnElement[bool]) -> Sequence[DutyRow]:
    rows = (
        select(Duty, Worker.name, Worker.office_phone, Worker.full_time, Grid.code, display_name_column())
        .add_columns(ResidentGroup.name.label("resident_group"))
        .join(Worker, Worker.id == Duty.worker_id)
        .outerjoin(Grid, Grid.id == Duty.grid_id)
        .outerjoin(Building, Building.id == Duty.building_id)
        .outerjoin(ResidentGroup, ResidentGroup.id == Duty.resident_group_id)
        .where(*conditions, row_filter.visible(caller, Duty), row_filter.visible(caller, Worker))
        .order_by(Duty.in_charge.desc(), func.lower(Duty.valid).desc(), Worker.name, Duty.id)
    )
    return [_duty_row(row) for row in session.execute(rows)]


def _duty_row(row: AnyRow) -> DutyRow:
    duty: Duty = row[0]
    first, end = duty.valid.lower, duty.valid.upper
    kind, role = DutyKind(duty.kind), RosterRole(duty.role)
    if duty.in_charge:
        role = RosterRole.GRID_LEADER
    building = duty.building_id, row.display_name if duty.building_id else None
    return DutyRow(
        *(duty.id, duty.worker_id, row.name, row.office_phone, row.full_time, kind, role, duty.in_charge),
        *(duty.grid_id, row.code, *building, duty.resident_group_id, row.resident_group),
        *(duty.line_of_work, first, end - ONE_DAY if end else None),
    )


def _not_over(table: type[Duty | Worker], since: date) -> ColumnElement[bool]:
    return or_(func.upper_inf(table.valid), func.upper(table.valid) > since)
