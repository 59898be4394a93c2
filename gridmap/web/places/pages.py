"""List of the places of the own communities, and the form of a new one with its map."""

from collections.abc import Iterator
from typing import Annotated

from flask import Response as FlaskResponse
from flask import flash, make_response, redirect, render_template, request, url_for
from pydantic import BeforeValidator, Field
from werkzeug.wrappers import Response

from gridmap.core.errors import N_
from gridmap.services.grids.page_map import build_page_map
from gridmap.services.homes.sources import SUGGESTED_SOURCES
from gridmap.services.places import places as place_services
from gridmap.services.places.location import BuildingChoiceNeeded
from gridmap.services.subdistrict_files import home_tables
from gridmap.web import context
from gridmap.web.exports.response import account_place_names, export_response, own_places
from gridmap.web.geojson import encode_feature, encode_properties, features_response
from gridmap.web.language import current_language
from gridmap.web.params import MAX_ID, Params, RowId, parse_known_params
from gridmap.web.places.blueprint import SAVED, places, station_required, submit
from gridmap.web.places.forms import NewPlaceForm
from gridmap.web.shared.place_features import place_name

WORDS, COMMUNITY = N_("Words to look for"), N_("Community")
MAP_SCRIPT = "js/pages/place.js"
COMMUNITY_PATH = f"/communities/<int(max={MAX_ID}):community_id>"


class PlacesParams(Params):
    """Words to look for, a community, and the page of the list."""

    query: str = Field("", max_length=100, description="Part of a name or an address")
    community_id: Annotated[RowId | None, BeforeValidator(lambda text: text or None)] = Field(
        None, description="Key of a community"
    )
    page: int = Field(1, ge=1, le=10_000, description="Number of the page, from 1")


@places.get("")
@station_required
def index() -> str:
    """List the places of today, and the communities in which one is added."""
    params, session, caller = parse_known_params(PlacesParams, request.args), context.session(), context.caller()
    rows = place_services.list_places(session, caller, params.query, params.community_id, params.page)
    return render_template(
        "places/index.html",
        rows=rows[: place_services.PAGE_SIZE],
        has_more=len(rows) > place_services.PAGE_SIZE,
        communities=place_services.list_communities(session, caller),
        params=params,
        kind_name=kind_name,
    )


@places.get("/export/<file_format>")
@station_required
def export_places(file_format: str) -> FlaskResponse:
    """Return the places of today, all that match the words and the community of the page, as a file."""
    params, session, caller = parse_known_params(PlacesParams, request.args), context.session(), context.caller()
    rows = place_services.list_all_places(session, caller, params.query, params.community_id)
    notes = [(WORDS, params.query)] if params.query else []
    if params.community_id is not None:
        notes.append((COMMUNITY, place_services.get_community(session, caller, params.community_id).name))
    day = place_services.get_today(session)
    table = home_tables.make_place_table(rows, current_language())
    return export_response(table, file_format, own_places(account_place_names()), day=day, notes=notes)


@places.get("/orphans")
@station_required
def list_orphans() -> str:
    """List the places of today on no land; each opens on the page that links, moves or ends it."""
    rows = place_services.list_orphans(context.session(), context.caller())
    return render_template("places/orphans.html", rows=rows, kind_name=kind_name)


@places.get("/orphans/export/<file_format>")
@station_required
def export_orphans(file_format: str) -> FlaskResponse:
    """Return the places of today on no land as a file."""
    session = context.session()
    table = home_tables.make_orphan_table(place_services.list_orphans(session, context.caller()), current_language())
    day = place_services.get_today(session)
    return export_response(table, file_format, own_places(account_place_names()), day=day)


@places.get(f"{COMMUNITY_PATH}/new")
@station_required
def new_place(community_id: int) -> str:
    """Show the form of a new place."""
    return _new_page(community_id, NewPlaceForm(formdata=None))


@places.post(f"{COMMUNITY_PATH}/new")
@station_required
def create_place(community_id: int) -> Response | str:
    """Add a place; where the address may mean several buildings, the page asks which."""
    form, session, caller = NewPlaceForm(), context.session(), context.caller()
    form.set_kinds(place_services.list_kinds().values())
    form.set_candidates()

    def change() -> None:
        try:
            place_services.add_place(session, caller, community_id, form.to_request(), form.origin())
        except BuildingChoiceNeeded as error:
            form.set_candidates(error.candidates)
            raise

    if (status := submit(form, change)) == SAVED:
        flash(N_("The place is added."), "good")
        return redirect(url_for("places.index", community_id=community_id), SAVED)
    return make_response(_new_page(community_id, form), status)


@places.get(f"{COMMUNITY_PATH}/features.geojson")
@station_required
def map_features(community_id: int) -> FlaskResponse:
    """Return grids, buildings and places of a community for the map of the form."""
    shown = place_services.load_community_map(context.session(), context.caller(), community_id)
    return features_response(_encode_map(shown))


def kind_name(row: place_services.PlaceRow) -> str:
    """Return the name of the kind of a place in the reader's language."""
    return place_name(place_services.find_kind(row))


def _new_page(community_id: int, form: NewPlaceForm) -> str:
    session, caller = context.session(), context.caller()
    community = place_services.get_community(session, caller, community_id)
    form.set_kinds(place_services.list_kinds().values())
    if form.building_id.choices is None:
        form.set_candidates()
    return render_template(
        "places/new.html",
        community=community,
        form=form,
        map_shell=build_page_map(community, url_for("static", filename=MAP_SCRIPT)),
        sources=SUGGESTED_SOURCES,
    )


def _encode_map(shown: place_services.CommunityMap) -> Iterator[str]:
    for grid in shown.grids:
        yield encode_feature(grid.id, grid.shape, encode_properties(layer="grid", name=grid.code))
    for building in shown.buildings:
        yield encode_feature(building.id, building.shape, encode_properties(layer="building", name=building.name))
    for place in shown.places:
        point = f'{{"type":"Point","coordinates":[{place.longitude},{place.latitude}]}}'
        name = place.name or kind_name(place)
        yield encode_feature(f"{place.table}-{place.id}", point, encode_properties(layer="place", name=name))
