"""Page on which a station records a call or a visit."""

from collections.abc import Sequence

from flask import flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response

from gridmap.core.errors import N_, InvalidInput
from gridmap.core.vocabulary import Role
from gridmap.services.cases import calls
from gridmap.services.cases.calls import NearCases
from gridmap.services.cases.cases import CaseRow
from gridmap.services.cases.steps import PersonalNumbers
from gridmap.services.grids.page_map import build_page_map
from gridmap.services.incidents import categories
from gridmap.services.incidents.reporting import UnusualTime
from gridmap.services.places import places
from gridmap.services.places.location import BuildingChoiceNeeded
from gridmap.web import context
from gridmap.web.access import roles_required
from gridmap.web.cases.blueprint import cases
from gridmap.web.cases.call_form import CallForm
from gridmap.web.forms import add_form_errors
from gridmap.web.language import current_language
from gridmap.web.params import MAX_ID

CALL_PATH = f"/communities/<int(max={MAX_ID}):community_id>/new"
MAP_SCRIPT = "js/pages/place.js"
ADDED = N_("It is added to this case, with what you entered.")
RECORDED = N_("It is recorded. Take it in, or assign it.")


@cases.get(CALL_PATH)
@roles_required(Role.STATION)
def new_call(community_id: int) -> str:
    """Show the form of a call or a visit."""
    return _call_page(community_id, CallForm(formdata=None))


@cases.post(CALL_PATH)
@roles_required(Role.STATION)
def create_call(community_id: int) -> Response | str:
    """Record a call; what may be known already is shown first, and what was typed is kept."""
    session, caller = context.session(), context.caller()
    form, community = CallForm(), places.get_community(session, caller, community_id)
    _set_choices(form, community.subdistrict_id)
    if not form.validate():
        return make_response(_call_page(community_id, form), 422)
    try:
        incident = calls.record_call(session, caller, form.to_record(community.subdistrict_id))
    except InvalidInput as error:
        add_form_errors(form, error)
        _ask(form, error)
        return make_response(_call_page(community_id, form, error.near if isinstance(error, NearCases) else ()), 422)
    record = form.to_record(community.subdistrict_id)
    flash(RECORDED if record.known_id is None else ADDED, "good")
    return redirect(url_for("cases.show", incident_id=record.known_id or incident.id), 303)


def _ask(form: CallForm, error: InvalidInput) -> None:
    """Let the next sending of the form confirm what was asked."""
    if isinstance(error, UnusualTime):
        form.time_confirmed.data = form.asked_time
    if isinstance(error, PersonalNumbers):
        form.numbers_confirmed.data = form.title_fingerprint
    if isinstance(error, BuildingChoiceNeeded):
        form.set_candidates(error.candidates)
    if isinstance(error, NearCases):
        form.near_confirmed.data = form.place_fingerprint


def _set_choices(form: CallForm, subdistrict_id: int) -> None:
    session, caller = context.session(), context.caller()
    form.set_choices(categories.list_reportable(session, caller, [subdistrict_id], current_language()))


def _call_page(community_id: int, form: CallForm, near: Sequence[CaseRow] = ()) -> str:
    community = places.get_community(context.session(), context.caller(), community_id)
    _set_choices(form, community.subdistrict_id)
    return render_template(
        "cases/new_call.html",
        community=community,
        form=form,
        near=near,
        map_shell=build_page_map(community, url_for("static", filename=MAP_SCRIPT)),
    )
