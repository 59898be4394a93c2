"""Workers who may get a case: those whose line of work it is, and those of the grid."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ScalarSelect, and_, case, func, select
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.vocabulary import AssignmentBasis, DutyKind, RosterRole
from gridmap.store.access import row_filter
from gridmap.store.day_bounds import get_today
from gridmap.store.queries.columns import present_day
from gridmap.store.queries.grids.grids_in_force import SubdistrictDay
from gridmap.store.queries.grids.incident_places import find_grid
from gridmap.store.schema import Case, CategoryOfSubdistrict, Cell, Duty, Incident, Worker


class CandidateRow(NamedTuple):
    """A worker with an account who may get a case; `basis` says why, `open_cases` how many the worker has."""

    worker_id: int
    name: str
    basis: AssignmentBasis
    open_cases: int


def list_candidates(session: Session, caller: Caller, incident_id: int) -> Sequence[CandidateRow]:
    """Return the workers who may get a case, the first choice first.

    The colleague of the community whose line of work (A岗) the category belongs to comes first, then the one in charge
    of the grid in force (B岗), then others of the grid, then all others of the caller's communities by their open
    cases. On a border street the grid is the one that the plan gives the street to.

    Parameters
    ----------
    session : Session
    caller : Caller
    incident_id : int
    """
    on_duty = and_(Duty.worker_id == Worker.id, Duty.valid.contains(present_day()))
    is_line = and_(
        Duty.kind == DutyKind.FIELD,
        Duty.line_of_work == _select_line(caller, incident_id),
        Worker.community_id == _select_community(caller, incident_id),
    )
    is_grid = and_(Duty.kind == DutyKind.OWN_GRID, Duty.grid_id == _find_grid(session, caller, incident_id))
    in_charge = and_(is_grid, Duty.in_charge)
    in_grid = and_(is_grid, Duty.role.in_((RosterRole.GRID_LEADER, RosterRole.GRID_WORKER)))
    duty_rank = case((is_line, 0), (in_charge, 1), (in_grid, 2), else_=3)
    best = select(func.min(duty_rank)).where(on_duty, row_filter.visible(caller, Duty)).scalar_subquery()
    rank = func.coalesce(best, 3).label("rank")
    handled = and_(Case.handler_id == Worker.id, Case.state.in_(("assigned", "in_progress")))
    open_cases = select(func.count()).select_from(Case).where(handled).scalar_subquery().label("open_cases")
    rows = (
        select(Worker.id, Worker.name, rank, open_cases)
        .where(Worker.account_id.is_not(None), Worker.valid.contains(present_day()))
        .where(row_filter.visible(caller, Worker), row_filter.in_communities(caller, Worker))
        .order_by(rank, open_cases, Worker.name, Worker.id)
    )
    return [CandidateRow(key, name, _basis(rank), count) for key, name, rank, count in session.execute(rows)]


def _select_line(caller: Caller, incident_id: int) -> ScalarSelect[str | None]:
    """Select the line of work of an incident's category."""
    of_category = and_(
        CategoryOfSubdistrict.subdistrict_id == Incident.subdistrict_id, CategoryOfSubdistrict.key == Incident.category
    )
    rows = select(CategoryOfSubdistrict.line_of_work).join(Incident, of_category)
    return rows.where(Incident.id == incident_id, row_filter.visible(caller, Incident)).scalar_subquery()


def _select_community(caller: Caller, incident_id: int) -> ScalarSelect[int]:
    """Select the community of an incident's cell."""
    rows = select(Cell.community_id).join(Incident, Incident.cell_id == Cell.id).where(Incident.id == incident_id)
    return rows.where(row_filter.visible(caller, Incident), row_filter.visible(caller, Cell)).scalar_subquery()


def _find_grid(session: Session, caller: Caller, incident_id: int) -> int | None:
    """Return the grid in force today in which an incident counts."""
    own = select(Incident.subdistrict_id).where(Incident.id == incident_id, row_filter.visible(caller, Incident))
    subdistrict_id = session.scalar(own)
    day = SubdistrictDay(subdistrict_id, get_today(session)) if subdistrict_id is not None else None
    return find_grid(session, caller, day, incident_id) if day else None


def _basis(rank: int) -> AssignmentBasis:
    return {0: AssignmentBasis.LINE, 1: AssignmentBasis.GRID, 2: AssignmentBasis.GRID}.get(rank, AssignmentBasis.CHOICE)
