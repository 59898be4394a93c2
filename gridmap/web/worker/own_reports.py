"""Own reports: mended or withdrawn for some minutes."""

from datetime import UTC, datetime, timedelta

from flask import flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response

from gridmap.core.errors import N_, InvalidInput
from gridmap.core.vocabulary import CaseState, Role
from gridmap.services.cases import field_reports
from gridmap.services.cases.cases import CaseRow
from gridmap.services.cases.steps import PersonalNumbers
from gridmap.services.incidents import categories
from gridmap.web import context
from gridmap.web.access import roles_required
from gridmap.web.forms import ConfirmForm, add_form_errors
from gridmap.web.language import current_language
from gridmap.web.params import MAX_ID
from gridmap.web.worker.forms import MendingForm
from gridmap.web.worker.my_grid import worker

REPORT_PATH = f"/reports/<int(max={MAX_ID}):incident_id>"
CHANGEABLE_FOR = timedelta(minutes=10)
MENDED = N_("The report is changed.")
WITHDRAWN = N_("The report was withdrawn; only its number is kept.")


@worker.get(REPORT_PATH)
@roles_required(Role.WORKER)
def own_report(incident_id: int) -> str:
    """Show the form that mends an own report of the last minutes."""
    case = field_reports.load_own_report(context.session(), context.caller(), incident_id)
    return _own_report_page(case, MendingForm(formdata=None, category=case.category, title=case.title))


@worker.post(REPORT_PATH)
@roles_required(Role.WORKER)
def mend(incident_id: int) -> Response | str:
    """Mend an own report of the last minutes; a refusal keeps what was entered."""
    session, caller, form = context.session(), context.caller(), MendingForm()
    case = field_reports.load_own_report(session, caller, incident_id)
    _set_choices(form, case)
    if not form.validate():
        return make_response(_own_report_page(case, form), 422)
    try:
        field_reports.mend_report(session, caller, incident_id, form.to_mended())
    except InvalidInput as error:
        add_form_errors(form, error)
        form.numbers_confirmed.data = form.text_fingerprint if isinstance(error, PersonalNumbers) else ""
        return make_response(_own_report_page(case, form), 422)
    flash(MENDED, "good")
    return _back_to_list()


@worker.post(f"{REPORT_PATH}/withdraw")
@roles_required(Role.WORKER)
def withdraw(incident_id: int) -> Response:
    """Withdraw an own report of the last minutes."""
    try:
        field_reports.withdraw_report(context.session(), context.caller(), incident_id)
    except InvalidInput:
        flash(field_reports.TOO_LATE, "warning")
    else:
        flash(WITHDRAWN)
    return _back_to_list()


def is_changeable(case: CaseRow) -> bool:
    """Return whether pages offer to change a report; the database decides."""
    return case.state is CaseState.RECEIVED and datetime.now(UTC) - case.reported_at < CHANGEABLE_FOR


def _back_to_list() -> Response:
    return redirect(url_for("worker.new_incident", _anchor="own-reports"), code=303)


def _set_choices(form: MendingForm, case: CaseRow) -> None:
    session, caller = context.session(), context.caller()
    form.set_choices(categories.list_reportable(session, caller, [case.subdistrict_id], current_language()))


def _own_report_page(case: CaseRow, form: MendingForm) -> str:
    _set_choices(form, case)
    return render_template(
        "worker/own_report.html",
        case=case,
        form=form,
        is_changeable=is_changeable(case),
        too_late=field_reports.TOO_LATE,
        withdrawal_form=ConfirmForm(formdata=None),
    )
