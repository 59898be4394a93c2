"""One search over places, doors and, for those who see them, residents by their whole name."""

from collections.abc import Sequence

from flask import Blueprint, make_response, render_template, request
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from gridmap.core.errors import N_, InvalidInput
from gridmap.services.people import residents
from gridmap.services.people.residents import MaskedResident
from gridmap.services.search import search as searching
from gridmap.services.search.search import Found
from gridmap.web import context
from gridmap.web.access import can_access, login_required
from gridmap.web.forms import BaseForm, add_form_errors
from gridmap.web.homes.blueprint import homes_required
from gridmap.web.labels import PLACE_KIND_LABELS, RESIDENCE_LABELS

search = Blueprint("search", __name__, url_prefix="/search")


class PlaceSearchForm(BaseForm):
    """Words to look for; they are sent in the body, so that no address, log or history holds names of persons."""

    query = StringField(N_("Search"), [InputRequired(), Length(max=100)])


@search.get("")
@login_required
def index() -> str:
    """Show the search box."""
    return _page(PlaceSearchForm(formdata=None), None)


@search.post("")
@login_required
def find() -> Response | str:
    """List the places and doors that match, by kind."""
    form = PlaceSearchForm()
    if not form.validate():
        return make_response(_page(form, None), 422)
    return _page(form, searching.find_places(context.session(), context.caller(), form.query.data))


@search.post("/residents")
@homes_required
def find_residents() -> Response | str:
    """List the residents with exactly this name, masked; the search is recorded."""
    form = PlaceSearchForm()
    if form.validate():
        session, caller, name = context.session(), context.caller(), form.query.data
        try:
            people = searching.find_people(session, caller, name, request.remote_addr)
        except InvalidInput as error:
            add_form_errors(form, error)
        else:
            return _page(form, searching.find_places(session, caller, name), people)
    return make_response(_page(form, None), 422)


def _page(form: PlaceSearchForm, found: Found | None, people: Sequence[MaskedResident] | None = None) -> str:
    role = context.role()
    return render_template(
        "search/index.html",
        form=form,
        found=found,
        people=people,
        has_residents=people is None or bool(people) or residents.has_residents(context.session(), context.caller()),
        may_find_people=searching.may_find_people(context.caller()),
        can_open_homes=can_access("homes.building", role),
        can_open_grids=can_access("grids.detail", role),
        kind_labels=PLACE_KIND_LABELS,
        residence_labels=RESIDENCE_LABELS,
    )
