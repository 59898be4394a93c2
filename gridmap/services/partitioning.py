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

from gridmap.core.errors import N_, Message, Unable
from gridmap.core.inherited import fresh_codes, inherited_codes
from gridmap.core.measures import Grids, codes, figures, outlines
from gridmap.core.partition.profile import Profile
from gridmap.core.plan import Plan
from gridmap.core.rules import BrokenPlanError, breaches
from gridmap.services import versions
from gridmap.services.versions import check_newest
from gridmap.store import planned, schema
from gridmap.store.kept import KeptTown, town_of
from gridmap.store.plans import Division, begin_plan, put_revision
from gridmap.store.session import ACCOUNT
from gridmap.store.words import from_json
from gridmap.texts import DEFAULT_LANGUAGE, say

DEADLINE_S = 30
"""Ten times what a community takes when nobody else is at work; who waits longer in front of a page goes away."""
GRACE_S = 2
WORKER = "gridmap.services.dividing_apart"
FIRST_PLAN = N_("First plan")
LATE = N_("The division took longer than {seconds} s and was stopped. A wider range of households makes it easier.")
BUSY = N_("Another division is being worked out just now. Try again in a few seconds.")
YOURS = N_("A division that you asked for is still being worked out. Wait until it is done.")
NO_LAND = N_("This community has no land in the database yet: load its streets and buildings first.")
HAIR = 1e-3
"""What a cell without households counts where grids are compared, so that land alone decides for empty grids."""
_turn = Lock()


class Late(Unable):
    """It took too long and was stopped."""


class Busy(Unable):
    """Somebody else has the turn."""


class Twice(Unable):
    """The same account is waiting for a division already."""


@dataclass(frozen=True)
class Wanted:
    """How a community is to be divided.

    Parameters
    ----------
    profile : Profile
        Households of a grid.
    seed : int
        Same seed, same grids.
    newest : int or None
        The newest revision that the planner has seen; None where there was none.
    note : str, optional
        What it is for.
    """

    profile: Profile
    seed: int
    newest: int | None
    note: str | None = None


def partition_community(session: Session, community: int, wanted: Wanted, day: date) -> schema.Revision:
    """Divide a community and save that as the next revision of its plan.

    Grids that share most with those of the newest revision keep their codes, and with them their workers.

    Parameters
    ----------
    session : Session
        Of a planner of the community.
    community : int
    wanted : Wanted
    day : date
        Households are counted as of it.

    Returns
    -------
    Revision

    Raises
    ------
    Unseen
        If the community is not the account's.
    Unable
        If it has no land, the division took too long (`Late`), the turn is somebody else's (`Busy`) or the account's
        own already (`Twice`), or others saved a revision meanwhile (`gridmap.services.versions.Outdated`).
    """
    versions.community(session, community)
    check_newest(session, community, wanted.newest, hold=False)
    if not planned.has_the_turn(session, session.info.get(ACCOUNT)):
        raise Twice(Message(YOURS))
    kept = town_of(session, community, day)
    if kept is None:
        raise Unable(Message(NO_LAND))
    plan = divided(kept, wanted.profile, wanted.seed)
    check_newest(session, community, wanted.newest)
    return _saved(session, community, kept, plan, wanted)


def divided(kept: KeptTown, profile: Profile, seed: int, deadline: int = DEADLINE_S, worker: str = WORKER) -> Plan:
    """The plan of a community, worked out by a process of its own.

    Parameters
    ----------
    kept : KeptTown
    profile : Profile
    seed : int
    deadline : int
        Seconds after which it is killed.
    worker : str
        Module that does the work.

    Raises
    ------
    Busy
        If this process waits for a division already: one at a time leaves the processor to those who look at pages.
    Late
        If it is not done in time.
    """
    if not _turn.acquire(blocking=False):
        raise Busy(Message(BUSY))
    try:
        asked = pickle.dumps((deadline, kept.town, kept.land, profile, seed))
        return _plan(pickle.loads(_answered(worker, asked, deadline)))  # noqa: S301 - from our own process
    finally:
        _turn.release()


def _answered(worker: str, asked: bytes, deadline: int) -> bytes:
    command = [sys.executable, "-m", worker]
    try:
        done = subprocess.run(  # noqa: S603 - our own module
            command, input=asked, capture_output=True, timeout=deadline + GRACE_S, process_group=0, check=False
        )
    except subprocess.TimeoutExpired:
        raise Late(Message(LATE, {"seconds": deadline})) from None
    if done.returncode == -signal.SIGALRM:
        raise Late(Message(LATE, {"seconds": deadline}))
    if done.returncode:
        raise RuntimeError(f"{worker} ended with {done.returncode}: {done.stderr.decode(errors='replace')[-2000:]}")
    return done.stdout


def _plan(told: dict[str, Any]) -> Plan:
    reasons = tuple(from_json(reason) if reason else None for reason in told["reason"])
    notes = tuple(from_json(note) for note in told["notes"])
    return Plan(told["of_cell"], told["community"], told["kind"], reasons, notes)


def _saved(session: Session, community: int, kept: KeptTown, plan: Plan, wanted: Wanted) -> schema.Revision:
    grids = Grids(kept.town, plan, plan.of_cell[kept.land.building_cell], outlines(plan, kept.land))
    if broken := breaches(kept.town, kept.land, plan, grids.shapes):
        raise BrokenPlanError("; ".join(map(str, broken)))
    parent = session.get(schema.Revision, wanted.newest) if wanted.newest else None
    table = figures(grids, _codes(session, community, kept, grids, parent), wanted.profile)
    named = _named(session, table, parent)
    division = Division(kept.number, kept.cells, plan.of_cell, named, wanted.profile, plan.notes)
    begun = session.get_one(schema.Plan, parent.plan_id) if parent else _begun(session, community)
    return put_revision(session, begun, division, parent=parent.id if parent else None, note=wanted.note)


def _named(session: Session, table: gpd.GeoDataFrame, parent: schema.Revision | None) -> gpd.GeoDataFrame:
    """Grids with the names that their codes had before."""
    names = {row.code: row.RevisionGrid.name for row in planned.grids(session, parent.id)} if parent else {}
    return table.assign(name=pd.Series([names.get(code) for code in table["grid_code"]], dtype=object))


def _begun(session: Session, community: int) -> schema.Plan:
    return begin_plan(session, community, say(FIRST_PLAN, DEFAULT_LANGUAGE))


def _codes(
    session: Session, community: int, kept: KeptTown, grids: Grids, parent: schema.Revision | None
) -> Sequence[str]:
    """Codes of the grids: of the plan before where they share most with it, else such as were never given."""
    if parent is None:
        return list(codes(grids))
    if parent.land_id != kept.number:
        return fresh_codes(kept.town.name, [None] * len(grids.plan), planned.codes(session, community))
    code_of = planned.code_of_cells(session, parent.id)
    known, before = np.unique([code_of[cell] for cell in kept.cells.tolist()], return_inverse=True)
    counted = kept.town.buildings["households"].to_numpy(dtype=np.float64)
    weight = HAIR + np.bincount(kept.land.building_cell, counted, len(kept.cells)).astype(np.float64)
    found = inherited_codes(before.ravel().astype(np.int64), grids.plan.of_cell, weight, known.tolist())
    return fresh_codes(kept.town.name, found, planned.codes(session, community))
