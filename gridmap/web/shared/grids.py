"""Page of a grid on a date: its contents, workers and plan in force."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date

from flask import Blueprint, Response, abort, render_template, request, url_for

from gridmap.core.vocabulary import Role
from gridmap.services.grids import code_tables, details, group_counts, in_force, places
from gridmap.services.grids.details import GridDetails, MapFeatures, OpenIncidentRow
from gridmap.services.grids.incident_counts import ROLES_SEEING_EVERY_CLASS
from gridmap.services.grids.page_map import build_page_map
from gridmap.services.grids.places import GridPlaces
from gridmap.services.incidents import categories
from gridmap.services.subdistrict_files import grid_tables
from gridmap.web import context, line_caller
from gridmap.web.access import roles_required
from gridmap.web.exports.response import export_response, subdistrict_places
from gridmap.web.geojson import encode_feature, encode_properties, features_response, validated_response
from gridmap.web.labels import HOUSEHOLD_KIND_LABELS, ROSTER_ROLE_LABELS
from gridmap.web.language import current_language
from gridmap.web.params import DateParams, parse_known_params
from gridmap.web.shared.place_features import encode_places, place_name

blueprint = Blueprint("grids", __name__, url_prefix="/grids")
MAP_SCRIPT = "js/pages/grid.js"


@blueprint.get("/<int:grid_id>")
@roles_required(Role.PLANNER, Role.LEADER, Role.STATION, Role.WORKER)
def detail(grid_id: int) -> str:
    """Show a grid on a date; where it was not in force then, the periods in which it is."""
    session, on = context.session(), _date_param()
    caller = line_caller.show_open_of_grid(grid_id, on)
    grid_details = details.load_grid_details(session, caller, grid_id, on)
    if grid_details is None:
        periods = details.list_periods(session, caller, grid_id) or abort(404)
        return render_template("grids/not_in_force.html", grid_id=grid_id, on=on, periods=periods)
    return render_template(
        "grids/detail.html",
        details=grid_details,
        map_shell=build_page_map(grid_details.subdistrict, url_for("static", filename=MAP_SCRIPT)),
        today=in_force.get_today(session),
        group_counts=group_counts.count_in_grid(
            session, caller, grid_details.day.subdistrict_id, grid_id, grid_details.day.date
        ),
        shows_lines=caller.shows_lines,
        sees_every_class=context.role() in ROLES_SEEING_EVERY_CLASS,
        **page_labels({grid_details.day.subdistrict_id}),
        **layer_context([grid_details]),
    )


@blueprint.get("/<int:grid_id>/features.geojson")
@roles_required(Role.PLANNER, Role.LEADER, Role.STATION, Role.WORKER)
def map_features(grid_id: int) -> Response:
    """Return the features of the map of a grid."""
    on = _date_param()
    features = details.load_map_features(context.session(), line_caller.show_open_of_grid(grid_id, on), grid_id, on)
    if features is None:
        abort(404)
    return features_response(_encode_features(features, _category_names()))


@blueprint.get("/<int:grid_id>/buildings/export/<file_format>")
@roles_required(Role.PLANNER, Role.LEADER, Role.STATION, Role.WORKER)
def export_buildings(grid_id: int, file_format: str) -> Response:
    """Return the buildings of a grid on a date as a file."""
    grid_details = details.load_grid_details(context.session(), context.caller(), grid_id, _date_param()) or abort(404)
    language = current_language()
    table = grid_tables.make_building_table(grid_details, code_tables.list_names("uses", language), language)
    grid, day = grid_details.grid, grid_details.day
    places = subdistrict_places(grid.name or grid.code, day.subdistrict_id, grid.community_id)
    return export_response(table, file_format, places, day=day.date)


@blueprint.get("/<int:grid_id>/places.geojson")
@roles_required(Role.PLANNER, Role.LEADER, Role.STATION, Role.WORKER)
def map_places(grid_id: int) -> Response:
    """Return the places on the map of a grid; browsers validate their copy at every use."""
    grid_places = places.load_grid_places(context.session(), context.caller(), grid_id, _date_param())
    if grid_places is None:
        abort(404)
    return validated_response(features_response(_encode_places(grid_places)), request)


def layer_context(grid_details: Sequence[GridDetails]) -> dict[str, object]:
    """Return the layers of a map of grids for its legend: kinds of places with their numbers, by group."""
    all_places = [place for each in grid_details for place in each.places]
    return {
        "places": all_places,
        "place_counts": places.count_kinds(all_places),
        "missing_kinds": [place_name(kind) for kind in places.missing_standard_kinds(all_places)],
        "resident_group_count": len({group.id for each in grid_details for group in each.resident_groups}),
        "place_name": place_name,
    }


def page_labels(subdistrict_ids: Collection[int]) -> dict[str, object]:
    """Return the names of coded values for pages of grids in subdistricts."""
    language = current_language()
    return {
        "category_names": categories.list_names(context.session(), context.caller(), subdistrict_ids, language),
        "household_kind_labels": HOUSEHOLD_KIND_LABELS,
        "duty_names": code_tables.list_names("lines", language),
        "role_labels": ROSTER_ROLE_LABELS,
        "building_use_names": code_tables.list_names("uses", language),
        "uses_english": language == "en",
        "list_separator": "、" if language == "zh_CN" else ", ",
    }


def _date_param() -> date | None:
    return parse_known_params(DateParams, request.args).on


def _encode_features(features: MapFeatures, category_names: Mapping[str, str]) -> Iterator[str]:
    for street in features.streets:
        yield _encode("street", street.kind, street.shape, kind=street.kind)
    for given in features.given_streets:
        yield _encode("givenStreet", given.id, given.shape or "null", name=given.name)
    grid = features.grid
    yield _encode("grid", grid.id, grid.shape, code=grid.code, status=grid.status)
    for each in features.buildings:
        values = {"name": each.display_name, "levels": each.levels, "households": each.households}
        yield _encode("building", each.id, each.shape, **values)
    for incident in features.incidents:
        if incident.shape is not None:
            yield _encode_incident(incident, incident.shape, category_names)


def _encode_places(grid_places: GridPlaces) -> Iterator[str]:
    for group in grid_places.resident_groups:
        yield _encode("residentGroup", group.id, group.shape or "null", name=group.name)
    yield from encode_places(grid_places.places)


def _category_names() -> Mapping[str, str]:
    subdistrict_ids = context.caller().subdistrict_ids
    return categories.list_names(context.session(), context.caller(), subdistrict_ids, current_language())


def _encode_incident(incident: OpenIncidentRow, shape: str, category_names: Mapping[str, str]) -> str:
    category = category_names.get(incident.category, incident.category)
    values = {
        "number": incident.number,
        "category": category,
        "urgent": incident.urgent,
        "overdue": incident.is_overdue,
    }
    return _encode("incident", incident.id, shape, **values)


def _encode(layer: str, feature_id: int | str, geometry: str, **values: object) -> str:
    return encode_feature(feature_id, geometry, encode_properties(layer=layer, **values))
