"""Imports that were made, as an account sees them, and the undo of one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import Message, NotFound, NotPossible
from gridmap.services.imports.sheets.undo import find_undo_refusal
from gridmap.services.jobs.jobs import submit_job
from gridmap.services.jobs.kinds import IMPORT_UNDO
from gridmap.store.queries.imports import runs as run_queries
from gridmap.store.queries.imports.runs import ImportRunRow, ImportStateRow

MAX_LISTED = 200
UNKNOWN_STATE = ImportStateRow(None, is_undoable=False)


@dataclass(frozen=True)
class ShownRun:
    """An import, when it was undone, whether the account may undo it, and why imports of its kind are not undone."""

    run: ImportRunRow
    undone_at: datetime | None
    is_undoable: bool
    refusal: Message | None = None


def list_runs(session: Session, caller: Caller) -> list[ShownRun]:
    """Return the imports of the caller's subdistricts that the caller sees, the newest first."""
    found: list[ShownRun] = []
    for subdistrict_id in caller.subdistrict_ids:
        states = run_queries.list_import_states(session, subdistrict_id)
        runs = run_queries.list_import_runs(session, caller, subdistrict_id, MAX_LISTED)
        found += [_shown(run, states) for run in runs]
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
    return _shown(run, states)


def _shown(run: ImportRunRow, states: Mapping[int, ImportStateRow]) -> ShownRun:
    undone_at, is_undoable = states.get(run.id, UNKNOWN_STATE)
    refusal = find_undo_refusal(run.kind)
    return ShownRun(run, undone_at, is_undoable and refusal is None, refusal)


def request_undo(session: Session, caller: Caller, run_id: int, request_key: str) -> int:
    """Ask for the job that undoes an import, and return it; the same form makes one job.

    Raises
    ------
    NotFound
        If the caller sees no such import.
    NotPossible
        If imports of its kind are not undone.
    """
    shown = show_run(session, caller, run_id)
    if shown.refusal:
        raise NotPossible(shown.refusal)
    run = shown.run
    return submit_job(
        session,
        caller,
        IMPORT_UNDO,
        {"run_id": run_id},
        subdistrict_id=run.subdistrict_id,
        request_key=request_key,
    )
