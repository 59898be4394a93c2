"""Moves of a building to another grid: the effect on both grids and on the rules, and the revision that is saved."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, InputFault, InvalidInput, Message
from gridmap.core.plans.grid_status import GridStatusName
from gridmap.core.plans.measures import MeasureInput, grid_polygons, list_reasons
from gridmap.core.plans.moves import GridAssignment, cells_moving_with, split_courtyards
from gridmap.core.plans.plan import GridPlan
from gridmap.core.plans.rules import find_violations
from gridmap.core.reason import is_sufficient_reason
from gridmap.services.plans.changes import save_revision
from gridmap.services.plans.move_context import MoveContext
from gridmap.services.plans.revisions import require_latest
from gridmap.services.plans.violation_texts import violation_message
from gridmap.store.queries.plans.revisions import RevisionRow

ALREADY_IN_GRID = N_("The building is in grid {grid} already")
NO_GRID = N_("There is no grid {grid} in this revision")
REASON_REQUIRED = N_("Give a reason of at least four letters")
COURTYARD_SPLIT = N_("Courtyard {courtyard} would be split between {number} grids")
LEAVES_RANGE = N_("Grid {grid} would leave the range: {households} households, the norm is {minimum} to {maximum}")
LEAVES_BOTH_RANGES = N_(
    "Grid {grid} would leave the range: {households} households, the norm is {minimum} to {maximum} households or"
    " {person_minimum} to {person_maximum} persons"
)

BECOMES_TOO_WIDE = N_("Grid {grid} would become too wide: {reason}")


@dataclass(frozen=True)
class MoveRequest:
    """Move of a building to a grid, by its code; `alone` leaves the other buildings of its courtyard behind."""

    building_id: int
    grid_code: str
    alone: bool = False


@dataclass(frozen=True)
class GridChange:
    """A grid before and after a move."""

    code: str
    households: tuple[int, int]
    buildings: tuple[int, int]
    statuses: tuple[GridStatusName, GridStatusName]


@dataclass(frozen=True, eq=False)
class MovePreview:
    """Effect of a move.

    Parameters
    ----------
    changes : tuple of GridChange
        The grid that is left and the one that is joined.
    moved_codes : sequence of str
        Codes of the moved buildings.
    cell_ids : sequence of int
        Keys of the moved cells.
    violations : sequence of Message
        Rules of the land that the move breaks; it cannot be saved then.
    reason_required_for : sequence of Message
        Effects that are allowed for a written reason only.
    """

    changes: tuple[GridChange, GridChange]
    moved_codes: Sequence[str]
    cell_ids: Sequence[int]
    violations: Sequence[Message]
    reason_required_for: Sequence[Message]


def preview_move(context: MoveContext, request: MoveRequest) -> MovePreview:
    """Return the effect of a move on both grids and on the rules.

    Raises
    ------
    InvalidInput
        If the building is in the grid already, or there is no such grid.
    NotFound
        If there is no such building.
    """
    position = context.building_position(request.building_id)
    source, target = context.grid_of(position), _target_index(context, position, request.grid_code)
    cells = cells_moving_with(context.assignment, position, alone=request.alone)
    after = context.assignment.move_cells(cells, target)
    changes = _grid_change(context, after, source), _grid_change(context, after, target)
    moved = context.assignment.grid_of_building != after.grid_of_building
    measured, codes = _measure_plan(context, after)
    return MovePreview(
        changes=changes,
        moved_codes=context.stored.town.buildings["building_id"].to_numpy()[moved].tolist(),
        cell_ids=context.stored.cell_ids[after.grid_of_cell != context.assignment.grid_of_cell].tolist(),
        violations=_rule_violations(context, measured, codes),
        reason_required_for=[
            *_split_courtyard_messages(context, after),
            *_out_of_range_messages(context, changes),
            *_too_wide_messages(context, measured, codes),
        ],
    )


def save_move(
    session: Session, caller: Caller, context: MoveContext, request: MoveRequest, base_revision_id: int, note: str
) -> RevisionRow:
    """Save a move as the next revision.

    Parameters
    ----------
    session : Session
        Of a planner of the community.
    caller : Caller
    context : MoveContext
        The revision that the planner changed.
    request : MoveRequest
    base_revision_id : int
        The latest revision that the planner has seen.
    note : str
        Reason; required if the move splits a courtyard or takes a grid out of range.

    Raises
    ------
    InvalidInput
        If the move breaks a rule of the land, or a required reason is missing.
    gridmap.services.plans.revisions.EditConflict
        If others saved a newer revision.
    """
    require_latest(session, caller, context.revision.row.community_id, base_revision_id)
    preview = preview_move(context, request)
    if preview.violations:
        raise InvalidInput([InputFault(violation) for violation in preview.violations])
    if preview.reason_required_for and not is_sufficient_reason(note):
        raise InvalidInput([InputFault(Message(REASON_REQUIRED), column="note")])
    changes = dict.fromkeys(preview.cell_ids, request.grid_code)
    return save_revision(session, caller, context.revision.id, changes, on=context.on, note=note or None)


def _target_index(context: MoveContext, building_position: int, grid_code: str) -> int:
    if grid_code not in context.grid_codes:
        raise InvalidInput([InputFault(Message(NO_GRID, {"grid": grid_code}), column="grid")])
    target = context.grid_codes.index(grid_code)
    if target == context.grid_of(building_position):
        raise InvalidInput([InputFault(Message(ALREADY_IN_GRID, {"grid": grid_code}), column="grid")])
    return target


def _grid_change(context: MoveContext, after: GridAssignment, grid_index: int) -> GridChange:
    sides = context.assignment, after
    households_before, households_after = (int(context.households_by_grid(side)[grid_index]) for side in sides)
    buildings_before, buildings_after = (int(context.buildings_by_grid(side)[grid_index]) for side in sides)
    return GridChange(
        code=context.grid_codes[grid_index],
        households=(households_before, households_after),
        buildings=(buildings_before, buildings_after),
        statuses=(context.status_of(grid_index, sides[0]), context.status_of(grid_index, sides[1])),
    )


def _measure_plan(context: MoveContext, assignment: GridAssignment) -> tuple[MeasureInput, list[str]]:
    """Return the grids of an assignment that have cells, as a plan to measure, with their codes."""
    grids, grid_of_cell = np.unique(assignment.grid_of_cell, return_inverse=True)
    kinds = tuple(context.grid_kinds[grid] for grid in grids)
    plan = GridPlan(grid_of_cell.ravel(), np.zeros(len(grids), dtype=np.int64), kinds, (None,) * len(grids))
    shapes, of_building = grid_polygons(plan, context.stored.land), np.searchsorted(grids, assignment.grid_of_building)
    measured = MeasureInput(context.stored.town, plan, of_building, shapes)
    return measured, [context.grid_codes[grid] for grid in grids]


def _rule_violations(context: MoveContext, after: MeasureInput, codes: Sequence[str]) -> list[Message]:
    """Return the rules of the land that the plan breaks after the move."""
    violations = find_violations(context.stored.town, context.stored.land, after.plan, after.shapes)
    return [violation_message(violation, codes) for violation in violations]


def _too_wide_messages(context: MoveContext, after: MeasureInput, codes: Sequence[str]) -> list[Message]:
    """Return a message for each grid that the move makes wider than the radius of the norm."""
    profile = context.norm.norm.profile
    if not profile.max_radius_m:
        return []
    before, codes_before = _measure_plan(context, context.assignment)
    reason_before = dict(zip(codes_before, list_reasons(before, profile), strict=True))
    return [
        Message(BECOMES_TOO_WIDE, {"grid": code, "reason": reason})
        for code, reason in zip(codes, list_reasons(after, profile), strict=True)
        if reason and not reason_before.get(code)
    ]


def _split_courtyard_messages(context: MoveContext, after: GridAssignment) -> list[Message]:
    """Return a message for each courtyard that the move splits, or splits further."""
    split = split_courtyards(context.stored.town, context.assignment.grid_of_building)
    grids_before = {each.courtyard: each.grids for each in split}
    return [
        Message(COURTYARD_SPLIT, {"courtyard": each.name, "number": each.grids})
        for each in split_courtyards(context.stored.town, after.grid_of_building)
        if each.grids > grids_before.get(each.courtyard, 1)
    ]


def _out_of_range_messages(context: MoveContext, changes: tuple[GridChange, GridChange]) -> list[Message]:
    """Return a message for each grid that leaves the range; a grid without buildings ends and is not out of range."""
    norm, persons = context.norm.norm, context.norm.norm.persons
    values = {"minimum": norm.minimum, "maximum": norm.maximum}
    if persons:
        values |= {"person_minimum": persons.minimum, "person_maximum": persons.maximum}
    template = LEAVES_BOTH_RANGES if persons else LEAVES_RANGE
    return [
        Message(template, {"grid": change.code, "households": change.households[1], **values})
        for change in changes
        if change.statuses[0] == "in_range" and change.statuses[1] != "in_range" and change.buildings[1]
    ]
