"""Households that move into a dwelling, change, and move out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, InputFault, InvalidInput, Message, NotFound
from gridmap.services.homes.sources import NOT_YET, Origin, get_household, lock_version, name_source, require_station
from gridmap.store import locks
from gridmap.store.day_bounds import get_today
from gridmap.store.queries.homes import households
from gridmap.store.queries.homes.households import DwellingRow, HouseholdRow
from gridmap.store.queries.journal.changes import FieldSource, load_field_sources
from gridmap.store.writes.homes import homes as home_writes
from gridmap.store.writes.homes.homes import HouseholdValues

__all__ = [
    "DwellingRow",
    "FieldSource",
    "HouseholdRow",
    "HouseholdValues",
    "change_dwelling",
    "change_household",
    "list_field_sources",
    "load_dwelling",
    "move_in",
    "move_out",
    "place_household",
]
HOUSEHOLD_FIELDS = ("occupancy", "residence", "kind", "valid")
MEMBER_FIELDS = ("name", "birth_year", "id_number_encrypted", "phone_encrypted", "valid")
SAME_NUMBER = N_("the unit has another dwelling with this number")
MOVED_IN_TWICE = N_("a household that moved in on this day has no members yet: open it instead of adding another one")
BEFORE_FIRST = N_("the household moved in on {first}, after this day")
OVER = N_("the household has moved out already")
OTHER_BUILDING = N_("the dwelling is in another building")


@dataclass(frozen=True)
class DwellingHomes:
    """A dwelling with its households of today, and those before."""

    dwelling: DwellingRow
    present: Sequence[HouseholdRow]
    past: Sequence[HouseholdRow]


def load_dwelling(session: Session, caller: Caller, dwelling_id: int) -> DwellingHomes:
    """Return a dwelling with its households, without names.

    Raises
    ------
    NotFound
        If it is not in the buildings of the caller.
    """
    dwelling = _get_dwelling(session, caller, dwelling_id)
    rows, today = households.list_households(session, caller, dwelling_id), get_today(session)
    present = [each for each in rows if each.last is None or each.last >= today]
    return DwellingHomes(dwelling, present, [each for each in rows if each not in present])


def change_dwelling(
    session: Session, caller: Caller, dwelling_id: int, door: tuple[str, int | None, bool], origin: Origin
) -> None:
    """Change number, floor and vacancy of a dwelling.

    Raises
    ------
    InvalidInput
        If the unit has another dwelling with the number, or the source is missing.
    NotFound
        If the caller does not keep the homes of the building.
    """
    require_station(caller, dwelling_id)
    dwelling, (number, floor, vacant) = _get_dwelling(session, caller, dwelling_id), door
    if (dwelling.unit, number.strip()) in households.list_numbers(session, caller, dwelling):
        raise InvalidInput([InputFault(Message(SAME_NUMBER), column="number")])
    name_source(session, origin, dwelling.subdistrict_id)
    home_writes.change_dwelling(session, caller, dwelling_id, number=number.strip(), floor=floor, vacant=vacant)


def move_in(
    session: Session, caller: Caller, dwelling_id: int, values: HouseholdValues, first: date | None, origin: Origin
) -> int:
    """Let a household move into a dwelling, which is not vacant any more, and return its key.

    Raises
    ------
    InvalidInput
        If the day is still to come, the source is missing, or a household of the day has no members yet: a form that
        was sent twice adds one household.
    NotFound
        If the caller does not keep the homes of the building.
    """
    require_station(caller, dwelling_id)
    dwelling, today = _get_dwelling(session, caller, dwelling_id), get_today(session)
    day = first or today
    if day > today:
        raise InvalidInput([InputFault(Message(NOT_YET), column="first")])
    locks.lock_household(session, -dwelling_id)
    for household in households.list_households(session, caller, dwelling_id):
        if household.first == day and household.members == 0 and household.last is None:
            raise InvalidInput([InputFault(Message(MOVED_IN_TWICE), column="first")])
    source = name_source(session, origin, dwelling.subdistrict_id)
    if dwelling.vacant:
        number, floor = dwelling.number, dwelling.floor
        home_writes.change_dwelling(session, caller, dwelling_id, number=number, floor=floor, vacant=False)
    return home_writes.insert_household(session, dwelling, values, day, source)


def change_household(
    session: Session, caller: Caller, household_id: int, values: HouseholdValues, version: int, origin: Origin
) -> None:
    """Change how a household lives in its dwelling.

    Raises
    ------
    HouseholdChanged
        If somebody has changed it since the page was opened.
    InvalidInput
        If the source is missing.
    NotFound
        If the caller does not keep the homes of the building.
    """
    require_station(caller, household_id)
    household = lock_version(session, caller, household_id, version)
    name_source(session, origin, household.subdistrict_id)
    home_writes.change_household(session, caller, household_id, values)


def place_household(
    session: Session, caller: Caller, household_id: int, dwelling_id: int, version: int, origin: Origin
) -> None:
    """Set the dwelling of a household whose dwelling was not known.

    Raises
    ------
    HouseholdChanged
        If somebody has changed it since the page was opened.
    InvalidInput
        If the dwelling is in another building, or the source is missing.
    NotFound
        If the caller does not keep the homes of the building.
    """
    require_station(caller, household_id)
    household = lock_version(session, caller, household_id, version)
    if _get_dwelling(session, caller, dwelling_id).building_id != household.building_id:
        raise InvalidInput([InputFault(Message(OTHER_BUILDING), column="dwelling_id")])
    name_source(session, origin, household.subdistrict_id)
    home_writes.set_dwelling(session, caller, household_id, dwelling_id)


def move_out(session: Session, caller: Caller, household_id: int, last: date, version: int, origin: Origin) -> None:
    """Let a household move out with all its members, after a last day.

    Raises
    ------
    HouseholdChanged
        If somebody has changed it since the page was opened.
    InvalidInput
        If the day is before it moved in or still to come, it has moved out, or the source is missing.
    NotFound
        If the caller does not keep the homes of the building.
    """
    require_station(caller, household_id)
    household = lock_version(session, caller, household_id, version)
    if household.last is not None:
        raise InvalidInput([InputFault(Message(OVER))])
    if last < household.first:
        raise InvalidInput([InputFault(Message(BEFORE_FIRST, {"first": household.first}), column="last")])
    if last > get_today(session):
        raise InvalidInput([InputFault(Message(NOT_YET), column="last")])
    name_source(session, origin, household.subdistrict_id)
    home_writes.end_household(session, caller, household, last)


def list_field_sources(session: Session, caller: Caller, household_id: int) -> dict[tuple[int, str], FieldSource]:
    """Return source and day of the fields of a household (key 0) and of its members, as far as the journal knows."""
    get_household(session, caller, household_id)
    members = [each.id for each in households.list_member_keys(session, caller, household_id)]
    of_household = load_field_sources(session, "household", [household_id])
    of_members = load_field_sources(session, "resident", members)
    found = {(0, field): of_household.get(household_id, field) for field in HOUSEHOLD_FIELDS}
    found |= {(key, field): of_members.get(key, field) for key in members for field in MEMBER_FIELDS}
    return {key: source for key, source in found.items() if source is not None}


def _get_dwelling(session: Session, caller: Caller, dwelling_id: int) -> DwellingRow:
    dwelling = households.find_dwelling(session, caller, dwelling_id)
    if dwelling is None:
        raise NotFound(dwelling_id)
    return dwelling
