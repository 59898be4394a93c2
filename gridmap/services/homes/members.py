"""Members of a household: births and people who move in, corrections, deaths and people who leave."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, InputFault, InvalidInput, Message, NotFound
from gridmap.core.privacy import id_numbers
from gridmap.services.accounts.encryption_keys import load_key_ring
from gridmap.services.homes.sources import NOT_YET, Origin, lock_version, name_source, require_station
from gridmap.services.people import residents as masked_residents
from gridmap.services.people.residents import MaskedResident
from gridmap.store.day_bounds import get_today
from gridmap.store.queries.homes import households
from gridmap.store.queries.homes.households import HouseholdRow, MemberKey
from gridmap.store.queries.people import residents as resident_queries
from gridmap.store.writes.homes import homes as home_writes

EARLIEST_YEAR = 1880
NAME_MISSING = N_("enter a name")
NO_YEAR = N_("a year of birth from {first} to {last}")
OTHER_YEAR = N_("the identity number says {year}")
TWICE = N_("a resident of {building}, {dwelling} has this identity number: end or correct that record first")
NOTHING = N_("enter what is to be corrected")
BEFORE_FIRST = N_("the person is here since {first}, after this day")
BEFORE_HOUSEHOLD = N_("the household moved in on {first}, after this day")
OVER = N_("the household has moved out already")


@dataclass(frozen=True)
class MemberValues:
    """Values of a person that are entered; an empty value of a correction leaves what is stored."""

    name: str = ""
    birth_year: int | None = None
    id_number: str = ""
    phone: str = ""


@dataclass(frozen=True)
class HouseholdAt:
    """A household in the version that a page showed."""

    household_id: int
    version: int


def add_member(
    session: Session, caller: Caller, at: HouseholdAt, values: MemberValues, first: date | None, origin: Origin
) -> None:
    """Add a member to a household, who is born or moves in on a day.

    Raises
    ------
    HouseholdChanged
        If somebody has changed the household since the page was opened.
    InvalidInput
        If the name is missing, a number is wrong or belongs to another resident, or a day or the source is wrong.
    NotFound
        If the caller does not keep the homes of the building.
    """
    require_station(caller, at.household_id)
    household, today = lock_version(session, caller, at.household_id, at.version), get_today(session)
    day = first or today
    faults = [*_value_faults(values, today), *_day_faults(household, day, today)]
    if not values.name.strip():
        faults.append(_fault("name", NAME_MISSING))
    if faults or (faults := _duplicate_faults(session, caller, values, None)):
        raise InvalidInput(faults)
    source = name_source(session, origin, household.subdistrict_id)
    home_writes.insert_resident(session, household, _columns(session, values), day, source)


def correct_member(
    session: Session, caller: Caller, resident_id: int, values: MemberValues, version: int, origin: Origin
) -> MemberKey:
    """Correct a resident; what is left empty stays. Workers do this for residents of their grids, too.

    Raises
    ------
    HouseholdChanged
        If somebody has changed the household since the page was opened.
    InvalidInput
        If nothing is entered, a number is wrong or belongs to another resident, or the source is missing.
    NotFound
        If the caller does not see the resident.
    """
    member = get_member(session, caller, resident_id)
    lock_version(session, caller, member.household_id, version)
    faults = list(_value_faults(values, get_today(session)))
    if values == MemberValues():
        faults.append(_fault("name", NOTHING))
    if faults or (faults := _duplicate_faults(session, caller, values, resident_id)):
        raise InvalidInput(faults)
    name_source(session, origin, member.subdistrict_id)
    home_writes.change_resident(session, caller, resident_id, _columns(session, values))
    return member


def end_member(
    session: Session, caller: Caller, resident_id: int, last: date, version: int, origin: Origin
) -> MemberKey:
    """End the membership of a resident who died or left, with a last day.

    Raises
    ------
    HouseholdChanged
        If somebody has changed the household since the page was opened.
    InvalidInput
        If the day is before the first one or still to come, or the source is missing.
    NotFound
        If the caller does not see the resident.
    """
    member = get_member(session, caller, resident_id)
    lock_version(session, caller, member.household_id, version)
    if last < member.first:
        raise InvalidInput([_fault("last", BEFORE_FIRST, first=member.first)])
    if last > get_today(session):
        raise InvalidInput([_fault("last", NOT_YET)])
    name_source(session, origin, member.subdistrict_id)
    home_writes.end_resident(session, caller, resident_id, member.first, last)
    return member


def list_masked(
    session: Session, caller: Caller, household_id: int, address: str | None = None
) -> Sequence[MaskedResident]:
    """Return today's members of a household, masked, and record the list; empty where nobody is recorded."""
    try:
        return masked_residents.list_household(session, caller, household_id, address)
    except NotFound:
        return ()


def get_member(session: Session, caller: Caller, resident_id: int) -> MemberKey:
    """Return a resident of today, without anything personal.

    Raises
    ------
    NotFound
        If the caller does not see the resident.
    """
    member = households.find_member(session, caller, resident_id)
    if member is None:
        raise NotFound(resident_id)
    return member


def _columns(session: Session, values: MemberValues) -> dict[str, object]:
    """Return the columns of the values that were entered; numbers are encrypted."""
    columns: dict[str, object] = {}
    if values.name.strip():
        columns["name"] = values.name.strip()
    if year := values.birth_year or _year_of(values.id_number):
        columns["birth_year"] = year
    if values.id_number.strip() or values.phone.strip():
        numbers = masked_residents.encrypt_numbers(load_key_ring(session), values.id_number, values.phone)
        columns |= {name: value for name, value in numbers.items() if value is not None}
    return columns


def _value_faults(values: MemberValues, today: date) -> Iterator[InputFault]:
    number = id_numbers.normalise_id_number(values.id_number)
    if number and (problem := id_numbers.id_number_problem(number)):
        yield InputFault(problem, column="id_number")
    elif number and values.birth_year not in (None, _year_of(number)):
        yield _fault("birth_year", OTHER_YEAR, year=_year_of(number))
    if values.birth_year is not None and not EARLIEST_YEAR <= values.birth_year <= today.year:
        yield _fault("birth_year", NO_YEAR, first=EARLIEST_YEAR, last=today.year)


def _day_faults(household: HouseholdRow, day: date, today: date) -> Iterator[InputFault]:
    if household.last is not None:
        yield _fault("", OVER)
    if day < household.first:
        yield _fault("first", BEFORE_HOUSEHOLD, first=household.first)
    if day > today:
        yield _fault("first", NOT_YET)


def _duplicate_faults(session: Session, caller: Caller, values: MemberValues, own_id: int | None) -> list[InputFault]:
    """Return a fault if another resident of the caller's buildings has the identity number."""
    number = id_numbers.normalise_id_number(values.id_number)
    if not number:
        return []
    indexes = load_key_ring(session).blind_indexes(number)
    rows = resident_queries.find_residents_by_blind_index(session, caller, "id_number", indexes, 2)
    others = [row for row in rows if row.id != own_id]
    return [_fault("id_number", TWICE, building=row.building, dwelling=row.dwelling or "–") for row in others[:1]]


def _year_of(id_number: str) -> int | None:
    number = id_numbers.normalise_id_number(id_number)
    return int(number[6:10]) if len(number) == 18 and number[6:10].isdecimal() else None


def _fault(column: str, problem: str, **values: object) -> InputFault:
    return InputFault(Message(problem, values), column=column)
