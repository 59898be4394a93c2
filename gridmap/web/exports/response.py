"""Answers with an exported table: parts that all exports share."""

from collections.abc import Sequence
from datetime import date, datetime
from urllib.parse import quote

from flask import Flask, Response, abort, request

from gridmap.core.errors import Message
from gridmap.services.exports import tables
from gridmap.services.exports.tables import FORMATS, ExportOrigin, ExportPlaces, ExportTable
from gridmap.services.grids import overview
from gridmap.texts import translate
from gridmap.web import context
from gridmap.web.language import current_language
from gridmap.web.navigation import ROLE_NAMES

Notes = Sequence[tuple[str, str | Message]]


def init_app(app: Flask) -> None:
    """Give templates ``export_formats``, which the menu of exports lists."""
    app.jinja_env.globals["export_formats"] = FORMATS


def export_response(
    table: ExportTable, file_format: str, places: ExportPlaces, *, day: date | None = None, notes: Notes = ()
) -> Response:
    """Return a table as a file; the audit has it before the response is sent.

    Parameters
    ----------
    table : ExportTable
    file_format : str
        Name of the format in the URL; one that the table is not offered in is not found.
    places : ExportPlaces
    day : date, optional
        Day that the rows are of.
    notes : sequence of pairs
        Further notes: filters, norm.
    """
    return file_response(tables.export_table(context.session(), table, file_format, make_origin(places, day, notes)))


def file_response(file: tables.ExportedFile) -> Response:
    """Return a file to save, under its name in the reader's language."""
    response = Response(file.content, mimetype=file.media_type)
    disposition = f"attachment; filename=\"{file.ascii_name}\"; filename*=UTF-8''{quote(file.name, safe='')}"
    response.headers["Content-Disposition"] = disposition
    return response


def make_origin(places: ExportPlaces, day: date | None = None, notes: Notes = ()) -> ExportOrigin:
    """Return the origin of an export by the account of the request."""
    at, language = datetime.now().astimezone(), current_language()
    return ExportOrigin(places, account_label(), at, language, day, notes, request.remote_addr)


def account_label() -> str:
    """Return name and role of the account of the request, for the notes of files."""
    account = context.account()
    return f"{account.display_name}（{translate(ROLE_NAMES[account.role], current_language())}）" if account else ""


def subdistrict_places(name: str, subdistrict_id: int, community_id: int | None = None) -> ExportPlaces:
    """Return the places of a table about one subdistrict, or a community of it."""
    return ExportPlaces(name, (subdistrict_id,), community_id)


def account_place_names() -> str:
    """Return the names of the subdistricts of the account, for the names of files and their notes."""
    return "、".join(each.name for each in overview.list_subdistricts(context.session(), context.caller()))


def own_places(name: str) -> ExportPlaces:
    """Return the places of a table about all subdistricts of the account; one that works nowhere has no table."""
    return ExportPlaces(name, context.caller().subdistrict_ids or abort(404))
