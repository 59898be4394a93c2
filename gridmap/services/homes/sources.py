"""Source and date of what is entered by hand, and the version of a household that somebody looked at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, InputFault, InvalidInput, Message, NotFound
from gridmap.core.vocabulary import Role
from gridmap.store import locks
from gridmap.store.day_bounds import get_today
from gridmap.store.queries.homes import households
from gridmap.store.queries.homes.households import HouseholdRow
from gridmap.store.queries.people.service_groups import list_membership_ids
from gridmap.store.writes.change_sets import open_change_set

MAX_SOURCE_LENGTH = 400
SOURCE_MISSING = N_("say where it comes from, for example a visit at the door")
NOT_YET = N_("this day is still to come")
SUGGESTED_SOURCES = (
    N_("visit at the door"),
    N_("told by the household"),
    N_("notice of the police station"),
    N_("list of the property management"),
)
"""Sources that a form suggests; any other text may be entered."""


@dataclass(frozen=True)
class Origin:
    """Source of what is entered, and the day that it describes: today where it is empty."""

    source: str
    as_of: date | None = None


class HouseholdChanged(Exception):
    """Somebody has changed the household since the page was opened; nothing was saved."""


def name_source(session: Session, origin: Origin, subdistrict_id: int) -> str:
    """Name the source of the changes of this transaction, and return it.

    Raises
    ------
    InvalidInput
        If there is none, or its day is still to come.
    """
    source = origin.source.strip()
    if not source:
        raise InvalidInput([InputFault(Message(SOURCE_MISSING), column="source")])
    if origin.as_of and origin.as_of > get_today(session):
        raise InvalidInput([InputFault(Message(NOT_YET), column="as_of")])
    open_change_set(session, source, origin.as_of, subdistrict_id=subdistrict_id)
    return source


def get_household(session: Session, caller: Caller, household_id: int) -> HouseholdRow:
    """Return a household.

    Raises
    ------
    NotFound
        If it is not in the buildings of the caller.
    """
    household = households.find_household(session, caller, household_id)
    if household is None:
        raise NotFound(household_id)
    return household


def get_version(session: Session, caller: Caller, household_id: int) -> int:
    """Return the version of a household, which a form carries until it is sent."""
    resident_ids = _member_ids(session, caller, household_id)
    membership_ids = list_membership_ids(session, caller, resident_ids)
    return households.household_version(session, household_id, resident_ids, membership_ids)


def lock_version(session: Session, caller: Caller, household_id: int, version: int) -> HouseholdRow:
    """Return a household that nobody else changes until the transaction ends.

    Raises
    ------
    HouseholdChanged
        If it has another version than the page that was sent.
    NotFound
        If it is not in the buildings of the caller.
    """
    get_household(session, caller, household_id)
    locks.lock_household(session, household_id)
    if get_version(session, caller, household_id) != version:
        raise HouseholdChanged
    return get_household(session, caller, household_id)


def require_station(caller: Caller, key: int) -> None:
    """Require a caller who keeps the homes of its communities.

    Raises
    ------
    NotFound
        If it is another role; workers correct residents of their grids only.
    """
    if caller.role is not Role.STATION:
        raise NotFound(key)


def _member_ids(session: Session, caller: Caller, household_id: int) -> Sequence[int]:
    return [each.id for each in households.list_member_keys(session, caller, household_id)]
