"""Context of a move: a revision on its land, as the core needs it to weigh the move of a building."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from sqlalchemy.orm import Session

from gridmap.core.array_types import IntArray
from gridmap.core.caller import Caller
from gridmap.core.errors import Message, NotFound, NotPossible
from gridmap.core.plans.grid_status import GridStatusName
from gridmap.core.plans.moves import GridAssignment
from gridmap.core.plans.norm import GridLoad, judge_grid
from gridmap.core.vocabulary import GridKind
from gridmap.services.grids import norms
from gridmap.services.grids.norms import NormInForce
from gridmap.services.plans.changes import LAND_REBUILT
from gridmap.services.plans.revisions import RevisionSummary
from gridmap.store.queries.grids.grids_in_force import SubdistrictDay
from gridmap.store.queries.plans import revision_contents
from gridmap.store.queries.plans.community_town import StoredCommunity, load_community
from gridmap.store.queries.plans.norms import NormPlace, count_judged_residents


@dataclass(frozen=True, eq=False)
class MoveContext:
    """A revision on its land.

    Parameters
    ----------
    revision : RevisionSummary
    stored : StoredCommunity
    assignment : GridAssignment
        Grid of each cell, as a position in `grid_codes`.
    grid_codes : sequence of str
    grid_kinds : sequence of GridKind
        Of the grids of `grid_codes`.
    grid_names : mapping
        Names of the grids by code.
    on : date
        Households are counted as of it.
    norm : NormInForce
        Norm of that day.
    persons : mapping
        Residents by code, where the norm has a range in persons: those of the saved revision. Sums of statistical
        areas do not follow a single building.
    """

    revision: RevisionSummary
    stored: StoredCommunity
    assignment: GridAssignment
    grid_codes: Sequence[str]
    grid_kinds: Sequence[GridKind]
    grid_names: Mapping[str, str | None]
    on: date
    norm: NormInForce
    persons: Mapping[str, int | None]

    def building_position(self, building_id: int) -> int:
        """Return the row of a building in the town.

        Raises
        ------
        NotFound
            If there is no such building.
        """
        positions = np.flatnonzero(self.stored.building_ids == building_id)
        if not len(positions):
            raise NotFound
        return int(positions[0])

    def grid_of(self, building_position: int) -> int:
        """Return the position of the grid of a building."""
        return int(self.assignment.grid_of_building[building_position])

    def status_of(self, grid_index: int, assignment: GridAssignment) -> GridStatusName:
        """Return the status of a grid, with the buildings that an assignment gives it."""
        in_grid = assignment.grid_of_building == grid_index
        is_counted = not in_grid.any() or bool(self.stored.counted[in_grid].any())
        households = int(self.households_by_grid(assignment)[grid_index]) if is_counted else None
        load = GridLoad(households, self.persons.get(self.grid_codes[grid_index]))
        return judge_grid(self.grid_kinds[grid_index], load, self.norm.norm)

    def households_by_grid(self, assignment: GridAssignment) -> IntArray:
        """Return the households of each grid."""
        households = self.stored.town.buildings["households"].to_numpy()
        return np.bincount(assignment.grid_of_building, households, len(self.grid_codes)).astype(np.int64)

    def buildings_by_grid(self, assignment: GridAssignment) -> IntArray:
        """Return the number of buildings of each grid."""
        return np.bincount(assignment.grid_of_building, minlength=len(self.grid_codes))


def load_context(session: Session, caller: Caller, revision: RevisionSummary, on: date) -> MoveContext:
    """Return a revision on its land.

    Raises
    ------
    NotPossible
        If the land was rebuilt since the revision.
    """
    place = NormPlace(revision.row.subdistrict_id, revision.row.community_id)
    norm = norms.load_norm(session, caller, place, on)
    stored = load_community(session, caller, revision.row.community_id, norm.basis(on))
    if stored is None or stored.land_id != revision.row.land_id:
        raise NotPossible(Message(LAND_REBUILT))
    code_by_cell = revision_contents.get_grid_codes_by_cell(session, caller, revision.id)
    codes, grid_of_cell = np.unique([code_by_cell[cell] for cell in stored.cell_ids.tolist()], return_inverse=True)
    grids = {grid.code: grid for grid in revision_contents.list_revision_grids(session, caller, revision.id)}
    day = SubdistrictDay(place.subdistrict_id, on)
    persons = count_judged_residents(session, caller, day, [revision.id]) if norm.norm.persons else {}
    return MoveContext(
        revision=revision,
        stored=stored,
        assignment=GridAssignment(stored.town, stored.land, grid_of_cell.ravel().astype(np.int64)),
        grid_codes=codes.tolist(),
        grid_kinds=[grids[code].kind for code in codes.tolist()],
        grid_names={code: grid.name for code, grid in grids.items()},
        on=on,
        norm=norm,
        persons={grid.code: persons.get((revision.id, grid.grid_id)) for grid in grids.values()},
    )
