"""Changing a plan: every change is the next revision, and the one it came from stays as it was."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, InputFault, InvalidInput, Message, NotPossible
from gridmap.core.plans.measures import MeasureInput, grid_polygons, grid_table
from gridmap.core.plans.plan import GridPlan
from gridmap.core.plans.profile import Profile
from gridmap.core.plans.rules import find_violations
from gridmap.core.vocabulary import GridKind, GridStatus
from gridmap.services.plans.adoption import NO_SUCH_PLAN
from gridmap.services.plans.violation_texts import violation_message
from gridmap.store import schema
from gridmap.store.access import row_filter
from gridmap.store.message_json import message_from_json
from gridmap.store.queries.community_town import StoredCommunity, load_community
from gridmap.store.writes.plans import RevisionContent, insert_revision

LAND_REBUILT = N_("The land was made anew since this plan: divide the community again.")
FOREIGN_CELLS = N_("{count} cells are not of this plan's land")
CHANGED_BY_HAND = N_("as it was changed by hand")


@dataclass(frozen=True, eq=False)
class ParentRevision:
    """A revision as it was saved: the code of the grid of each cell, and each grid by its code."""

    revision: schema.Revision
    plan: schema.Plan
    code_by_cell: Mapping[int, str]
    grids_by_code: Mapping[str, schema.RevisionGrid]


def save_revision(
    session: Session, caller: Caller, parent_id: int, changes: Mapping[int, str], *, on: date, note: str | None = None
) -> schema.Revision:
    """Save a changed plan as the next revision.

    Parameters
    ----------
    session : Session
        Of a planner of the subdistrict, or of the owner.
    parent_id : int
        Revision that was changed; it stays as it is.
    changes : mapping of int to str
        Code of the grid that each cell goes to; the other cells stay where they were. A code that the plan does not
        have begins a grid, one that keeps no cell ends.
    on : date
        Households and buildings are counted as of it.
    note : str, optional
        What was changed and why.

    Returns
    -------
    Revision
        With grids that are the union of their cells, and figures computed anew.

    Raises
    ------
    InvalidInput
        If a cell is not of the plan's land, or the changed plan breaks a rule of the land: each fault says which.
    NotPossible
        If the revision cannot be seen, or its community has other land by now.
    """
    before = _load_parent(session, caller, parent_id)
    kept = load_community(session, caller, before.revision.community_id, on)
    if kept is None or kept.land_id != before.revision.land_id:
        raise NotPossible(Message(LAND_REBUILT))
    if foreign := set(changes) - set(kept.cell_ids.tolist()):
        raise InvalidInput([InputFault(Message(FOREIGN_CELLS, {"count": len(foreign)}))])
    codes, of_cell = np.unique(
        [changes.get(cell, before.code_by_cell[cell]) for cell in kept.cell_ids.tolist()], return_inverse=True
    )
    grids = _measure_grids(kept, before, codes.tolist(), of_cell.ravel().astype(np.int64))
    profile = Profile(before.revision.minimum, before.revision.maximum)
    division = RevisionContent(
        land_id=kept.land_id,
        cell_ids=kept.cell_ids,
        grid_of_cell=of_cell.ravel(),
        grids=grids,
        profile=profile,
        reasons=[message_from_json(reason) for reason in before.revision.reasons],
    )
    return insert_revision(session, caller, before.plan, division, parent_id=parent_id, note=note)


def _load_parent(session: Session, caller: Caller, revision_id: int) -> ParentRevision:
    revision = session.scalar(
        select(schema.Revision).where(schema.Revision.id == revision_id, row_filter.visible(caller, schema.Revision))
    )
    if revision is None:
        raise NotPossible(Message(NO_SUCH_PLAN))
    cells = (
        select(schema.Assignment.cell_id, schema.Grid.code)
        .join(schema.Grid, schema.Grid.id == schema.Assignment.grid_id)
        .where(schema.Assignment.revision_id == revision_id, row_filter.visible(caller, schema.Assignment))
    )
    grids = (
        select(schema.Grid.code, schema.RevisionGrid)
        .join(schema.Grid, schema.Grid.id == schema.RevisionGrid.grid_id)
        .where(schema.RevisionGrid.revision_id == revision_id, row_filter.visible(caller, schema.RevisionGrid))
    )
    code_of = {row.cell_id: row.code for row in session.execute(cells)}
    plan = session.get_one(schema.Plan, revision.plan_id)
    return ParentRevision(revision, plan, code_of, {row.code: row.RevisionGrid for row in session.execute(grids)})


def _measure_grids(
    stored: StoredCommunity, parent: ParentRevision, codes: list[str], of_cell: np.ndarray
) -> gpd.GeoDataFrame:
    """The grids of the changed plan with their figures; refused where they break a rule of the land."""
    count = len(codes)
    kinds = tuple(_grid_kind(stored, parent, code, of_cell == grid) for grid, code in enumerate(codes))
    plan = GridPlan(of_cell, np.zeros(count, dtype=np.int64), kinds, (None,) * count)
    shapes = grid_polygons(plan, stored.land)
    if broken := find_violations(stored.town, stored.land, plan, shapes):
        raise InvalidInput([InputFault(violation_message(violation, codes)) for violation in broken])
    profile = Profile(parent.revision.minimum, parent.revision.maximum)
    subject = MeasureInput(stored.town, plan, of_cell[stored.land.cell_of_building], shapes)
    table = grid_table(subject, np.array(codes, dtype=object), profile)
    told = [
        _range_reason(parent.grids_by_code.get(code), row)
        for code, row in zip(codes, table.to_dict("records"), strict=True)
    ]
    names = [parent.grids_by_code[code].name if code in parent.grids_by_code else None for code in codes]
    return table.assign(reason=pd.Series(told, dtype=object), name=pd.Series(names, dtype=object))


def _grid_kind(stored: StoredCommunity, parent: ParentRevision, code: str, own_cells: np.ndarray) -> GridKind:
    """The kind a grid had; a new one is dedicated where all of its land is."""
    if code in parent.grids_by_code:
        return GridKind(parent.grids_by_code[code].kind)
    return GridKind.DEDICATED if (stored.land.dedicated[own_cells] >= 0).all() else GridKind.HOUSEHOLD


def _range_reason(parent_grid: schema.RevisionGrid | None, row: Mapping[object, object]) -> Message | None:
    """Why a grid is out of range: as it was told where nothing changed its size, else that somebody wanted it so."""
    if parent_grid is not None and parent_grid.households == row["households"]:
        return message_from_json(parent_grid.reason) if parent_grid.reason else None
    in_range = row["status"] == GridStatus.IN_RANGE or row["kind"] == GridKind.DEDICATED
    return None if in_range else Message(CHANGED_BY_HAND)
