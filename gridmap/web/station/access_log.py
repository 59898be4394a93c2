"""Page and file that tell a resident who has seen the own data."""

from collections.abc import Iterator, Sequence

from flask import Response, render_template, request

from gridmap.core.errors import N_
from gridmap.core.vocabulary import RevealField, RevealPurpose, Role
from gridmap.services.people import access_log, residents
from gridmap.services.people.access_log import AccessRecord
from gridmap.texts import translate
from gridmap.web import context
from gridmap.web.access import roles_required
from gridmap.web.labels import ACTION_LABELS, PURPOSE_LABELS, REVEAL_FIELD_LABELS
from gridmap.web.language import current_language
from gridmap.web.navigation import ROLE_NAMES
from gridmap.web.station.blueprint import station

CSV_HEADERS = (N_("When"), N_("Who"), N_("Role"), N_("What"), N_("Values"), N_("Purpose"), N_("Reason"))
TIME_FORMAT = "%Y-%m-%d %H:%M:%S"


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


@station.get("/<int:resident_id>/access-log.csv")
@roles_required(Role.STATION)
def download_access_log(resident_id: int) -> Response:
    """Return the same as a table for a spreadsheet; the download is recorded."""
    records = access_log.export_access_records(context.session(), context.caller(), resident_id, request.remote_addr)
    headers = tuple(translate(each, current_language()) for each in CSV_HEADERS)
    body = access_log.to_csv([headers, *map(_csv_row, records)])
    disposition = f'attachment; filename="access-log-{resident_id}.csv"'
    return Response(body, mimetype="text/csv", headers={"Content-Disposition": disposition})


def _csv_row(record: AccessRecord) -> Sequence[str]:
    def label(text: str) -> str:
        return translate(text, current_language()) if text else ""

    role = label(ROLE_NAMES[Role(record.role)]) if record.role else ""
    action = label(ACTION_LABELS.get(record.action, record.action))
    at = record.at.strftime(TIME_FORMAT)
    fields = "、".join(label(REVEAL_FIELD_LABELS[field]) for field in _shown_fields(record))
    return at, record.actor or "", role, action, fields, label(_purpose_label(record)), record.reason or ""


def _shown_fields(record: AccessRecord) -> Iterator[RevealField]:
    """Yield the values that an action showed in clear."""
    shown = record.details.get("fields", [record.details.get("field")])
    yield from (field for field in RevealField if isinstance(shown, list) and field in shown)


def _purpose_label(record: AccessRecord) -> str:
    purpose = str(record.details.get("purpose"))
    return PURPOSE_LABELS[RevealPurpose(purpose)] if purpose in list(RevealPurpose) else ""
