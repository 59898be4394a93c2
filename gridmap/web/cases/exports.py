"""The inbox as a file."""

from collections.abc import Mapping, Sequence

from flask import Response

from gridmap.core.errors import N_
from gridmap.services.cases.cases import CaseRow
from gridmap.services.exports.tables import Column, ExportTable, Value
from gridmap.texts import translate
from gridmap.web.cases.blueprint import cases, cases_required
from gridmap.web.cases.inbox import load_shown_inbox
from gridmap.web.cases.labels import STATE_LABELS
from gridmap.web.exports.response import account_place_names, export_response, own_places
from gridmap.web.language import current_language

COLUMNS = (
    Column("number", N_("Number")),
    Column("category", N_("Category")),
    Column("title", N_("Matter")),
    Column("community", N_("Community")),
    Column("grid", N_("Grid")),
    Column("state", N_("State of the case"), {state.value: label for state, (_, label) in STATE_LABELS.items()}),
    Column("worker", N_("Worker")),
    Column("due_on", N_("Promised day")),
    Column("days_left", N_("Days left")),
    Column("urgent", N_("cannot wait")),
    Column("occurred_at", N_("When")),
)
YES = N_("yes")


@cases.get("/export/<file_format>")
@cases_required
def export_inbox(file_format: str) -> Response:
    """Return the cases of the inbox, with its filters, as a file."""
    shown = load_shown_inbox()
    rows = [_export_row(each, shown.category_names) for each in (*shown.to_do, *shown.with_others)]
    table = ExportTable("cases", N_("Cases"), COLUMNS, rows)
    return export_response(table, file_format, own_places(account_place_names()))


def _export_row(case: CaseRow, category_names: Mapping[str, str]) -> Sequence[Value]:
    place = case.community_name, case.grid_code
    handling = case.state.value, case.handler_name, case.due_on, case.days_left
    urgent = translate(YES, current_language()) if case.urgent else None
    category = category_names.get(case.category, case.category)
    return case.number, category, case.title, *place, *handling, urgent, case.occurred_at.replace(tzinfo=None)
