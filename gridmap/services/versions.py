"""Versions of a community's plan: which there are, which holds when, and what one has otherwise than another."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal

from sqlalchemy.orm import Session

from gridmap.core.errors import N_, Message, Unable, Unseen
from gridmap.core.names import GridKind
from gridmap.services.grids import STATES, State, state_of
from gridmap.store import extent, planned
from gridmap.store.schema import Adoption, Revision, RevisionGrid

OUTDATED = N_("Others have saved a newer version since you opened this page.")
Standing = Literal["in_force", "planned", "past", "draft"]


@dataclass(frozen=True)
class Span:
    """Days on which a version holds, held or will hold; `last` is None while no end is known."""

    first: date
    last: date | None
    by: str | None
    note: str | None


@dataclass(frozen=True)
class Version:
    """A revision with what a planner wants to know of it.

    `states` are its grids by state as it was saved, `by` who saved it (None for a command), `spans` when it holds.
    """

    revision: Revision = field(repr=False)
    plan: str
    by: str | None
    states: Mapping[State, int]
    spans: Sequence[Span]
    standing: Standing

    @property
    def id(self) -> int:
        """Key of the revision."""
        return self.revision.id

    @property
    def number(self) -> int:
        """Its number within the plan."""
        return self.revision.number

    @property
    def made_at(self) -> datetime:
        """When it was saved."""
        return self.revision.made_at

    @property
    def grids(self) -> int:
        """How many grids it has."""
        return sum(self.states.values())


class Outdated(Unable):
    """Somebody saved a newer version than the one that a change was made on.

    Parameters
    ----------
    since : sequence of Version
        What was saved meanwhile, the newest first.
    """

    def __init__(self, since: Sequence[Version]) -> None:
        super().__init__(Message(OUTDATED))
        self.since = since


@dataclass(frozen=True)
class Tally:
    """What a grid holds in a version: households and buildings of today."""

    households: int
    buildings: int
    state: State


@dataclass(frozen=True)
class Drawn:
    """A grid of a version for a map; `shape` is GeoJSON."""

    id: int
    code: str
    name: str | None
    kind: GridKind
    tally: Tally
    shape: str = field(repr=False)


@dataclass(frozen=True)
class Changed:
    """A building that is in another grid than in the version compared with; `before` is None for one new since."""

    id: int
    code: str
    name: str | None
    households: int
    before: str | None
    after: str


@dataclass(frozen=True)
class Comparison:
    """Two versions side by side: grids by code, what they hold and are called; buildings that change theirs."""

    grids: Mapping[str, tuple[Tally | None, Tally | None]]
    names: Mapping[str, str | None]
    changed: Sequence[Changed]

    @property
    def households(self) -> int:
        """Households that change their grid."""
        return sum(each.households for each in self.changed)

    def states(self, side: int) -> Mapping[State, int]:
        """Grids by state: of the version before (0) or after (1)."""
        found = Counter(pair[side].state for pair in self.grids.values() if pair[side])  # type: ignore[union-attr]
        return {state: found[state] for state in STATES}


def community(session: Session, key: int) -> Any:
    """A community that the account works in.

    Raises
    ------
    Unseen
        If there is none.
    """
    found = planned.community(session, key)
    if found is None:
        raise Unseen
    return found


def of_community(session: Session, key: int) -> Sequence[Version]:
    """All versions of a community, the newest first."""
    return _versions(session, planned.versions(session, Revision.community_id == key), Adoption.community_id == key)


def of_subdistrict(session: Session, home: int) -> Mapping[int, Sequence[Version]]:
    """Versions of all communities of a subdistrict, by the key of the community."""
    rows = planned.versions(session, Revision.subdistrict_id == home)
    found: dict[int, list[Version]] = {}
    for each in _versions(session, rows, Adoption.subdistrict_id == home):
        found.setdefault(each.revision.community_id, []).append(each)
    return found


def version(session: Session, key: int) -> Version:
    """One version.

    Raises
    ------
    Unseen
        If the account does not work there.
    """
    row = planned.version(session, key)
    if row is None:
        raise Unseen
    return _versions(session, [row], Adoption.revision_id == key)[0]


def check_newest(session: Session, community: int, seen: int | None, *, hold: bool = True) -> None:
    """Refuse a change that was made without knowing the newest version.

    Parameters
    ----------
    session : Session
    community : int
    seen : int or None
        The newest version that the planner has seen.
    hold : bool
        Whether nobody else may save one until this transaction ends.

    Raises
    ------
    Outdated
        If there is a newer one.
    """
    newest = planned.newest(session, community, hold=hold)
    if newest != seen:
        raise Outdated([each for each in of_community(session, community) if each.id > (seen or 0)])


def compared(session: Session, before: Version | None, after: Version, day: date) -> Comparison:
    """What a version has otherwise than another, with the households of a day.

    Parameters
    ----------
    session : Session
    before : Version or None
        None for the first version: nothing is compared then.
    after : Version
    day : date
    """
    standing = planned.buildings(session, after.revision, day)
    earlier = planned.buildings(session, before.revision, day) if before else []
    home = {row.id: row.grid for row in earlier}
    changed = [
        Changed(row.id, row.code, row.name, row.households, home.get(row.id), row.grid)
        for row in standing
        if before and home.get(row.id) != row.grid
    ]
    sides = _drawn(session, before, earlier) if before else [], _drawn(session, after, standing)
    was, now = ({grid.code: grid.tally for grid in side} for side in sides)
    pairs = {code: (was.get(code), now.get(code)) for code in sorted({*was, *now})}
    return Comparison(pairs, {grid.code: grid.name for side in sides for grid in side}, changed)


def grids(session: Session, version: Version, day: date) -> Sequence[Drawn]:
    """Grids of a version by code, with the households and buildings of a day."""
    return _drawn(session, version, planned.buildings(session, version.revision, day))


def buildings(session: Session, version: Version, day: date) -> Sequence[Any]:
    """Buildings of a day as `gridmap.store.planned.buildings` has them, with their ``shape`` (GeoJSON)."""
    return planned.buildings(session, version.revision, day, planned.footprint())


def _drawn(session: Session, version: Version, buildings: Sequence[Any]) -> list[Drawn]:
    households: Counter[str] = Counter()
    count = Counter(row.grid for row in buildings)
    for row in buildings:
        households[row.grid] += row.households
    return [
        Drawn(
            row.RevisionGrid.grid_id,
            row.code,
            row.RevisionGrid.name,
            GridKind(row.RevisionGrid.kind),
            _tally(version, row.RevisionGrid, households[row.code], count[row.code]),
            row.shape,
        )
        for row in planned.grids(session, version.id)
    ]


def _tally(version: Version, grid: RevisionGrid, households: int, buildings: int) -> Tally:
    allowed = version.revision.minimum, version.revision.maximum
    return Tally(households, buildings, state_of(GridKind(grid.kind), households, *allowed))


def _versions(session: Session, rows: Sequence[Any], adopted: Any) -> list[Version]:
    if not rows:
        return []
    today, called = extent.today(session), planned.names(session, rows[0].Revision.subdistrict_id)
    states = planned.tallies(session, Revision.id.in_([row.Revision.id for row in rows]))
    spans: dict[int, list[Span]] = {}
    for each in planned.adoptions(session, adopted):
        spans.setdefault(each.revision_id, []).append(_span(each, called))
    return [_version(row, called, states, spans.get(row.Revision.id, []), today) for row in rows]


def _span(adoption: Adoption, called: Mapping[int, str]) -> Span:
    upper = adoption.valid.upper
    last = upper - timedelta(days=1) if upper else None
    return Span(adoption.valid.lower, last, called.get(adoption.adopted_by or 0), adoption.note)


def _version(
    row: Any, called: Mapping[int, str], states: Mapping[int, Mapping[str, int]], spans: Sequence[Span], today: date
) -> Version:
    mine = {state: states.get(row.Revision.id, {}).get(state, 0) for state in STATES}
    by = called.get(row.Revision.made_by or 0)
    return Version(row.Revision, row.plan, by, mine, spans, standing_of(spans, today))


def standing_of(spans: Sequence[Span], today: date) -> Standing:
    """Whether a version holds, will hold, held, or never did.

    Examples
    --------
    >>> new_year, eve = date(2026, 1, 1), date(2026, 12, 31)
    >>> [standing_of([Span(new_year, eve, None, None)], day) for day in (date(2025, 5, 1), eve, date(2027, 1, 1))]
    ['planned', 'in_force', 'past']
    """
    if any(span.first <= today and (span.last is None or today <= span.last) for span in spans):
        return "in_force"
    if any(span.first > today for span in spans):
        return "planned"
    return "past" if spans else "draft"
