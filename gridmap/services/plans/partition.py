"""Partition of a community for a planner: by a worker process, within a deadline, saved as the next revision."""

import pickle
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from threading import Lock
from typing import cast

import geopandas as gpd
import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from gridmap.core.array_types import FloatArray
from gridmap.core.caller import Caller
from gridmap.core.errors import N_, Message, NotFound, NotPossible
from gridmap.core.plans.inherited_codes import fill_missing_codes, inherit_codes
from gridmap.core.plans.measures import MeasureInput, grid_polygons, grid_table, number_grids
from gridmap.core.plans.plan import GridPlan
from gridmap.core.plans.profile import Profile
from gridmap.core.plans.rules import find_violations, require_no_violations
from gridmap.services.plans import streets
from gridmap.services.plans.partition_worker import PlanValues
from gridmap.services.plans.revisions import get_community, require_latest
from gridmap.store import locks
from gridmap.store.message_json import message_from_json
from gridmap.store.queries.plans import revision_contents, revisions
from gridmap.store.queries.plans.community_town import StoredCommunity, load_community
from gridmap.store.queries.plans.revisions import PlanRow, RevisionRow
from gridmap.store.writes.plans import RevisionContent, insert_plan, insert_revision
from gridmap.texts import DEFAULT_LANGUAGE, translate

DEADLINE_S = 30
"""Ten times what a community takes on an idle machine; nobody waits longer in front of a page."""
GRACE_S = 2
WORKER_MODULE = "gridmap.services.plans.partition_worker"
FIRST_PLAN = N_("First plan")
TIMEOUT_TEXT = N_(
    "The partition took longer than {seconds} s and was stopped. A wider range of households makes it easier."
)
BUSY_TEXT = N_("Another partition is running. Try again in a few seconds.")
PENDING_TEXT = N_("A partition that you started is still running. Wait until it is finished.")
NO_LAND = N_("This community has no land in the database yet: load its streets and buildings first.")
MIN_CELL_WEIGHT = 1e-3
"""Weight of a cell without households when grids are compared, so that land alone decides for empty grids."""
_partition_lock = Lock()


class PartitionTimeout(NotPossible):
    """A partition that was stopped at its deadline."""


class PartitionBusy(NotPossible):
    """A partition refused because this process runs one already."""


class PartitionPending(NotPossible):
    """A partition refused because the same account waits for one already."""


@dataclass(frozen=True)
class PartitionRequest:
    """Partition of a community.

    Parameters
    ----------
    profile : Profile
        Norm: households of a grid.
    seed : int
        The same seed gives the same grids.
    base_revision_id : int or None
        Latest revision that the planner has seen; None where there was none.
    note : str, optional
        Purpose.
    """

    profile: Profile
    seed: int
    base_revision_id: int | None
    note: str | None = None


def partition_community(
    session: Session, caller: Caller, community_id: int, request: PartitionRequest, on: date
) -> RevisionRow:
    """Partition a community and save the result as the next revision of its plan.

    Grids that share most with those of the latest revision keep their codes, and with them their workers.

    Parameters
    ----------
    session : Session
        Of a planner of the community.
    caller : Caller
    community_id : int
    request : PartitionRequest
    on : date
        Households are counted as of it.

    Returns
    -------
    RevisionRow

    Raises
    ------
    NotFound
        If the caller does not work in the community.
    PartitionTimeout
        If the partition takes too long.
    PartitionBusy, PartitionPending
        If this process runs a partition already, or the account waits for one.
    gridmap.services.plans.revisions.EditConflict
        If others saved a newer revision.
    NotPossible
        If the community has no land.
    """
    get_community(session, caller, community_id)
    require_latest(session, caller, community_id, request.base_revision_id, lock=False)
    if not locks.try_partition_lock(session, caller.account_id):
        raise PartitionPending(Message(PENDING_TEXT))
    stored = load_community(session, caller, community_id, on)
    if stored is None:
        raise NotPossible(Message(NO_LAND))
    plan = run_partition(stored, request.profile, request.seed)
    require_latest(session, caller, community_id, request.base_revision_id)  # once more, now with the lock
    return _save_plan(session, caller, community_id, stored, plan, request)


def run_partition(
    stored: StoredCommunity,
    profile: Profile,
    seed: int,
    deadline_s: int = DEADLINE_S,
    worker_module: str = WORKER_MODULE,
) -> GridPlan:
    """Return the plan of a community, computed by a process of its own.

    Parameters
    ----------
    stored : StoredCommunity
    profile : Profile
    seed : int
    deadline_s : int
        Seconds after which the process is killed.
    worker_module : str
        Module that the process runs.

    Raises
    ------
    PartitionBusy
        If this process runs a partition already: one at a time leaves the processor to those who open pages.
    PartitionTimeout
        If the deadline passes.
    """
    if not _partition_lock.acquire(blocking=False):
        raise PartitionBusy(Message(BUSY_TEXT))
    try:
        payload = pickle.dumps((deadline_s, stored.town, stored.land, profile, seed))
        answer = pickle.loads(_run_worker(worker_module, payload, deadline_s))  # noqa: S301 - from our own process
        return _parse_plan(cast("PlanValues", answer))
    finally:
        _partition_lock.release()


def _run_worker(worker_module: str, payload: bytes, deadline_s: int) -> bytes:
    command = [sys.executable, "-m", worker_module]
    try:
        result = subprocess.run(  # noqa: S603 - our own module
            command, input=payload, capture_output=True, timeout=deadline_s + GRACE_S, process_group=0, check=False
        )
    except subprocess.TimeoutExpired:
        raise PartitionTimeout(Message(TIMEOUT_TEXT, {"seconds": deadline_s})) from None
    if result.returncode == -signal.SIGALRM:
        raise PartitionTimeout(Message(TIMEOUT_TEXT, {"seconds": deadline_s}))
    if result.returncode:
        error = result.stderr.decode(errors="replace")[-2000:]
        raise RuntimeError(f"{worker_module} ended with {result.returncode}: {error}")
    return result.stdout


def _parse_plan(values: PlanValues) -> GridPlan:
    reasons = tuple(message_from_json(reason) if reason else None for reason in values["reason"])
    notes = tuple(message_from_json(note) for note in values["notes"])
    return GridPlan(values["of_cell"], values["community"], values["kind"], reasons, notes)


def _save_plan(
    session: Session,
    caller: Caller,
    community_id: int,
    stored: StoredCommunity,
    plan: GridPlan,
    request: PartitionRequest,
) -> RevisionRow:
    grids = MeasureInput(
        stored.town, plan, plan.grid_of_cell[stored.land.cell_of_building], grid_polygons(plan, stored.land)
    )
    require_no_violations(find_violations(stored.town, stored.land, plan, grids.shapes))
    parent = revisions.find_revision(session, caller, request.base_revision_id) if request.base_revision_id else None
    codes = _assign_grid_codes(session, caller, community_id, stored, grids, parent)
    table = _with_grid_names(session, caller, grid_table(grids, codes, request.profile), parent)
    content = RevisionContent(stored.land_id, stored.cell_ids, plan.grid_of_cell, table, request.profile, plan.notes)
    target = _get_plan(session, caller, parent.plan_id) if parent else _insert_plan(session, caller, community_id)
    parent_id = parent.id if parent else None
    saved = insert_revision(session, caller, target, content, parent_id=parent_id, note=request.note)
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
