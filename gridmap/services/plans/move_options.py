"""Options of a move: the buildings that a search finds, the chosen building, and the grids that can take it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.plans.grid_status import GridStatusName
from gridmap.core.plans.moves import cells_moving_with, neighbouring_grids
from gridmap.services.grids import norms
from gridmap.services.plans.move_context import MoveContext
from gridmap.services.plans.revisions import RevisionSummary
from gridmap.store.queries.plans import revision_contents
from gridmap.store.queries.plans.norms import NormPlace
from gridmap.store.queries.plans.revision_contents import RevisionBuildingRow

SEARCH_LIMIT = 50
"""Maximum number of buildings that a search lists; nobody reads more, they narrow the search."""


@dataclass(frozen=True)
class MoveCandidate:
    """A building that may move: the code of its grid, and the number of buildings of its courtyard that move along."""

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
    """A grid that a building may go to; `border_m` is the border that they share, 0 if they do not touch."""

    code: str
    name: str | None
    households: int
    status: GridStatusName
    border_m: float


def search_buildings(
    session: Session, caller: Caller, revision: RevisionSummary, query: str, on: date
) -> tuple[Sequence[RevisionBuildingRow], int]:
    """Return the first `SEARCH_LIMIT` buildings that a search finds, and the number of all.

    Buildings with households come first.

    Parameters
    ----------
    session : Session
    caller : Caller
    revision : RevisionSummary
    query : str
        Words; code, name, address and courtyard of a building together hold all of them.
    on : date
    """
    place = NormPlace(revision.row.subdistrict_id, revision.row.community_id)
    basis = norms.load_norm(session, caller, place, on).basis(on)
    return revision_contents.search_buildings(session, caller, revision.row, query.split(), basis, SEARCH_LIMIT)


def get_candidate(context: MoveContext, building_id: int) -> MoveCandidate:
    """Return a building that may move.

    Raises
    ------
    NotFound
        If there is no such building.
    """
    position = context.building_position(building_id)
    building = context.stored.town.buildings.iloc[position]
    cells = cells_moving_with(context.assignment, position, alone=False)
    courtyards = context.stored.town.courtyards
    courtyard = int(courtyards.of_building[position])
    return MoveCandidate(
        id=building_id,
        code=building["building_id"],
        households=int(building["households"]),
        grid_code=context.grid_codes[context.grid_of(position)],
        courtyard_buildings=int(np.isin(context.stored.land.cell_of_building, cells).sum()),
        name=building["name"] or None,
        address=building["address"] or None,
        courtyard=courtyards.names[courtyard] if courtyard >= 0 else None,
    )


def list_targets(context: MoveContext, building_id: int, *, alone: bool) -> Sequence[TargetGrid]:
    """Return the grids that a building may go to: neighbours by the length of the border, then the others.

    Parameters
    ----------
    context : MoveContext
    building_id : int
    alone : bool
        True to leave the other buildings of its courtyard where they are.
    """
    position = context.building_position(building_id)
    neighbours, lengths = neighbouring_grids(
        context.assignment, cells_moving_with(context.assignment, position, alone=alone)
    )
    border_m = dict(zip(neighbours.tolist(), lengths.tolist(), strict=True))
    own = context.grid_of(position)
    households = context.households_by_grid(context.assignment)
    others = [grid for grid in range(len(context.grid_codes)) if grid not in border_m and grid != own]
    grids = [*border_m, *others]
    return [_target_grid(context, grid, int(households[grid]), border_m.get(grid, 0.0)) for grid in grids]


def _target_grid(context: MoveContext, grid_index: int, households: int, border_m: float) -> TargetGrid:
    code, status = context.grid_codes[grid_index], context.status_of(grid_index, context.assignment)
    return TargetGrid(code, context.grid_names[code], households, status, border_m)
