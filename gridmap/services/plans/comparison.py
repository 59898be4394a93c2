"""Comparison of two revisions: their grids, and the buildings that are in another grid."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.plans.grid_status import GRID_STATUS_NAMES, GridStatusName
from gridmap.core.plans.norm import GridLoad, judge_grid
from gridmap.core.vocabulary import GridKind
from gridmap.services.grids import norms
from gridmap.services.grids.norms import NormInForce
from gridmap.services.plans.revisions import RevisionSummary
from gridmap.store.queries.grids.grids_in_force import SubdistrictDay
from gridmap.store.queries.plans import revision_contents, revision_streets
from gridmap.store.queries.plans.norms import NormPlace, count_judged_residents
from gridmap.store.queries.plans.revision_contents import RevisionBuildingRow, RevisionGridRow
from gridmap.store.queries.plans.revision_streets import RevisionStreetRow


@dataclass(frozen=True)
class GridTotals:
    """Households and buildings of a day in a grid of a revision."""

    households: int
    buildings: int
    status: GridStatusName


@dataclass(frozen=True)
class GridShape:
    """A grid of a revision for a map; `shape` is GeoJSON."""

    id: int
    code: str
    name: str | None
    kind: GridKind
    totals: GridTotals
    shape: str = field(repr=False)


@dataclass(frozen=True)
class MovedBuilding:
    """A building that is in another grid than before; `from_grid` is None for a building without a grid before."""

    id: int
    code: str
    name: str | None
    households: int
    from_grid: str | None
    to_grid: str


@dataclass(frozen=True)
class StreetChange:
    """A street between two grids that counts in another one than before; None where it counts as drawn."""

    name: str | None
    sides: tuple[str, str]
    from_grid: str | None
    to_grid: str | None


@dataclass(frozen=True)
class RevisionComparison:
    """Comparison of two revisions.

    Parameters
    ----------
    totals_by_code : mapping
        Totals of each grid before and after; None where the revision does not have the grid.
    norm : NormInForce
        Norm of the day, by which both are judged.
    grid_names : mapping
        Names of the grids by code.
    moved_buildings : sequence of MovedBuilding
    street_changes : sequence of StreetChange
        Border streets that count elsewhere; for the first revision those that it gives to a side.
    """

    totals_by_code: Mapping[str, tuple[GridTotals | None, GridTotals | None]]
    norm: NormInForce
    grid_names: Mapping[str, str | None]
    moved_buildings: Sequence[MovedBuilding]
    street_changes: Sequence[StreetChange]

    @property
    def moved_households(self) -> int:
        """Households of the moved buildings."""
        return sum(building.households for building in self.moved_buildings)

    def status_counts(self, side: int) -> Mapping[GridStatusName, int]:
        """Return the number of grids by status, before (0) or after (1)."""
        totals = (pair[side] for pair in self.totals_by_code.values())
        counts = Counter(grid.status for grid in totals if grid)
        return {status: counts[status] for status in GRID_STATUS_NAMES}


def compare_revisions(
    session: Session, caller: Caller, before: RevisionSummary | None, after: RevisionSummary, on: date
) -> RevisionComparison:
    """Compare two revisions with the households of a day.

    Parameters
    ----------
    session : Session
    caller : Caller
    before : RevisionSummary or None
        None for the first revision, which has no moved buildings.
    after : RevisionSummary
    on : date
    """
    norm = _load_norm(session, caller, after, on)
    basis = norm.basis(on)
    buildings_after = revision_contents.list_buildings(session, caller, after.row, basis)
    buildings_before = revision_contents.list_buildings(session, caller, before.row, basis) if before else []
    grids_before = _grid_shapes(session, caller, before, buildings_before, (norm, on)) if before else []
    grids_after = _grid_shapes(session, caller, after, buildings_after, (norm, on))
    totals_before, totals_after = ({grid.code: grid.totals for grid in side} for side in (grids_before, grids_after))
    codes = sorted({*totals_before, *totals_after})
    return RevisionComparison(
        totals_by_code={code: (totals_before.get(code), totals_after.get(code)) for code in codes},
        norm=norm,
        grid_names={grid.code: grid.name for side in (grids_before, grids_after) for grid in side},
        moved_buildings=_moved_buildings(buildings_before, buildings_after) if before else [],
        street_changes=_street_changes(
            revision_streets.list_revision_streets(session, caller, before.id) if before else [],
            revision_streets.list_revision_streets(session, caller, after.id),
            {grid.id: grid.code for side in (grids_before, grids_after) for grid in side},
        ),
    )


def list_grids(session: Session, caller: Caller, revision: RevisionSummary, on: date) -> Sequence[GridShape]:
    """Return the grids of a revision by code, with the households and buildings of a day, judged by its norm."""
    norm = _load_norm(session, caller, revision, on)
    buildings = revision_contents.list_buildings(session, caller, revision.row, norm.basis(on))
    return _grid_shapes(session, caller, revision, buildings, (norm, on))


def list_buildings(
    session: Session, caller: Caller, revision: RevisionSummary, on: date
) -> Sequence[RevisionBuildingRow]:
    """Return the buildings of a day with their grids in a revision and their footprints (GeoJSON)."""
    basis = _load_norm(session, caller, revision, on).basis(on)
    return revision_contents.list_buildings(session, caller, revision.row, basis, with_shape=True)


def _load_norm(session: Session, caller: Caller, revision: RevisionSummary, on: date) -> NormInForce:
    place = NormPlace(revision.row.subdistrict_id, revision.row.community_id)
    return norms.load_norm(session, caller, place, on)


def _moved_buildings(
    before: Sequence[RevisionBuildingRow], after: Sequence[RevisionBuildingRow]
) -> list[MovedBuilding]:
    grid_before = {building.id: building.grid for building in before}
    return [
        MovedBuilding(each.id, each.code, each.name, each.households, grid_before.get(each.id), each.grid)
        for each in after
        if grid_before.get(each.id) != each.grid
    ]


def _street_changes(
    before: Sequence[RevisionStreetRow], after: Sequence[RevisionStreetRow], codes: Mapping[int, str]
) -> list[StreetChange]:
    """Return the changes, one for all parts of a street of one name between two grids."""
    sides = [{row.sides: row for row in rows} for rows in (before, after)]
    changes: dict[StreetChange, None] = {}
    for key in sorted({*sides[0], *sides[1]}, key=lambda key: (codes[key.first_grid_id], *key)):
        rows = [side.get(key) for side in sides]
        name = next(row.street_name for row in rows if row)
        from_grid, to_grid = (codes[row.grid_id] if row else None for row in rows)
        if from_grid != to_grid:
            pair = codes[key.first_grid_id], codes[key.second_grid_id]
            changes[StreetChange(name, pair, from_grid, to_grid)] = None
    return list(changes)


def _grid_shapes(
    session: Session,
    caller: Caller,
    revision: RevisionSummary,
    buildings: Sequence[RevisionBuildingRow],
    norm_of_day: tuple[NormInForce, date],
) -> list[GridShape]:
    """Return the grids of a revision with their totals, judged by the norm of a day."""
    norm, on = norm_of_day
    day = SubdistrictDay(revision.row.subdistrict_id, on)
    persons = count_judged_residents(session, caller, day, [revision.id]) if norm.norm.persons else {}
    by_grid: dict[str, list[RevisionBuildingRow]] = {}
    for building in buildings:
        by_grid.setdefault(building.grid, []).append(building)
    return [
        GridShape(
            grid.grid_id,
            grid.code,
            grid.name,
            grid.kind,
            _grid_totals(grid, by_grid.get(grid.code, []), persons.get((revision.id, grid.grid_id)), norm),
            grid.shape,
        )
        for grid in revision_contents.list_revision_grids(session, caller, revision.id)
    ]


def _grid_totals(
    grid: RevisionGridRow, buildings: Sequence[RevisionBuildingRow], persons: int | None, norm: NormInForce
) -> GridTotals:
    households = sum(building.households for building in buildings)
    is_counted = not buildings or any(building.counted for building in buildings)
    load = GridLoad(households if is_counted else None, persons)
    return GridTotals(households, len(buildings), judge_grid(grid.kind, load, norm.norm))
