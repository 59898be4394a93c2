"""Pages of one place: its values with their sources, corrections, a move, and its end."""

from typing import Any

from flask import flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response

from gridmap.core.errors import N_
from gridmap.services.grids.page_map import build_page_map
from gridmap.services.homes.sources import SUGGESTED_SOURCES
from gridmap.services.places import places as place_services
from gridmap.services.places.location import BuildingChoiceNeeded
from gridmap.services.places.places import PlaceRow, PlaceTable
from gridmap.web import context
from gridmap.web.params import MAX_ID
from gridmap.web.places.blueprint import CHANGED, SAVED, places, station_required, submit
from gridmap.web.places.forms import PlaceChangeForm, PlaceEndForm
from gridmap.web.places.pages import MAP_SCRIPT, kind_name

FACILITY_PATH = f"/facilities/<int(max={MAX_ID}):facility_id>"
ORGANISATION_PATH = f"/organisations/<int(max={MAX_ID}):organisation_id>"
SHOP_PATH = f"/shops/<int(max={MAX_ID}):shop_id>"
KEY_NAMES = {
    PlaceTable.FACILITIES: "facility_id",
    PlaceTable.ORGANISATIONS: "organisation_id",
    PlaceTable.SHOPS: "shop_id",
}


@places.get(FACILITY_PATH)
@places.get(ORGANISATION_PATH)
@places.get(SHOP_PATH)
@station_required
def edit_place(**keys: int) -> str:
    """Show a place with the forms that change it."""
    return _place_page(_get_place(keys), None, None)


@places.post(FACILITY_PATH)
@places.post(ORGANISATION_PATH)
@places.post(SHOP_PATH)
@station_required
def change_place(**keys: int) -> Response | str:
    """Correct a place, or move it on a day."""
    place, form, saved = _get_place(keys), PlaceChangeForm(), [0]
    session, caller = context.session(), context.caller()
    _set_choices(form, place)
    form.set_candidates()

    def change() -> None:
        request, version = form.to_request(), form.version_number()
        try:
            saved[0] = place_services.change_place(session, caller, place, request, version, form.origin())
        except BuildingChoiceNeeded as error:
            form.set_candidates(error.candidates)
            raise

    if (status := submit(form, change)) == SAVED:
        flash(N_("The place is changed."), "good")
        return redirect(place_url(place, saved[0]), SAVED)
    context.discard_session()
    return make_response(_place_page(_get_place(keys), form, None, changed=status == CHANGED), status)


@places.post(f"{FACILITY_PATH}/end")
@places.post(f"{ORGANISATION_PATH}/end")
@places.post(f"{SHOP_PATH}/end")
@station_required
def end_place(**keys: int) -> Response | str:
    """End a place with a last day."""
    place, form = _get_place(keys), PlaceEndForm()

    def change() -> None:
        last, version = form.last.data, form.version_number()
        place_services.end_place(context.session(), context.caller(), place, last, version, form.origin())

    if (status := submit(form, change)) == SAVED:
        flash(N_("The place is no longer there; its record stays."), "good")
        listed = "places.list_orphans" if place.cell_id is None else "places.index"
        return redirect(url_for(listed, community_id=place.community_id), SAVED)
    context.discard_session()
    return make_response(_place_page(_get_place(keys), None, form, changed=status == CHANGED), status)


def place_url(place: PlaceRow, place_id: int | None = None) -> str:
    """Return the address of the page of a place, or of another row of its table."""
    values: dict[str, Any] = {KEY_NAMES[place.table]: place_id or place.id}
    return url_for("places.edit_place", **values)


def _get_place(keys: dict[str, int]) -> PlaceRow:
    [(name, key)] = keys.items()
    table = next(table for table, key_name in KEY_NAMES.items() if key_name == name)
    return place_services.get_place(context.session(), context.caller(), table, key)


def _shown_community(place: PlaceRow) -> place_services.CommunityRow:
    """Return the community whose map the page shows: the nearest one for a place on no land."""
    session, caller = context.session(), context.caller()
    if place.community_id is None:
        return place_services.find_nearest_community(session, caller, place)
    return place_services.get_community(session, caller, place.community_id)


def _set_choices(form: PlaceChangeForm, place: PlaceRow) -> None:
    kinds = [each for each in place_services.list_kinds().values() if each.table is place.table]
    form.set_kinds(kinds, place.kind)


def _place_page(
    place: PlaceRow, form: PlaceChangeForm | None, end_form: PlaceEndForm | None, *, changed: bool = False
) -> str:
    session = context.session()
    version = {"version": str(place_services.get_version(session, place))}
    shape = place_services.format_point(place.longitude, place.latitude)
    stored = {"kind": place.kind, "name": place.name, "address": place.address, "shape": shape, **version}
    forms = {
        "form": form or PlaceChangeForm(formdata=None, data=stored),
        "end_form": end_form or PlaceEndForm(formdata=None, data=version),
    }
    _set_choices(forms["form"], place)
    if forms["form"].building_id.choices is None:
        forms["form"].set_candidates()
    if changed:  # a second look decides: sending it again saves it
        for each in forms.values():
            each.version.data = version["version"]
    community = _shown_community(place)
    return render_template(
        "places/place.html",
        place=place,
        community=community,
        kind_name=kind_name(place),
        shape=shape,
        changed=changed,
        place_url=place_url(place),
        field_sources=place_services.load_sources(session, place),
        is_orphan=place.cell_id is None,
        is_over=place.last is not None and place.last < place_services.get_today(session),
        map_shell=build_page_map(community, url_for("static", filename=MAP_SCRIPT)),
        sources=SUGGESTED_SOURCES,
        **forms,
    )
