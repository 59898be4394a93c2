"""Job that partitions a community and saves the result as the next revision of its plan."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from gridmap.core.array_types import FloatArray
from gridmap.core.caller import Caller
from gridmap.core.errors import N_, Message, NotFound, NotPossible
from gridmap.core.explanations.cured_reasons import add_cures
from gridmap.core.partition.partition import PartitionSettings, partition_town
from gridmap.core.plans.inherited_codes import fill_missing_codes, inherit_codes
from gridmap.core.plans.measures import MeasureInput, grid_polygons, grid_table, number_grids
from gridmap.core.plans.plan import GridPlan
from gridmap.core.plans.rules import find_violations, require_no_violations
from gridmap.core.vocabulary import FilePurpose
from gridmap.services.grids import norms
from gridmap.services.jobs import stored_files
from gridmap.services.jobs.context import JobContext
from gridmap.services.jobs.stored_files import FileContent
from gridmap.services.plans import plan_files, streets
from gridmap.services.plans.partition import FIRST_PLAN, NO_LAND, PartitionRequest
from gridmap.services.plans.range_check import require_possible
from gridmap.services.plans.revisions import EditConflict, get_community, norm_place, require_latest
from gridmap.store.day_bounds import get_today
from gridmap.store.queries.plans import revision_contents, revisions
from gridmap.store.queries.plans.community_town import StoredCommunity, load_community, load_resident_groups
from gridmap.store.queries.plans.revisions import PlanRow, RevisionRow
from gridmap.store.writes.plans import RevisionContent, insert_plan, insert_revision
from gridmap.texts import DEFAULT_LANGUAGE, translate

READING, SAVING = Message(N_("Reading the community")), Message(N_("Saving the revision"))
MIN_CELL_WEIGHT = 1e-3
"""Weight of a cell without households when grids are compared, so that land alone decides for empty grids."""


def partition_community(context: JobContext, parameters: Mapping[str, Any]) -> Mapping[str, object]:
    """Partition a community, or take the plan of an earlier job, and save it as the next revision.

    Where others have saved a revision meanwhile, the plan is stored as a file and waits: the planner decides whether
    it follows theirs.

    Returns
    -------
    mapping
        ``revision_id``; or ``plan_file_id`` and ``newer_revision_id`` where the plan waits. Always ``community_id``.

    Raises
    ------
    NotFound
        If the account does not work in the community any more.
    gridmap.services.plans.revisions.EditConflict
        If others had saved a revision before the work began: there is nothing yet that could wait.
    NotPossible
        If the community has no land, or a waiting plan is of other land.
    InvalidInput
        If no number of grids meets the range any more, as households have changed.
    """
    request = PartitionRequest.from_json(parameters)
    stored, groups = _read_community(context, request)
    plan = _make_plan(context, stored, groups, request)
    context.progress(SAVING, 0, 1)
    session, caller = context.session, context.caller
    try:
        require_latest(session, caller, request.community_id, request.base_revision_id)
    except EditConflict as conflict:
        return _store_plan(context, stored, plan, conflict.newer_revisions[0].id)
    saved = save_plan(session, caller, stored, plan, request)
    if request.plan_file_id is not None:
        stored_files.discard_file(session, caller, request.plan_file_id)
    return {"community_id": request.community_id, "revision_id": saved.id}


def _read_community(context: JobContext, request: PartitionRequest) -> tuple[StoredCommunity, gpd.GeoDataFrame]:
    """Return the community with its land, and its resident groups in metres."""
    context.progress(READING, 0, 1)
    with context.transaction() as session:
        community = get_community(session, context.caller, request.community_id)
        if request.plan_file_id is None:
            require_latest(session, context.caller, request.community_id, request.base_revision_id, lock=False)
        today = get_today(session)
        if request.plan_file_id is None:
            require_possible(session, context.caller, community, request.profile, today)
        basis = norms.load_norm(session, context.caller, norm_place(community), today).basis(today)
        stored = load_community(session, context.caller, request.community_id, basis)
        if stored is None:
            raise NotPossible(Message(NO_LAND))
        return stored, load_resident_groups(session, context.caller, request.community_id, stored.town.crs)


def _make_plan(
    context: JobContext, stored: StoredCommunity, groups: gpd.GeoDataFrame, request: PartitionRequest
) -> GridPlan:
    """Return a new plan, whose exceptions name what would help, or the one that waits."""
    if request.plan_file_id is None:
        settings = PartitionSettings(request.profile, seed=request.seed)
        plan = partition_town(stored.town, stored.land, settings, context.progress, groups)
        return add_cures(stored.town, stored.land, plan, settings, context.progress)
    with context.transaction() as session:
        file = stored_files.get_stored_file(session, context.caller, request.plan_file_id)
        content = b"".join(stored_files.iterate_content(session, context.caller, file))
    return plan_files.read_plan(content, stored)


def _store_plan(
    context: JobContext, stored: StoredCommunity, plan: GridPlan, newer_revision_id: int
) -> Mapping[str, object]:
    """Store a plan that waits for the planner's decision."""
    subdistrict_id, community_id = context.job.subdistrict_id, context.job.community_id
    assert subdistrict_id, "a partition belongs to a subdistrict"
    content = FileContent(plan_files.FILE_NAME, plan_files.MEDIA_TYPE, BytesIO(plan_files.write_plan(plan, stored)))
    file_id = stored_files.store_file(context.session, context.caller, subdistrict_id, content, FilePurpose.RESULT)
    return {"community_id": community_id, "plan_file_id": file_id, "newer_revision_id": newer_revision_id}


