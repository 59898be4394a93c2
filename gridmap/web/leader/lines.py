"""Service lines of a leader: the purpose of looking at their incidents, and one of them with its text."""

from urllib.parse import urlencode

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length

from gridmap.core.errors import N_, InvalidInput, Message
from gridmap.core.vocabulary import LinePurpose, Role
from gridmap.services.incidents import categories, line_views
from gridmap.services.incidents.line_views import LineAccess
from gridmap.web import context
from gridmap.web.access import roles_required
from gridmap.web.forms import BaseForm, ConfirmForm, PlainWords, SelectField, add_form_errors
from gridmap.web.labels import LINE_PURPOSE_LABELS
from gridmap.web.language import current_language
from gridmap.web.leader.blueprint import leader
from gridmap.web.leader.filters import query_params, subdistrict_or_404
from gridmap.web.params import MAX_ID

leader_required = roles_required(Role.LEADER)


class LineViewingForm(BaseForm):
    """Purpose of looking at incidents of the own lines."""

    purpose = SelectField(
        N_("Purpose of looking"),
        [InputRequired()],
        choices=[
            SelectChoice("", Message(N_("choose"))),
            *(SelectChoice(key.value, Message(label)) for key, label in LINE_PURPOSE_LABELS.items()),
        ],
    )
    matter_number = StringField(N_("Number of the matter"), [Length(max=80), PlainWords()])


@leader.get("/<subdistrict_code>/lines")
@leader_required
def line_viewing(subdistrict_code: str) -> str:
    """Show the own service lines, with the form of the purpose or its end."""
    return _lines_page(subdistrict_code, LineViewingForm())


@leader.post("/<subdistrict_code>/lines")
@leader_required
def open_line_viewing(subdistrict_code: str) -> Response | str:
    """Choose the purpose of the session, and go back to the figures with their filters."""
    subdistrict, form = subdistrict_or_404(subdistrict_code), LineViewingForm()
    if _load_access(subdistrict.id).lines and form.validate():
        purpose, number = LinePurpose(form.purpose.data), form.matter_number.data or ""
        try:
            line_views.open_viewing(context.session(), purpose, number, request.remote_addr)
        except InvalidInput as error:
            add_form_errors(form, error)
        else:
            return redirect(_figures_url(subdistrict.code), 303)
    return make_response(_lines_page(subdistrict_code, form), 422)


@leader.post("/<subdistrict_code>/lines/end")
@leader_required
def end_line_viewing(subdistrict_code: str) -> Response:
    """End the purpose of the session: incidents of the lines are not shown any more."""
    subdistrict = subdistrict_or_404(subdistrict_code)
    line_views.end_viewing(context.session(), request.remote_addr)
    flash(N_("Incidents of your service lines are no longer shown."), "good")
    return redirect(_figures_url(subdistrict.code), 303)


@leader.get(f"/<subdistrict_code>/incidents/<int(max={MAX_ID}):incident_id>")
@leader_required
def line_incident(subdistrict_code: str, incident_id: int) -> str:
    """Show an incident of the own lines with its text; it is recorded that it was opened."""
    subdistrict = subdistrict_or_404(subdistrict_code)
    session, caller = context.session(), context.caller()
    opened = line_views.open_incident(session, caller, incident_id, request.remote_addr)
    names = categories.list_names(session, caller, [subdistrict.id], current_language())
    return render_template(
        "leader/line_incident.html", subdistrict=subdistrict, incident=opened.row, title=opened.title, names=names
    )


def _figures_url(subdistrict_code: str) -> str:
    """Return the URL of the figures with the filters of the request."""
    query = urlencode(query_params(), doseq=True)
    return url_for("leader.index", subdistrict_code=subdistrict_code) + (f"?{query}" if query else "")


def _lines_page(subdistrict_code: str, form: LineViewingForm) -> str:
    subdistrict = subdistrict_or_404(subdistrict_code)
    return render_template(
        "leader/lines.html",
        subdistrict=subdistrict,
        access=_load_access(subdistrict.id),
        form=form,
        confirm_form=ConfirmForm(),
        purpose_labels=LINE_PURPOSE_LABELS,
        query_params=query_params(),
        uses_english=current_language() == "en",
    )


def _load_access(subdistrict_id: int) -> LineAccess:
    return line_views.load_access(context.session(), context.caller(), subdistrict_id)
