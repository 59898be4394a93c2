"""My grid and reporting an incident, made for a phone in one hand."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gridmap.core.errors import InvalidInput
from gridmap.core.vocabulary import Role
from gridmap.services.grids import code_tables, details
from gridmap.services.grids.details import GridDetails
from gridmap.services.incidents import reporting as incident_reporting
from gridmap.services.people import residents
from gridmap.web import context
from gridmap.web.access import roles_required
from gridmap.web.forms import add_form_errors
from gridmap.web.language import current_language
from gridmap.web.shared.grids import MAP_SCRIPT, page_labels
from gridmap.web.station.residents import RESIDENCE_LABELS
from gridmap.web.worker.forms import IncidentForm

worker = Blueprint("worker", __name__, url_prefix="/my-grid")


@worker.get("")
@roles_required(Role.WORKER)
def index() -> str:
    """The own grids as they are in force today."""
    session = context.session()
    found = details.list_own_grids(session, context.caller())
    sent = incident_reporting.get_own_report(session, context.caller(), request.args.get("incident_number", ""))
    return render_template("worker/index.html", grid_details=found, reported_incident=sent, map_shell=_map_shell(found), **page_labels())


@worker.get("/buildings/<int:building_id>")
@roles_required(Role.WORKER)
def building(building_id: int) -> str:
    """Who lives in a building of the own grids, masked."""
    found = details.get_own_building(context.session(), context.caller(), building_id)
    living = residents.list_residents(context.session(), context.caller(), building_id)
    return render_template("worker/building.html", building=found, residents=living, residence_labels=RESIDENCE_LABELS)


@worker.get("/report")
@roles_required(Role.WORKER)
def new_incident() -> str:
    """The form; a building may be chosen already."""
    found = details.list_own_grids(context.session(), context.caller())
    form = _with_choices(IncidentForm(), found)
    form.building.data = request.args.get("building_id", "")
    return _report_page(form, found)


@worker.post("/report")
@roles_required(Role.WORKER)
def create_incident() -> Response | str:
    """Take it in, or say what is missing; the same form sent twice is one incident."""
    found = details.list_own_grids(context.session(), context.caller())
    form = _with_choices(IncidentForm(), found)
    if not found or not form.validate():
        return make_response(_report_page(form, found), 422)
    try:
        stored = incident_reporting.report_incident(
            context.session(), context.caller(), form.to_report(_subdistrict_id(form, found))
        )
    except InvalidInput as error:
        add_form_errors(form, error)
        form.outside_confirmed.data = "yes" if isinstance(error, incident_reporting.OutsideOwnGrids) else ""
        return make_response(_report_page(form, found), 422)
    return redirect(url_for("worker.index", incident_number=stored.number), code=303)


def _with_choices(form: IncidentForm, grid_details: Sequence[GridDetails]) -> IncidentForm:
    """The form with its lists."""
    named = {each.id: each.name or each.address or each.code for one in grid_details for each in one.buildings}
    form.set_choices(dict(code_tables.list_names("lines", current_language())), named)
    return form


def _subdistrict_id(form: IncidentForm, grid_details: Sequence[GridDetails]) -> int:
    """Subdistrict of the building chosen, else of the first grid."""
    chosen = {str(each.id): one.day.subdistrict_id for one in grid_details for each in one.buildings}
    return chosen.get(form.building.data, grid_details[0].day.subdistrict_id)


def _report_page(form: IncidentForm, grid_details: Sequence[GridDetails]) -> str:
    return render_template("worker/new_incident.html", form=form, grid_details=grid_details, map_shell=_map_shell(grid_details))


def _map_shell(grid_details: Sequence[GridDetails]) -> Any:
    return details.build_grid_map(grid_details, url_for("static", filename=MAP_SCRIPT)) if grid_details else None
