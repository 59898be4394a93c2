"""Tables of the roster of a community as files."""

from flask import Response

from gridmap.services.exports.tables import ExportTable
from gridmap.services.subdistrict_files import roster_tables
from gridmap.services.workers import roster as rosters
from gridmap.services.workers.roster import Roster
from gridmap.web import context
from gridmap.web.exports.response import account_place_names, export_response, own_places, subdistrict_places
from gridmap.web.language import current_language
from gridmap.web.params import MAX_ID
from gridmap.web.roster.blueprint import readers_required, roster

COMMUNITY_PATH = f"/communities/<int(max={MAX_ID}):community_id>"


@roster.get("/export/<file_format>")
@readers_required
def export_index(file_format: str) -> Response:
    """Return the communities with their vacant grids and office phones as a file."""
    session = context.session()
    table = roster_tables.make_index_table(rosters.list_communities(session, context.caller()))
    return export_response(table, file_format, own_places(account_place_names()), day=rosters.get_today(session))


@roster.get(f"{COMMUNITY_PATH}/grids/export/<file_format>")
@readers_required
def export_grids(community_id: int, file_format: str) -> Response:
    """Return the grids of a community with their people as a file."""
    shown = rosters.load_roster(context.session(), context.caller(), community_id)
    return _export(shown, roster_tables.make_grid_table([shown], current_language()), file_format)


@roster.get(f"{COMMUNITY_PATH}/people/export/<file_format>")
@readers_required
def export_people(community_id: int, file_format: str) -> Response:
    """Return the people on the roster of a community as a file."""
    session, caller = context.session(), context.caller()
    shown = rosters.load_roster(session, caller, community_id)
    names = rosters.list_lines(session, caller, shown.community.subdistrict_id, current_language())
    return _export(shown, roster_tables.make_people_table([shown], names), file_format)


def _export(shown: Roster, table: ExportTable, file_format: str) -> Response:
    community = shown.community
    places = subdistrict_places(community.name, community.subdistrict_id, community.id)
    return export_response(table, file_format, places, day=shown.today)
