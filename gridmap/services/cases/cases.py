"""Cases as people see them: an inbox by urgency, and one case with what may be done with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.cases.machine import list_actions
from gridmap.core.errors import NotFound
from gridmap.core.vocabulary import CaseAction, CaseActor, CaseState, Role
from gridmap.store.queries.cases import candidates, cases, notices, places
from gridmap.store.queries.cases.candidates import CandidateRow
from gridmap.store.queries.cases.cases import MAX_LISTED, CaseRow, NearFilter, OpenCounts, StepRow
from gridmap.store.queries.cases.filters import SOON_DAYS, CaseFilter
from gridmap.store.queries.cases.notices import NoticeRow, PhotoRow
from gridmap.store.queries.cases.places import BorderGrid, GridExtent
from gridmap.store.writes.cases import steps as step_writes

__all__ = [
    "MAX_LISTED",
    "SOON_DAYS",
    "BorderGrid",
    "CandidateRow",
    "CaseDetails",
    "CaseFilter",
    "CaseRow",
    "Inbox",
    "NoticeRow",
    "OpenCounts",
    "PhotoRow",
    "StepRow",
    "count_open",
    "list_near",
    "list_own_reports",
    "list_results",
    "load_case",
    "load_grid_extent",
    "load_inbox",
    "load_photo",
    "open_notices",
    "see_notices",
]
TO_RECEIVE = (CaseState.RECEIVED, CaseState.ACCEPTED)
"""States in which a station has to do something."""


@dataclass(frozen=True)
class CaseDetails:
    """A case with what its page shows.

    Parameters
    ----------
    case : CaseRow
    actors : frozenset of CaseActor
        Parts that the caller has in it.
    actions : tuple of CaseAction
        What the caller may do now, in the order of the buttons.
    steps : sequence of StepRow
        The first one first; none for roles that do not handle cases.
    photos : sequence of PhotoRow
    candidates : sequence of CandidateRow
        Workers who may get it, the first choice first; empty for callers who assign nothing.
    near : sequence of CaseRow
        Cases that may be the same incident; empty for callers who link nothing.
    duplicates : sequence of CaseRow
        Cases that repeat it.
    former_grid : tuple of int and str or None
        Key and code of the grid in force when the case was received, where another one is in force today.
    border_grids : sequence of BorderGrid
        Grids on the other side, where the place is on the border of the grid in force.
    """

    case: CaseRow
    actors: frozenset[CaseActor]
    actions: tuple[CaseAction, ...]
    steps: Sequence[StepRow]
    photos: Sequence[PhotoRow]
    candidates: Sequence[CandidateRow] = ()
    near: Sequence[CaseRow] = ()
    duplicates: Sequence[CaseRow] = ()
    former_grid: tuple[int, str] | None = None
    border_grids: Sequence[BorderGrid] = ()


@dataclass(frozen=True)
class Inbox:
    """Open cases of a station or a worker by what is to be done, the most urgent first."""

    to_do: Sequence[CaseRow]
    with_others: Sequence[CaseRow]

    @property
    def open(self) -> int:
        """Number of the cases."""
        return len(self.to_do) + len(self.with_others)

    @property
    def overdue(self) -> int:
        """Number of cases whose promised day has passed."""
        return sum(each.is_overdue for each in (*self.to_do, *self.with_others))


def load_inbox(session: Session, caller: Caller, filters: CaseFilter | None = None) -> Inbox:
    """Return the open cases of the caller that a filter matches.

    A station's are those to take in or to assign, and those that workers or reporters have; a worker's are the own
    ones, and own reports that are still open. Leaders see the open cases that they may supervise.
    """
    if caller.role is Role.WORKER:
        own = cases.list_handled(session, caller, filters)
        handled = {each.incident_id for each in cases.list_handled(session, caller)}
        reports = cases.list_own_reports(session, caller, filters=filters)
        asked = [each for each in reports if each.state is CaseState.RETURNED]
        others = [each for each in reports if each.days_left is not None and each.incident_id not in handled]
        return Inbox([*asked, *own], [each for each in others if each not in asked])
    listed = cases.list_open(session, caller, filters)
    return Inbox(
        [each for each in listed if each.state in TO_RECEIVE], [each for each in listed if each.state not in TO_RECEIVE]
    )


def count_open(session: Session, caller: Caller, subdistrict_id: int | None = None) -> OpenCounts:
    """Return the numbers of open cases that the inbox of the caller lists, of a subdistrict or of all."""
    return cases.count_open(session, caller, subdistrict_id)


def load_grid_extent(session: Session, caller: Caller, grid_id: int) -> GridExtent | None:
    """Return the extent of a grid in force today, where the caller sees it."""
    return places.find_grid_extent(session, caller, grid_id)


def list_own_reports(session: Session, caller: Caller) -> Sequence[CaseRow]:
    """Return the cases of incidents that the caller reported, the newest first."""
    return cases.list_own_reports(session, caller)


def list_results(session: Session, caller: Caller, shown: Sequence[CaseRow]) -> Mapping[int, str]:
    """Return the words with which cases were closed last, by incident."""
    return cases.list_results(session, caller, [each.incident_id for each in shown])


def load_case(session: Session, caller: Caller, incident_id: int) -> CaseDetails:
    """Return a case with what the caller may do.

    Raises
    ------
    NotFound
        If the caller does not see the incident.
    """
    case = cases.find_case(session, caller, incident_id)
    if case is None:
        raise NotFound(incident_id)
    actors = cases.list_actors(session, incident_id)
    actions = list_actions(case.state, actors)
    former_grid = places.find_former_grid(session, caller, incident_id)
    may_assign, may_link = CaseAction.ASSIGN in actions, CaseAction.LINK_DUPLICATE in actions
    return CaseDetails(
        case,
        actors,
        actions,
        cases.list_steps(session, caller, incident_id),
        notices.list_photos(session, caller, incident_id),
        candidates.list_candidates(session, caller, incident_id) if may_assign else (),
        _list_possible_duplicates(session, caller, case) if may_link else (),
        cases.list_duplicates(session, caller, incident_id),
        former_grid if former_grid and former_grid[0] != case.grid_id else None,
        places.list_border_grids(session, caller, incident_id),
    )


def list_near(
    session: Session, caller: Caller, place: tuple[float, float], subdistrict_id: int, category: str
) -> Sequence[CaseRow]:
    """Return cases of a category within 50 m and 7 days of a place that is about to be reported, the nearest first.

    Parameters
    ----------
    session : Session
    caller : Caller
    place : tuple of float
        Longitude and latitude (WGS 84, degrees).
    subdistrict_id : int
    category : str
    """
    return cases.list_near(session, caller, place, NearFilter(subdistrict_id, category))


def open_notices(session: Session, caller: Caller) -> Sequence[NoticeRow]:
    """Return the caller's notices about cases, the newest first; they count as seen from then on."""
    listed = notices.list_notices(session, caller)
    step_writes.see_notices(session)
    return listed


def see_notices(session: Session, incident_id: int) -> None:
    """Mark the caller's notices about a case as seen."""
    step_writes.see_notices(session, incident_id)


def load_photo(session: Session, caller: Caller, incident_id: int, photo_id: UUID) -> bytes:
    """Return a photo as JPEG.

    Raises
    ------
    NotFound
        If the caller sees no such photo.
    """
    content = notices.get_photo_content(session, caller, incident_id, photo_id)
    if content is None:
        raise NotFound(photo_id)
    return content


def _list_possible_duplicates(session: Session, caller: Caller, case: CaseRow) -> Sequence[CaseRow]:
    filters = NearFilter(case.subdistrict_id, case.category, except_id=case.incident_id)
    return cases.list_near(session, caller, (case.longitude, case.latitude), filters)
