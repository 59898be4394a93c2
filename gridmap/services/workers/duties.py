"""Duties of people on the roster: for a grid, a building or a resident group, and lines of work."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, InputFault, InvalidInput, Message, NotFound
from gridmap.core.vocabulary import RosterRole
from gridmap.services.workers import people
from gridmap.store import locks
from gridmap.store.day_bounds import get_today
from gridmap.store.queries import service_lines, territory
from gridmap.store.queries.workers import roster
from gridmap.store.queries.workers.roster import DutyRow, WorkerRow
from gridmap.store.writes.workers import roster as roster_writes
from gridmap.store.writes.workers.roster import DutyPlace, Period

REVERSED = N_("the last day is before the first")
NOT_IN_OFFICE = N_("{name} is in office from {first} on")
OFFICE_ENDS = N_("{name} is in office until {last}: choose no later day")
HAS_IT = N_("{name} has this duty on these days already")
NEXT_IN_CHARGE = N_("{name} is in charge from {first} on: choose a last day before, or end that duty first")
NO_LINE = N_("the subdistrict has no such line of work")
NO_BUILDING = N_("no building of the community has this name, address or code")
SEVERAL_BUILDINGS = N_("several buildings have this name; enter the code of one: {codes}")
NO_GROUP = N_("the community has no such resident group")
PLACE_MISSING = N_("name a building or choose a resident group")
TWO_PLACES = N_("name a building or choose a resident group, not both")
ENDED_BEFORE = N_("the duty began on {first}: choose this day or a later one")
ONE_DAY = timedelta(days=1)
GRID_ROLES = tuple(RosterRole)
"""Roles in a grid; the first one is in charge."""
PLACE_ROLES = (RosterRole.BUILDING_LEADER, RosterRole.INFORMANT)
"""Roles in a building or a resident group."""


@dataclass(frozen=True)
class DutyRequest:
    """A duty to give: who, in which role, and on which days; `first` is today where it is empty."""

    worker_id: int
    role: RosterRole
    first: date | None = None
    last: date | None = None


def give_grid(session: Session, caller: Caller, grid_id: int, request: DutyRequest) -> None:
    """Give a person a role in a grid; who is in charge of it hands it over on the first day.

    Exactly one person is in charge of a grid on any day: the duty of the one before ends on the day before, and so
    does another role of the same person in the grid. The database holds the rule, too.

    Raises
    ------
    InvalidInput
        If the days are in the wrong order or outside the office of the person, the person has the role already, or
        somebody takes charge later on one of the days.
    NotFound
        If the caller does not keep the roster of the grid or of the person.
    """
    worker = people.require_editable(session, caller, request.worker_id)
    grid = roster.find_grid(session, caller, grid_id)
    if grid is None:
        raise NotFound(grid_id)
    locks.lock_roster(session, grid.community_id)
    period = _check_period(session, worker, request)
    replaced = [
        each
        for each in roster.list_duties_of_grid(session, caller, grid_id)
        if _overlaps(each, period) and (each.worker_id == worker.id or _both_in_charge(each, request.role))
    ]
    if faults := list(_conflicts(replaced, worker, request.role, period, get_today(session))):
        raise InvalidInput(faults)
    for duty in replaced:
        _end_before(session, caller, duty, period.first)
    place = DutyPlace(grid_id=grid_id)
    roster_writes.insert_duty(session, worker.subdistrict_id, worker.id, place, request.role, period)


def give_line(session: Session, caller: Caller, request: DutyRequest, line_key: str) -> None:
    """Give a person a line of work (A岗) in the whole community.

    Raises
    ------
    InvalidInput
        If the subdistrict has no such line, the days are wrong, or the person has it already.
    NotFound
        If the caller does not keep the roster of the person.
    """
    worker = people.require_editable(session, caller, request.worker_id)
    if line_key not in {each.key for each in service_lines.list_lines(session, caller, [worker.subdistrict_id])}:
        raise InvalidInput([_fault("line_of_work", NO_LINE)])
    _give_once(session, caller, worker, request, DutyPlace(line_of_work=line_key))


def give_place(
    session: Session, caller: Caller, request: DutyRequest, building: str, resident_group_id: int | None
) -> None:
    """Give a person a building, by its name, address or code, or a resident group.

    Raises
    ------
    InvalidInput
        If none or both are named, the building is unknown or not the only one of its name, the days are wrong, or the
        person has the place already.
    NotFound
        If the caller does not keep the roster of the person.
    """
    worker = people.require_editable(session, caller, request.worker_id)
    name = building.strip()
    if bool(name) == (resident_group_id is not None):
        raise InvalidInput([_fault("building", TWO_PLACES if name else PLACE_MISSING)])
    if resident_group_id is None:
        place = DutyPlace(building_id=_find_building(session, caller, worker, name))
    else:
        groups = territory.list_resident_groups(session, caller, worker.subdistrict_id)
        if (resident_group_id, worker.community_id) not in {(each.id, each.community_id) for each in groups}:
            raise InvalidInput([_fault("resident_group_id", NO_GROUP)])
        place = DutyPlace(resident_group_id=resident_group_id)
    _give_once(session, caller, worker, request, place)


def end_duty(session: Session, caller: Caller, duty_id: int, last: date | None = None) -> DutyRow:
    """End a duty with a last day, by default yesterday; one that begins later than that is taken back.

    Raises
    ------
    InvalidInput
        If it began after the day, and before today.
    NotFound
        If the caller does not keep the roster of the person.
    """
    duty = roster.find_duty(session, caller, duty_id)
    if duty is None:
        raise NotFound(duty_id)
    people.require_editable(session, caller, duty.worker_id)
    today = get_today(session)
    day = last or today - ONE_DAY
    if duty.first <= day:
        roster_writes.set_duty_period(session, caller, duty_id, Period(duty.first, day))
    elif duty.first >= today:
        roster_writes.cancel_duty(session, duty_id)
    else:
        raise InvalidInput([_fault("last", ENDED_BEFORE, first=duty.first)])
    return duty


def _check_period(session: Session, worker: WorkerRow, request: DutyRequest) -> Period:
    """Return the days of a duty within the office of the person; it ends with the office."""
    period = Period(request.first or get_today(session), request.last or worker.last)
    if period.last and period.last < period.first:
        raise InvalidInput([_fault("last", REVERSED)])
    if period.first < worker.first:
        raise InvalidInput([_fault("first", NOT_IN_OFFICE, name=worker.name, first=worker.first)])
    if worker.last and (period.last is None or period.last > worker.last):
        raise InvalidInput([_fault("last", OFFICE_ENDS, name=worker.name, last=worker.last)])
    return period


def _give_once(session: Session, caller: Caller, worker: WorkerRow, request: DutyRequest, place: DutyPlace) -> None:
    locks.lock_roster(session, worker.community_id)
    period = _check_period(session, worker, request)
    for duty in roster.list_duties_of_worker(session, caller, worker.id):
        if _overlaps(duty, period) and _is_at(duty, place):
            raise InvalidInput([_fault("first", HAS_IT, name=worker.name)])
    roster_writes.insert_duty(session, worker.subdistrict_id, worker.id, place, request.role, period)


def _is_at(duty: DutyRow, place: DutyPlace) -> bool:
    return duty.kind is place.kind and (duty.line_of_work, duty.building_id, duty.resident_group_id) == (
        place.line_of_work,
        place.building_id,
        place.resident_group_id,
    )


def _conflicts(
    replaced: Sequence[DutyRow], worker: WorkerRow, role: RosterRole, period: Period, today: date
) -> Iterator[InputFault]:
    """Yield the duties that a new one cannot take the place of."""
    for duty in replaced:
        if duty.worker_id == worker.id and duty.role is role:
            yield _fault("worker_id", HAS_IT, name=worker.name)
        elif duty.first >= period.first and not (duty.first == period.first and duty.first >= today):
            yield _fault("first", NEXT_IN_CHARGE, name=duty.worker, first=duty.first)


def _end_before(session: Session, caller: Caller, duty: DutyRow, day: date) -> None:
    """End a duty on the day before; one that begins on the day is taken back."""
    if duty.first < day:
        roster_writes.set_duty_period(session, caller, duty.id, Period(duty.first, day - ONE_DAY))
    else:
        roster_writes.cancel_duty(session, duty.id)


def _both_in_charge(duty: DutyRow, role: RosterRole) -> bool:
    return duty.in_charge and role is RosterRole.GRID_LEADER


def _overlaps(duty: DutyRow, period: Period) -> bool:
    return (duty.last is None or duty.last >= period.first) and (period.last is None or duty.first <= period.last)


def _find_building(session: Session, caller: Caller, worker: WorkerRow, name: str) -> int:
    found = roster.list_buildings_by_name(session, caller, worker.community_id, name)
    if not found:
        raise InvalidInput([replace(_fault("building", NO_BUILDING), value=name)])
    if len(found) > 1:
        raise InvalidInput([_fault("building", SEVERAL_BUILDINGS, codes=", ".join(code for _, code in found))])
    return found[0][0]


def _fault(column: str, problem: str, **values: object) -> InputFault:
    return InputFault(Message(problem, values), column=column)
