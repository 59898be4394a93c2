"""Pages of a worker's own grids, their buildings and incident reports."""

from collections.abc import Sequence

from flask import Blueprint, render_template, request, url_for

from gridmap.core.errors import NotFound
from gridmap.core.vocabulary import Role
from gridmap.services.grids import details
from gridmap.services.grids.details import GridDetails
from gridmap.services.grids.page_map import MapShell, build_page_map
from gridmap.services.incidents import reporting
from gridmap.services.people import residents
from gridmap.web import context
from gridmap.web.access import roles_required
from gridmap.web.labels import RESIDENCE_LABELS
from gridmap.web.shared.denials import answer_not_found
from gridmap.web.shared.grids import MAP_SCRIPT, layer_context, page_labels

worker = Blueprint("worker", __name__, url_prefix="/my-grid")
worker.register_error_handler(NotFound, answer_not_found)


@worker.get("")
@roles_required(Role.WORKER)
def index() -> str:
    """Show the own grids in force today."""
    session, caller = context.session(), context.caller()
    grid_details = details.list_own_grids(session, caller)
    return render_template(
        "worker/index.html",
        grid_details=grid_details,
        reported_incident=reporting.get_own_report(session, caller, request.args.get("incident_number", "")),
        map_shell=build_map_shell(grid_details),
        **page_labels({each.day.subdistrict_id for each in grid_details}),
        **layer_context(grid_details),
    )


@worker.get("/buildings/<int:building_id>")
@roles_required(Role.WORKER)
def building(building_id: int) -> str:
    """List the residents of a building of the own grids, masked."""
    session, caller = context.session(), context.caller()
    shown = residents.list_residents(session, caller, building_id, request.remote_addr)
    return render_template(
        "worker/building.html",
        building=details.get_own_building(session, caller, building_id),
        residents=shown,
        has_residents=bool(shown) or residents.has_residents(session, caller),
        residence_labels=RESIDENCE_LABELS,
    )


def build_map_shell(grid_details: Sequence[GridDetails]) -> MapShell | None:
    """Return the map of the first grid's subdistrict; None without a grid."""
    return build_page_map(grid_details[0].subdistrict, url_for("static", filename=MAP_SCRIPT)) if grid_details else None
