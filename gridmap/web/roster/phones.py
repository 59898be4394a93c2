"""Pages of office phones: of a workstation, and for complaints."""

from flask import flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response

from gridmap.core.errors import N_, Message
from gridmap.services.workers import people, versions
from gridmap.services.workers import roster as rosters
from gridmap.web import context
from gridmap.web.params import MAX_ID
from gridmap.web.roster.blueprint import CHANGED, SAVED, editors_required, redirect_to_community, roster, submit
from gridmap.web.roster.forms import PhoneForm

STATION_PATH = f"/communities/<int(max={MAX_ID}):community_id>/phone"
STATION_TITLE = N_("Office phone of {community}")
SUPERVISION_TITLE = N_("Phone for complaints of {subdistrict}")
ROSTER = N_("Roster")
SUPERVISION_PATH = f"/subdistricts/<int(max={MAX_ID}):subdistrict_id>/phone"


@roster.get(STATION_PATH)
@editors_required
def station_phone(community_id: int) -> str:
    """Show the form of the office phone of a workstation."""
    return _station_page(community_id, None)


@roster.post(STATION_PATH)
@editors_required
def set_station_phone(community_id: int) -> Response | str:
    """Set the office phone of a workstation."""
    form, session, caller = PhoneForm(), context.session(), context.caller()
    stored = rosters.load_roster(session, caller, community_id).community.station_phone

    def change() -> None:
        versions.require_same_phone(stored, form.shown.data or "")
        is_office = form.is_office_phone.data
        people.set_station_phone(session, caller, community_id, form.phone.data or "", is_office=is_office)

    if (status := submit(form, change)) == SAVED:
        return redirect_to_community(community_id, N_("The office phone is changed; the public page shows it."))
    return make_response(_station_page(community_id, form, changed=status == CHANGED), status)


@roster.get(SUPERVISION_PATH)
@editors_required
def supervision_phone(subdistrict_id: int) -> str:
    """Show the form of the phone for complaints."""
    return _supervision_page(subdistrict_id, None)


@roster.post(SUPERVISION_PATH)
@editors_required
def set_supervision_phone(subdistrict_id: int) -> Response | str:
    """Set the phone for complaints."""
    form, session, caller = PhoneForm(), context.session(), context.caller()
    stored = people.get_supervised(session, caller, subdistrict_id).supervision_phone

    def change() -> None:
        versions.require_same_phone(stored, form.shown.data or "")
        is_office = form.is_office_phone.data
        people.set_supervision_phone(session, caller, subdistrict_id, form.phone.data or "", is_office=is_office)

    if (status := submit(form, change)) == SAVED:
        flash(N_("The phone for complaints is changed; the public page shows it."), "good")
        return redirect(url_for("roster.index"), SAVED)
    return make_response(_supervision_page(subdistrict_id, form, changed=status == CHANGED), status)


def _station_page(community_id: int, form: PhoneForm | None, *, changed: bool = False) -> str:
    community = rosters.load_roster(context.session(), context.caller(), community_id).community
    title = Message(STATION_TITLE, {"community": community.name})
    page_url = url_for("roster.community", community_id=community_id)
    crumbs = [(url_for("roster.index"), ROSTER), (page_url, community.name)]
    return _phone_page(title, crumbs, community.station_phone, form, changed=changed)


def _supervision_page(subdistrict_id: int, form: PhoneForm | None, *, changed: bool = False) -> str:
    subdistrict = people.get_supervised(context.session(), context.caller(), subdistrict_id)
    title = Message(SUPERVISION_TITLE, {"subdistrict": subdistrict.name})
    crumbs = [(url_for("roster.index"), ROSTER)]
    return _phone_page(title, crumbs, subdistrict.supervision_phone, form, changed=changed)


def _phone_page(
    title: Message, crumbs: list[tuple[str, str]], stored: str | None, form: PhoneForm | None, *, changed: bool
) -> str:
    page_form = form or PhoneForm(formdata=None, data={"phone": stored, "shown": stored or ""})
    if changed:  # a second look decides: sending it again saves it
        page_form.shown.data = stored or ""
    return render_template(
        "roster/phone.html", title=title, parents=crumbs, form=page_form, stored=stored, changed=changed
    )