def save_plan(
    session: Session,
    caller: Caller,
    stored: StoredCommunity,
    plan: GridPlan,
    request: PartitionRequest,
) -> RevisionRow:
    """Save a plan of a community as the next revision; raise `NotPossible` where it breaks a rule."""
    community_id = request.community_id
    grids = MeasureInput(
        stored.town, plan, plan.grid_of_cell[stored.land.cell_of_building], grid_polygons(plan, stored.land)
    )
    require_no_violations(find_violations(stored.town, stored.land, plan, grids.shapes))
    parent_id = request.parent_revision_id or request.base_revision_id
    parent = revisions.find_revision(session, caller, parent_id) if parent_id else None
    codes = _assign_grid_codes(session, caller, community_id, stored, grids, parent)
    table = _with_grid_names(session, caller, grid_table(grids, codes, request.profile), parent)
    content = RevisionContent(
        stored.land_id,
        stored.cell_ids,
        plan.grid_of_cell,
        table,
        request.profile,
        plan.notes,
        stored.household_kind,
    )
    target = _get_plan(session, caller, parent.plan_id) if parent else _insert_plan(session, caller, community_id)
    saved = insert_revision(
        session, caller, target, content, parent_id=parent.id if parent else None, note=request.note
    )
    if parent:
        streets.copy_given_streets(session, caller, parent.id, saved)
    return saved


def _with_grid_names(
    session: Session, caller: Caller, table: gpd.GeoDataFrame, parent: RevisionRow | None
) -> gpd.GeoDataFrame:
    """Return grids with the names that their codes had in the parent revision."""
    grids = revision_contents.list_revision_grids(session, caller, parent.id) if parent else []
    name_by_code = {grid.code: grid.name for grid in grids}
    return table.assign(name=pd.Series([name_by_code.get(code) for code in table["grid_code"]], dtype=object))


def _get_plan(session: Session, caller: Caller, plan_id: int) -> PlanRow:
    plan = revisions.find_plan(session, caller, plan_id)
    if plan is None:
        raise NotFound(plan_id)
    return plan


def _insert_plan(session: Session, caller: Caller, community_id: int) -> PlanRow:
    return insert_plan(session, caller, community_id, translate(FIRST_PLAN, DEFAULT_LANGUAGE))


def _assign_grid_codes(
    session: Session,
    caller: Caller,
    community_id: int,
    stored: StoredCommunity,
    grids: MeasureInput,
    parent: RevisionRow | None,
) -> Sequence[str]:
    """Return the codes of grids: of the parent's grid that shares most with it, else codes that were never used."""
    if parent is None:
        return list(number_grids(grids))
    inherited: Sequence[str | None] = [None] * len(grids.plan)
    if parent.land_id == stored.land_id:
        code_by_cell = revision_contents.get_grid_codes_by_cell(session, caller, parent.id)
        cell_codes = [code_by_cell[cell] for cell in stored.cell_ids.tolist()]
        codes, before = np.unique(cell_codes, return_inverse=True)
        inherited = inherit_codes(
            before.ravel().astype(np.int64), grids.plan.grid_of_cell, _cell_weights(stored), codes.tolist()
        )
    used = revision_contents.list_grid_codes(session, caller, community_id)
    return fill_missing_codes(stored.town.name, inherited, used)


def _cell_weights(stored: StoredCommunity) -> FloatArray:
    """Return the households of each cell, and a little weight for cells without any."""
    households = stored.town.buildings["households"].to_numpy(dtype=np.float64)
    counts = np.bincount(stored.land.cell_of_building, households, len(stored.cell_ids))
    return MIN_CELL_WEIGHT + counts.astype(np.float64)
