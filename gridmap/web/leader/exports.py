"""Figures of the leader's page as a workbook, its ranking and lists of incidents as tables."""

from flask import Response, request

from gridmap.core.caller import Caller
from gridmap.core.errors import N_
from gridmap.services.incidents import figures_export, leader_page
from gridmap.services.incidents.figures_export import ExportContext
from gridmap.services.incidents.heatmap import IncidentFilter, SubdistrictRow
from gridmap.web import context
from gridmap.web.exports import incident_tables
from gridmap.web.exports.response import export_response, subdistrict_places
from gridmap.web.labels import DEVIATION_LABELS, INCIDENT_STATUS_LABELS
from gridmap.web.language import current_language
from gridmap.web.leader.blueprint import leader
from gridmap.web.leader.filters import heatmap_roles_required, list_category_names, parse_filters, subdistrict_or_404
from gridmap.web.leader.heat import list_published_tables, show_page
from gridmap.web.leader.incident_list import ShownIncidents, load_incidents_of_grid, load_shown_incidents

FILTERS, FIRST_DAY, LAST_DAY, STATUS = N_("Categories"), N_("First day"), N_("Last day"), N_("Status on the last day")
WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@leader.get("/<subdistrict_code>/figures.xlsx")
@heatmap_roles_required
def download_figures(subdistrict_code: str) -> Response:
    """Return everything on the leader's page as a workbook; the download is recorded."""
    session = context.session()
    subdistrict, filters = subdistrict_or_404(subdistrict_code), parse_filters()
    caller = show_page(subdistrict.id, filters)
    page = leader_page.load_leader_page(session, caller, subdistrict.id, filters)
    tables = list_published_tables(subdistrict.id)
    body = figures_export.make_figures_workbook(page, tables, _export_context(subdistrict, filters, caller))
    figures_export.record_export(session, subdistrict.id, page, request.remote_addr)
    days = filters.date_range
    disposition = f'attachment; filename="incidents-{days.first:%Y%m%d}-{days.last:%Y%m%d}.xlsx"'
    return Response(body, mimetype=WORKBOOK_TYPE, headers={"Content-Disposition": disposition})


@leader.get("/<subdistrict_code>/ranking/export/<file_format>")
@heatmap_roles_required
def export_ranking(subdistrict_code: str, file_format: str) -> Response:
    """Return the grids by incidents, with the filters of the page, as a file."""
    subdistrict, filters = subdistrict_or_404(subdistrict_code), parse_filters()
    caller = show_page(subdistrict.id, filters)
    page = leader_page.load_leader_page(context.session(), caller, subdistrict.id, filters)
    table = incident_tables.make_ranking_table(page.ranking.rows, page.community_names)
    places = subdistrict_places(subdistrict.name, subdistrict.id)
    notes = _filter_notes(subdistrict, filters, caller)
    return export_response(table, file_format, places, day=filters.date_range.last, notes=notes)


@leader.get("/<subdistrict_code>/grids/<int:grid_id>/export/<file_format>")
@heatmap_roles_required
def export_grid_incidents(subdistrict_code: str, grid_id: int, file_format: str) -> Response:
    """Return the incidents of a grid, as the list shows them, as a file."""
    return _export_incidents(load_incidents_of_grid(subdistrict_code, grid_id), file_format)


@leader.get("/<subdistrict_code>/incidents/export/<file_format>", defaults={"in_no_grid": False})
@leader.get("/<subdistrict_code>/incidents-in-no-grid/export/<file_format>", defaults={"in_no_grid": True})
@heatmap_roles_required
def export_incidents(subdistrict_code: str, in_no_grid: bool, file_format: str) -> Response:
    """Return the incidents of a subdistrict, as the list shows them, as a file."""
    return _export_incidents(load_shown_incidents(subdistrict_code, in_no_grid=in_no_grid), file_format)


def _export_incidents(shown: ShownIncidents, file_format: str) -> Response:
    subdistrict, filters, grid = shown.subdistrict, shown.filters, shown.grid
    table = incident_tables.make_incident_table(
        shown.incidents, list_category_names(subdistrict.id, shown.caller), shows_lines=shown.caller.shows_lines
    )
    place, community_id = (grid.name or grid.code, grid.community_id) if grid else (subdistrict.name, None)
    places = subdistrict_places(place, subdistrict.id, community_id)
    notes = _filter_notes(subdistrict, filters, shown.caller)
    return export_response(table, file_format, places, day=filters.date_range.last, notes=notes)


def _filter_notes(subdistrict: SubdistrictRow, filters: IncidentFilter, caller: Caller) -> list[tuple[str, str]]:
    names, days = list_category_names(subdistrict.id, caller), filters.date_range
    status = INCIDENT_STATUS_LABELS[filters.status] if filters.status else N_("all")
    chosen = "、".join(names[each] for each in filters.categories) or N_("all")
    return [(FIRST_DAY, str(days.first)), (LAST_DAY, str(days.last)), (FILTERS, chosen), (STATUS, status)]


def _export_context(subdistrict: SubdistrictRow, filters: IncidentFilter, caller: Caller) -> ExportContext:
    names = list_category_names(subdistrict.id, caller)
    return ExportContext(
        place=subdistrict.name,
        category_names=[names[each] for each in filters.categories],
        status_label=INCIDENT_STATUS_LABELS[filters.status] if filters.status else N_("all"),
        deviation_labels=DEVIATION_LABELS,
        language=current_language(),
    )
