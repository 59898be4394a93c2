"""The page of a grid on any day: what is in it, who answers for it, and the plan that holds."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, abort, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from gridmap.core.vocabulary import Role
from gridmap.services.grids import code_tables, details, in_force
from gridmap.web import context
from gridmap.web.access import roles_required
from gridmap.web.geojson import encode_feature, features_response
from gridmap.web.language import current_language
from gridmap.web.params import DateParams, parse_params
from gridmap.web.shared.overview import GRID_STATUS_LABELS, HOUSEHOLD_KIND_LABELS

blueprint = Blueprint("grids", __name__, url_prefix="/grids")
MAP_SCRIPT = "js/grids/page.js"


@blueprint.get("/<int:grid_id>")
@roles_required(Role.PLANNER, Role.LEADER, Role.STATION, Role.WORKER)
def detail(grid_id: int) -> str:
    """A grid on a day; where it was not in force then, the days on which it is."""
    on, session = _date_param(), context.session()
    found = details.load_grid_details(session, context.caller(), grid_id, on)
    if found is None:
        times = details.list_periods(session, context.caller(), grid_id) or abort(404)
        return render_template("grids/not_in_force.html", grid=grid_id, on=on, periods=times)
    shell = details.build_grid_map([found], url_for("static", filename=MAP_SCRIPT))
    return render_template(
        "grids/detail.html", details=found, map_shell=shell, today=in_force.get_today(session), **page_labels()
    )


@blueprint.get("/<int:grid_id>/features.geojson")
@roles_required(Role.PLANNER, Role.LEADER, Role.STATION, Role.WORKER)
def map_features(grid_id: int) -> Response:
    """What is drawn on the map of a grid."""
    found = details.load_map_features(context.session(), context.caller(), grid_id, _date_param())
    return features_response(_encode_features(found)) if found else abort(404)


def page_labels() -> dict[str, Any]:
    """What pages of grids call things."""
    spoken = current_language()
    return {
        "status_labels": dict(GRID_STATUS_LABELS),
        "household_kind_labels": HOUSEHOLD_KIND_LABELS,
        "duty_names": code_tables.list_names("lines", spoken),
        "facility_kind_names": code_tables.list_names("facilities", spoken),
        "organisation_kind_names": code_tables.list_names("organisations", spoken),
        "building_use_names": code_tables.list_names("uses", spoken),
        "list_separator": "、" if spoken == "zh_CN" else ", ",
    }


def _date_param() -> Any:
    """The day asked for, or None; what else stands in the query is no matter of ours."""
    asked = MultiDict([("on", value) for value in request.args.getlist("on")])
    return parse_params(DateParams, {}, asked).on  # type: ignore[attr-defined]


def _encode_features(features: Mapping[str, Sequence[Any]]) -> Iterator[str]:
    for street in features["street"]:
        yield encode_feature("street", street.kind, street.shape, kind=street.kind)
    for grid in features["grid"]:
        yield encode_feature("grid", grid.id, grid.shape, code=grid.code, status=grid.status)
    for each in features["building"]:
        told = {"name": each.name or each.address or each.code, "levels": each.levels, "households": each.households}
        yield encode_feature("building", each.id, each.shape, **told)
    for row in features["incident"]:
        each = row.Incident
        if row.shape is not None:
            category = code_tables.get_name("lines", each.category, current_language())
            yield encode_feature(
                "incident", each.id, row.shape, number=each.number, category=category, urgent=each.urgent
            )
