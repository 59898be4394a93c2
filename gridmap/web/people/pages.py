"""Finding a resident by identity number or phone, and having one value revealed."""

from typing import Any

from flask import Blueprint, make_response, render_template, request
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length

from gridmap.core.errors import N_, BadInput, Message
from gridmap.core.names import HouseholdKind, Role
from gridmap.services import people as residents
from gridmap.web import current
from gridmap.web.access import roles
from gridmap.web.forms import Form, RadioField, refuse

people = Blueprint("people", __name__, url_prefix="/people")
FIELD_NAMES = {"name": N_("Name"), "id_number": N_("Identity number"), "phone": N_("Phone")}
KIND_NAMES = {
    HouseholdKind.RESIDENT: N_("lives here"),
    HouseholdKind.REGISTERED: N_("is registered here"),
    HouseholdKind.DWELLING: N_("dwelling"),
}


class Search(Form):
    """A whole number; it is sent in the body, so that no log and no history has it."""

    number = StringField(N_("Identity number or phone"), [InputRequired(), Length(max=40)])


class Reveal(Form):
    """Which value, and why."""

    field = RadioField(
        N_("What do you need?"),
        [InputRequired()],
        choices=[SelectChoice(field, Message(FIELD_NAMES[field])) for field in residents.FIELDS],
    )
    reason = StringField(N_("What for?"), [InputRequired(), Length(max=400)])


@people.get("")
@roles(Role.WORKER, Role.STATION)
def search() -> str:
    """The form."""
    return _results(Search(), None)


@people.post("")
@roles(Role.WORKER, Role.STATION)
def searching() -> Response | str:
    """Who has the number."""
    form = Search()
    if not form.validate():
        return make_response(_results(form, None), 422)
    return _results(form, residents.find(current.session(), form.number.data, request.remote_addr))


@people.get("/<int:resident>")
@roles(Role.WORKER, Role.STATION)
def person(resident: int) -> str:
    """One resident, masked."""
    return _person(resident, Reveal())


@people.post("/<int:resident>")
@roles(Role.WORKER, Role.STATION)
def revealing(resident: int) -> Response | str:
    """One value in clear, this once; the reason is in the audit before it leaves."""
    form = Reveal()
    if not form.validate():
        return make_response(_person(resident, form), 422)
    asked = resident, form.field.data, form.reason.data, request.remote_addr
    try:
        return _person(resident, form, value=residents.reveal(current.session(), *asked))
    except BadInput as error:
        refuse(form, error)
        return make_response(_person(resident, form), 422)


def _results(form: Search, found: Any) -> str:
    return render_template("people/search.html", form=form, found=found, kinds=KIND_NAMES)


def _person(resident: int, form: Reveal, value: str | None = None) -> str:
    found = residents.one(current.session(), resident)
    words = {"kinds": KIND_NAMES, "fields": FIELD_NAMES}
    return render_template("people/person.html", person=found, form=form, value=value, **words)
