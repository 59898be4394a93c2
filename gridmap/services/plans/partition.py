"""Dividing a community anew for a planner: apart from the web, within a deadline, saved as the next revision."""

import pickle
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from threading import Lock
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, Message, NotPossible
from gridmap.core.plans.inherited_codes import fill_missing_codes, inherit_codes
from gridmap.core.plans.measures import MeasureInput, grid_polygons, grid_table, number_grids
from gridmap.core.plans.plan import GridPlan
from gridmap.core.plans.profile import Profile
from gridmap.core.plans.rules import find_violations, require_no_violations
from gridmap.services.plans import revisions as plan_revisions
from gridmap.services.plans.revisions import require_latest
from gridmap.store import locks, schema
from gridmap.store.message_json import message_from_json
from gridmap.store.queries import revisions as revision_queries
from gridmap.store.queries.community_town import StoredCommunity, load_community
from gridmap.store.writes.plans import RevisionContent, create_plan, insert_revision
from gridmap.texts import DEFAULT_LANGUAGE, translate

DEADLINE_S = 30
"""Ten times what a community takes when nobody else is at work; who waits longer in front of a page goes away."""
GRACE_S = 2
WORKER_MODULE = "gridmap.services.plans.partition_worker"
FIRST_PLAN = N_("First plan")
TIMEOUT_TEXT = N_(
    "The division took longer than {seconds} s and was stopped. A wider range of households makes it easier."
)
BUSY_TEXT = N_("Another division is being worked out just now. Try again in a few seconds.")
PENDING_TEXT = N_("A division that you asked for is still being worked out. Wait until it is done.")
NO_LAND = N_("This community has no land in the database yet: load its streets and buildings first.")
MIN_CELL_WEIGHT = 1e-3
"""What a cell without households counts where grids are compared, so that land alone decides for empty grids."""
_partition_lock = Lock()


class PartitionTimeout(NotPossible):
    """It took too long and was stopped."""


class PartitionBusy(NotPossible):
    """Somebody else has the turn."""


class PartitionPending(NotPossible):
    """The same account is waiting for a division already."""


@dataclass(frozen=True)
class PartitionRequest:
    """How a community is to be divided.

    Parameters
    ----------
    profile : Profile
        Households of a grid.
    seed : int
        Same seed, same grids.
    base_revision_id : int or None
        The newest revision that the planner has seen; None where there was none.
    note : str, optional
        What it is for.
    """

    profile: Profile
    seed: int
    base_revision_id: int | None
    note: str | None = None


def partition_community(
    session: Session, caller: Caller, community_id: int, request: PartitionRequest, on: date
) -> schema.Revision:
    """Divide a community and save that as the next revision of its plan.

    Grids that share most with those of the newest revision keep their codes, and with them their workers.

    Parameters
    ----------
    session : Session
        Of a planner of the community.
    community_id : int
    request : PartitionRequest
    on : date
        Households are counted as of it.

    Returns
    -------
    Revision

    Raises
    ------
    Unseen
        If the community is not the account's.
    NotPossible
        If it has no land, the division took too long (`PartitionTimeout`), the turn is somebody else's (`PartitionBusy`) or the account's
        own already (`PartitionPending`), or others saved a revision meanwhile (`gridmap.services.plans.revisions.EditConflict`).
    """
    plan_revisions.get_community(session, caller, community_id)
    require_latest(session, caller, community_id, request.base_revision_id, lock=False)
    if not locks.try_partition_lock(session, caller.account_id):
        raise PartitionPending(Message(PENDING_TEXT))
    kept = load_community(session, caller, community_id, on)
    if kept is None:
        raise NotPossible(Message(NO_LAND))
    plan = run_partition(kept, request.profile, request.seed)
    require_latest(session, caller, community_id, request.base_revision_id)
    return _insert_revision(session, caller, community_id, kept, plan, request)


def run_partition(
    stored: StoredCommunity,
    profile: Profile,
    seed: int,
    deadline_s: int = DEADLINE_S,
    worker_module: str = WORKER_MODULE,
) -> GridPlan:
    """The plan of a community, worked out by a process of its own.

    Parameters
    ----------
    stored : StoredCommunity
    profile : Profile
    seed : int
    deadline_s : int
        Seconds after which it is killed.
    worker_module : str
        Module that does the work.

    Raises
    ------
    PartitionBusy
        If this process waits for a division already: one at a time leaves the processor to those who look at pages.
    PartitionTimeout
        If it is not done in time.
    """
    if not _partition_lock.acquire(blocking=False):
        raise PartitionBusy(Message(BUSY_TEXT))
    try:
        asked = pickle.dumps((deadline_s, stored.town, stored.land, profile, seed))
        return _parse_plan(pickle.loads(_run_worker(worker_module, asked, deadline_s)))  # noqa: S301 - from our own process
    finally:
        _partition_lock.release()


