"""Exports of persons: own requests, a new one, and the download of an approved one."""

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length

from gridmap.core.errors import N_, InvalidInput, Message, NotPossible
from gridmap.services.people import person_exports as exports
from gridmap.services.people import residents
from gridmap.services.people.person_exports import FIELD_LABELS, PersonExportRequest
from gridmap.texts import translate
from gridmap.web import context
from gridmap.web.exports.response import file_response, make_origin, own_places
from gridmap.web.forms import BaseForm, CheckboxGroup, ConfirmForm, PlainWords, SelectField, add_form_errors
from gridmap.web.language import current_language
from gridmap.web.params import MAX_ID, parse_id
from gridmap.web.station.blueprint import residents_required, station

MAX_LETTERS = 200
FILE_FORMATS = ("xlsx", "csv")


class PersonExportForm(BaseForm):
    """Request for an export of persons."""

    community_id = SelectField(N_("Community"), [InputRequired()], validate_choice=False, choices=[])
    fields = CheckboxGroup(
        N_("Values, all of them masked"),
        choices=[SelectChoice(name, Message(label)) for name, label in FIELD_LABELS.items()],
        validate_choice=False,
    )
    purpose = StringField(N_("What is the file for?"), [InputRequired(), Length(max=MAX_LETTERS), PlainWords()])
    legal_basis = StringField(N_("Legal basis"), [InputRequired(), Length(max=MAX_LETTERS), PlainWords()])

    def to_request(self) -> PersonExportRequest:
        """Return the request that was filled in."""
        community_id = parse_id(self.community_id.data) or 0
        return PersonExportRequest(
            community_id, self.fields.data or [], self.purpose.data or "", self.legal_basis.data or ""
        )


@station.get("/exports")
@residents_required
def person_exports() -> str:
    """Show the own requests and the form of a new one."""
    return _page(_form())


@station.post("/exports")
@residents_required
def request_person_export() -> Response | str:
    """Ask for an export; a form that is faulty keeps what was typed."""
    form, session, caller = _form(), context.session(), context.caller()
    if not form.validate():
        return make_response(_page(form), 422)
    try:
        exports.request_export(session, caller, form.to_request(), request.remote_addr)
    except InvalidInput as error:
        add_form_errors(form, error)
        return make_response(_page(form), 422)
    except NotPossible as error:
        form.form_errors.append(error.message)
        return make_response(_page(form), 422)
    flash(N_("The request is sent. An administrator of your place decides it."), "good")
    return redirect(url_for("station.person_exports"), 303)


@station.post(f"/exports/<int(max={MAX_ID}):person_export_id>/download")
@residents_required
def download_person_export(person_export_id: int) -> Response:
    """Return the file of an approved request, once."""
    file_format = request.form.get("format", "")
    chosen = file_format if file_format in FILE_FORMATS else FILE_FORMATS[0]
    origin = make_origin(own_places(translate(N_("Residents"), current_language())))
    try:
        return file_response(
            exports.download_export(context.session(), context.caller(), person_export_id, chosen, origin)
        )
    except NotPossible as error:
        context.discard_session()
        flash(translate(error.message, current_language()), "bad")
    return redirect(url_for("station.person_exports"), 303)


def _form() -> PersonExportForm:
    form = PersonExportForm()
    communities = exports.list_communities(context.session(), context.caller())
    form.community_id.choices = [SelectChoice(str(each.id), each.name) for each in communities]
    return form


def _page(form: PersonExportForm) -> str:
    return render_template(
        "station/person_exports.html",
        form=form,
        exports=exports.list_own(context.session(), context.caller()),
        field_labels=FIELD_LABELS,
        confirm_form=ConfirmForm(),
        file_formats=FILE_FORMATS,
        has_residents=residents.has_residents(context.session(), context.caller()),
    )
