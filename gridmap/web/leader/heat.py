"""The leader's page: what got worse and stands out, a map by grid or by square, and a ranking of the grids."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import shapely
from flask import render_template, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, InvalidInput
from gridmap.services.cases import cases as case_services
from gridmap.services.cases.cases import OpenCounts
from gridmap.services.grids import in_force, overview
from gridmap.services.grids.incident_counts import ROLES_SEEING_EVERY_CLASS
from gridmap.services.grids.page_map import build_page_map
from gridmap.services.incidents import heatmap, leader_page, line_views, publication
from gridmap.services.incidents.daily_figures import find_first_compared_day
from gridmap.services.incidents.findings import name_grid, shorten_grid_name
from gridmap.services.incidents.heatmap import GridHeat, HeatValue, IncidentFilter
from gridmap.services.incidents.leader_page import LeaderPage
from gridmap.services.incidents.publication import PublishedTable
from gridmap.services.incidents.ranking import rate_values
from gridmap.web import context, line_caller
from gridmap.web.access import can_access
from gridmap.web.geojson import encode_feature, encode_properties, features_response
from gridmap.web.labels import DEVIATION_LABELS
from gridmap.web.leader.blueprint import leader
from gridmap.web.leader.filters import (
    format_query,
    get_today,
    heatmap_roles_required,
    list_category_names,
    parse_filters,
    query_params,
    subdistrict_or_404,
)
from gridmap.web.leader.forms import make_heatmap_form

MAP_SCRIPT = "js/pages/heat.js"
PERIOD_PRESETS = ((7, N_("7 days")), (30, N_("30 days")), (90, N_("90 days")), (365, N_("a year")))


@leader.get("", defaults={"subdistrict_code": None})
@leader.get("/<subdistrict_code>")
@heatmap_roles_required
def index(subdistrict_code: str | None) -> tuple[str, int]:
    """Show the leader's page of a subdistrict; filters that cannot be used stay in the form, with their faults."""
    subdistrict = subdistrict_or_404(subdistrict_code)
    filters, figures, caller, error = _load_figures(subdistrict.id)
    category_names = list_category_names(subdistrict.id, caller)
    page = render_template(
        "leader/heat.html",
        subdistrict=subdistrict,
        subdistricts=overview.list_subdistricts(context.session(), caller),
        figures=figures,
        filters=filters,
        form=make_heatmap_form(MultiDict(query_params()), filters.date_range, category_names, error),
        category_names=category_names,
        sees_every_class=context.role() in ROLES_SEEING_EVERY_CLASS,
        line_access=line_views.load_access(context.session(), context.caller(), subdistrict.id),
        published_tables=list_published_tables(subdistrict.id),
        min_households=heatmap.MIN_HOUSEHOLDS_FOR_RATE,
        map_shell=build_page_map(subdistrict, url_for("static", filename=MAP_SCRIPT)),
        open_cases=_count_cases(subdistrict.id),
        can_open_grids=can_access("grids.detail", context.role()),
        query_params=query_params(),
        query_string=format_query(query_params()),
        deviation_labels=DEVIATION_LABELS,
        name_grid=name_grid,
        shorten_grid_name=shorten_grid_name,
        community_names=_list_community_names(subdistrict.id, figures),
        **_day_context(),
    )
    return page, 422 if error else 200


@leader.get("/<subdistrict_code>/grids.geojson")
@heatmap_roles_required
def grid_features(subdistrict_code: str) -> Response:
    """Return the grids in force with their incident counts, for the map."""
    subdistrict = subdistrict_or_404(subdistrict_code)
    filters = parse_filters()
    caller = line_caller.show_counts(subdistrict.id, filters)
    heat = heatmap.load_grid_heat(context.session(), caller, subdistrict.id, filters)
    return features_response(_encode_grid(each) for each in heat.grids)


@leader.get("/<subdistrict_code>/squares.geojson")
@heatmap_roles_required
def square_features(subdistrict_code: str) -> Response:
    """Return squares of 200 m with their incident counts, for the map; finer locations do not leave the server."""
    subdistrict = subdistrict_or_404(subdistrict_code)
    filters = parse_filters()
    caller = line_caller.show_counts(subdistrict.id, filters)
    squares = heatmap.load_square_heat(context.session(), caller, subdistrict.id, filters)
    rated = rate_values([each.value for each in squares])
    return features_response(
        encode_feature(
            None,
            shapely.to_geojson(each.shape),
            encode_properties(
                **_heat_properties(each.value), count_class=classes.count_class, rate_class=classes.rate_deviation
            ),
        )
        for each, classes in zip(squares, rated, strict=True)
    )


@leader.get("/<subdistrict_code>/street-names.geojson")
@heatmap_roles_required
def street_names(subdistrict_code: str) -> Response:
    """Return the names of streets as points, the longest streets first."""
    subdistrict = subdistrict_or_404(subdistrict_code)
    rows = overview.list_street_names(context.session(), context.caller(), subdistrict.id)
    return features_response(encode_feature(None, row.shape, encode_properties(name=row.name)) for row in rows)


def show_page(subdistrict_id: int, filters: IncidentFilter) -> Caller:
    """Record that the answer has the figures of the leader's page, and return the caller that sees them."""
    return line_caller.show_counts(subdistrict_id, filters, find_first_compared_day(filters.date_range))


def list_published_tables(subdistrict_id: int) -> Sequence[PublishedTable]:
    """Return the published counts for roles that do not see the incidents themselves."""
    if context.role() in ROLES_SEEING_EVERY_CLASS:
        return ()
    return publication.load_tables(context.session(), context.caller(), subdistrict_id)


def _load_figures(subdistrict_id: int) -> tuple[IncidentFilter, LeaderPage | None, Caller, InvalidInput | None]:
    """Return the filter of the URL, its figures and who sees them, or as much of the filter as can be used."""
    session, caller = context.session(), context.caller()
    filters = IncidentFilter(heatmap.resolve_date_range(get_today(), None, None))
    try:
        filters = parse_filters()
        caller = show_page(subdistrict_id, filters)
        return filters, leader_page.load_leader_page(session, caller, subdistrict_id, filters), caller, None
    except InvalidInput as error:
        return filters, None, context.caller(), error


def _count_cases(subdistrict_id: int) -> OpenCounts | None:
    """Return the numbers of open cases, each of which leads to the inbox; None for roles without one."""
    if not can_access("cases.index", context.role()):
        return None
    return case_services.count_open(context.session(), context.caller(), subdistrict_id)


def _list_community_names(subdistrict_id: int, figures: LeaderPage | None) -> Mapping[int, str]:
    """Return the names of the communities, which the figures have already."""
    if figures:
        return figures.community_names
    communities = overview.list_communities(context.session(), context.caller(), subdistrict_id)
    return {each.id: each.name for each in communities}


def _day_context() -> dict[str, object]:
    """Return what the page shows for today: date, ranges of days to choose from."""
    today = get_today()
    ranges = [
        heatmap.resolve_date_range(today, in_force.date_before(today, timedelta(days - 1)), today)
        for days, _ in PERIOD_PRESETS
    ]
    return {
        "today": today,
        "period_presets": list(zip(ranges, (title for _, title in PERIOD_PRESETS), strict=True)),
    }


def _encode_grid(each: GridHeat) -> str:
    properties = encode_properties(grid_id=each.grid.id, name=each.grid.code, **_heat_properties(each.value))
    return encode_feature(each.grid.id, each.grid.shape, properties)


def _heat_properties(value: HeatValue) -> dict[str, object]:
    return {"number": value.count, "rate": value.rate}
