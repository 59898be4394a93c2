"""Changes of a plan: each one is saved as the next revision, and its parent stays as it was."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from gridmap.core.array_types import BoolArray, IntArray
from gridmap.core.caller import Caller
from gridmap.core.errors import N_, InputFault, InvalidInput, Message, NotPossible
from gridmap.core.plans.measures import MeasureInput, grid_polygons, grid_table
from gridmap.core.plans.norm import Norm
from gridmap.core.plans.plan import GridPlan
from gridmap.core.plans.profile import Profile
from gridmap.core.plans.rules import find_violations
from gridmap.core.vocabulary import GridKind, GridStatus
from gridmap.services.grids import norms
from gridmap.services.plans import streets
from gridmap.services.plans.adoption import NO_SUCH_PLAN
from gridmap.services.plans.violation_texts import violation_message
from gridmap.store.queries.plans import revision_contents, revisions
from gridmap.store.queries.plans.community_town import StoredCommunity, load_community
from gridmap.store.queries.plans.norms import NormPlace
from gridmap.store.queries.plans.revision_contents import RevisionGridRow
from gridmap.store.queries.plans.revisions import PlanRow, RevisionRow
from gridmap.store.writes.plans import RevisionContent, insert_revision

LAND_REBUILT = N_("The land was rebuilt since this plan: partition the community again.")
FOREIGN_CELLS = N_("{count} cells are not part of this plan's land")
CHANGED_BY_HAND = N_("as it was changed by hand")


@dataclass(frozen=True, eq=False)
class ParentRevision:
    """A saved revision with its grids by code, and the code of the grid of each cell."""

    revision: RevisionRow
    plan: PlanRow
    code_by_cell: Mapping[int, str]
    grids_by_code: Mapping[str, RevisionGridRow]

    @property
    def profile(self) -> Profile:
        """Range and radius that the revision was made with."""
        return Profile(self.revision.minimum, self.revision.maximum, max_radius_m=self.revision.max_radius_m)


def save_revision(
    session: Session, caller: Caller, parent_id: int, changes: Mapping[int, str], *, on: date, note: str | None = None
) -> RevisionRow:
    """Save a changed plan as the next revision.

    Parameters
    ----------
    session : Session
        Of a planner of the subdistrict, or of the owner.
    caller : Caller
    parent_id : int
        Revision that was changed; it stays as it is.
    changes : mapping of int to str
        Code of the new grid by cell; the other cells stay where they are. A code that the plan does not have begins a
        grid; a grid without cells ends.
    on : date
        Households and buildings are counted as of it.
    note : str, optional
        Description of the change and its reason.

    Returns
    -------
    RevisionRow
        Its grids are the union of their cells, with figures computed anew. Streets that were given to a side stay so
        where they still run between the same two grids.

    Raises
    ------
    InvalidInput
        If a cell is not part of the plan's land, or the changed plan breaks a rule of the land.
    NotPossible
        If the caller cannot see the revision, or the land of its community was rebuilt.
    """
    parent = load_parent(session, caller, parent_id)
    place = NormPlace(parent.revision.subdistrict_id, parent.revision.community_id)
    norm = norms.load_norm(session, caller, place, on)
    stored = load_community(session, caller, parent.revision.community_id, norm.basis(on))
    if stored is None or stored.land_id != parent.revision.land_id:
        raise NotPossible(Message(LAND_REBUILT))
    if foreign := set(changes) - set(stored.cell_ids.tolist()):
        raise InvalidInput([InputFault(Message(FOREIGN_CELLS, {"count": len(foreign)}))])
    code_of_cell = [changes.get(cell, parent.code_by_cell[cell]) for cell in stored.cell_ids.tolist()]
    codes, grid_of_cell = np.unique(code_of_cell, return_inverse=True)
    content = RevisionContent(
        land_id=stored.land_id,
        cell_ids=stored.cell_ids,
        grid_of_cell=grid_of_cell.ravel(),
        grids=_measure_grids(stored, parent, codes.tolist(), grid_of_cell.ravel().astype(np.int64), norm.norm),
        profile=parent.profile,
        household_kind=norm.norm.household_kind,
        reasons=parent.revision.reasons,
    )
    saved = insert_revision(session, caller, parent.plan, content, parent_id=parent_id, note=note)
    streets.copy_given_streets(session, caller, parent_id, saved)
    return saved


def load_parent(session: Session, caller: Caller, revision_id: int) -> ParentRevision:
    """Return a saved revision that another one follows.

    Raises
    ------
    NotPossible
        If the caller cannot see it.
    """
    revision = revisions.find_revision(session, caller, revision_id)
    plan = revisions.find_plan(session, caller, revision.plan_id) if revision else None
    if revision is None or plan is None:
        raise NotPossible(Message(NO_SUCH_PLAN))
    grids = revision_contents.list_revision_grids(session, caller, revision_id)
    code_by_cell = revision_contents.get_grid_codes_by_cell(session, caller, revision_id)
    return ParentRevision(revision, plan, code_by_cell, {grid.code: grid for grid in grids})


def _measure_grids(
    stored: StoredCommunity, parent: ParentRevision, codes: list[str], grid_of_cell: IntArray, norm: Norm
) -> gpd.GeoDataFrame:
    """Return the grids of the changed plan with their figures; refuse a plan that breaks a rule of the land."""
    count = len(codes)
    kinds = tuple(_grid_kind(stored, parent, code, grid_of_cell == grid) for grid, code in enumerate(codes))
    plan = GridPlan(grid_of_cell, np.zeros(count, dtype=np.int64), kinds, (None,) * count)
    shapes = grid_polygons(plan, stored.land)
    if violations := find_violations(stored.town, stored.land, plan, shapes):
        raise InvalidInput([InputFault(violation_message(violation, codes)) for violation in violations])
    measured = MeasureInput(stored.town, plan, grid_of_cell[stored.land.cell_of_building], shapes)
    table = grid_table(measured, np.array(codes, dtype=object), norm.profile)
    parent_grids = [parent.grids_by_code.get(code) for code in codes]
    reasons = [_range_reason(grid, row) for grid, row in zip(parent_grids, table.to_dict("records"), strict=True)]
    names = [grid.name if grid else None for grid in parent_grids]
    return table.assign(reason=pd.Series(reasons, dtype=object), name=pd.Series(names, dtype=object))


def _grid_kind(stored: StoredCommunity, parent: ParentRevision, code: str, own_cells: BoolArray) -> GridKind:
    """Return the kind that a grid had; a new grid is dedicated if all of its land is."""
    if code in parent.grids_by_code:
        return parent.grids_by_code[code].kind
    return GridKind.DEDICATED if (stored.land.dedicated[own_cells] >= 0).all() else GridKind.HOUSEHOLD


def _range_reason(parent_grid: RevisionGridRow | None, row: Mapping[object, object]) -> Message | None:
    """Return the reason of a grid: its parent's if its size did not change, else its width or the change by hand."""
    if parent_grid is not None and parent_grid.households == row["households"]:
        return parent_grid.reason
    if isinstance(too_wide := row["reason"], Message):
        return too_wide
    in_range = row["status"] == GridStatus.IN_RANGE or row["kind"] == GridKind.DEDICATED
    return None if in_range else Message(CHANGED_BY_HAND)
