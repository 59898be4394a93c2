"""Page of a case: what happened, its steps, what may be done with it, and its photos."""

from collections.abc import Mapping
from uuid import UUID

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gridmap.core.cases.machine import TEXT_ACTIONS
from gridmap.core.errors import N_, InvalidInput
from gridmap.core.vocabulary import CaseAction, Role
from gridmap.services.cases import cases as case_services
from gridmap.services.cases import photos as photo_services
from gridmap.services.cases import receipts
from gridmap.services.cases import steps as step_services
from gridmap.services.cases.cases import CaseDetails
from gridmap.services.cases.steps import CaseChanged, PersonalNumbers
from gridmap.services.grids import code_tables
from gridmap.web import context
from gridmap.web.access import roles_required
from gridmap.web.cases.blueprint import cases, cases_required
from gridmap.web.cases.case_map import build_case_map
from gridmap.web.cases.forms import StepForm
from gridmap.web.cases.inbox import list_category_names
from gridmap.web.cases.labels import ACTION_LABELS, STATE_LABELS, STEP_LABELS
from gridmap.web.forms import add_form_errors
from gridmap.web.language import current_language
from gridmap.web.params import MAX_ID

CASE_PATH = f"/<int(max={MAX_ID}):incident_id>"
SAVED, CHANGED, FAULTY = 303, 409, 422
TAKEN = N_("The step is taken.")
PHOTO_ACTIONS = frozenset({CaseAction.CLOSE, CaseAction.NOTE, CaseAction.SETTLE})
"""Actions that photos may be added to."""


@cases.get(CASE_PATH)
@cases_required
def show(incident_id: int) -> str:
    """Show a case; the notices about it count as seen from then on."""
    session, caller = context.session(), context.caller()
    details = case_services.load_case(session, caller, incident_id)
    case_services.see_notices(session, incident_id)
    return _case_page(details)


@cases.get(f"{CASE_PATH}/receipt")
@roles_required(Role.WORKER, Role.STATION)
def show_receipt(incident_id: int) -> str:
    """Show the receipt of a case, which is printed or read out to the resident."""
    details, receipt = receipts.load_receipt(context.session(), context.caller(), incident_id)
    return render_template(
        "cases/receipt.html",
        case=details.case,
        receipt=receipt,
        query_url=url_for("case_queries.case_query", number=receipt.number, _external=True),
    )


@cases.post(f"{CASE_PATH}/steps")
@cases_required
def take_step(incident_id: int) -> Response | str:
    """Take a step; one that is not possible any more keeps the words beside the newer steps."""
    action = _requested_action()
    form = StepForm(action)
    status = _submit(form, incident_id, action)
    if status == SAVED:
        flash(TAKEN, "good")
        gone = action is CaseAction.SEND_BACK  # the worker may not see the case any more
        return redirect(url_for("cases.index") if gone else url_for("cases.show", incident_id=incident_id), SAVED)
    details = case_services.load_case(context.session(), context.caller(), incident_id)
    return make_response(_case_page(details, form, status), status)


@cases.get(f"{CASE_PATH}/photos/<uuid:photo_id>")
@cases_required
def show_photo(incident_id: int, photo_id: UUID) -> Response:
    """Return a photo to who sees the incident; no cache keeps it."""
    content = case_services.load_photo(context.session(), context.caller(), incident_id, photo_id)
    response = make_response(content)
    response.mimetype = "image/jpeg"
    response.headers["Cache-Control"] = "no-store"
    return response


def _requested_action() -> CaseAction:
    action = request.form.get("action", "")
    return CaseAction(action) if action in [each.value for each in ACTION_LABELS] else abort(400)


def _submit(form: StepForm, incident_id: int, action: CaseAction) -> int:
    """Take the step of a form and return its status; the form has the reasons of a refusal."""
    if not form.validate():
        return FAULTY
    session, caller = context.session(), context.caller()
    try:
        photos = photo_services.clean_photos(each.stream.read() for each in form.uploads())
        step_id = step_services.take_step(session, caller, form.to_request(incident_id, action))
        photo_services.add_photos(session, incident_id, step_id, photos)
    except CaseChanged:
        return CHANGED
    except InvalidInput as error:
        add_form_errors(form, error)
        form.numbers_confirmed.data = form.text_fingerprint if isinstance(error, PersonalNumbers) else ""
        return FAULTY
    return SAVED


def _case_page(details: CaseDetails, submitted: StepForm | None = None, status: int = 200) -> str:
    return render_template(
        "cases/case.html",
        details=details,
        case=details.case,
        map_shell=build_case_map(details.case),
        receipt=receipts.get_receipt(context.session(), details),
        forms=_forms(details, submitted, status),
        submitted=submitted,
        is_changed=status == CHANGED,
        category_names=list_category_names(),
        state_labels=STATE_LABELS,
        step_labels=STEP_LABELS,
        action_labels=ACTION_LABELS,
        channel_name=code_tables.get_name("channels", details.case.channel, current_language()),
        text_actions=TEXT_ACTIONS,
        photo_actions=PHOTO_ACTIONS,
        near_days=case_services.SOON_DAYS,
    )


def _forms(details: CaseDetails, submitted: StepForm | None, status: int) -> Mapping[CaseAction, StepForm]:
    """Return a form for each action; that of the refused step keeps its words, and is for the new version."""
    forms = {}
    for action in details.actions:
        if action is CaseAction.SETTLE and CaseAction.CLOSE in details.actions:
            continue  # a station that has recorded a call closes it
        is_submitted = submitted is not None and submitted.action.data == action.value
        form = submitted if submitted is not None and is_submitted else StepForm(action, formdata=None)
        if status != FAULTY or not is_submitted:
            form.version.data = str(details.case.version)
        form.set_candidates(details.candidates)
        forms[action] = form
    return forms
