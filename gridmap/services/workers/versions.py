"""Versions of people and grids on the roster, which forms carry until they are sent."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.services.workers import roster as rosters
from gridmap.store import locks
from gridmap.store.queries.journal.changes import list_record_changes
from gridmap.store.queries.workers import roster as roster_queries
from gridmap.store.queries.workers.roster import DutyRow


class RosterChanged(Exception):
    """Somebody has changed the roster since the page was opened; nothing was saved."""


def person_version(session: Session, caller: Caller, worker_id: int) -> int:
    """Return the version of a person: the latest change of the person or of a duty; 0 before the journal."""
    duties = roster_queries.list_duties_of_worker(session, caller, worker_id)
    return _latest_change(session, [worker_id], duties)


def grid_version(session: Session, caller: Caller, grid_id: int) -> int:
    """Return the version of the roster of a grid: the latest change of one of its duties; 0 without one."""
    return _latest_change(session, [], roster_queries.list_duties_of_grid(session, caller, grid_id))


def require_person_version(session: Session, caller: Caller, worker_id: int, version: int) -> None:
    """Keep others from changing the roster of a person's community until the transaction ends.

    Raises
    ------
    NotFound
        If the caller does not see the person.
    RosterChanged
        If the person has another version than the page that was sent.
    """
    locks.lock_roster(session, rosters.get_person_roster(session, caller, worker_id).community.id)
    if person_version(session, caller, worker_id) != version:
        raise RosterChanged


def require_grid_version(session: Session, caller: Caller, grid_id: int, version: int) -> None:
    """Keep others from changing the roster of a grid's community until the transaction ends.

    Raises
    ------
    NotFound
        If the caller does not see the grid.
    RosterChanged
        If the roster of the grid has another version than the page that was sent.
    """
    locks.lock_roster(session, rosters.get_grid_roster(session, caller, grid_id).grid.community_id)
    if grid_version(session, caller, grid_id) != version:
        raise RosterChanged


def require_same_phone(stored: str | None, shown: str) -> None:
    """Require that an office phone is the one that the page showed.

    Raises
    ------
    RosterChanged
        If it is another one.

    Examples
    --------
    >>> require_same_phone(None, "")
    """
    if (stored or "") != shown:
        raise RosterChanged


def _latest_change(session: Session, worker_ids: Sequence[int], duties: Sequence[DutyRow]) -> int:
    changes = [
        *list_record_changes(session, "worker", worker_ids),
        *list_record_changes(session, "duty", [each.id for each in duties]),
    ]
    return max((each.origin.change_set_id for each in changes), default=0)
