"""Figures of the leader's page as a workbook."""

from flask import Response, request

from gridmap.core.caller import Caller
from gridmap.core.errors import N_
from gridmap.services.incidents import figures_export, leader_page
from gridmap.services.incidents.figures_export import ExportContext
from gridmap.services.incidents.heatmap import IncidentFilter, SubdistrictRow
from gridmap.web import context
from gridmap.web.labels import DEVIATION_LABELS, INCIDENT_STATUS_LABELS
from gridmap.web.language import current_language
from gridmap.web.leader.blueprint import leader
from gridmap.web.leader.filters import heatmap_roles_required, list_category_names, parse_filters, subdistrict_or_404
from gridmap.web.leader.heat import list_published_tables, show_page

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


def _export_context(subdistrict: SubdistrictRow, filters: IncidentFilter, caller: Caller) -> ExportContext:
    names = list_category_names(subdistrict.id, caller)
    return ExportContext(
        place=subdistrict.name,
        category_names=[names[each] for each in filters.categories],
        status_label=INCIDENT_STATUS_LABELS[filters.status] if filters.status else N_("all"),
        deviation_labels=DEVIATION_LABELS,
        language=current_language(),
    )
