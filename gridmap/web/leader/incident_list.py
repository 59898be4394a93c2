"""List of the incidents behind the count of a grid."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import abort, render_template

from gridmap.core.caller import Caller
from gridmap.services.grids import overview
from gridmap.services.grids.incident_counts import ROLES_SEEING_EVERY_CLASS
from gridmap.services.incidents import grid_incidents
from gridmap.services.incidents.findings import name_grid
from gridmap.services.incidents.grid_incidents import GridIncidents
from gridmap.services.incidents.heatmap import IncidentFilter, SubdistrictRow
from gridmap.web import context, line_caller
from gridmap.web.access import can_access
from gridmap.web.leader.blueprint import leader
from gridmap.web.leader.filters import (
    heatmap_roles_required,
    list_category_names,
    parse_filters,
    query_params,
    subdistrict_or_404,
)


@dataclass(frozen=True)
class ShownIncidents:
    """Incidents of a grid, with the filter that they match and the caller that sees them."""

    subdistrict: SubdistrictRow
    filters: IncidentFilter
    caller: Caller
    listed: GridIncidents
    community_names: Mapping[int, str]


@leader.get("/<subdistrict_code>/grids/<int:grid_id>")
@heatmap_roles_required
def list_grid_incidents(subdistrict_code: str, grid_id: int) -> str:
    """Show the incidents that the leader's page counts for a grid."""
    shown = load_shown_incidents(subdistrict_code, grid_id)
    caller = shown.caller
    return render_template(
        "leader/incidents.html",
        subdistrict=shown.subdistrict,
        grid=shown.listed.grid,
        grid_name=name_grid(shown.listed.grid, shown.community_names),
        incidents=shown.listed.incidents,
        filters=shown.filters,
        category_names=list_category_names(shown.subdistrict.id, caller),
        query_params=query_params(),
        shows_lines=caller.shows_lines,
        opens_cases=not caller.shows_lines and can_access("cases.show", caller.role),
        sees_every_class=context.role() in ROLES_SEEING_EVERY_CLASS,
    )


def load_shown_incidents(subdistrict_code: str, grid_id: int) -> ShownIncidents:
    """Return the incidents behind the count of a grid; abort with 404 for a grid of another subdistrict."""
    subdistrict = subdistrict_or_404(subdistrict_code)
    session, filters = context.session(), parse_filters()
    caller = line_caller.show_filtered(subdistrict.id, filters, grid_id)
    listed = grid_incidents.load_grid_incidents(session, caller, grid_id, filters)
    community_names = {each.id: each.name for each in overview.list_communities(session, caller, subdistrict.id)}
    if listed.grid.community_id not in community_names:
        abort(404)
    return ShownIncidents(subdistrict, filters, caller, listed, community_names)
