"""Removal of counts of a building that were entered for a wrong day; what was removed, by whom and why, is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, InputFault, InvalidInput, Message
from gridmap.core.vocabulary import HouseholdKind, PopulationKind
from gridmap.services.land.buildings import get_building
from gridmap.store.queries.land import removed_counts
from gridmap.store.queries.land.removed_counts import RemovedCountRow, parse_count_kind
from gridmap.store.writes.land import buildings as building_writes

__all__ = ["CountRemoval", "RemovedCountRow", "list_removed_counts", "parse_count_kind", "remove_count"]

NO_COUNT = N_("There is no such count any more. Choose one of the list.")
NO_REASON = N_("Say why the count is removed.")


@dataclass(frozen=True)
class CountRemoval:
    """A count to remove, by its kind and day, and the reason."""

    kind: HouseholdKind | PopulationKind
    as_of: date
    reason: str


def list_removed_counts(session: Session, caller: Caller, building_id: int) -> Sequence[RemovedCountRow]:
    """Return the removed counts of a building, the newest removal first.

    Raises
    ------
    NotFound
        If the caller does not work in its community.
    """
    get_building(session, caller, building_id)
    return removed_counts.list_removed_counts(session, building_id)


def remove_count(session: Session, caller: Caller, building_id: int, removal: CountRemoval) -> None:
    """Remove a count of households, or of persons with those of 60 and older of its day.

    Figures of every day follow at once: those of closed months, and of saved revisions, stay as they were.

    Parameters
    ----------
    session : Session
        Of a planner of the community, or of the owner.
    caller : Caller
    building_id : int
    removal : CountRemoval

    Raises
    ------
    NotFound
        If the caller does not work in the community of the building.
    InvalidInput
        If there is no such count, or the reason is empty.
    """
    get_building(session, caller, building_id)
    if not removal.reason.strip():
        raise InvalidInput([InputFault(Message(NO_REASON), column="reason")])
    if not building_writes.remove_count(session, building_id, removal.kind, removal.as_of, removal.reason):
        raise InvalidInput([InputFault(Message(NO_COUNT), column="count")])
