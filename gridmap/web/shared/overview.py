"""The overview of a subdistrict: map, figures, and the grids in force on any day."""

from typing import Any, Literal, cast

from flask import Blueprint, abort, redirect, render_template, request, url_for
from pydantic import Field
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from gridmap.core.errors import N_
from gridmap.core.vocabulary import Role
from gridmap.services.grids import in_force, issues, overview
from gridmap.web import context
from gridmap.web.access import can_access, login_required
from gridmap.web.params import DateParams, parse_params

blueprint = Blueprint("overview", __name__)

GRID_STATUS_LABELS = (
    ("under", N_("under")),
    ("in_range", N_("in range")),
    ("over", N_("over")),
    ("dedicated", N_("dedicated")),
)
HOUSEHOLD_KIND_LABELS = {
    "resident": N_("Households living here"),
    "registered": N_("Registered households"),
    "dwelling": N_("Dwellings"),
}
LINK_LABELS = {
    "buildings": N_("Buildings"),
    "facilities": N_("Facilities"),
    "organisations": N_("Organisations"),
    "shops": N_("Shops"),
    "incidents": N_("Incidents of a year"),
}
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
    """How the page is to look."""

    sort: SortColumn = Field("code", description="Column that the grids are sorted by")
    descending: Literal["", "yes"] = Field("", description="Whether the largest comes first")


@blueprint.get("/", defaults={"subdistrict_code": None})
@blueprint.get("/subdistricts/<subdistrict_code>")
@login_required
def index(subdistrict_code: str | None) -> Response | str:
    """A subdistrict on a day, or the way to one."""
    return _choose_subdistrict() if subdistrict_code is None else _subdistrict_page(subdistrict_code)


def _choose_subdistrict() -> Response | str:
    """Lead to the subdistrict, let one be chosen where there are several, or say that there is none."""
    found = overview.list_subdistricts(context.session(), context.caller())
    if len(found) == 1:
        return redirect(url_for("overview.index", subdistrict_code=found[0].code), code=303)
    return render_template("overview/choose_subdistrict.html", subdistricts=found)


def _subdistrict_page(subdistrict_code: str) -> str:
    known = {name: request.args.getlist(name) for name in OverviewParams.model_fields if name in request.args}
    asked = cast("OverviewParams", parse_params(OverviewParams, {}, MultiDict(known)))
    session = context.session()
    place = overview.get_subdistrict(session, context.caller(), subdistrict_code) or abort(404)
    found = overview.load_overview(session, context.caller(), in_force.resolve_day(session, place.id, asked.on))
    return render_template("overview/index.html", **_page_context(place, found, asked))


def _page_context(subdistrict: Any, summary: overview.Overview, params: OverviewParams) -> dict[str, Any]:
    module = url_for("static", filename="js/overview/page.js")
    session, person = context.session(), context.account()
    role = person.role if person else None
    named = {each.id: each.name for each in summary.communities}
    return {
        "subdistrict": subdistrict,
        "summary": summary,
        "grids": in_force.sort_grids(summary.grids, named, params.sort, descending=bool(params.descending)),
        "community_names": named,
        "map_shell": overview.build_subdistrict_map(subdistrict, module),
        "params": params,
        "today": in_force.get_today(session),
        "status_labels": GRID_STATUS_LABELS,
        "household_kind_labels": HOUSEHOLD_KIND_LABELS,
        "link_labels": LINK_LABELS,
        "columns": TABLE_COLUMNS,
        "issues": issues.find_issues(session, context.caller(), summary) if role != Role.WORKER else None,
        "can_open_grids": can_access("grids.detail", role),
    }
