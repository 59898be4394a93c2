"""Page of a household: how it lives there, its members masked, and where each value comes from."""

from dataclasses import dataclass

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gridmap.core.errors import N_
from gridmap.core.vocabulary import Role
from gridmap.services.homes import doors, households, members, sources
from gridmap.services.homes.members import HouseholdAt
from gridmap.web import context
from gridmap.web.homes.blueprint import CHANGED, SAVED, homes, homes_required, station_required, submit
from gridmap.web.homes.forms import HomeEndForm, HouseholdForm, MemberForm, PlaceForm
from gridmap.web.labels import OCCUPANCY_LABELS, RESIDENCE_STATE_LABELS
from gridmap.web.params import MAX_ID

HOUSEHOLD_PATH = f"/households/<int(max={MAX_ID}):household_id>"


@dataclass
class HouseholdForms:
    """Forms of the page; the one that was sent has what was entered."""

    household: HouseholdForm | None = None
    member: MemberForm | None = None
    end: HomeEndForm | None = None
    place: PlaceForm | None = None


@homes.get(HOUSEHOLD_PATH)
@homes_required
def household(household_id: int) -> str:
    """Show a household; the list of its members is recorded in the audit."""
    return _household_page(household_id, HouseholdForms())


@homes.post(HOUSEHOLD_PATH)
@station_required
def change_household(household_id: int) -> Response | str:
    """Change how a household lives in its dwelling."""
    form, session, caller = HouseholdForm(), context.session(), context.caller()

    def change() -> None:
        values, version = form.to_values(), form.version_number()
        households.change_household(session, caller, household_id, values, version, form.origin())

    return _answer(household_id, submit(form, change), HouseholdForms(household=form), N_("The household is changed."))


@homes.post(f"{HOUSEHOLD_PATH}/members")
@station_required
def add_member(household_id: int) -> Response | str:
    """Add a member who is born or moves in."""
    form, session, caller = MemberForm(), context.session(), context.caller()

    def change() -> None:
        at = HouseholdAt(household_id, form.version_number())
        members.add_member(session, caller, at, form.to_values(), form.first.data, form.origin())

    return _answer(household_id, submit(form, change), HouseholdForms(member=form), N_("The person is recorded."))


@homes.post(f"{HOUSEHOLD_PATH}/end")
@station_required
def move_out(household_id: int) -> Response | str:
    """Let a household move out with its members."""
    form, session, caller = HomeEndForm(), context.session(), context.caller()

    def change() -> None:
        version = form.version_number()
        households.move_out(session, caller, household_id, form.last.data, version, form.origin())

    dwelling_id = sources.get_household(session, caller, household_id).dwelling_id
    status = submit(form, change)
    if status == SAVED and dwelling_id is not None:
        flash(N_("The household has moved out; its record stays."), "good")
        return redirect(url_for("homes.dwelling", dwelling_id=dwelling_id), SAVED)
    return _answer(household_id, status, HouseholdForms(end=form), N_("The household has moved out; its record stays."))


@homes.post(f"{HOUSEHOLD_PATH}/dwelling")
@station_required
def place_household(household_id: int) -> Response | str:
    """Set the dwelling of a household whose dwelling was not known."""
    session, caller = context.session(), context.caller()
    building_id = sources.get_household(session, caller, household_id).building_id
    form = PlaceForm()
    form.dwelling_id.choices = _door_choices(building_id)

    def change() -> None:
        dwelling_id, version = form.dwelling_id.data, form.version_number()
        households.place_household(session, caller, household_id, dwelling_id, version, form.origin())

    return _answer(household_id, submit(form, change), HouseholdForms(place=form), N_("The household has its door."))


def _answer(household_id: int, status: int, forms: HouseholdForms, message: str) -> Response:
    if status == SAVED:
        flash(message, "good")
        return redirect(url_for("homes.household", household_id=household_id), SAVED)
    context.discard_session()  # a change that was refused half-way leaves nothing
    return make_response(_household_page(household_id, forms, changed=status == CHANGED), status)


def _household_page(household_id: int, forms: HouseholdForms, *, changed: bool = False) -> str:
    session, caller = context.session(), context.caller()
    shown = sources.get_household(session, caller, household_id)
    version = {"version": str(sources.get_version(session, caller, household_id))}
    stored = {"occupancy": shown.occupancy or "", "residence": shown.residence or "", **version}
    pages = {
        "household_form": forms.household or HouseholdForm(formdata=None, data=stored),
        "member_form": forms.member or MemberForm(formdata=None, data=version),
        "end_form": forms.end or HomeEndForm(formdata=None, data=version),
        "place_form": forms.place or PlaceForm(formdata=None, data=version),
    }
    if shown.dwelling_id is None:
        pages["place_form"].dwelling_id.choices = _door_choices(shown.building_id)
    if changed:  # a second look decides: sending it again saves it
        for form in pages.values():
            form.version.data = version["version"]
    return render_template(
        "homes/household.html",
        shown=shown,
        building=doors.load_building(session, caller, shown.building_id).building,
        dwelling=shown.dwelling_id and households.load_dwelling(session, caller, shown.dwelling_id).dwelling,
        people=members.list_masked(session, caller, household_id, request.remote_addr),
        field_sources=households.list_field_sources(session, caller, household_id),
        changed=changed,
        can_edit=caller.role is Role.STATION and shown.last is None,
        occupancy_labels=OCCUPANCY_LABELS,
        residence_labels=RESIDENCE_STATE_LABELS,
        sources=sources.SUGGESTED_SOURCES,
        **pages,
    )


def _door_choices(building_id: int) -> list[tuple[int, str]]:
    units = doors.load_building(context.session(), context.caller(), building_id).units
    return [
        (door.id, " ".join(filter(None, (unit.name, door.number))))
        for unit in units
        for _, row in unit.floors
        for door in row
    ]
