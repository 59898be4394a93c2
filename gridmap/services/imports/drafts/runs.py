"""Imports that were made, as an account sees them, and the undo of one."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import NotFound
from gridmap.services.jobs.jobs import submit_job
from gridmap.services.jobs.kinds import IMPORT_UNDO
from gridmap.store.queries.imports import runs as run_queries
from gridmap.store.queries.imports.runs import ImportRunRow, ImportStateRow

MAX_LISTED = 200
UNKNOWN_STATE = ImportStateRow(None, is_undoable=False)


@dataclass(frozen=True)
class ShownRun:
    """An import, when it was undone, and whether the account may undo it."""

    run: ImportRunRow
    undone_at: datetime | None
    is_undoable: bool


def list_runs(session: Session, caller: Caller) -> list[ShownRun]:
    """Return the imports of the caller's subdistricts that the caller sees, the newest first."""
    found: list[ShownRun] = []
    for subdistrict_id in caller.subdistrict_ids:
        states = run_queries.list_import_states(session, subdistrict_id)
        runs = run_queries.list_import_runs(session, caller, subdistrict_id, MAX_LISTED)
        found += [ShownRun(run, *states.get(run.id, UNKNOWN_STATE)) for run in runs]
    return sorted(found, key=lambda each: each.run.id, reverse=True)[:MAX_LISTED]


def show_run(session: Session, caller: Caller, run_id: int) -> ShownRun:
    """Return an import that the caller sees.

    Raises
    ------
    NotFound
        If there is none.
    """
    run = run_queries.find_import_run(session, caller, run_id)
    if run is None:
        raise NotFound(run_id)
    states = run_queries.list_import_states(session, run.subdistrict_id)
    return ShownRun(run, *states.get(run.id, UNKNOWN_STATE))


def request_undo(session: Session, caller: Caller, run_id: int, request_key: str) -> int:
    """Ask for the job that undoes an import, and return it; the same form makes one job.

    Raises
    ------
    NotFound
        If the caller sees no such import.
    """
    run = show_run(session, caller, run_id).run
    return submit_job(
        session,
        caller,
        IMPORT_UNDO,
        {"run_id": run_id},
        subdistrict_id=run.subdistrict_id,
        request_key=request_key,
    )
