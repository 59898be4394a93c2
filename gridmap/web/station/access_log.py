"""Page and file that tell a resident who has seen the own data."""

from collections.abc import Iterator, Sequence

from flask import Response, render_template, request

from gridmap.core.errors import N_
from gridmap.core.vocabulary import RevealField, RevealPurpose, Role
from gridmap.services.exports.tables import Column, ExportTable, Value, write_table
from gridmap.services.people import access_log, residents
from gridmap.services.people.access_log import AccessRecord
from gridmap.texts import translate
from gridmap.web import context
from gridmap.web.access import roles_required
from gridmap.web.exports.response import file_response, make_origin, own_places
from gridmap.web.labels import ACTION_LABELS, PURPOSE_LABELS, REVEAL_FIELD_LABELS
from gridmap.web.language import current_language
from gridmap.web.navigation import ROLE_NAMES
from gridmap.web.station.blueprint import station

COLUMNS = (
    Column("at", N_("When")),
    Column("actor", N_("Who")),
    Column("role", N_("Role"), {role.value: name for role, name in ROLE_NAMES.items()}),
    Column("action", N_("What"), ACTION_LABELS),
    Column("fields", N_("Values")),
    Column("purpose", N_("Purpose"), {purpose.value: label for purpose, label in PURPOSE_LABELS.items()}),
    Column("reason", N_("Reason")),
)


@station.get("/<int:resident_id>/access-log")
@roles_required(Role.STATION)
def show_access_log(resident_id: int) -> str:
    """Show who has seen the data of a resident, newest first."""
    session, caller = context.session(), context.caller()
    records = access_log.list_access_records(session, caller, resident_id)
    return render_template(
        "station/access_log.html",
        resident=residents.open_resident(session, caller, resident_id, request.remote_addr),
        records=records,
        role_names=ROLE_NAMES,
        action_labels=ACTION_LABELS,
        purpose_labels=PURPOSE_LABELS,
        field_labels=REVEAL_FIELD_LABELS,
    )


@station.get("/<int:resident_id>/access-log/export/<file_format>")
@roles_required(Role.STATION)
def export_access_log(resident_id: int, file_format: str) -> Response:
    """Return the same as a file; the download is recorded with the resident."""
    session, caller = context.session(), context.caller()
    records = access_log.export_access_records(session, caller, resident_id, request.remote_addr)
    rows = [_export_row(record) for record in records]
    table = ExportTable("access_log", N_("Who has seen this person's data"), COLUMNS, rows)
    return file_response(write_table(table, file_format, make_origin(own_places(str(resident_id)))))


def _export_row(record: AccessRecord) -> Sequence[Value]:
    fields = "、".join(translate(REVEAL_FIELD_LABELS[field], current_language()) for field in _shown_fields(record))
    values = (record.at.replace(tzinfo=None), record.actor, record.role, record.action)
    return *values, fields or None, _purpose(record), record.reason


def _shown_fields(record: AccessRecord) -> Iterator[RevealField]:
    """Yield the values that an action showed in clear."""
    shown = record.details.get("fields", [record.details.get("field")])
    yield from (field for field in RevealField if isinstance(shown, list) and field in shown)


def _purpose(record: AccessRecord) -> str | None:
    purpose = str(record.details.get("purpose"))
    return purpose if purpose in list(RevealPurpose) else None