def _run_worker(worker_module: str, payload: bytes, deadline_s: int) -> bytes:
    command = [sys.executable, "-m", worker_module]
    try:
        done = subprocess.run(  # noqa: S603 - our own module
            command, input=payload, capture_output=True, timeout=deadline_s + GRACE_S, process_group=0, check=False
        )
    except subprocess.TimeoutExpired:
        raise PartitionTimeout(Message(TIMEOUT_TEXT, {"seconds": deadline_s})) from None
    if done.returncode == -signal.SIGALRM:
        raise PartitionTimeout(Message(TIMEOUT_TEXT, {"seconds": deadline_s}))
    if done.returncode:
        raise RuntimeError(
            f"{worker_module} ended with {done.returncode}: {done.stderr.decode(errors='replace')[-2000:]}"
        )
    return done.stdout


def _parse_plan(values: dict[str, Any]) -> GridPlan:
    reasons = tuple(message_from_json(reason) if reason else None for reason in values["reason"])
    notes = tuple(message_from_json(note) for note in values["notes"])
    return GridPlan(values["of_cell"], values["community"], values["kind"], reasons, notes)


def _insert_revision(
    session: Session,
    caller: Caller,
    community_id: int,
    stored: StoredCommunity,
    plan: GridPlan,
    request: PartitionRequest,
) -> schema.Revision:
    grids = MeasureInput(
        stored.town, plan, plan.grid_of_cell[stored.land.cell_of_building], grid_polygons(plan, stored.land)
    )
    require_no_violations(find_violations(stored.town, stored.land, plan, grids.shapes))
    parent = session.get(schema.Revision, request.base_revision_id) if request.base_revision_id else None
    table = grid_table(grids, _assign_grid_codes(session, caller, community_id, stored, grids, parent), request.profile)
    named = _with_grid_names(session, caller, table, parent)
    division = RevisionContent(stored.land_id, stored.cell_ids, plan.grid_of_cell, named, request.profile, plan.notes)
    begun = session.get_one(schema.Plan, parent.plan_id) if parent else _create_plan(session, caller, community_id)
    return insert_revision(session, caller, begun, division, parent_id=parent.id if parent else None, note=request.note)


def _with_grid_names(
    session: Session, caller: Caller, table: gpd.GeoDataFrame, parent: schema.Revision | None
) -> gpd.GeoDataFrame:
    """Grids with the names that their codes had before."""
    names = (
        {row.code: row.RevisionGrid.name for row in revision_queries.list_grids(session, caller, parent.id)}
        if parent
        else {}
    )
    return table.assign(name=pd.Series([names.get(code) for code in table["grid_code"]], dtype=object))


def _create_plan(session: Session, caller: Caller, community_id: int) -> schema.Plan:
    return create_plan(session, caller, community_id, translate(FIRST_PLAN, DEFAULT_LANGUAGE))


def _assign_grid_codes(
    session: Session,
    caller: Caller,
    community_id: int,
    stored: StoredCommunity,
    grids: MeasureInput,
    parent: schema.Revision | None,
) -> Sequence[str]:
    """Codes of the grids: of the plan before where they share most with it, else such as were never given."""
    if parent is None:
        return list(number_grids(grids))
    if parent.land_id != stored.land_id:
        return fill_missing_codes(
            stored.town.name, [None] * len(grids.plan), revision_queries.list_grid_codes(session, caller, community_id)
        )
    code_of = revision_queries.get_grid_codes_by_cell(session, caller, parent.id)
    known, before = np.unique([code_of[cell] for cell in stored.cell_ids.tolist()], return_inverse=True)
    counted = stored.town.buildings["households"].to_numpy(dtype=np.float64)
    weight = MIN_CELL_WEIGHT + np.bincount(stored.land.cell_of_building, counted, len(stored.cell_ids)).astype(
        np.float64
    )
    found = inherit_codes(before.ravel().astype(np.int64), grids.plan.grid_of_cell, weight, known.tolist())
    return fill_missing_codes(stored.town.name, found, revision_queries.list_grid_codes(session, caller, community_id))
