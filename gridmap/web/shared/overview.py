"""Overview of a subdistrict on a date: map, statistics and the grids in force."""

from typing import Literal

from flask import Blueprint, abort, redirect, render_template, request, url_for
from pydantic import Field
from werkzeug.wrappers import Response

from gridmap.core.errors import N_
from gridmap.core.vocabulary import Role
from gridmap.services.accounts import special_tasks
from gridmap.services.grids import group_counts, in_force, issues, overview, places
from gridmap.services.grids.page_map import build_page_map
from gridmap.services.subdistrict_files import grid_tables
from gridmap.services.subdistrict_files.labels import ITEM_LABELS
from gridmap.web import context
from gridmap.web.access import can_access, login_required, roles_required
from gridmap.web.exports.response import export_response, subdistrict_places
from gridmap.web.forms import ConfirmForm
from gridmap.web.geojson import features_response, validated_response
from gridmap.web.labels import GRID_STATUS_LABELS, HOUSEHOLD_KIND_LABELS, LIMIT_LABELS
from gridmap.web.language import current_language
from gridmap.web.params import DateParams, parse_known_params
from gridmap.web.shared.place_features import encode_places, place_name

blueprint = Blueprint("overview", __name__)
MAP_SCRIPT = "js/pages/overview.js"
FILTERS = N_("Filters")
GRID_FILTER_LABELS = {**GRID_STATUS_LABELS, "vacant": N_("without worker")}
TABLE_COLUMNS = (
    ("code", N_("Grid"), ""),
    ("community", N_("Community"), ""),
    ("status", N_("Status"), ""),
    ("workers", N_("Grid worker"), ""),
    ("households", N_("Households"), "number"),
    ("residents", N_("Residents"), "number"),
    ("buildings", N_("Buildings"), "number"),
    ("area", N_("Area"), "number"),
)
SortColumn = Literal["code", "community", "status", "workers", "households", "residents", "buildings", "area"]


class OverviewParams(DateParams):
    """Date and order of the grids; the status only limits what is exported, the page filters by script."""

    sort: SortColumn = Field("code", description="Column that the grids are sorted by")
    descending: Literal["", "yes"] = Field("", description="Whether the largest comes first")
    status: Literal["", "under", "in_range", "over", "dedicated", "vacant"] = Field("", description="Status")


@blueprint.get("/", defaults={"subdistrict_code": None})
@blueprint.get("/subdistricts/<subdistrict_code>")
@login_required
def index(subdistrict_code: str | None) -> Response | str:
    """Show a subdistrict on a date, or the choice of one."""
    return _choose_subdistrict() if subdistrict_code is None else _subdistrict_page(subdistrict_code)


@blueprint.get("/subdistricts/<subdistrict_code>/grids/export/<file_format>")
@login_required
def export_grids(subdistrict_code: str, file_format: str) -> Response:
    """Return the grids in force, in the order and with the status of the table, as a file."""
    subdistrict, summary, params = _load_summary(subdistrict_code)
    names = {each.id: each.name for each in summary.communities}
    grids = in_force.sort_grids(summary.grids, names, params.sort, descending=bool(params.descending))
    table = grid_tables.make_grid_table(
        [grid for grid in grids if _is_shown(grid, params.status)], names, current_language()
    )
    filters = [(FILTERS, GRID_FILTER_LABELS[params.status])] if params.status else []
    places = subdistrict_places(subdistrict.name, subdistrict.id)
    return export_response(table, file_format, places, day=summary.day.date, notes=filters)


@blueprint.get("/subdistricts/<subdistrict_code>/issues/export/<file_format>")
@roles_required(Role.PLANNER, Role.LEADER, Role.STATION, Role.ADMIN)
def export_issues(subdistrict_code: str, file_format: str) -> Response:
    """Return the issues of a day as a file."""
    subdistrict, summary, _ = _load_summary(subdistrict_code)
    names = {each.id: each.name for each in summary.communities}
    found = issues.find_issues(context.session(), context.caller(), summary)
    table = grid_tables.make_issue_table(found, names, current_language())
    places = subdistrict_places(subdistrict.name, subdistrict.id)
    return export_response(table, file_format, places, day=summary.day.date)


