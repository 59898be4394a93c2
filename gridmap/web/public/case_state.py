"""State of a case for a resident, who has its number and its query code."""

from flask import Blueprint, make_response, render_template, request
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from gridmap.core.errors import N_, Message
from gridmap.core.field_lengths import MAX_INCIDENT_NUMBER_LETTERS
from gridmap.core.vocabulary import CaseAction, CaseState
from gridmap.services.cases import receipts
from gridmap.services.cases.receipts import QueriesPaused
from gridmap.web import context
from gridmap.web.access import public as public_view
from gridmap.web.forms import BaseForm
from gridmap.web.public.directory import ignore_account, link_params

case_queries = Blueprint("case_queries", __name__, url_prefix="/case-state")
"""Not below ``/public``, where a subdistrict may have any code."""
case_queries.before_request(ignore_account)
case_queries.context_processor(link_params)
SECONDS_PER_MINUTE = 60
NOT_FOUND, TOO_MANY = 404, 429
UNKNOWN = N_("There is no case with this number and query code. Both are on the receipt; your workstation can help.")
PAUSED = N_("Too many queries have failed. Try again in {minutes} min, or call your workstation.")
STATE_LABELS = {
    CaseState.RECEIVED: ("note", N_("Received, not taken in yet")),
    CaseState.RETURNED: ("note", N_("The workstation asks whoever reported it for more")),
    CaseState.ACCEPTED: ("note", N_("Taken in by the workstation")),
    CaseState.ASSIGNED: ("note", N_("Assigned to a worker")),
    CaseState.IN_PROGRESS: ("note", N_("A worker is on it")),
    CaseState.CLOSED: ("good", N_("Closed")),
    CaseState.DUPLICATE: ("note", N_("Dealt with together with another report")),
    CaseState.WITHDRAWN: ("note", N_("Withdrawn")),
}
"""Tag kind and text of the states of a case, as a resident reads them."""
RESULT_LABELS = {
    CaseAction.CLOSE: N_("dealt with"),
    CaseAction.SETTLE: N_("settled on the spot"),
}
"""Results of closed cases by the action that closed them."""


class CaseQueryForm(BaseForm):
    """Number and query code of a receipt. Public pages set no cookie, so that no token could be compared."""

    class Meta(BaseForm.Meta):
        """Settings of WTForms."""

        csrf = False

    number = StringField(N_("Number of the case"), [InputRequired(), Length(max=MAX_INCIDENT_NUMBER_LETTERS)])
    query_code = StringField(N_("Query code"), [InputRequired(), Length(max=20)])


@case_queries.get("")
@public_view
def case_query() -> str:
    """Show the form for number and query code; a link may name the number, and never the code."""
    form = CaseQueryForm(formdata=None, number=request.args.get("number", ""))
    return render_template("public/case.html", form=form, case=None)


@case_queries.post("")
@public_view
def case_state() -> Response:
    """Show the state of a case; a failed query is counted, and what was typed stays in the form."""
    form = CaseQueryForm()
    if not form.validate():
        return make_response(render_template("public/case.html", form=form, case=None), 422)
    with context.separate_transaction() as session:  # failures are counted although the answer is an error
        found = receipts.find_public_case(session, form.number.data, form.query_code.data, request.remote_addr)
    if isinstance(found, QueriesPaused):
        return _refuse(form, Message(PAUSED, {"minutes": 1 + found.wait_s // SECONDS_PER_MINUTE}), TOO_MANY)
    if found is None:
        return _refuse(form, Message(UNKNOWN), NOT_FOUND)
    page = render_template(
        "public/case.html", form=form, case=found, state_labels=STATE_LABELS, result_labels=RESULT_LABELS
    )
    return make_response(page)


def _refuse(form: CaseQueryForm, problem: Message, status: int) -> Response:
    form.query_code.errors = [problem]
    return make_response(render_template("public/case.html", form=form, case=None), status)
