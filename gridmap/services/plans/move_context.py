"""Context of a move: a revision on its land, as the core needs it to weigh the move of a building."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from sqlalchemy.orm import Session

from gridmap.core.array_types import IntArray
from gridmap.core.caller import Caller
from gridmap.core.errors import Message, NotFound, NotPossible
from gridmap.core.plans.grid_status import GridStatusName, grid_status
from gridmap.core.plans.moves import GridAssignment
from gridmap.core.vocabulary import GridKind
from gridmap.services.plans.changes import LAND_REBUILT
from gridmap.services.plans.revisions import RevisionSummary
from gridmap.store.queries.plans import revision_contents
from gridmap.store.queries.plans.community_town import StoredCommunity, load_community


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
    """

    revision: RevisionSummary
    stored: StoredCommunity
    assignment: GridAssignment
    grid_codes: Sequence[str]
    grid_kinds: Sequence[GridKind]
    grid_names: Mapping[str, str | None]
    on: date

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

    def status_of(self, grid_index: int, households: int) -> GridStatusName:
        """Return the status of a grid with a number of households."""
        return grid_status(self.grid_kinds[grid_index], households, *self.norm_range)

    @property
    def norm_range(self) -> tuple[int, int]:
        """Minimum and maximum of the norm."""
        return self.revision.row.minimum, self.revision.row.maximum

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
    stored = load_community(session, caller, revision.row.community_id, on)
    if stored is None or stored.land_id != revision.row.land_id:
        raise NotPossible(Message(LAND_REBUILT))
    code_by_cell = revision_contents.get_grid_codes_by_cell(session, caller, revision.id)
    codes, grid_of_cell = np.unique([code_by_cell[cell] for cell in stored.cell_ids.tolist()], return_inverse=True)
    grids = {grid.code: grid for grid in revision_contents.list_revision_grids(session, caller, revision.id)}
    return MoveContext(
        revision=revision,
        stored=stored,
        assignment=GridAssignment(stored.town, stored.land, grid_of_cell.ravel().astype(np.int64)),
        grid_codes=codes.tolist(),
        grid_kinds=[grids[code].kind for code in codes.tolist()],
        grid_names={code: grid.name for code, grid in grids.items()},
        on=on,
    )
