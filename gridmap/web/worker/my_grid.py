"""Pages of a worker's own grids, their buildings and incident reports."""

from collections.abc import Sequence

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gridmap.core.errors import InvalidInput, NotFound
from gridmap.core.vocabulary import Role
from gridmap.services.grids import details
from gridmap.services.grids.details import GridDetails
from gridmap.services.grids.page_map import MapShell, build_page_map
from gridmap.services.incidents import categories, reporting
from gridmap.services.people import residents
from gridmap.web import context
from gridmap.web.access import roles_required
from gridmap.web.forms import add_form_errors
from gridmap.web.labels import RESIDENCE_LABELS
from gridmap.web.language import current_language
from gridmap.web.shared.denials import answer_not_found
from gridmap.web.shared.grids import MAP_SCRIPT, layer_context, page_labels
from gridmap.web.worker.forms import IncidentForm

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
        map_shell=_map_shell(grid_details),
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


@worker.get("/report")
@roles_required(Role.WORKER)
def new_incident() -> str:
    """Show the form of a report; a building may be chosen already."""
    grid_details = details.list_own_grids(context.session(), context.caller())
    form = _with_choices(IncidentForm(), grid_details)
    form.building.data = request.args.get("building_id", "")
    form.occurred_at.data = reporting.get_present_time(context.session())
    return _report_page(form, grid_details)


@worker.post("/report")
@roles_required(Role.WORKER)
def create_incident() -> Response | str:
    """Store an incident, or tell what is missing; a form that is sent twice stores one incident."""
    grid_details = details.list_own_grids(context.session(), context.caller())
    form = _with_choices(IncidentForm(), grid_details)
    if not grid_details or not form.validate():
        return make_response(_report_page(form, grid_details), 422)
    try:
        report = form.to_report(_subdistrict_id(form, grid_details))
        incident = reporting.report_incident(context.session(), context.caller(), report)
    except InvalidInput as error:
        add_form_errors(form, error)
        form.outside_confirmed.data = "yes" if isinstance(error, reporting.OutsideOwnGrids) else ""
        if isinstance(error, reporting.UnusualTime):
            form.time_confirmed.data = form.asked_time
        return make_response(_report_page(form, grid_details), 422)
    return redirect(url_for("worker.index", incident_number=incident.number), code=303)


def _with_choices(form: IncidentForm, grid_details: Sequence[GridDetails]) -> IncidentForm:
    """Set the categories and buildings of a form."""
    buildings = [building for each in grid_details for building in each.buildings]
    names = {each.id: each.display_name for each in buildings}
    subdistrict_ids = sorted({each.day.subdistrict_id for each in grid_details})
    session, caller, language = context.session(), context.caller(), current_language()
    form.set_choices(categories.list_reportable(session, caller, subdistrict_ids, language), names)
    return form


def _subdistrict_id(form: IncidentForm, grid_details: Sequence[GridDetails]) -> int:
    """Return the subdistrict of the chosen building, otherwise of the first grid."""
    subdistrict_ids = {
        str(building.id): each.day.subdistrict_id for each in grid_details for building in each.buildings
    }
    return subdistrict_ids.get(form.building.data, grid_details[0].day.subdistrict_id)


def _report_page(form: IncidentForm, grid_details: Sequence[GridDetails]) -> str:
    map_shell = _map_shell(grid_details)
    return render_template("worker/new_incident.html", form=form, grid_details=grid_details, map_shell=map_shell)


def _map_shell(grid_details: Sequence[GridDetails]) -> MapShell | None:
    return build_page_map(grid_details[0].subdistrict, url_for("static", filename=MAP_SCRIPT)) if grid_details else None
