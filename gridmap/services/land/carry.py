"""Revisions carried to land that was built anew, with their grids, codes and streets; and the adoptions that follow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from gridmap.core.array_types import IntArray
from gridmap.core.caller import Caller
from gridmap.core.errors import N_, Message
from gridmap.core.plans.carried_plan import FormerPlan, carry_plan
from gridmap.core.plans.measures import MeasureInput, grid_polygons, grid_table
from gridmap.core.plans.norm import Norm
from gridmap.core.plans.plan import GridPlan
from gridmap.core.plans.rules import find_violations, require_no_violations
from gridmap.core.vocabulary import GridKind, GridStatus
from gridmap.services.plans import streets
from gridmap.services.plans.changes import ParentRevision, load_parent
from gridmap.store.queries.plans import adoptions, revisions
from gridmap.store.queries.plans.community_town import StoredCommunity
from gridmap.store.queries.plans.revisions import RevisionRow
from gridmap.store.writes.adoptions import carry_adoption
from gridmap.store.writes.plans import RevisionContent, insert_revision

CHANGED = Message(N_("as the land was built anew"))
REPORTED_RULES = ("in_one_piece", "keeps_dedicated")
"""Rules that a carried plan may break, which the report says: no standing building changes its grid for them."""


@dataclass(frozen=True)
class CarriedRevision:
    """A revision on new land.

    Parameters
    ----------
    parent, revision : RevisionRow
    left_norm : sequence of (str, int)
        Code and households of each grid that was in range when the parent was saved and is no longer.
    moved_buildings : sequence of str
        Codes of buildings that could not keep their grid.
    divided_grids : sequence of str
        Codes of grids in several pieces.
    ended_grids : sequence of str
        Codes of grids that have lost all of their land.
    """

    parent: RevisionRow
    revision: RevisionRow
    left_norm: Sequence[tuple[str, int]] = ()
    moved_buildings: Sequence[str] = ()
    divided_grids: Sequence[str] = ()
    ended_grids: Sequence[str] = ()


@dataclass(frozen=True, eq=False)
class LandChange:
    """A community on its land before and on the new one, on the day from which it holds, with the norm of that day."""

    former: StoredCommunity
    new: StoredCommunity
    on: date
    norm: Norm


def carry_community(
    session: Session, caller: Caller, community_id: int, change: LandChange, note: str | None
) -> tuple[Sequence[CarriedRevision], Sequence[int]]:
    """Carry the present and the planned adoptions of a community to new land, and its latest draft.

    Parameters
    ----------
    session : Session
    caller : Caller
    community_id : int
    change : LandChange
    note : str or None
        Why the land was built anew.

    Returns
    -------
    carried : sequence of CarriedRevision
        In the order of their adoption; a draft last.
    stale : sequence of int
        Numbers of other drafts, which stay on the land before and cannot be approved.
    """
    carried: dict[int, CarriedRevision] = {}
    for adoption in adoptions.list_community_adoptions(session, caller, community_id):
        if adoption.end is not None and adoption.end <= change.on:
            continue
        if adoption.revision_id not in carried:
            carried[adoption.revision_id] = carry_revision(session, caller, adoption.revision_id, change, note)
        carry_adoption(session, adoption.id, carried[adoption.revision_id].revision.id)
    drafts = _list_drafts(session, caller, community_id, change, carried)
    if drafts and drafts[0].id > max(carried, default=0):
        carried[drafts[0].id] = carry_revision(session, caller, drafts[0].id, change, note)
        drafts = drafts[1:]
    return list(carried.values()), [draft.number for draft in drafts]


def carry_revision(
    session: Session, caller: Caller, revision_id: int, change: LandChange, note: str | None
) -> CarriedRevision:
    """Save a revision on new land: standing buildings keep their grids, and grids their codes and streets."""
    parent = load_parent(session, caller, revision_id)
    codes = sorted(parent.grids_by_code)
    former_grids = _former_grids(parent, change.former, codes)
    is_dedicated = np.array([parent.grids_by_code[code].kind is GridKind.DEDICATED for code in codes])
    new, of_building = change.new, _grids_of_buildings(change, former_grids)
    households = new.town.buildings["households"].to_numpy(dtype=np.float64)
    former_plan = FormerPlan(change.former.land.cells, former_grids, is_dedicated)
    carried = carry_plan(new.land, former_plan, of_building, households)
    used, grid_of_cell = np.unique(carried.grid_of_cell, return_inverse=True)
    used_codes = [codes[grid] for grid in used]
    table = _measure(new, parent, used_codes, grid_of_cell.ravel().astype(np.int64), change.norm)
    content = RevisionContent(
        new.land_id,
        new.cell_ids,
        grid_of_cell.ravel(),
        table,
        parent.profile,
        parent.revision.reasons,
        change.norm.household_kind,
    )
    saved = insert_revision(session, caller, parent.plan, content, parent_id=revision_id, note=note)
    streets.copy_given_streets(session, caller, revision_id, saved)
    building_codes = new.town.buildings["building_id"].to_numpy()
    return CarriedRevision(
        parent=parent.revision,
        revision=saved,
        left_norm=_list_left_norm(parent, table, change.norm),
        moved_buildings=building_codes[carried.moved_buildings].tolist(),
        divided_grids=[codes[grid] for grid in carried.divided_grids],
        ended_grids=[code for code in codes if code not in used_codes],
    )


def _former_grids(parent: ParentRevision, former: StoredCommunity, codes: Sequence[str]) -> IntArray:
    index = {code: position for position, code in enumerate(codes)}
    return np.array([index[parent.code_by_cell[cell]] for cell in former.cell_ids.tolist()], dtype=np.int64)


def _grids_of_buildings(change: LandChange, former_grids: IntArray) -> IntArray:
    """Return the former grid of each building on the new land; -1 for one that had none."""
    grids = former_grids[change.former.land.cell_of_building]
    by_building: Mapping[int, int] = dict(zip(change.former.building_ids.tolist(), grids.tolist(), strict=True))
    return np.array([by_building.get(key, -1) for key in change.new.building_ids.tolist()], dtype=np.int64)


def _measure(
    new: StoredCommunity, parent: ParentRevision, codes: list[str], grid_of_cell: IntArray, norm: Norm
) -> gpd.GeoDataFrame:
    grids = [parent.grids_by_code[code] for code in codes]
    kinds = tuple(grid.kind for grid in grids)
    plan = GridPlan(grid_of_cell, np.zeros(len(codes), dtype=np.int64), kinds, (None,) * len(codes))
    shapes = grid_polygons(plan, new.land)
    violations = find_violations(new.town, new.land, plan, shapes)
    require_no_violations(each for each in violations if each.rule not in REPORTED_RULES)
    measured = MeasureInput(new.town, plan, grid_of_cell[new.land.cell_of_building], shapes)
    table = grid_table(measured, np.array(codes, dtype=object), norm.profile)
    rows = zip(grids, table["status"], table["households"], strict=True)
    reasons = [
        None if _needs_no_reason(grid.kind, status) else grid.reason if grid.households == households else CHANGED
        for grid, status, households in rows
    ]
    names = [grid.name for grid in grids]
    return table.assign(reason=pd.Series(reasons, dtype=object), name=pd.Series(names, dtype=object))


def _needs_no_reason(kind: GridKind, status: str) -> bool:
    """Return whether a grid needs no reason: it is dedicated, or in range."""
    return kind is GridKind.DEDICATED or status == GridStatus.IN_RANGE


def _list_left_norm(parent: ParentRevision, table: gpd.GeoDataFrame, norm: Norm) -> list[tuple[str, int]]:
    """Return the grids that the parent had in range and that are no longer, with their households."""
    profile, left = norm.profile, []
    for code, status, households in zip(table["grid_code"], table["status"], table["households"], strict=True):
        before = parent.grids_by_code[code]
        was_in_range = _needs_no_reason(before.kind, str(profile.status(before.households)))
        if was_in_range and not _needs_no_reason(before.kind, status):
            left.append((str(code), int(households)))
    return left


def _list_drafts(
    session: Session, caller: Caller, community_id: int, change: LandChange, carried: Mapping[int, CarriedRevision]
) -> list[RevisionRow]:
    """Return the revisions on the land before that were never adopted, the newest first."""
    adopted = {row.revision_id for row in adoptions.list_community_adoptions(session, caller, community_id)}
    rows = revisions.list_community_revisions(session, caller, community_id)
    on_former = [row for row in rows if row.land_id == change.former.land_id]
    return [row for row in on_former if row.id not in adopted and row.id not in carried]
