"""Reports of incidents: the form, and the answers to reports that a phone kept and sends."""

from collections.abc import Sequence

from flask import jsonify, make_response, redirect, render_template, request, url_for
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response

from gridmap.core.errors import N_, InvalidInput
from gridmap.core.vocabulary import CaseState, Role
from gridmap.services.cases import cases, field_reports
from gridmap.services.cases.cases import CaseRow
from gridmap.services.cases.steps import PersonalNumbers
from gridmap.services.grids import details
from gridmap.services.grids.details import GridDetails
from gridmap.services.incidents import categories, reporting
from gridmap.texts import translate
from gridmap.web import context
from gridmap.web.access import roles_required
from gridmap.web.forms import add_form_errors
from gridmap.web.language import current_language
from gridmap.web.worker.forms import IncidentForm
from gridmap.web.worker.my_grid import build_map_shell, worker
from gridmap.web.worker.own_reports import is_changeable

STATE_LABELS = {
    CaseState.RECEIVED: N_("sent, not taken in yet"),
    CaseState.RETURNED: N_("the workstation asks you something"),
    CaseState.ACCEPTED: N_("taken in"),
    CaseState.ASSIGNED: N_("assigned to a worker"),
    CaseState.IN_PROGRESS: N_("being worked on"),
    CaseState.CLOSED: N_("closed"),
    CaseState.DUPLICATE: N_("known already"),
    CaseState.WITHDRAWN: N_("withdrawn"),
}
"""States of cases as the reporter reads them."""
QUEUE_TEXTS = {
    "waiting": N_(
        "Waiting to be sent: {count}. They are kept on this phone and sent as soon as there is a connection."
    ),
    "refused": N_("Not sent: {count}. Mend or delete them."),
    "signedOut": N_("Waiting to be sent: {count}. Your sign-in has ended; sign in again to send them."),
    "otherAccount": N_(
        "Waiting to be sent: {count}. Another account is signed in; sign in with your own to send them."
    ),
    "sent": N_("All are sent."),
    "signIn": N_("Sign in"),
    "state_held": N_("waits for your answer"),
    "state_waiting": N_("waits to be sent"),
    "state_refused": N_("not sent"),
    "state_sent": N_("sent as {number}"),
    "tooLarge": N_("the photos are too large"),
    "confirm": N_("It is correct, send it"),
    "mend": N_("Mend"),
    "delete": N_("Delete"),
    "placeMissing": N_("Choose the place: where you are, a point on the map, or a building."),
    "categoryMissing": N_("Choose what kind it is."),
    "resultMissing": N_("Say in a few words what you did about it."),
    "notKept": N_("The phone could not keep it, and there is no connection. Leave this page open and send it again."),
    "notKeptSignIn": N_(
        "The phone could not keep it, and this account is no longer signed in. Leave this page open, sign in in "
        "another tab and send it again."
    ),
    "outside_confirmed": N_("Send it although it is outside my grid"),
    "time_confirmed": N_("Send it with this time"),
    "numbers_confirmed": N_("Send it, it is no person's number"),
}
"""Texts of the list of reports on the phone."""
RECENT_LABEL = N_("Used lately")
NO_GRID = N_("No grid is yours today")
OTHER_ACCOUNT = N_("This report belongs to another account and was not sent.")


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
        stored = _submit(form, grid_details)
    except InvalidInput as error:
        add_form_errors(form, error)
        for name, value in _list_confirmations(form, error).items():
            form[name].data = value
        context.discard_session()
        return make_response(_report_page(form, grid_details), 422)
    return redirect(url_for("worker.index", incident_number=stored.number), code=303)


@worker.get("/reports")
@roles_required(Role.WORKER)
def sender_state() -> Response:
    """Tell a phone which account is signed in, and give it the token to send its reports with, as JSON."""
    return jsonify(account=context.caller().require_account_id(), token=generate_csrf())


