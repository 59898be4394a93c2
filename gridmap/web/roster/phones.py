"""Pages of office phones: of a workstation, and for complaints."""

from flask import flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response

from gridmap.core.errors import N_
from gridmap.services.workers import people
from gridmap.services.workers import roster as rosters
from gridmap.web import context
from gridmap.web.params import MAX_ID
from gridmap.web.roster.blueprint import editors_required, redirect_to_community, roster, submit
from gridmap.web.roster.forms import PhoneForm

STATION_PATH = f"/communities/<int(max={MAX_ID}):community_id>/phone"
SUPERVISION_PATH = f"/subdistricts/<int(max={MAX_ID}):subdistrict_id>/phone"


@roster.get(STATION_PATH)
@editors_required
def station_phone(community_id: int) -> str:
    """Show the form of the office phone of a workstation."""
    stored = rosters.load_roster(context.session(), context.caller(), community_id).community.station_phone
    return _station_page(community_id, PhoneForm(data={"phone": stored}))


@roster.post(STATION_PATH)
@editors_required
def set_station_phone(community_id: int) -> Response | str:
    """Set the office phone of a workstation."""
    form, session, caller = PhoneForm(), context.session(), context.caller()

    def change() -> None:
        is_office = form.is_office_phone.data
        people.set_station_phone(session, caller, community_id, form.phone.data or "", is_office=is_office)

    if submit(form, change):
        return redirect_to_community(community_id, N_("The office phone is changed; the public page shows it."))
    return make_response(_station_page(community_id, form), 422)


@roster.get(SUPERVISION_PATH)
@editors_required
def supervision_phone(subdistrict_id: int) -> str:
    """Show the form of the phone for complaints."""
    stored = people.get_supervised(context.session(), context.caller(), subdistrict_id).supervision_phone
    return _supervision_page(subdistrict_id, PhoneForm(data={"phone": stored}))


@roster.post(SUPERVISION_PATH)
@editors_required
def set_supervision_phone(subdistrict_id: int) -> Response | str:
    """Set the phone for complaints."""
    form, session, caller = PhoneForm(), context.session(), context.caller()

    def change() -> None:
        is_office = form.is_office_phone.data
        people.set_supervision_phone(session, caller, subdistrict_id, form.phone.data or "", is_office=is_office)

    if submit(form, change):
        flash(N_("The phone for complaints is changed; the public page shows it."), "good")
        return redirect(url_for("roster.index"), 303)
    return make_response(_supervision_page(subdistrict_id, form), 422)


def _station_page(community_id: int, form: PhoneForm) -> str:
    community = rosters.load_roster(context.session(), context.caller(), community_id).community
    return render_template("roster/station_phone.html", community=community, form=form)


def _supervision_page(subdistrict_id: int, form: PhoneForm) -> str:
    subdistrict = people.get_supervised(context.session(), context.caller(), subdistrict_id)
    return render_template("roster/supervision_phone.html", subdistrict=subdistrict, form=form)
