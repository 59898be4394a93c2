"""People of the roster, their duties and leave, and office phones, as stations and administrators change them."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, String, Update, cast, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import DATERANGE, Range
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.vocabulary import DutyKind, RosterRole
from gridmap.store.access import row_filter, scope_filter
from gridmap.store.queries.workers.roster import ONE_DAY
from gridmap.store.schema import Community, Duty, Subdistrict, Worker


@dataclass(frozen=True)
class Period:
    """First and last day, both included; without a last day it does not end."""

    first: date
    last: date | None = None

    def sql_value(self) -> Range[date]:
        """Return the period as a value of the column type ``daterange``."""
        return Range(self.first, self.last + ONE_DAY if self.last else None)


@dataclass(frozen=True)
class WorkerValues:
    """Values of a person on the roster."""

    name: str
    office_phone: str | None
    full_time: bool


@dataclass(frozen=True)
class DutyPlace:
    """Place of a duty, or its line of work: one of the four is given."""

    grid_id: int | None = None
    building_id: int | None = None
    resident_group_id: int | None = None
    line_of_work: str | None = None

    @property
    def kind(self) -> DutyKind:
        """Kind of a duty for the place."""
        if self.grid_id is not None:
            return DutyKind.OWN_GRID
        if self.building_id is not None:
            return DutyKind.BUILDING
        return DutyKind.RESIDENT_GROUP if self.resident_group_id is not None else DutyKind.FIELD


def insert_worker(session: Session, caller: Caller, community_id: int, values: WorkerValues, first: date) -> int:
    """Insert a person of one of the caller's communities, in office from a day on, and return the key."""
    row = {  # without the account, which only a function links
        "subdistrict_id": Community.subdistrict_id,
        "community_id": Community.id,
        "name": literal(values.name),
        "office_phone": literal(values.office_phone, String),
        "full_time": literal(values.full_time),
        "valid": cast(Range(first, None), DATERANGE),
    }
    in_scope = scope_filter.in_scope_communities(caller, Community)
    rows = select(*row.values()).where(Community.id == community_id, in_scope)
    return session.scalars(insert(Worker).from_select(list(row), rows).returning(Worker.id)).one()


def change_worker(session: Session, caller: Caller, worker_id: int, values: WorkerValues) -> None:
    """Change name, office phone and full time of a person."""
    changed = {"name": values.name, "office_phone": values.office_phone, "full_time": values.full_time}
    _execute(session, _update_worker(caller, worker_id).values(**changed))


def set_office_period(session: Session, caller: Caller, worker_id: int, period: Period) -> None:
    """Set the days in office of a person."""
    _execute(session, _update_worker(caller, worker_id).values(valid=period.sql_value()))


def insert_duty(
    session: Session, subdistrict_id: int, worker_id: int, place: DutyPlace, role: RosterRole, period: Period
) -> None:
    """Insert a duty; with the role of a grid leader, the person is in charge of the grid."""
    duty = Duty(
        subdistrict_id=subdistrict_id,
        worker_id=worker_id,
        kind=place.kind,
        role=role,
        grid_id=place.grid_id,
        building_id=place.building_id,
        resident_group_id=place.resident_group_id,
        line_of_work=place.line_of_work,
        in_charge=role is RosterRole.GRID_LEADER,
        valid=period.sql_value(),
    )
    session.add(duty)
    session.flush()


def set_duty_period(session: Session, caller: Caller, duty_id: int, period: Period) -> None:
    """Set the days of a duty."""
    mine = Duty.id == duty_id, row_filter.visible(caller, Duty)
    _execute(session, update(Duty).where(*mine).values(valid=period.sql_value()))


def cancel_duty(session: Session, duty_id: int) -> None:
    """Remove a duty that begins today or later."""
    session.execute(select(func.cancel_duty(duty_id)))
    session.expire_all()


def open_leave(session: Session, worker_id: int, substitute_id: int, period: Period) -> None:
    """Enter a leave; the account of the substitute gets the grids of the worker for its days."""
    session.execute(select(func.open_leave(worker_id, substitute_id, cast(period.sql_value(), DATERANGE))))


def end_leave(session: Session, leave_id: int) -> None:
    """End a leave with yesterday, and the access of the substitute with it."""
    session.execute(select(func.end_leave(leave_id)))


def set_station_phone(session: Session, caller: Caller, community_id: int, phone: str | None) -> None:
    """Set the office phone of the workstation of a community."""
    in_scope = scope_filter.in_scope_communities(caller, Community)
    _execute(session, update(Community).where(Community.id == community_id, in_scope).values(station_phone=phone))


def set_supervision_phone(session: Session, caller: Caller, subdistrict_id: int, phone: str | None) -> None:
    """Set the office phone for complaints of a subdistrict."""
    visible: ColumnElement[bool] = row_filter.visible(caller, Subdistrict)
    changed = update(Subdistrict).where(Subdistrict.id == subdistrict_id, visible)
    _execute(session, changed.values(supervision_phone=phone))


def _update_worker(caller: Caller, worker_id: int) -> Update:
    in_scope = scope_filter.in_scope_communities(caller, Worker)
    return update(Worker).where(Worker.id == worker_id, in_scope)


def _execute(session: Session, statement: Update) -> None:
    """Update rows in the database; what the session has read of them before is read again."""
    session.execute(statement, execution_options={"synchronize_session": False})
    session.expire_all()