@worker.post("/reports")
@roles_required(Role.WORKER)
def receive_report() -> Response:
    """Store a report that a phone kept, as JSON: 201 once, 200 when it is sent again, 422 with the faults by field."""
    if request.form.get("account") != str(context.caller().require_account_id()):
        return make_response(jsonify(problem=translate(OTHER_ACCOUNT, current_language())), 409)
    grid_details = details.list_own_grids(context.session(), context.caller())
    form = _with_choices(IncidentForm(), grid_details)
    if not grid_details:
        form.form_errors.append(NO_GRID)
        return _refusal(form, {})
    if not form.validate():
        return _refusal(form, {})
    try:
        stored = _submit(form, grid_details)
    except InvalidInput as error:
        add_form_errors(form, error)
        return _refusal(form, _list_confirmations(form, error))
    return make_response(jsonify(number=stored.number), 201 if stored.is_new else 200)


@worker.post("/reports/known")
@roles_required(Role.WORKER)
def list_known_reports() -> Response:
    """List open cases that may be the same incident as a report that is about to be sent, as JSON."""
    grid_details = details.list_own_grids(context.session(), context.caller())
    form = _with_choices(IncidentForm(), grid_details)
    if not grid_details or not form.validate():
        return _refusal(form, {})
    report = form.to_report(_subdistrict_id(form, grid_details))
    try:
        known = field_reports.list_known(context.session(), context.caller(), report.incident)
    except InvalidInput:
        known = []  # the report itself is answered with the reason
    names = {choice.value: choice.label for choice in form.category.choices}
    return jsonify(known=[_describe_known(each, str(names[each.category])) for each in known])


def _describe_known(case: CaseRow, category_name: str) -> dict[str, object]:
    state = translate(STATE_LABELS[case.state], current_language())
    parts = (case.number, f"{case.occurred_at:%Y-%m-%d %H:%M}", state)
    return {"id": case.incident_id, "title": case.title or category_name, "details": " · ".join(parts)}


def _submit(form: IncidentForm, grid_details: Sequence[GridDetails]) -> field_reports.StoredReport:
    report = form.to_report(_subdistrict_id(form, grid_details))
    return field_reports.submit_report(context.session(), context.caller(), report)


def _list_confirmations(form: IncidentForm, error: InvalidInput) -> dict[str, str]:
    """Return the fields by which the next submission confirms what was asked."""
    if isinstance(error, reporting.OutsideOwnGrids):
        return {"outside_confirmed": "yes"}
    if isinstance(error, reporting.UnusualTime):
        return {"time_confirmed": form.asked_time}
    return {"numbers_confirmed": form.text_fingerprint} if isinstance(error, PersonalNumbers) else {}


def _refusal(form: IncidentForm, confirmations: dict[str, str]) -> Response:
    """Return the faults by field and the fields that would confirm what is asked."""
    language = current_language()
    faults = [{"field": "", "problem": translate(problem, language)} for problem in form.form_errors]
    for field in form:
        faults += [{"field": field.short_name, "problem": translate(each, language)} for each in field.errors]
    return make_response(jsonify(faults=faults, confirmations=confirmations), 422)


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
    session, caller, language = context.session(), context.caller(), current_language()
    own_reports = cases.list_own_reports(session, caller)
    subdistrict_ids = {each.subdistrict_id for each in own_reports}
    form.set_recent(translate(RECENT_LABEL, language), [each.category for each in own_reports])
    return render_template(
        "worker/new_incident.html",
        form=form,
        grid_details=grid_details,
        map_shell=build_map_shell(grid_details),
        own_reports=own_reports,
        changeable={each.incident_id for each in own_reports if is_changeable(each)},
        results=cases.list_results(session, caller, own_reports),
        category_names=categories.list_names(session, caller, subdistrict_ids, language),
        state_labels=STATE_LABELS,
        account_id=caller.account_id,
        present_time=reporting.get_present_time(session).isoformat(timespec="seconds"),
        queue_texts={name: translate(text, language) for name, text in QUEUE_TEXTS.items()},
    )
