"""Heatmap of incidents: a map by grid or by square, and a table with the same numbers."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal

import shapely
from flask import Blueprint, abort, render_template, request, url_for
from pydantic import Field
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from gridmap.core.errors import N_, InvalidInput
from gridmap.core.vocabulary import IncidentStatus, Role
from gridmap.services.grids import in_force, overview
from gridmap.services.grids.incident_counts import ROLES_SEEING_EVERY_CLASS
from gridmap.services.grids.page_map import build_page_map
from gridmap.services.incidents import categories, heatmap, publication
from gridmap.services.incidents.heatmap import GridHeat, Heatmap, HeatValue, IncidentFilter, SubdistrictRow
from gridmap.services.incidents.publication import PublishedTable
from gridmap.web import context
from gridmap.web.access import can_access, roles_required
from gridmap.web.geojson import encode_feature, encode_properties, features_response
from gridmap.web.language import current_language
from gridmap.web.leader.forms import make_heatmap_form
from gridmap.web.params import IsoDate, Params, parse_params

leader = Blueprint("leader", __name__, url_prefix="/heat")
MAP_SCRIPT = "js/pages/heat.js"
PERIOD_PRESETS = ((7, N_("7 days")), (30, N_("30 days")), (90, N_("90 days")), (365, N_("a year")))
heatmap_roles_required = roles_required(Role.LEADER, Role.PLANNER, Role.STATION)


class HeatmapParams(Params):
    """Filters of incidents; categories are passed in addition."""

    first: IsoDate | None = Field(None, description="First day")
    last: IsoDate | None = Field(None, description="Last day; the grids are those in force on it")
    status: Literal["", "open", "closed"] = Field("", description="Status at the end of the last day")


@leader.get("", defaults={"subdistrict_code": None})
@leader.get("/<subdistrict_code>")
@heatmap_roles_required
def index(subdistrict_code: str | None) -> tuple[str, int]:
    """Show the heatmap of a subdistrict; filters that cannot be used stay in the form, with their faults."""
    subdistrict = _subdistrict_or_404(subdistrict_code)
    filters, heat, error = _load_heat(subdistrict.id)
    category_names = _category_names(subdistrict.id)
    page = render_template(
        "leader/heat.html",
        subdistrict=subdistrict,
        heatmap=heat,
        filters=filters,
        form=make_heatmap_form(MultiDict(_query_params()), filters.date_range, category_names, error),
        category_names=category_names,
        sees_every_class=context.role() in ROLES_SEEING_EVERY_CLASS,
        published_tables=_published_tables(subdistrict.id),
        min_households=heatmap.MIN_HOUSEHOLDS_FOR_RATE,
        map_shell=build_page_map(subdistrict, url_for("static", filename=MAP_SCRIPT)),
        can_open_grids=can_access("grids.detail", context.role()),
        query_params=_query_params(),
        **_day_context(subdistrict.id),
    )
    return page, 422 if error else 200


@leader.get("/<subdistrict_code>/grids.geojson")
@heatmap_roles_required
def grid_features(subdistrict_code: str) -> Response:
    """Return the grids in force with their incident counts, for the map."""
    subdistrict = _subdistrict_or_404(subdistrict_code)
    heat = heatmap.load_grid_heat(context.session(), context.caller(), subdistrict.id, _incident_filter())
    return features_response(_encode_grid(each) for each in heat.grids)


@leader.get("/<subdistrict_code>/squares.geojson")
@heatmap_roles_required
def square_features(subdistrict_code: str) -> Response:
    """Return squares of 200 m with their incident counts, for the map; finer locations do not leave the server."""
    subdistrict = _subdistrict_or_404(subdistrict_code)
    squares = heatmap.load_square_heat(context.session(), context.caller(), subdistrict.id, _incident_filter())
    return features_response(
        encode_feature(None, shapely.to_geojson(each.shape), encode_properties(**_heat_properties(each.value)))
        for each in squares
    )


def _subdistrict_or_404(subdistrict_code: str | None) -> SubdistrictRow:
    return heatmap.resolve_subdistrict(context.session(), context.caller(), subdistrict_code) or abort(404)


def _published_tables(subdistrict_id: int) -> Sequence[PublishedTable]:
    """Return the counts for roles that do not see the incidents themselves."""
    if context.role() in ROLES_SEEING_EVERY_CLASS:
        return ()
    return publication.load_tables(context.session(), context.caller(), subdistrict_id)


def _load_heat(subdistrict_id: int) -> tuple[IncidentFilter, Heatmap | None, InvalidInput | None]:
    """Return the filter of the URL and its heatmap, or as much of the filter as can be used, and its faults."""
    filters = IncidentFilter(heatmap.resolve_date_range(in_force.get_today(context.session()), None, None))
    try:
        filters = _incident_filter()
        return filters, heatmap.load_grid_heat(context.session(), context.caller(), subdistrict_id, filters), None
    except InvalidInput as error:
        return filters, None, error


def _day_context(subdistrict_id: int) -> dict[str, object]:
    """Return what the page shows for today: date, ranges of days to choose from, communities."""
    session = context.session()
    today = in_force.get_today(session)
    ranges = [
        heatmap.resolve_date_range(today, in_force.date_before(today, timedelta(days - 1)), today)
        for days, _ in PERIOD_PRESETS
    ]
    communities = overview.list_communities(session, context.caller(), subdistrict_id)
    return {
        "today": today,
        "period_presets": list(zip(ranges, (title for _, title in PERIOD_PRESETS), strict=True)),
        "community_names": {each.id: each.name for each in communities},
    }


def _category_names(subdistrict_id: int) -> dict[str, str]:
    """Return the names of the categories that there are, and of those chosen by a link."""
    session, caller = context.session(), context.caller()
    names = categories.list_names(session, caller, [subdistrict_id], current_language())
    used = heatmap.list_categories(session, caller, subdistrict_id)
    return {each: names.get(each, each) for each in sorted({*used, *_query_params().get("category", [])})}


def _incident_filter() -> IncidentFilter:
    """Return the filter of the URL.

    Raises
    ------
    InvalidInput
        If a parameter cannot be used, or the last day is before the first.
    """
    query = _query_params()
    chosen = query.pop("category", [])
    params = parse_params(HeatmapParams, {}, MultiDict(query))
    period = heatmap.resolve_date_range(in_force.get_today(context.session()), params.first, params.last)
    return IncidentFilter(period, chosen, IncidentStatus(params.status) if params.status else None)


def _query_params() -> dict[str, list[str]]:
    """Return the parameters of the URL, without empty values: fields of the form that were left empty."""
    params = {name: [value for value in request.args.getlist(name) if value] for name in request.args}
    return {name: values for name, values in params.items() if values}


def _encode_grid(each: GridHeat) -> str:
    properties = encode_properties(grid_id=each.grid.id, name=each.grid.code, **_heat_properties(each.value))
    return encode_feature(each.grid.id, each.grid.shape, properties)


def _heat_properties(value: HeatValue) -> dict[str, object]:
    return {"number": value.count, "rate": value.rate}
