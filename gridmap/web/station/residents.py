"""Pages of residents: search by identity number or phone, and reveal of one value."""

from collections.abc import Sequence

from flask import Blueprint, make_response, render_template, request
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length

from gridmap.core.errors import N_, InvalidInput, Message
from gridmap.core.vocabulary import Role
from gridmap.services.people import residents
from gridmap.services.people.residents import MaskedResident
from gridmap.web import context
from gridmap.web.access import roles_required
from gridmap.web.forms import BaseForm, RadioField, add_form_errors
from gridmap.web.labels import RESIDENCE_LABELS

station = Blueprint("station", __name__, url_prefix="/residents")
FIELD_LABELS = {"name": N_("Name"), "id_number": N_("Identity number"), "phone": N_("Phone")}


class ResidentSearchForm(BaseForm):
    """Complete number; it is sent in the body, so that no log or history holds it."""

    number = StringField(N_("Identity number or phone"), [InputRequired(), Length(max=40)])


class RevealForm(BaseForm):
    """Value to reveal, and the reason."""

    field = RadioField(
        N_("What do you need?"),
        [InputRequired()],
        choices=[SelectChoice(field, Message(FIELD_LABELS[field])) for field in residents.RESIDENT_FIELDS],
    )
    reason = StringField(N_("What for?"), [InputRequired(), Length(max=400)])


@station.get("")
@roles_required(Role.WORKER, Role.STATION)
def search() -> str:
    """Show the search form."""
    return _search_page(ResidentSearchForm(), None)


@station.post("")
@roles_required(Role.WORKER, Role.STATION)
def submit_search() -> Response | str:
    """List the residents with a number."""
    form = ResidentSearchForm()
    if not form.validate():
        return make_response(_search_page(form, None), 422)
    session, caller = context.session(), context.caller()
    return _search_page(form, residents.find_residents(session, caller, form.number.data, request.remote_addr))


@station.get("/<int:resident_id>")
@roles_required(Role.WORKER, Role.STATION)
def detail(resident_id: int) -> str:
    """Show a resident with masked values."""
    return _resident_page(resident_id, RevealForm())


@station.post("/<int:resident_id>")
@roles_required(Role.WORKER, Role.STATION)
def submit_reveal(resident_id: int) -> Response | str:
    """Show one value in clear; the reason is in the audit log before the response is sent."""
    form = RevealForm()
    if not form.validate():
        return make_response(_resident_page(resident_id, form), 422)
    field, reason = form.field.data, form.reason.data
    try:
        value = residents.reveal_value(
            context.session(), context.caller(), resident_id, field, reason, request.remote_addr
        )
        return _resident_page(resident_id, form, value)
    except InvalidInput as error:
        add_form_errors(form, error)
        return make_response(_resident_page(resident_id, form), 422)


def _search_page(form: ResidentSearchForm, matches: Sequence[MaskedResident] | None) -> str:
    return render_template("station/search.html", form=form, matches=matches, residence_labels=RESIDENCE_LABELS)


def _resident_page(resident_id: int, form: RevealForm, value: str | None = None) -> str:
    return render_template(
        "station/detail.html",
        resident=residents.get_resident(context.session(), context.caller(), resident_id),
        form=form,
        revealed_value=value,
        residence_labels=RESIDENCE_LABELS,
        field_labels=FIELD_LABELS,
    )
