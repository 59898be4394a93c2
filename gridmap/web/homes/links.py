"""Pages of links and orphans: counts, lists with what mends them, and two records of a person made one."""

from collections.abc import Mapping

from flask import flash, make_response, redirect, render_template, request, url_for
from pydantic import Field
from werkzeug.wrappers import Response

from gridmap.core.errors import N_, NotPossible
from gridmap.core.vocabulary import Role
from gridmap.services.grids import unlinked_items
from gridmap.services.grids.unlinked_items import UnlinkedRow
from gridmap.services.homes import duplicates, links, members, sources
from gridmap.services.homes.duplicates import MergeRequest
from gridmap.services.incidents import categories
from gridmap.services.people import residents
from gridmap.services.people.residents import MaskedResident
from gridmap.services.places.places import format_point
from gridmap.texts import translate
from gridmap.web import context
from gridmap.web.access import can_access, roles_required
from gridmap.web.forms import ConfirmForm
from gridmap.web.homes.blueprint import CHANGED, SAVED, homes, station_required, submit
from gridmap.web.homes.forms import MergeForm
from gridmap.web.language import current_language
from gridmap.web.params import MAX_ID, Params, RowId, parse_known_params
from gridmap.web.shared.place_features import place_name

RESIDENT_PATH = f"/residents/<int(max={MAX_ID}):resident_id>"
HOUSEHOLD_PATH = f"/households/<int(max={MAX_ID}):household_id>"
link_readers_required = roles_required(Role.STATION, Role.ADMIN, Role.PLANNER)
"""Decorator of views for those who mend links."""
LINK_LABELS = {
    "residents": N_("Residents in a household of today"),
    "households": N_("Households in a standing building"),
    "doors": N_("Households with a dwelling"),
    "dwellings": N_("Dwellings with a household, or vacant"),
    "buildings": N_("Buildings with a grid"),
    "facilities": N_("Facilities in a grid"),
    "organisations": N_("Organisations in a grid"),
    "shops": N_("Shops in a grid"),
    "incidents": N_("Incidents of a year in a grid"),
    "grids": N_("Grids with somebody in charge"),
    "workers": N_("People on the roster with an account"),
}


class MergeParams(Params):
    """The other record of the person."""

    other: RowId = Field(description="Key of the other resident")


@homes.get("/links")
@link_readers_required
def show_links() -> str:
    """Show link rates and orphans; lists of homes are for stations, and those of residents are recorded."""
    caller = context.caller()
    return render_template(
        "homes/links.html",
        report=links.load_report(context.session(), caller, request.remote_addr),
        labels=LINK_LABELS,
        is_station=caller.role is Role.STATION,
        can_open_roster=can_access("roster.give_grid", caller.role),
        can_open_buildings=can_access("planner.building", caller.role),
        can_open_places=can_access("places.edit_place", caller.role),
        can_open_plans=can_access("planner.community", caller.role),
        category_names=list_category_names(),
        kind_name=kind_name,
        format_point=format_point,
        confirm_form=ConfirmForm(),
        max_listed=links.MAX_LISTED,
    )


@homes.post(f"{RESIDENT_PATH}/end-with-household")
@station_required
def end_with_household(resident_id: int) -> Response:
    """End a resident with the last day of a household that has ended."""
    links.end_with_household(context.session(), context.caller(), resident_id)
    flash(N_("The record ends with the household."), "good")
    return redirect(url_for("homes.show_links"), SAVED)


@homes.post(f"{HOUSEHOLD_PATH}/end-with-building")
@station_required
def end_with_building(household_id: int) -> Response:
    """End a household with the last day of a building that does not stand any more."""
    links.end_with_building(context.session(), context.caller(), household_id)
    flash(N_("The household ends with the building."), "good")
    return redirect(url_for("homes.show_links"), SAVED)


@homes.get(f"{RESIDENT_PATH}/merge")
@station_required
def merge(resident_id: int) -> str:
    """Show two records of a person, and the form that makes them one; the look is recorded."""
    return _merge_page(resident_id, parse_known_params(MergeParams, request.args).other, None)


@homes.post(f"{RESIDENT_PATH}/merge")
@station_required
def merge_residents(resident_id: int) -> Response | str:
    """Make two records of a person one."""
    session, caller, form = context.session(), context.caller(), MergeForm()
    other_id = parse_known_params(MergeParams, request.args).other
    form.set_choices(_records(resident_id, other_id))
    ended_id = other_id if form.kept_id.data == resident_id else resident_id

    def change() -> None:
        versions = {resident_id: form.version_number(), other_id: form.other_version_number()}
        kept_id = form.kept_id.data
        order = versions[kept_id], versions[ended_id]
        wanted = MergeRequest(kept_id, ended_id, form.last.data, order)
        duplicates.merge_residents(session, caller, wanted, form.origin())

    if (status := submit(form, change)) == SAVED:
        return redirect(url_for("homes.merged", resident_id=ended_id), SAVED)
    context.discard_session()
    return make_response(_merge_page(resident_id, other_id, form, changed=status == CHANGED), status)


@homes.get(f"{RESIDENT_PATH}/merged")
@station_required
def merged(resident_id: int) -> str:
    """Show that two records are one now, with the way back; the record is the one that ended."""
    household_id = duplicates.get_former_household(context.session(), context.caller(), resident_id)
    return render_template(
        "homes/merged.html", resident_id=resident_id, household_id=household_id, confirm_form=ConfirmForm()
    )


@homes.get("/merges")
@station_required
def list_merges() -> str:
    """List the merges that stand, each with the way back."""
    merges = duplicates.list_merges(context.session(), context.caller())
    return render_template("homes/merges.html", merges=merges, confirm_form=ConfirmForm())


@homes.post(f"{RESIDENT_PATH}/undo-merge")
@station_required
def undo_merge(resident_id: int) -> Response:
    """Take back that two records were made one."""
    try:
        duplicates.undo_merge(context.session(), context.caller(), resident_id)
    except NotPossible as error:
        flash(translate(error.message, current_language()), "bad")
    else:
        flash(N_("Both records are as they were."), "good")
    return redirect(url_for("homes.show_links"), SAVED)


def list_category_names() -> Mapping[str, str]:
    """Return the names of the categories of incidents of the account's subdistricts by key."""
    session, caller = context.session(), context.caller()
    return categories.list_names(session, caller, caller.subdistrict_ids, current_language())


def kind_name(place: UnlinkedRow) -> str:
    """Return the name of the kind of a place in the reader's language."""
    return place_name(unlinked_items.find_kind(place))


def _records(resident_id: int, other_id: int) -> list[MaskedResident]:
    session, caller = context.session(), context.caller()
    return [residents.open_resident(session, caller, key, request.remote_addr) for key in (resident_id, other_id)]


def _merge_page(resident_id: int, other_id: int, form: MergeForm | None, *, changed: bool = False) -> str:
    session, caller = context.session(), context.caller()
    records = _records(resident_id, other_id)
    keys = [members.get_member(session, caller, each.id) for each in records]
    versions = [str(sources.get_version(session, caller, each.household_id)) for each in keys]
    data = {"version": versions[0], "other_version": versions[1]}
    page_form = form or MergeForm(formdata=None, data=data)
    page_form.set_choices(records)
    if changed:  # a second look decides: sending it again saves it
        page_form.version.data, page_form.other_version.data = versions
    return render_template(
        "homes/merge.html",
        records=records,
        first_days=[each.first for each in keys],
        form=page_form,
        changed=changed,
        sources=sources.SUGGESTED_SOURCES,
    )
