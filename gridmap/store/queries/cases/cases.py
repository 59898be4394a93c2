"""Cases of incidents as lists and one at a time, with their steps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, ScalarSelect, and_, case, exists, func, literal, or_, select, text, true
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.cases.machine import HANDLED_STATES, OPEN_STATES
from gridmap.core.vocabulary import AccessClass, AssignmentBasis, CaseAction, CaseActor, CaseState
from gridmap.store.access import row_filter
from gridmap.store.queries.cases.filters import SOON_DAYS, CaseFilter
from gridmap.store.queries.columns import AnySelect, present_day
from gridmap.store.schema import (
    Adoption,
    Assignment,
    Case,
    CaseStep,
    Cell,
    Community,
    Grid,
    Incident,
    Worker,
)

MAX_LISTED = 500
"""Cases of a list at most; further ones are reached by the filters."""


@dataclass(frozen=True)
class CaseRow:
    """A case with what its lists show.

    Parameters
    ----------
    incident_id, subdistrict_id : int
    number : str
        Number of the incident.
    category : str
        Key of its category.
    access_class : AccessClass
    title : str or None
    channel : str
    urgent : bool
    occurred_at, reported_at : datetime
        Time of the event, and when it was received.
    longitude, latitude : float
        WGS 84, degrees.
    community_id : int or None
        Community of the cell; None outside every cell.
    state : CaseState
    version : int
    owner_name : str or None
        First receiver 首问负责.
    handler_id : int or None
        Worker who has it, or had it last.
    handler_name : str or None
    basis : AssignmentBasis or None
    due_on : date or None
        Promised day.
    days_left : int or None
        Days until the promised day; negative for an overdue case, None without a day and for a closed case.
    duplicate_of : int or None
    supervised_at : datetime or None
    community_name : str or None
    grid_id : int or None
        Grid in force today that the place belongs to.
    grid_code : str or None
    """

    incident_id: int
    subdistrict_id: int
    number: str
    category: str
    access_class: AccessClass
    title: str | None
    channel: str
    urgent: bool
    occurred_at: datetime
    reported_at: datetime
    longitude: float
    latitude: float
    community_id: int | None
    state: CaseState
    version: int
    owner_name: str | None
    handler_id: int | None
    handler_name: str | None
    basis: AssignmentBasis | None
    due_on: date | None
    days_left: int | None
    duplicate_of: int | None
    supervised_at: datetime | None
    community_name: str | None
    grid_id: int | None
    grid_code: str | None

    @property
    def is_open(self) -> bool:
        """Return whether something is still to be done."""
        return self.state in OPEN_STATES

    @property
    def is_overdue(self) -> bool:
        """Return whether the promised day of an open case has passed."""
        return self.days_left is not None and self.days_left < 0

    @property
    def is_due_soon(self) -> bool:
        """Return whether the promised day of an open case is today or tomorrow."""
        return self.days_left is not None and 0 <= self.days_left <= SOON_DAYS


class StepRow(NamedTuple):
    """A step of a case."""

    id: int
    action: CaseAction
    source: CaseState
    target: CaseState
    taken_at: datetime
    actor_name: str | None
    handler_name: str | None
    text: str | None


def find_case(session: Session, caller: Caller, incident_id: int) -> CaseRow | None:
    """Return the case of an incident that the caller sees."""
    return next(iter(_list_rows(session, _select_cases(caller).where(Case.incident_id == incident_id))), None)


def find_by_number(session: Session, caller: Caller, number: str) -> CaseRow | None:
    """Return the case of the incident with a number that the caller sees."""
    return next(iter(_list_rows(session, _select_cases(caller).where(Incident.number == number))), None)


class OpenCounts(NamedTuple):
    """Numbers of open cases: all, overdue, due today or tomorrow, and those that a leader supervises."""

    open: int
    overdue: int
    soon: int
    supervised: int


def list_open(session: Session, caller: Caller, filters: CaseFilter | None = None) -> Sequence[CaseRow]:
    """Return the open cases that the caller sees and a filter matches, the most urgent first.

    Urgent ones come first, then those that a leader supervises, then by the promised day, then the oldest.
    """
    conditions = filters.conditions() if filters else []
    return _list_rows(session, _by_urgency(_select_cases(caller).where(Case.state.in_(OPEN_STATES), *conditions)))


def count_open(session: Session, caller: Caller, subdistrict_id: int | None = None) -> OpenCounts:
    """Return the numbers of open cases that the caller sees, of a subdistrict or of all."""
    days_left = Case.due_on - present_day()
    in_subdistrict = true() if subdistrict_id is None else Case.subdistrict_id == subdistrict_id
    is_open = Case.state.in_(OPEN_STATES), in_subdistrict
    rows = (
        select(func.count(), func.count().filter(days_left < 0), func.count().filter(days_left.between(0, SOON_DAYS)))
        .add_columns(func.count().filter(Case.supervised_at.is_not(None)))
        .select_from(Case)
        .join(Incident, Incident.id == Case.incident_id)
        .where(*is_open, row_filter.visible(caller, Case), row_filter.visible(caller, Incident))
    )
    return OpenCounts(*session.execute(rows).one())


def list_handled(session: Session, caller: Caller, filters: CaseFilter | None = None) -> Sequence[CaseRow]:
    """Return the cases that the caller has as a worker, the most urgent first."""
    own = Case.handler_id == func.any(func.my_workers()), Case.state.in_(HANDLED_STATES)
    conditions = filters.conditions() if filters else []
    return _list_rows(session, _by_urgency(_select_cases(caller).where(*own, *conditions)))


def list_own_reports(
    session: Session, caller: Caller, limit: int = 20, filters: CaseFilter | None = None
) -> Sequence[CaseRow]:
    """Return the cases of incidents that the caller reported, the newest first."""
    conditions = filters.conditions() if filters else []
    rows = _select_cases(caller).where(Case.incident_id.in_(select(text("my_reports()"))), *conditions)
    return _list_rows(session, rows.order_by(Incident.reported_at.desc(), Incident.id.desc()).limit(limit))


def find_own_report(session: Session, caller: Caller, incident_id: int) -> CaseRow | None:
    """Return the case of an incident that the caller reported."""
    rows = _select_cases(caller).where(Case.incident_id.in_(select(text("my_reports()"))))
    return next(iter(_list_rows(session, rows.where(Case.incident_id == incident_id))), None)


def list_duplicates(session: Session, caller: Caller, incident_id: int) -> Sequence[CaseRow]:
    """Return the cases that repeat a case, the first one first."""
    rows = _select_cases(caller).where(Case.duplicate_of == incident_id)
    return _list_rows(session, rows.order_by(Incident.reported_at, Incident.id).limit(MAX_LISTED))


def list_results(session: Session, caller: Caller, incident_ids: Sequence[int]) -> Mapping[int, str]:
    """Return the words with which cases were closed last, by incident."""
    is_closing = CaseStep.action.in_((CaseAction.CLOSE, CaseAction.SETTLE))
    rows = (
        select(CaseStep.incident_id, CaseStep.text)
        .where(CaseStep.incident_id.in_(incident_ids), is_closing, CaseStep.text.is_not(None))
        .where(row_filter.visible(caller, CaseStep))
        .order_by(CaseStep.id)
    )
    return {incident_id: str(words) for incident_id, words in session.execute(rows)}


def list_near(session: Session, caller: Caller, place: tuple[float, float], filters: "NearFilter") -> Sequence[CaseRow]:
    """Return cases near a place, the nearest first: they may be the same incident.

    Parameters
    ----------
    session : Session
    caller : Caller
    place : tuple of float
        Longitude and latitude (WGS 84, degrees).
    filters : NearFilter
    """
    point = func.geography(func.ST_SetSRID(func.ST_MakePoint(*place), 4326))
    distance = func.ST_Distance(func.geography(Incident.geometry), point)
    is_recent = Incident.occurred_at >= func.now() - func.make_interval(0, 0, 0, filters.days)
    rows = (
        _select_cases(caller)
        .where(Incident.category == filters.category, Incident.subdistrict_id == filters.subdistrict_id, is_recent)
        .where(Incident.geometry.op("&&")(func.ST_Expand(func.ST_SetSRID(func.ST_MakePoint(*place), 4326), 0.002)))
        .where(distance <= filters.metres, Case.state != CaseState.DUPLICATE, Case.incident_id != filters.except_id)
        .order_by(distance, Incident.id)
        .limit(filters.limit)
    )
    return _list_rows(session, rows)


@dataclass(frozen=True)
class NearFilter:
    """Incidents that may be the same one: of a category, within 50 m and 7 days.

    Parameters
    ----------
    subdistrict_id : int
    category : str
    except_id : int
        Incident that is compared itself; 0 for one that is not stored yet.
    metres : float
        The width of a street with its sides.
    days : int
        Days since the other one happened.
    limit : int
    """

    subdistrict_id: int
    category: str
    except_id: int = 0
    metres: float = 50.0
    days: int = 7
    limit: int = 5


def list_steps(session: Session, caller: Caller, incident_id: int) -> Sequence[StepRow]:
    """Return the steps of a case, the first one first."""
    rows = (
        select(CaseStep.id, CaseStep.action, CaseStep.source_state, CaseStep.target_state, CaseStep.taken_at)
        .add_columns(CaseStep.actor_name, CaseStep.handler_name, CaseStep.text)
        .where(CaseStep.incident_id == incident_id, row_filter.visible(caller, CaseStep))
        .order_by(CaseStep.id)
    )
    return [
        StepRow(key, CaseAction(action), CaseState(source), CaseState(target), *rest)
        for key, action, source, target, *rest in session.execute(rows)
    ]


def list_handled_numbers(
    session: Session, caller: Caller, incident_ids: Sequence[int], since: datetime
) -> Sequence[str]:
    """Return the numbers of those incidents with a step since a time, or that another case repeats."""
    stepped = exists().where(
        CaseStep.incident_id == Incident.id, CaseStep.taken_at >= since, row_filter.visible(caller, CaseStep)
    )
    repeated = exists().where(
        Case.duplicate_of == Incident.id, Case.changed_at >= since, row_filter.visible(caller, Case)
    )
    rows = select(Incident.number).where(Incident.id.in_(incident_ids), or_(stepped, repeated))
    return session.scalars(rows.where(row_filter.visible(caller, Incident)).order_by(Incident.number)).all()


def find_repeated_step(session: Session, caller: Caller, repeated: "RepeatedStep") -> int | None:
    """Return the latest step of a case if the caller has taken the same one on the same version.

    A form that is sent twice is one step.
    """
    latest = select(func.max(CaseStep.id)).where(CaseStep.incident_id == repeated.incident_id).scalar_subquery()
    is_same_worker = or_(literal(repeated.handler_id is None), CaseStep.handler_id == repeated.handler_id)
    rows = (
        select(CaseStep.id)
        .join(Case, Case.incident_id == CaseStep.incident_id)
        .where(CaseStep.id == latest, Case.version == repeated.version + 1, is_same_worker)
        .where(CaseStep.account_id == caller.account_id, CaseStep.action == repeated.action)
        .where(func.coalesce(CaseStep.text, "") == repeated.text)
        .where(row_filter.visible(caller, CaseStep), row_filter.visible(caller, Case))
    )
    return session.scalar(rows)


class RepeatedStep(NamedTuple):
    """A step that may have been taken already: what was asked for, and the version that it was asked on."""

    incident_id: int
    version: int
    action: CaseAction
    text: str
    handler_id: int | None


def list_actors(session: Session, incident_id: int) -> frozenset[CaseActor]:
    """Return the parts that the account of the transaction has in a case."""
    actors = session.scalar(select(func.my_case_actors(incident_id)))
    return frozenset(CaseActor(actor) for actor in actors or ())


def _select_cases(caller: Caller) -> AnySelect:
    days_left = case((Case.state.in_(OPEN_STATES), Case.due_on - present_day()), else_=literal(None))
    return (
        select(Incident.id, Incident.subdistrict_id, Incident.number, Incident.category, Incident.access_class)
        .add_columns(Incident.title, Incident.channel, Incident.urgent, Incident.occurred_at, Incident.reported_at)
        .add_columns(func.ST_X(Incident.geometry), func.ST_Y(Incident.geometry), Cell.community_id)
        .add_columns(Case.state, Case.version, Case.owner_name, Case.handler_id, Worker.name, Case.basis, Case.due_on)
        .add_columns(days_left.label("days_left"), Case.duplicate_of, Case.supervised_at)
        .add_columns(Community.name, Grid.id, Grid.code)
        .join(Case, Case.incident_id == Incident.id)
        .outerjoin(Cell, and_(Cell.id == Incident.cell_id, row_filter.visible(caller, Cell)))
        .outerjoin(Community, and_(Community.id == Cell.community_id, row_filter.visible(caller, Community)))
        .outerjoin(Grid, and_(Grid.id == _grid_in_force(caller), row_filter.visible(caller, Grid)))
        .outerjoin(Worker, and_(Worker.id == Case.handler_id, row_filter.visible(caller, Worker)))
        .where(row_filter.visible(caller, Incident))
    )


def _grid_in_force(caller: Caller) -> ScalarSelect[int]:
    """Select the grid in force today of an incident's cell."""
    in_force = and_(Adoption.revision_id == Assignment.revision_id, Adoption.valid.contains(present_day()))
    rows = select(Assignment.grid_id).join(Adoption, in_force).where(Assignment.cell_id == Incident.cell_id)
    seen = rows.where(row_filter.visible(caller, Assignment), row_filter.visible(caller, Adoption))
    return seen.limit(1).correlate(Incident).scalar_subquery()


def _by_urgency(rows: AnySelect) -> AnySelect:
    is_supervised: ColumnElement[bool] = or_(Case.supervised_at.is_not(None))
    order = (Incident.urgent.desc(), is_supervised.desc(), Case.due_on.asc().nulls_last(), Incident.reported_at)
    return rows.order_by(*order, Incident.id).limit(MAX_LISTED)


def _list_rows(session: Session, rows: AnySelect) -> list[CaseRow]:
    return [_case_row(tuple(row)) for row in session.execute(rows)]


def _case_row(row: tuple[object, ...]) -> CaseRow:
    values = list(row)
    values[4], values[13] = AccessClass(str(row[4])), CaseState(str(row[13]))
    values[18] = AssignmentBasis(str(row[18])) if row[18] else None
    return CaseRow(*values)  # type: ignore[arg-type]  # columns in the order of the fields
