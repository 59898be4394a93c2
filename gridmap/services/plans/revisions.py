"""Versions of a community's plan: which there are, which holds when, and what one has otherwise than another."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, Message, NotFound, NotPossible
from gridmap.core.plans.grid_status import GRID_STATUS_NAMES, GridStatusName, grid_status
from gridmap.core.vocabulary import GridKind
from gridmap.store.access import scope_filter
from gridmap.store.queries import revisions
from gridmap.store.schema import Adoption, Revision, RevisionGrid

NEWER_SAVED = N_("Others have saved a newer version since you opened this page.")
RevisionStatus = Literal["in_force", "planned", "past", "draft"]


@dataclass(frozen=True)
class AdoptionPeriod:
    """Days on which a version holds, held or will hold; `last` is None while no end is known."""

    first: date
    last: date | None
    adopted_by: str | None
    note: str | None


@dataclass(frozen=True)
class RevisionSummary:
    """A revision with what a planner wants to know of it.

    `status_counts` are its grids by state as it was saved, `created_by` who saved it (None for a command), `adoption_periods` when it holds.
    """

    row: Revision = field(repr=False)
    plan_name: str
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
        """Its number within the plan."""
        return self.row.number

    @property
    def created_at(self) -> datetime:
        """When it was saved."""
        return self.row.created_at

    @property
    def grid_count(self) -> int:
        """How many grids it has."""
        return sum(self.status_counts.values())


class EditConflict(NotPossible):
    """Somebody saved a newer version than the one that a change was made on.

    Parameters
    ----------
    newer_revisions : sequence of RevisionSummary
        What was saved meanwhile, the newest first.
    """

    def __init__(self, newer_revisions: Sequence[RevisionSummary]) -> None:
        super().__init__(Message(NEWER_SAVED))
        self.newer_revisions = newer_revisions


@dataclass(frozen=True)
class GridTotals:
    """What a grid holds in a version: households and buildings of today."""

    households: int
    buildings: int
    status: GridStatusName


@dataclass(frozen=True)
class GridShape:
    """A grid of a version for a map; `shape` is GeoJSON."""

    id: int
    code: str
    name: str | None
    kind: GridKind
    totals: GridTotals
    shape: str = field(repr=False)


@dataclass(frozen=True)
class MovedBuilding:
    """A building that is in another grid than in the version compared with; `from_grid` is None for one new since."""

    id: int
    code: str
    name: str | None
    households: int
    from_grid: str | None
    to_grid: str


@dataclass(frozen=True)
class RevisionComparison:
    """Two versions side by side: grids by code, what they hold and are called; buildings that change theirs."""

    totals_by_code: Mapping[str, tuple[GridTotals | None, GridTotals | None]]
    grid_names: Mapping[str, str | None]
    moved_buildings: Sequence[MovedBuilding]

    @property
    def moved_households(self) -> int:
        """Households that change their grid."""
        return sum(each.households for each in self.moved_buildings)

    def status_counts(self, side: int) -> Mapping[GridStatusName, int]:
        """Grids by state: of the version before (0) or after (1)."""
        found = Counter(pair[side].status for pair in self.totals_by_code.values() if pair[side])  # type: ignore[union-attr]
        return {state: found[state] for state in GRID_STATUS_NAMES}


def get_community(session: Session, caller: Caller, community_id: int) -> Any:
    """A community that the account works in.

    Raises
    ------
    NotFound
        If there is none.
    """
    found = revisions.get_community(session, caller, community_id)
    if found is None:
        raise NotFound
    return found


def list_community_revisions(session: Session, caller: Caller, community_id: int) -> Sequence[RevisionSummary]:
    """All versions of a community, the newest first."""
    return _load_summaries(
        session,
        caller,
        revisions.list_revisions(session, caller, Revision.community_id == community_id),
        Adoption.community_id == community_id,
    )


def list_subdistrict_revisions(
    session: Session, caller: Caller, subdistrict_id: int
) -> Mapping[int, Sequence[RevisionSummary]]:
    """Versions of all communities of a subdistrict, by the key of the community."""
    rows = revisions.list_revisions(session, caller, Revision.subdistrict_id == subdistrict_id)
    found: dict[int, list[RevisionSummary]] = {}
    for each in _load_summaries(session, caller, rows, Adoption.subdistrict_id == subdistrict_id):
        found.setdefault(each.row.community_id, []).append(each)
    return found


def get_revision(session: Session, caller: Caller, revision_id: int) -> RevisionSummary:
    """One version.

    Raises
    ------
    NotFound
        If the account does not work there.
    """
    row = revisions.get_revision(session, caller, revision_id)
    if row is None:
        raise NotFound
    return _load_summaries(session, caller, [row], Adoption.revision_id == revision_id)[0]


def require_latest(
    session: Session, caller: Caller, community_id: int, base_revision_id: int | None, *, lock: bool = True
) -> None:
    """Refuse a change that was made without knowing the newest version.

    Parameters
    ----------
    session : Session
    community_id : int
    base_revision_id : int or None
        The newest version that the planner has seen.
    lock : bool
        Whether nobody else may save one until this transaction ends.

    Raises
    ------
    EditConflict
        If there is a newer one.
    """
    newest = revisions.latest_revision_id(session, caller, community_id, lock=lock)
    if newest != base_revision_id:
        raise EditConflict(
            [
                each
                for each in list_community_revisions(session, caller, community_id)
                if each.id > (base_revision_id or 0)
            ]
        )


def compare_revisions(
    session: Session, caller: Caller, before: RevisionSummary | None, after: RevisionSummary, on: date
) -> RevisionComparison:
    """What a version has otherwise than another, with the households of a day.

    Parameters
    ----------
    session : Session
    before : RevisionSummary or None
        None for the first version: nothing is compared then.
    after : RevisionSummary
    on : date
    """
    standing = revisions.list_buildings(session, caller, after.row, on)
    earlier = revisions.list_buildings(session, caller, before.row, on) if before else []
    home = {row.id: row.grid for row in earlier}
    changed = [
        MovedBuilding(row.id, row.code, row.name, row.households, home.get(row.id), row.grid)
        for row in standing
        if before and home.get(row.id) != row.grid
    ]
    sides = (
        _grid_shapes(session, caller, before, earlier) if before else [],
        _grid_shapes(session, caller, after, standing),
    )
    was, now = ({grid.code: grid.totals for grid in side} for side in sides)
    pairs = {code: (was.get(code), now.get(code)) for code in sorted({*was, *now})}
    return RevisionComparison(pairs, {grid.code: grid.name for side in sides for grid in side}, changed)


def list_grids(session: Session, caller: Caller, revision: RevisionSummary, on: date) -> Sequence[GridShape]:
    """Grids of a version by code, with the households and buildings of a day."""
    return _grid_shapes(session, caller, revision, revisions.list_buildings(session, caller, revision.row, on))


def list_buildings(session: Session, caller: Caller, revision: RevisionSummary, on: date) -> Sequence[Any]:
    """Buildings of a day as `gridmap.store.queries.revisions.list_buildings` has them, with their ``shape`` (GeoJSON)."""
    return revisions.list_buildings(session, caller, revision.row, on, revisions.footprint_column())


def _grid_shapes(
    session: Session, caller: Caller, revision: RevisionSummary, buildings: Sequence[Any]
) -> list[GridShape]:
    households: Counter[str] = Counter()
    count = Counter(row.grid for row in buildings)
    for row in buildings:
        households[row.grid] += row.households
    return [
        GridShape(
            row.RevisionGrid.grid_id,
            row.code,
            row.RevisionGrid.name,
            GridKind(row.RevisionGrid.kind),
            _grid_totals(revision, row.RevisionGrid, households[row.code], count[row.code]),
            row.shape,
        )
        for row in revisions.list_grids(session, caller, revision.id)
    ]


def _grid_totals(revision: RevisionSummary, grid: RevisionGrid, households: int, buildings: int) -> GridTotals:
    allowed = revision.row.minimum, revision.row.maximum
    return GridTotals(households, buildings, grid_status(GridKind(grid.kind), households, *allowed))


def _load_summaries(
    session: Session, caller: Caller, rows: Sequence[Any], adoption_condition: Any
) -> list[RevisionSummary]:
    if not rows:
        return []
    today, called = (
        scope_filter.get_today(session),
        revisions.get_planner_names(session, rows[0].Revision.subdistrict_id),
    )
    states = revisions.count_grids_by_status(session, caller, Revision.id.in_([row.Revision.id for row in rows]))
    spans: dict[int, list[AdoptionPeriod]] = {}
    for each in revisions.list_adoptions(session, caller, adoption_condition):
        spans.setdefault(each.revision_id, []).append(_adoption_period(each, called))
    return [_revision_summary(row, called, states, spans.get(row.Revision.id, []), today) for row in rows]


def _adoption_period(adoption: Adoption, account_names: Mapping[int, str]) -> AdoptionPeriod:
    upper = adoption.valid.upper
    last = upper - timedelta(days=1) if upper else None
    return AdoptionPeriod(adoption.valid.lower, last, account_names.get(adoption.adopted_by or 0), adoption.note)


def _revision_summary(
    row: Any,
    account_names: Mapping[int, str],
    status_counts: Mapping[int, Mapping[str, int]],
    periods: Sequence[AdoptionPeriod],
    today: date,
) -> RevisionSummary:
    mine = {state: status_counts.get(row.Revision.id, {}).get(state, 0) for state in GRID_STATUS_NAMES}
    by = account_names.get(row.Revision.created_by or 0)
    return RevisionSummary(row.Revision, row.plan, by, mine, periods, revision_status(periods, today))


def revision_status(periods: Sequence[AdoptionPeriod], today: date) -> RevisionStatus:
    """Whether a version holds, will hold, held, or never did.

    Examples
    --------
    >>> new_year, eve = date(2026, 1, 1), date(2026, 12, 31)
    >>> [revision_status([AdoptionPeriod(new_year, eve, None, None)], day) for day in (date(2025, 5, 1), eve, date(2027, 1, 1))]
    ['planned', 'in_force', 'past']
    """
    if any(span.first <= today and (span.last is None or today <= span.last) for span in periods):
        return "in_force"
    if any(span.first > today for span in periods):
        return "planned"
    return "past" if periods else "draft"
