"""People on the roster: new ones, changes, end of office; office phones of stations and subdistricts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, InputFault, InvalidInput, Message, NotFound
from gridmap.core.privacy.phones import is_mobile_like, is_phone, normalise_phone
from gridmap.core.vocabulary import Role
from gridmap.services.workers import roster as roster_services
from gridmap.store import locks
from gridmap.store.day_bounds import get_today
from gridmap.store.queries import territory
from gridmap.store.queries.territory import SubdistrictRow
from gridmap.store.queries.workers.roster import DutyRow, WorkerRow, list_duties_of_worker, list_workers
from gridmap.store.writes.workers import roster as roster_writes
from gridmap.store.writes.workers.roster import Period, WorkerValues

MOBILE_LIKE = N_(
    "{phone} looks like a mobile phone: private numbers must not be published. Enter an office phone, or"
    " confirm that this one belongs to the office"
)
NO_PHONE = N_("{phone} is no phone number")
SAME_NAME = N_("{name} is on the roster already; add something that tells the two apart")
NAME_MISSING = N_("enter a name")
BEFORE_FIRST = N_("the last day is before the first day in office, {first}")
ON_LEAVE = N_("{worker} is on leave until {last}, with {substitute} as substitute: end the leave first")
BEGAN_LATER = N_("a duty began on {first}, after this day: choose a later one")


@dataclass(frozen=True)
class PersonRequest:
    """Values of a form about a person; `is_office_phone` confirms a number that looks private."""

    name: str
    office_phone: str
    full_time: bool
    is_office_phone: bool = False


def add_person(
    session: Session, caller: Caller, community_id: int, request: PersonRequest, first: date | None = None
) -> int:
    """Add a person to the roster of a community, from a day on, by default today; return the key.

    Raises
    ------
    InvalidInput
        If the name is missing or on the roster already, or the phone is none, or a private one.
    NotFound
        If the caller does not keep the roster of the community.
    """
    if territory.find_community(session, caller, community_id) is None or not roster_services.can_edit(caller):
        raise NotFound(community_id)
    locks.lock_roster(session, community_id)
    today = get_today(session)
    values = _check_person(request, list_workers(session, caller, community_id, today))
    return roster_writes.insert_worker(session, caller, community_id, values, first or today)


def change_person(session: Session, caller: Caller, worker_id: int, request: PersonRequest) -> None:
    """Change name, office phone and full time of a person.

    Raises
    ------
    InvalidInput
        As in `add_person`.
    NotFound
        If the caller does not keep the roster of the person's community.
    """
    worker = require_editable(session, caller, worker_id)
    others = [each for each in list_workers(session, caller, worker.community_id, get_today(session)) if each != worker]
    roster_writes.change_worker(session, caller, worker_id, _check_person(request, others, worker))


def end_office(session: Session, caller: Caller, worker_id: int, last: date) -> None:
    """End the office of a person and all duties with a last day; later duties are taken back.

    Raises
    ------
    InvalidInput
        If the day is before the first one, a duty began after it, or a leave is not over.
    NotFound
        If the caller does not keep the roster of the person's community.
    """
    worker = require_editable(session, caller, worker_id)
    locks.lock_roster(session, worker.community_id)
    if last < worker.first:
        raise InvalidInput([_fault("last", BEFORE_FIRST, first=worker.first)])
    person = roster_services.get_person_roster(session, caller, worker_id)
    for leave in person.leaves:
        if leave.last > last:
            names = {"worker": leave.worker, "last": leave.last, "substitute": leave.substitute}
            raise InvalidInput([_fault("last", ON_LEAVE, **names)])
    for duty in list_duties_of_worker(session, caller, worker_id):
        _end_with_office(session, caller, duty, last)
    roster_writes.set_office_period(session, caller, worker_id, Period(worker.first, last))


def set_station_phone(session: Session, caller: Caller, community_id: int, phone: str, *, is_office: bool) -> None:
    """Set the office phone of the workstation of a community; an empty one removes it.

    Raises
    ------
    InvalidInput
        If it is no phone, or a private one.
    NotFound
        If the caller does not keep the roster of the community.
    """
    if territory.find_community(session, caller, community_id) is None or not roster_services.can_edit(caller):
        raise NotFound(community_id)
    checked = _require_phone(phone, is_office=is_office)
    roster_writes.set_station_phone(session, caller, community_id, checked)


def set_supervision_phone(
    session: Session, caller: Caller, subdistrict_id: int, phone: str, *, is_office: bool
) -> None:
    """Set the phone for complaints of a subdistrict; an empty one removes it.

    Raises
    ------
    InvalidInput
        If it is no phone, or a private one.
    NotFound
        If the caller does not administer the subdistrict as a whole.
    """
    get_supervised(session, caller, subdistrict_id)
    checked = _require_phone(phone, is_office=is_office)
    roster_writes.set_supervision_phone(session, caller, subdistrict_id, checked)


def get_supervised(session: Session, caller: Caller, subdistrict_id: int) -> SubdistrictRow:
    """Return a subdistrict whose phone for complaints the caller sets.

    Raises
    ------
    NotFound
        If the caller does not administer the subdistrict as a whole.
    """
    subdistrict = territory.find_subdistrict(session, caller, subdistrict_id)
    if subdistrict is None or not can_set_supervision_phone(caller, subdistrict_id):
        raise NotFound(subdistrict_id)
    return subdistrict


def can_set_supervision_phone(caller: Caller, subdistrict_id: int) -> bool:
    """Return whether the caller administers a subdistrict as a whole.

    >>> can_set_supervision_phone(Caller(role=Role.ADMIN, whole_subdistrict_ids=(3,)), 3)
    True
    """
    return caller.trusted or (caller.role is Role.ADMIN and subdistrict_id in caller.whole_subdistrict_ids)


def require_editable(session: Session, caller: Caller, worker_id: int) -> WorkerRow:
    """Return a person whose roster the caller keeps.

    Raises
    ------
    NotFound
        If the caller does not.
    """
    if not roster_services.can_edit(caller):
        raise NotFound(worker_id)
    return roster_services.get_person_roster(session, caller, worker_id).worker


def _check_person(
    request: PersonRequest, others: Sequence[WorkerRow], present: WorkerRow | None = None
) -> WorkerValues:
    """Return the values of a person; a phone that is stored already needs no confirmation."""
    name, phone = request.name.strip(), normalise_phone(request.office_phone)
    is_confirmed = request.is_office_phone or bool(present and phone == present.office_phone)
    faults = [*_phone_faults(phone, "office_phone", is_office=is_confirmed)]
    if not name:
        faults.append(_fault("name", NAME_MISSING))
    if name in {each.name for each in others}:
        faults.append(_fault("name", SAME_NAME, name=name))
    if faults:
        raise InvalidInput(faults)
    return WorkerValues(name, phone or None, request.full_time)


def _require_phone(text: str, *, is_office: bool) -> str | None:
    phone = normalise_phone(text)
    if faults := _phone_faults(phone, "phone", is_office=is_office):
        raise InvalidInput(faults)
    return phone or None


def _phone_faults(phone: str, column: str, *, is_office: bool) -> list[InputFault]:
    if phone and not is_phone(phone):
        return [_fault(column, NO_PHONE, phone=phone)]
    if is_mobile_like(phone) and not is_office:
        return [_fault(column, MOBILE_LIKE, phone=phone)]
    return []


def _end_with_office(session: Session, caller: Caller, duty: DutyRow, last: date) -> None:
    if duty.first > last:
        if duty.first < get_today(session):
            raise InvalidInput([_fault("last", BEGAN_LATER, first=duty.first)])
        roster_writes.cancel_duty(session, duty.id)
    elif duty.last is None or duty.last > last:
        roster_writes.set_duty_period(session, caller, duty.id, Period(duty.first, last))


def _fault(column: str, problem: str, **values: object) -> InputFault:
    return InputFault(Message(problem, values), column=column)
