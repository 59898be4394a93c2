"""Incidents as heat: a map by grid or by square, and a table that says the same."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Literal, cast

import shapely
from flask import Blueprint, abort, render_template, request, url_for
from pydantic import Field
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from gridmap.core.errors import N_
from gridmap.core.vocabulary import IncidentStatus, Role
from gridmap.services.grids import code_tables, in_force, overview
from gridmap.services.grids.incident_counts import ROLES_WITH_INCIDENT_ACCESS
from gridmap.services.incidents import heatmap
from gridmap.services.incidents.heatmap import HeatValue, IncidentFilter
from gridmap.web import context
from gridmap.web.access import can_access, roles_required
from gridmap.web.geojson import features_response
from gridmap.web.language import current_language
from gridmap.web.params import IsoDate, Params, parse_params

leader = Blueprint("leader", __name__, url_prefix="/heat")
MAP_SCRIPT = "js/heat/page.js"
INCIDENT_STATUS_LABELS = {"open": N_("open"), "closed": N_("closed")}
PERIOD_PRESETS = ((7, N_("7 days")), (30, N_("30 days")), (90, N_("90 days")), (365, N_("a year")))
heatmap_roles_required = roles_required(Role.LEADER, Role.PLANNER, Role.STATION)


class HeatmapParams(Params):
    """Which incidents."""

    first: IsoDate | None = Field(None, description="First day")
    last: IsoDate | None = Field(None, description="Last day; the grids are those in force on it")
    status: Literal["", "open", "closed"] = Field("", description="Only those open or closed when the last day is over")


@leader.get("", defaults={"subdistrict_code": None})
@leader.get("/<subdistrict_code>")
@heatmap_roles_required
def index(subdistrict_code: str | None) -> str:
    """The page of a subdistrict."""
    session, place = context.session(), _subdistrict_or_404(subdistrict_code)
    wish, today = _incident_filter(), in_force.get_today(session)
    found = heatmap.load_grid_heat(session, context.caller(), place.id, wish)
    return render_template(
        "leader/heat.html",
        subdistrict=place,
        heatmap=found,
        filters=wish,
        today=today,
        category_names={
            each: code_tables.get_name("lines", each, current_language())
            for each in heatmap.list_categories(session, context.caller(), place.id)
        },
        status_labels=INCIDENT_STATUS_LABELS,
        can_see_incidents=_account_role() in ROLES_WITH_INCIDENT_ACCESS,
        min_households=heatmap.MIN_HOUSEHOLDS_FOR_RATE,
        period_presets=[
            (heatmap.resolve_date_range(today, in_force.date_before(today, timedelta(days - 1)), today), title)
            for days, title in PERIOD_PRESETS
        ],
        community_names={each.id: each.name for each in overview.list_communities(session, context.caller(), place.id)},
        map_shell=overview.build_subdistrict_map(place, url_for("static", filename=MAP_SCRIPT)),
        can_open_grids=can_access("grids.detail", _account_role()),
        query_params=_query_params(),
    )


@leader.get("/<subdistrict_code>/grids.geojson")
@heatmap_roles_required
def grid_features(subdistrict_code: str) -> Response:
    """Grids in force with their counts, for the map."""
    found = heatmap.load_grid_heat(
        context.session(), context.caller(), _subdistrict_or_404(subdistrict_code).id, _incident_filter()
    )
    return features_response(
        _heat_feature(each.grid.shape, each.value, grid_id=each.grid.id, name=each.grid.code) for each in found.grids
    )


@leader.get("/<subdistrict_code>/squares.geojson")
@heatmap_roles_required
def square_features(subdistrict_code: str) -> Response:
    """Squares of 200 m with their counts, for the map: no place finer than that leaves the server."""
    found = heatmap.load_square_heat(
        context.session(), context.caller(), _subdistrict_or_404(subdistrict_code).id, _incident_filter()
    )
    return features_response(_heat_feature(shapely.to_geojson(each.shape), each.value) for each in found)


def _subdistrict_or_404(subdistrict_code: str | None) -> Any:
    return heatmap.resolve_subdistrict(context.session(), context.caller(), subdistrict_code) or abort(404)


def _account_role() -> Role | None:
    person = context.account()
    return person.role if person else None


def _incident_filter() -> IncidentFilter:
    """What the address asks for.

    Raises
    ------
    BadInput
        If a parameter cannot be used, or the last day lies before the first.
    """
    given = _query_params()
    kinds = given.pop("category", [])
    asked = cast("HeatmapParams", parse_params(HeatmapParams, {}, MultiDict(given)))
    span = heatmap.resolve_date_range(in_force.get_today(context.session()), asked.first, asked.last)
    return IncidentFilter(span, kinds, IncidentStatus(asked.status) if asked.status else None)


def _query_params() -> dict[str, list[str]]:
    """What the address says; a field of the form that was left empty says nothing."""
    found = {name: [value for value in request.args.getlist(name) if value] for name in request.args}
    return {name: values for name, values in found.items() if values}


def _heat_feature(geometry: str, heat_value: HeatValue, **extra: Any) -> str:
    told: Mapping[str, Any] = {
        "count": str(heat_value.count),
        "number": heat_value.count.number,
        "rate": heat_value.rate,
        **extra,
    }
    return f'{{"type":"Feature","geometry":{geometry},"properties":{json.dumps(told)}}}'
