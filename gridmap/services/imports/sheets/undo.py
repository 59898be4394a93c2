"""Undo of an import, as long as nothing newer stands on it; a refusal says what does, in the words of the office."""

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, Message, NotFound, NotPossible
from gridmap.core.vocabulary import UndoObstacleKind
from gridmap.formats.sheets.kinds import SHEET_KINDS
from gridmap.store.queries.cases.cases import list_handled_numbers
from gridmap.store.queries.imports import runs as run_queries
from gridmap.store.queries.imports.runs import ImportRunRow
from gridmap.store.queries.journal.changes import UndoObstacle, list_undo_obstacles
from gridmap.store.writes import change_sets

OBSTACLES: Mapping[UndoObstacleKind, str] = {
    UndoObstacleKind.UNDONE: N_("It has been undone already."),
    UndoObstacleKind.VALUES_REMOVED: N_("It is too old: the earlier values have been removed."),
    UndoObstacleKind.CHANGED: N_("It cannot be undone: {count} of its rows have been changed since."),
    UndoObstacleKind.REFERRED_TO: N_("It cannot be undone: other rows refer to {count} of its rows ({tables})."),
    UndoObstacleKind.DELETED_INCIDENT: N_("It cannot be undone: it deleted incidents."),
    UndoObstacleKind.ENDED_LEAVE: N_("It cannot be undone: it ended a leave. Enter the leave again instead."),
}
HANDLED_CASES = N_(
    "It cannot be undone: cases of its incidents have been handled since ({numbers}). Import corrected rows instead."
)
NEWER_ROWS = N_(
    "It cannot be undone: its earlier values contradict newer entries ({tables}). Import corrected rows instead."
)
MAX_NAMED_CASES = 8
TABLE_TITLES = {
    "household": N_("households"),
    "resident": N_("residents"),
    "service_group_member": N_("members of service groups"),
    "dwelling": N_("dwellings"),
    "unit": N_("units"),
    "worker": N_("workers"),
    "duty": N_("duties"),
    "leave": N_("leave"),
    "building": N_("buildings"),
    "incident": N_("incidents"),
    "incident_case": N_("cases"),
    "case_step": N_("cases"),
    "case_notice": N_("notices about cases"),
    "case_query_code": N_("query codes of cases"),
    "incident_photo": N_("photos"),
    "category_class_change": N_("requests for another class"),
    "household_count": N_("counts of households"),
    "population_count": N_("counts of persons"),
    "service_group_count": N_("counts of service groups"),
    "statistical_area_building": N_("statistical areas"),
    "estate": N_("estates"),
    "courtyard": N_("courtyards"),
    "facility": N_("facilities"),
    "organisation": N_("organisations"),
    "shop": N_("shops"),
    "street": N_("streets"),
    "resident_group": N_("resident groups"),
    "incident_category": N_("categories of incidents"),
    "account_scope": N_("scopes of accounts"),
}
"""Titles of tables whose rows an import writes, or may refer to those of one."""


def find_undo_refusal(kind: str) -> Message | None:
    """Return why imports of a kind are not undone, and what to do instead; None where they are."""
    found = SHEET_KINDS.get(kind)
    return Message(found.no_undo) if found and found.no_undo else None


def undo_import(session: Session, caller: Caller, run_id: int) -> None:
    """Give every row that an import touched the values it had before.

    Raises
    ------
    NotFound
        If the caller sees no such import.
    NotPossible
        If something newer stands on it, or its kind is not undone; the message says what to do. Nothing is changed.
    """
    run = run_queries.find_import_run(session, caller, run_id)
    if run is None:
        raise NotFound(f"import {run_id}")
    if reason := find_undo_refusal(run.kind):
        raise NotPossible(reason)
    if obstacles := list_undo_obstacles(session, run.change_set_id):
        raise NotPossible(_explain_obstacles(session, caller, run, obstacles))
    try:
        change_sets.undo_change_set(session, run.change_set_id)
    except change_sets.UndoConflict as conflict:
        raise NotPossible(Message(NEWER_ROWS, {"tables": _titles_of_tables([conflict.table])})) from None


def _explain_obstacles(
    session: Session, caller: Caller, run: ImportRunRow, obstacles: Sequence[UndoObstacle]
) -> Message:
    """Return the sentence about the first kind of obstacles; of incidents whose cases were handled, their numbers."""
    kind = obstacles[0].kind
    if kind in {UndoObstacleKind.CHANGED, UndoObstacleKind.REFERRED_TO}:
        incident_ids = [each.row_id for each in obstacles if each.table == "incident" and each.row_id is not None]
        numbers = list_handled_numbers(session, caller, incident_ids, run.imported_at)
        if numbers:
            more = ["…"] if len(numbers) > MAX_NAMED_CASES else []
            return Message(HANDLED_CASES, {"numbers": "、".join([*numbers[:MAX_NAMED_CASES], *more])})
    same = [each for each in obstacles if each.kind is kind]
    tables = dict.fromkeys(each.referring_table for each in same if each.referring_table)
    rows = {(each.table, each.row_id) for each in same}
    return Message(OBSTACLES[kind], {"count": len(rows), "tables": _titles_of_tables(list(tables))})


def _titles_of_tables(tables: Sequence[str]) -> Message:
    """Return the titles of tables as one message; a table without a title has its name."""
    titles = {f"t{n}": Message(TABLE_TITLES.get(name, name)) for n, name in enumerate(tables)}
    return Message(" · ".join(f"{{{name}}}" for name in titles), titles)