@blueprint.get("/subdistricts/<subdistrict_code>/links/export/<file_format>")
@roles_required(Role.PLANNER, Role.LEADER, Role.STATION, Role.ADMIN)
def export_links(subdistrict_code: str, file_format: str) -> Response:
    """Return the numbers of items in a grid and in none as a file."""
    subdistrict, summary, _ = _load_summary(subdistrict_code)
    table = grid_tables.make_link_table(summary.link_counts)
    places = subdistrict_places(subdistrict.name, subdistrict.id)
    return export_response(table, file_format, places, day=summary.day.date)


def _is_shown(grid: in_force.GridInForce, status: str) -> bool:
    return not status or (not grid.workers if status == "vacant" else grid.status == status)


def _load_summary(subdistrict_code: str) -> tuple[overview.SubdistrictRow, overview.Overview, OverviewParams]:
    params = parse_known_params(OverviewParams, request.args)
    session, caller = context.session(), context.caller()
    subdistrict = overview.get_subdistrict(session, caller, subdistrict_code) or abort(404)
    day = in_force.resolve_day(session, subdistrict.id, params.on)
    return subdistrict, overview.load_overview(session, caller, day), params


@blueprint.get("/subdistricts/<subdistrict_code>/places.geojson")
@roles_required(Role.PLANNER, Role.LEADER, Role.STATION, Role.WORKER)
def map_places(subdistrict_code: str) -> Response:
    """Return the organisations, offices and public places of a subdistrict, without what only maps of grids show."""
    params = parse_known_params(DateParams, request.args)
    session, caller = context.session(), context.caller()
    subdistrict = overview.get_subdistrict(session, caller, subdistrict_code) or abort(404)
    day = in_force.resolve_day(session, subdistrict.id, params.on)
    features = encode_places(places.list_subdistrict_places(session, caller, day))
    return validated_response(features_response(features), request)


def _choose_subdistrict() -> Response | str:
    """Redirect to the only subdistrict, or list several, or tell that there is none."""
    subdistricts = overview.list_subdistricts(context.session(), context.caller())
    if len(subdistricts) == 1:
        return redirect(url_for("overview.index", subdistrict_code=subdistricts[0].code), code=303)
    return render_template("overview/choose_subdistrict.html", subdistricts=subdistricts)


def _subdistrict_page(subdistrict_code: str) -> str:
    subdistrict, summary, params = _load_summary(subdistrict_code)
    session, caller = context.session(), context.caller()
    return render_template(
        "overview/index.html",
        subdistrict=subdistrict,
        group_counts=group_counts.count_in_subdistrict(session, caller, subdistrict.id, summary.day.date),
        uses_english=current_language() == "en",
        **_page_context(summary, params),
        map_shell=build_page_map(subdistrict, url_for("static", filename=MAP_SCRIPT)),
        alarms=special_tasks.list_alarms(session, caller) if caller.role is Role.ADMIN else (),
        limit_labels=LIMIT_LABELS,
        confirm_form=ConfirmForm(),
    )


def _page_context(summary: overview.Overview, params: OverviewParams) -> dict[str, object]:
    session, caller, role = context.session(), context.caller(), context.role()
    names = {each.id: each.name for each in summary.communities}
    return {
        "summary": summary,
        "grids": in_force.sort_grids(summary.grids, names, params.sort, descending=bool(params.descending)),
        "community_names": names,
        "params": params,
        "today": in_force.get_today(session),
        "household_kind_labels": HOUSEHOLD_KIND_LABELS,
        "link_labels": ITEM_LABELS,
        "columns": TABLE_COLUMNS,
        "issues": issues.find_issues(session, caller, summary) if role != Role.WORKER else None,
        "can_open_grids": can_access("grids.detail", role),
        "place_kinds": places.list_large_kinds() if can_access("overview.map_places", role) else (),
        "place_name": place_name,
        "can_export_whole": can_access("subdistrict_files.index", role),
        "can_open_roster": can_access("roster.give_grid", role),
    }
