"""Tables of homes and links as files: numbers and things, no residents."""

from flask import Response, request

from gridmap.core.errors import N_
from gridmap.services.homes import doors, links
from gridmap.services.subdistrict_files import home_tables
from gridmap.web import context
from gridmap.web.exports.response import account_place_names, export_response, own_places
from gridmap.web.homes.blueprint import homes, homes_required
from gridmap.web.homes.buildings import HomesParams
from gridmap.web.homes.links import LINK_LABELS, link_readers_required, list_category_names
from gridmap.web.language import current_language
from gridmap.web.params import parse_known_params

WORDS = N_("Words to look for")


@homes.get("/export/<file_format>")
@homes_required
def export_homes(file_format: str) -> Response:
    """Return the buildings with the numbers of their homes, all that match the words of the page, as a file."""
    params = parse_known_params(HomesParams, request.args)
    rows = doors.list_all_buildings(context.session(), context.caller(), params.query)
    notes = [(WORDS, params.query)] if params.query else []
    return export_response(
        home_tables.make_home_table(rows), file_format, own_places(account_place_names()), notes=notes
    )


@homes.get("/links/export/<file_format>")
@link_readers_required
def export_link_rates(file_format: str) -> Response:
    """Return the link rates of the page as a file."""
    rates = links.list_link_rates(context.session(), context.caller())
    return export_response(
        home_tables.make_rate_table(rates, LINK_LABELS), file_format, own_places(account_place_names())
    )


@homes.get("/links/unlinked/export/<file_format>")
@link_readers_required
def export_unlinked(file_format: str) -> Response:
    """Return buildings, places and ordinary incidents in no grid as a file."""
    lists = links.list_unlinked(context.session(), context.caller())
    table = home_tables.make_unlinked_table(lists, list_category_names(), current_language())
    return export_response(table, file_format, own_places(account_place_names()))
