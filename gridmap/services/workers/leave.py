"""Leave of a worker: a substitute has the grids meanwhile, and the access that they need begins and ends by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, InputFault, InvalidInput, Message, NotFound
from gridmap.services.workers import people
from gridmap.store.day_bounds import get_today
from gridmap.store.queries.workers import leaves, roster
from gridmap.store.queries.workers.leaves import LeaveRow
from gridmap.store.queries.workers.roster import WorkerRow
from gridmap.store.writes.workers import roster as roster_writes
from gridmap.store.writes.workers.roster import Period

MAX_LEAVE_DAYS = 366
"""Days of a leave at most: a year. Who is away for longer hands the grids over."""
REVERSED = N_("the last day is before the first")
PAST = N_("a leave begins today or later: what a substitute saw before cannot be given afterwards")
TOO_LONG = N_("a leave lasts a year at most: hand the grids over instead")
NO_SUBSTITUTE = N_("choose somebody on your roster who is in office on all of these days")
TWICE = N_("{name} is on leave from {first} to {last} already: choose other days, or end that leave first")
SUBSTITUTE_AWAY = N_("{name} is on leave from {first} to {last}: choose somebody else")


@dataclass(frozen=True)
class LeaveRequest:
    """Days of a leave, both included, and who has the grids meanwhile."""

    substitute_id: int
    first: date
    last: date


def list_substitutes(session: Session, caller: Caller, worker: WorkerRow) -> Sequence[WorkerRow]:
    """Return the people of the same community who may stand in for a worker."""
    others = roster.list_workers(session, caller, worker.community_id, get_today(session))
    return [each for each in others if each.id != worker.id]


def open_leave(session: Session, caller: Caller, worker_id: int, request: LeaveRequest) -> None:
    """Enter a leave. The account of the substitute gets the grids of the worker for its days, and no longer.

    Parameters
    ----------
    session : Session
        Of the login for accounts, with a password that was typed a moment ago.
    caller : Caller
        A station or an administrator whose communities have both people on their roster.
    worker_id : int
    request : LeaveRequest

    Raises
    ------
    InvalidInput
        If the days are wrong, one of both is on leave on them, or the substitute is not in office.
    NotFound
        If the caller does not keep the roster of the worker.
    """
    worker = people.require_editable(session, caller, worker_id)
    if problem := _period_problem(request, get_today(session)):
        raise InvalidInput([problem])
    substitute = next((each for each in list_substitutes(session, caller, worker) if _is_free(each, request)), None)
    if substitute is None:
        raise InvalidInput([_fault("substitute_id", NO_SUBSTITUTE)])
    for leave in leaves.list_leaves(session, caller, get_today(session), worker.community_id):
        _require_no_overlap(leave, worker, request)
    roster_writes.open_leave(session, worker_id, substitute.id, Period(request.first, request.last))


def end_leave(session: Session, caller: Caller, leave_id: int) -> LeaveRow:
    """End a leave with yesterday and return it; the substitute sees nothing by it any more.

    Raises
    ------
    NotFound
        If it is over, or the caller does not keep the roster of the worker.
    """
    leave = leaves.find_leave(session, caller, leave_id, get_today(session))
    if leave is None:
        raise NotFound(leave_id)
    people.require_editable(session, caller, leave.worker_id)
    roster_writes.end_leave(session, leave_id)
    return leave


def _period_problem(request: LeaveRequest, today: date) -> InputFault | None:
    if request.last < request.first:
        return _fault("last", REVERSED)
    if request.first < today:
        return _fault("first", PAST)
    return _fault("last", TOO_LONG) if request.last - request.first >= timedelta(days=MAX_LEAVE_DAYS) else None


def _is_free(person: WorkerRow, request: LeaveRequest) -> bool:
    in_office = person.first <= request.first and (person.last is None or person.last >= request.last)
    return person.id == request.substitute_id and in_office


def _require_no_overlap(leave: LeaveRow, worker: WorkerRow, request: LeaveRequest) -> None:
    if leave.first > request.last or leave.last < request.first:
        return
    values = {"name": leave.worker, "first": leave.first, "last": leave.last}
    if leave.worker_id == worker.id:
        raise InvalidInput([_fault("first", TWICE, **values)])
    if leave.worker_id == request.substitute_id:
        raise InvalidInput([_fault("substitute_id", SUBSTITUTE_AWAY, **values)])


def _fault(column: str, problem: str, **values: object) -> InputFault:
    return InputFault(Message(problem, values), column=column)
