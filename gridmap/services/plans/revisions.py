"""Revisions of a community's plans: their status, their adoption periods and the latest one."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, Message, NotFound, NotPossible
from gridmap.core.plans.grid_status import GRID_STATUS_NAMES, GridStatusName
from gridmap.core.plans.norm import GridLoad, judge_grid
from gridmap.services.grids import norms
from gridmap.store.day_bounds import get_today
from gridmap.store.queries import territory
from gridmap.store.queries.grids.grids_in_force import SubdistrictDay
from gridmap.store.queries.plans import adoptions as adoption_queries
from gridmap.store.queries.plans import revisions as revision_queries
from gridmap.store.queries.plans.adoptions import AdoptionRow
from gridmap.store.queries.plans.norms import NormPlace, count_judged_residents
from gridmap.store.queries.plans.revisions import PlanRow, RevisionRow
from gridmap.store.queries.territory import CommunityRow

NEWER_SAVED = N_("Another user has saved a newer revision since you opened this page.")
RevisionStatus = Literal["in_force", "planned", "past", "draft"]


@dataclass(frozen=True)
class AdoptionPeriod:
    """Days on which a revision is in force; `last` is None while no end is known."""

    first: date
    last: date | None
    adopted_by: str | None
    note: str | None


@dataclass(frozen=True)
class RevisionSummary:
    """A revision as planners see it.

    Parameters
    ----------
    row : RevisionRow
    created_by : str or None
        Name of the account that saved it; None for a command.
    status_counts : mapping
        Grids by status: with the households when it was saved, judged by the norm of today.
    adoption_periods : sequence of AdoptionPeriod
    status : {"in_force", "planned", "past", "draft"}
    """

    row: RevisionRow = field(repr=False)
    created_by: str | None
    status_counts: Mapping[GridStatusName, int]
    adoption_periods: Sequence[AdoptionPeriod]
    status: RevisionStatus

    @property
    def id(self) -> int:
        """Key of the revision."""
        return self.row.id

    @property
    def number(self) -> int:
        """Number within the plan."""
        return self.row.number

    @property
    def plan_name(self) -> str:
        """Name of the plan."""
        return self.row.plan_name

    @property
    def created_at(self) -> datetime:
        """Time of saving."""
        return self.row.created_at

    @property
    def grid_count(self) -> int:
        """Number of grids."""
        return sum(self.status_counts.values())


@dataclass(frozen=True)
class PlanHistory:
    """A plan with its revisions in the order of their numbers."""

    plan: PlanRow
    revisions: Sequence[RevisionRow]


class EditConflict(NotPossible):
    """A change of a revision that is no longer the latest.

    Parameters
    ----------
    newer_revisions : sequence of RevisionSummary
        The newest first.
    """

    def __init__(self, newer_revisions: Sequence[RevisionSummary]) -> None:
        super().__init__(Message(NEWER_SAVED))
        self.newer_revisions = newer_revisions


def get_community(session: Session, caller: Caller, community_id: int) -> CommunityRow:
    """Return a community in which the caller works.

    Raises
    ------
    NotFound
        If there is none.
    """
    community = territory.find_community(session, caller, community_id)
    if community is None:
        raise NotFound
    return community


def norm_place(community: CommunityRow) -> NormPlace:
    """Return a community as a place of norms."""
    return NormPlace(community.subdistrict_id, community.id)


def list_plans(session: Session, caller: Caller, community_id: int) -> Sequence[PlanHistory] | None:
    """Return the plans of a community, the oldest first; None where the caller does not work in it."""
    if territory.find_community(session, caller, community_id) is None:
        return None
    plans = revision_queries.list_plans(session, caller, community_id)
    rows = revision_queries.list_community_revisions(session, caller, community_id)
    by_number = sorted(rows, key=lambda row: row.number)
    return [PlanHistory(plan, [row for row in by_number if row.plan_id == plan.id]) for plan in plans]


def list_community_revisions(session: Session, caller: Caller, community_id: int) -> Sequence[RevisionSummary]:
    """Return all revisions of a community, the newest first."""
    rows = revision_queries.list_community_revisions(session, caller, community_id)
    adoptions = adoption_queries.list_community_adoptions(session, caller, community_id)
    return _load_summaries(session, caller, rows, adoptions)


def list_subdistrict_revisions(
    session: Session, caller: Caller, subdistrict_id: int
) -> Mapping[int, Sequence[RevisionSummary]]:
    """Return the revisions of all communities of a subdistrict, by community."""
    rows = revision_queries.list_subdistrict_revisions(session, caller, subdistrict_id)
    adoptions = adoption_queries.list_subdistrict_adoptions(session, caller, subdistrict_id)
    by_community: dict[int, list[RevisionSummary]] = {}
    for summary in _load_summaries(session, caller, rows, adoptions):
        by_community.setdefault(summary.row.community_id, []).append(summary)
    return by_community


def get_revision(session: Session, caller: Caller, revision_id: int) -> RevisionSummary:
    """Return one revision.

    Raises
    ------
    NotFound
        If the caller does not work in its community.
    """
    row = revision_queries.find_revision(session, caller, revision_id)
    if row is None:
        raise NotFound
    adoptions = adoption_queries.list_revision_adoptions(session, caller, revision_id)
    return _load_summaries(session, caller, [row], adoptions)[0]


def require_latest(
    session: Session, caller: Caller, community_id: int, base_revision_id: int | None, *, lock: bool = True
) -> None:
    """Refuse a change that was made without knowing the latest revision.

    Parameters
    ----------
    session : Session
    caller : Caller
    community_id : int
    base_revision_id : int or None
        Latest revision that the planner has seen.
    lock : bool
        True to keep others from saving a revision until the transaction ends.

    Raises
    ------
    EditConflict
        If there is a newer one.
    """
    latest = revision_queries.latest_revision_id(session, caller, community_id, lock=lock)
    if latest != base_revision_id:
        revisions = list_community_revisions(session, caller, community_id)
        raise EditConflict([each for each in revisions if each.id > (base_revision_id or 0)])


def revision_status(periods: Sequence[AdoptionPeriod], today: date) -> RevisionStatus:
    """Return the status of a revision with some adoption periods.

    Examples
    --------
    >>> period = AdoptionPeriod(date(2026, 1, 1), date(2026, 12, 31), None, None)
    >>> [revision_status([period], day) for day in (date(2025, 5, 1), date(2026, 12, 31), date(2027, 1, 1))]
    ['planned', 'in_force', 'past']
    """
    if any(period.first <= today and (period.last is None or today <= period.last) for period in periods):
        return "in_force"
    if any(period.first > today for period in periods):
        return "planned"
    return "past" if periods else "draft"


def _load_summaries(
    session: Session, caller: Caller, rows: Sequence[RevisionRow], adoptions: Sequence[AdoptionRow]
) -> list[RevisionSummary]:
    if not rows:
        return []
    names = revision_queries.get_planner_names(session, rows[0].subdistrict_id)
    today = get_today(session)
    counts = _count_by_status(session, caller, rows, today)
    periods: dict[int, list[AdoptionPeriod]] = {}
    for adoption in adoptions:
        periods.setdefault(adoption.revision_id, []).append(_adoption_period(adoption, names))
    return [_revision_summary(row, names, counts.get(row.id, {}), periods.get(row.id, []), today) for row in rows]


def _count_by_status(
    session: Session, caller: Caller, rows: Sequence[RevisionRow], today: date
) -> Mapping[int, Mapping[GridStatusName, int]]:
    """Return the number of grids of revisions of a subdistrict by status, by revision."""
    day = SubdistrictDay(rows[0].subdistrict_id, today)
    norms_of_day = norms.load_norms(session, caller, day)
    by_id = {row.id: (row, norms_of_day.of(row.community_id).norm) for row in rows}
    with_persons = sorted(key for key, (_, norm) in by_id.items() if norm.persons)
    persons = count_judged_residents(session, caller, day, with_persons) if with_persons else {}
    counts: dict[int, Counter[GridStatusName]] = {}
    for grid in revision_queries.list_saved_grids(session, caller, list(by_id)):
        row, norm = by_id[grid.revision_id]
        households = grid.households if row.household_kind is norm.household_kind else None
        load = GridLoad(households, persons.get((row.id, grid.grid_id)))
        counts.setdefault(row.id, Counter())[judge_grid(grid.kind, load, norm)] += 1
    return counts


def _adoption_period(adoption: AdoptionRow, account_names: Mapping[int, str]) -> AdoptionPeriod:
    last = adoption.end - timedelta(days=1) if adoption.end else None
    return AdoptionPeriod(adoption.first, last, account_names.get(adoption.adopted_by or 0), adoption.note)


def _revision_summary(
    row: RevisionRow,
    account_names: Mapping[int, str],
    status_counts: Mapping[GridStatusName, int],
    periods: Sequence[AdoptionPeriod],
    today: date,
) -> RevisionSummary:
    counts = {status: status_counts.get(status, 0) for status in GRID_STATUS_NAMES}
    created_by = account_names.get(row.created_by or 0)
    return RevisionSummary(row, created_by, counts, periods, revision_status(periods, today))
