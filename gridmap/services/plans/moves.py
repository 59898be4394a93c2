"""A building moved to another grid: what that does to both grids and to the rules, and saved as the next revision."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from gridmap.core.array_types import IntArray
from gridmap.core.caller import Caller
from gridmap.core.errors import N_, InputFault, InvalidInput, Message, NotFound, NotPossible
from gridmap.core.plans.grid_status import GridStatusName, grid_status
from gridmap.core.plans.measures import grid_polygons
from gridmap.core.plans.moves import GridAssignment, cells_moving_with, neighbouring_grids, split_courtyards
from gridmap.core.plans.plan import GridPlan
from gridmap.core.plans.rules import find_violations
from gridmap.core.vocabulary import GridKind
from gridmap.services.plans.changes import LAND_REBUILT, save_revision
from gridmap.services.plans.revisions import RevisionSummary, require_latest
from gridmap.services.plans.violation_texts import violation_message
from gridmap.store.queries import revisions
from gridmap.store.queries.community_town import StoredCommunity, load_community
from gridmap.store.schema import Revision

MIN_REASON_LETTERS = 4
"""Fewest letters of a reason: 便于管理 is one."""
SEARCH_LIMIT = 50
"""Buildings that a search lists: more are not read, but the search made narrower."""
ALREADY_IN_GRID = N_("The building is in grid {grid} already")
NO_GRID = N_("There is no grid {grid} in this version")
REASON_REQUIRED = N_("Write down why: at least four letters")
COURTYARD_SPLIT = N_("Courtyard {courtyard} would be divided between {number} grids")
LEAVES_RANGE = N_("Grid {grid} would leave the range: {households} households, asked for are {minimum} to {maximum}")


@dataclass(frozen=True)
class MoveRequest:
    """A building, by its key, that is to go to a grid, by its code; `alone` leaves its courtyard behind."""

    building_id: int
    grid_code: str
    alone: bool = False


@dataclass(frozen=True)
class MoveCandidate:
    """A building that may move: the code of its grid, and how many buildings go if its courtyard stays whole."""

    id: int
    code: str
    households: int
    grid_code: str
    courtyard_buildings: int
    name: str | None
    address: str | None
    courtyard: str | None


@dataclass(frozen=True)
class TargetGrid:
    """A grid that a building may go to: households now, and metres of border with it (0: they do not touch)."""

    code: str
    name: str | None
    households: int
    status: GridStatusName
    border_m: float


@dataclass(frozen=True)
class GridChange:
    """A grid before and after a move: households, buildings and state of each."""

    code: str
    households: tuple[int, int]
    buildings: tuple[int, int]
    statuses: tuple[GridStatusName, GridStatusName]


@dataclass(frozen=True, eq=False)
class MovePreview:
    """What a move does.

    Parameters
    ----------
    changes : tuple of GridChange
        The grid that is left and the one that is joined.
    moved_codes : sequence of str
        Codes of the buildings that go.
    cell_ids : sequence of int
        Keys of the cells that go.
    violations : sequence of Message
        Rules of the land that it would break: it cannot be saved.
    reason_required_for : sequence of Message
        What may be done for a written reason only.
    """

    changes: tuple[GridChange, GridChange]
    moved_codes: Sequence[str]
    cell_ids: Sequence[int]
    violations: Sequence[Message]
    reason_required_for: Sequence[Message]


@dataclass(frozen=True, eq=False)
class MoveContext:
    """A version on its land, as a move looks at it: grids by position in `grid_codes`."""

    revision: RevisionSummary
    stored: StoredCommunity
    assignment: GridAssignment
    grid_codes: Sequence[str]
    grid_kinds: Sequence[GridKind]
    grid_names: Mapping[str, str | None]

    def building_position(self, building_id: int) -> int:
        """Where a building stands in the town; there is no such building: `NotFound`."""
        found = np.flatnonzero(self.stored.building_ids == building_id)
        if not len(found):
            raise NotFound
        return int(found[0])

    def status_of(self, grid_index: int, households: int) -> GridStatusName:
        """State of a grid with so many households."""
        return grid_status(self.grid_kinds[grid_index], households, *self.norm_range)

    @property
    def norm_range(self) -> tuple[int, int]:
        """Fewest and most households asked for."""
        return self.revision.row.minimum, self.revision.row.maximum

    def households_by_grid(self, assignment: GridAssignment) -> IntArray:
        """Households of each grid."""
        counted = self.stored.town.buildings["households"].to_numpy()
        return np.bincount(assignment.grid_of_building, counted, len(self.grid_codes)).astype(np.int64)

    def buildings_by_grid(self, assignment: GridAssignment) -> IntArray:
        """Buildings of each grid."""
        return np.bincount(assignment.grid_of_building, minlength=len(self.grid_codes))


def search_buildings(
    session: Session, caller: Caller, revision: Revision, query: str, on: date
) -> tuple[Sequence[Any], int]:
    """Buildings of a version whose code, name, address or courtyard holds some words: the first ones, and how many.

    Those that people live in come before sheds and the like.
    """
    wanted = query.casefold().split()
    rows = revisions.list_buildings(session, caller, revision, on)
    found = [row for row in rows if all(word in _search_text(row) for word in wanted)]
    return sorted(found, key=lambda row: row.households == 0)[:SEARCH_LIMIT], len(found)


def load_context(session: Session, caller: Caller, revision: RevisionSummary, on: date) -> MoveContext:
    """A version on its land.

    Raises
    ------
    NotPossible
        If the land was made anew since.
    """
    kept = load_community(session, caller, revision.row.community_id, on)
    if kept is None or kept.land_id != revision.row.land_id:
        raise NotPossible(Message(LAND_REBUILT))
    code_of = revisions.get_grid_codes_by_cell(session, caller, revision.id)
    codes, of_cell = np.unique([code_of[cell] for cell in kept.cell_ids.tolist()], return_inverse=True)
    grids = {row.code: row.RevisionGrid for row in revisions.list_grids(session, caller, revision.id)}
    kinds = [GridKind(grids[code].kind) for code in codes.tolist()]
    divided = GridAssignment(kept.town, kept.land, of_cell.ravel().astype(np.int64))
    return MoveContext(
        revision, kept, divided, codes.tolist(), kinds, {code: each.name for code, each in grids.items()}
    )


def list_targets(context: MoveContext, building_id: int, *, alone: bool) -> Sequence[TargetGrid]:
    """Grids that a building may go to, those it touches first, the one with the longest border before the others."""
    position = context.building_position(building_id)
    near = neighbouring_grids(context.assignment, cells_moving_with(context.assignment, position, alone=alone))
    border = dict(zip(*(each.tolist() for each in near), strict=True))
    own = int(context.assignment.grid_of_building[position])
    households = context.households_by_grid(context.assignment)
    others = [grid for grid in range(len(context.grid_codes)) if grid not in border and grid != own]
    return [_target_grid(context, grid, int(households[grid]), border.get(grid, 0.0)) for grid in [*border, *others]]


def get_candidate(context: MoveContext, building_id: int) -> MoveCandidate:
    """A building that may move."""
    position = context.building_position(building_id)
    row = context.stored.town.buildings.iloc[position]
    cells = cells_moving_with(context.assignment, position, alone=False)
    together = int(np.isin(context.stored.land.cell_of_building, cells).sum())
    grid = context.grid_codes[int(context.assignment.grid_of_building[position])]
    words = {name: row[name] or None for name in ("name", "address", "courtyard")}
    return MoveCandidate(building_id, row["building_id"], int(row["households"]), grid, together, **words)


def preview_move(context: MoveContext, request: MoveRequest) -> MovePreview:
    """What a move does to both grids and to the rules.

    Raises
    ------
    InvalidInput
        If the building is in the grid already, or there is no such grid.
    NotFound
        If there is no such building.
    """
    position = context.building_position(request.building_id)
    source, target = (
        int(context.assignment.grid_of_building[position]),
        _target_index(context, position, request.grid_code),
    )
    cells = cells_moving_with(context.assignment, position, alone=request.alone)
    after = context.assignment.move_cells(cells, target)
    sides = _grid_change(context, after, source), _grid_change(context, after, target)
    moved = context.assignment.grid_of_building != after.grid_of_building
    return MovePreview(
        changes=sides,
        moved_codes=context.stored.town.buildings["building_id"].to_numpy()[moved].tolist(),
        cell_ids=context.stored.cell_ids[after.grid_of_cell != context.assignment.grid_of_cell].tolist(),
        violations=_rule_violations(context, after),
        reason_required_for=[*_split_courtyard_messages(context, after), *_out_of_range_messages(context, sides)],
    )


def save_move(
    session: Session,
    caller: Caller,
    context: MoveContext,
    request: MoveRequest,
    base_revision_id: int,
    note: str,
    on: date,
) -> Revision:
    """Save a move as the next revision.

    Parameters
    ----------
    session : Session
        Of a planner of the community.
    context : MoveContext
        The version that was looked at.
    request : MoveRequest
    base_revision_id : int
        The newest version that the planner knew.
    note : str
        Why; needed where the move divides a courtyard or takes a grid out of range.
    on : date
        Households are counted as of it.

    Raises
    ------
    InvalidInput
        If a rule of the land would be broken, or a reason is missing.
    gridmap.services.plans.revisions.EditConflict
        If others saved a newer version meanwhile.
    """
    require_latest(session, caller, context.revision.row.community_id, base_revision_id)
    found = preview_move(context, request)
    if found.violations:
        raise InvalidInput([InputFault(each) for each in found.violations])
    if found.reason_required_for and len("".join(note.split())) < MIN_REASON_LETTERS:
        raise InvalidInput([InputFault(Message(REASON_REQUIRED), column="note")])
    return save_revision(
        session, caller, context.revision.id, dict.fromkeys(found.cell_ids, request.grid_code), on=on, note=note or None
    )


def _search_text(row: Any) -> str:
    return " ".join(str(each) for each in (row.code, row.name, row.address, row.courtyard) if each).casefold()


def _target_grid(context: MoveContext, grid_index: int, households: int, border_m: float) -> TargetGrid:
    code = context.grid_codes[grid_index]
    return TargetGrid(code, context.grid_names[code], households, context.status_of(grid_index, households), border_m)


def _target_index(context: MoveContext, building_position: int, grid_code: str) -> int:
    if grid_code not in context.grid_codes:
        raise InvalidInput([InputFault(Message(NO_GRID, {"grid": grid_code}), column="grid")])
    found = context.grid_codes.index(grid_code)
    if found == context.assignment.grid_of_building[building_position]:
        raise InvalidInput([InputFault(Message(ALREADY_IN_GRID, {"grid": grid_code}), column="grid")])
    return found


def _grid_change(context: MoveContext, after: GridAssignment, grid_index: int) -> GridChange:
    households = tuple(int(context.households_by_grid(each)[grid_index]) for each in (context.assignment, after))
    buildings = tuple(int(context.buildings_by_grid(each)[grid_index]) for each in (context.assignment, after))
    before, then = (context.status_of(grid_index, each) for each in households)
    return GridChange(
        context.grid_codes[grid_index], (households[0], households[1]), (buildings[0], buildings[1]), (before, then)
    )


def _rule_violations(context: MoveContext, after: GridAssignment) -> list[Message]:
    """Rules of the land that the plan breaks after the move."""
    kept, of_cell = np.unique(after.grid_of_cell, return_inverse=True)
    kinds = tuple(context.grid_kinds[grid] for grid in kept)
    plan = GridPlan(of_cell.ravel(), np.zeros(len(kept), dtype=np.int64), kinds, (None,) * len(kept))
    found = find_violations(context.stored.town, context.stored.land, plan, grid_polygons(plan, context.stored.land))
    return [violation_message(violation, [context.grid_codes[grid] for grid in kept]) for violation in found]


def _split_courtyard_messages(context: MoveContext, after: GridAssignment) -> list[Message]:
    """Courtyards that the move divides, or divides further."""
    town = context.stored.town
    before = split_courtyards(town, context.assignment.grid_of_building)
    found = split_courtyards(town, after.grid_of_building)
    new = {name: count for name, count in found.items() if count > before.get(name, 1)}
    return [Message(COURTYARD_SPLIT, {"courtyard": name, "number": count}) for name, count in new.items()]


def _out_of_range_messages(context: MoveContext, changes: tuple[GridChange, GridChange]) -> list[Message]:
    """Grids that were in range and are no more; one that ends is not out of range."""
    minimum, maximum = context.norm_range
    allowed = {"minimum": minimum, "maximum": maximum}
    return [
        Message(LEAVES_RANGE, {"grid": side.code, "households": side.households[1], **allowed})
        for side in changes
        if side.statuses[0] == "in_range" and side.statuses[1] != "in_range" and side.buildings[1]
    ]
