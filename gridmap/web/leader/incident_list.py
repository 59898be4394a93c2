"""Lists of the incidents behind the counts of the leader's page."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import abort, render_template

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, Message
from gridmap.services.grids import overview
from gridmap.services.grids.in_force import GridInForce
from gridmap.services.grids.incident_counts import ROLES_SEEING_EVERY_CLASS
from gridmap.services.incidents import grid_incidents
from gridmap.services.incidents.findings import name_grid
from gridmap.services.incidents.grid_incidents import GridIncidentRow
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

ALL_INCIDENTS, IN_NO_GRID = N_("All incidents"), N_("Incidents in no grid")


@dataclass(frozen=True)
class ShownIncidents:
    """Incidents of a list, with the filter that they match and the caller that sees them.

    Parameters
    ----------
    subdistrict : SubdistrictRow
    filters : IncidentFilter
    caller : Caller
    title : str or Message
    incidents : sequence of GridIncidentRow
    total : int
        Number of the incidents; a list of a subdistrict has the newest ones only.
    grid : GridInForce or None
        None for a list of a subdistrict.
    in_no_grid : bool
    """

    subdistrict: SubdistrictRow
    filters: IncidentFilter
    caller: Caller
    title: str | Message
    incidents: Sequence[GridIncidentRow]
    total: int
    grid: GridInForce | None = None
    in_no_grid: bool = False


@leader.get("/<subdistrict_code>/incidents", defaults={"in_no_grid": False})
@leader.get("/<subdistrict_code>/incidents-in-no-grid", defaults={"in_no_grid": True})
@heatmap_roles_required
def list_incidents(subdistrict_code: str, in_no_grid: bool) -> str:
    """Show the incidents that the leader's page counts for a subdistrict, or those in no grid."""
    return _render_list(load_shown_incidents(subdistrict_code, in_no_grid=in_no_grid))


@leader.get("/<subdistrict_code>/grids/<int:grid_id>")
@heatmap_roles_required
def list_grid_incidents(subdistrict_code: str, grid_id: int) -> str:
    """Show the incidents that the leader's page counts for a grid."""
    return _render_list(load_incidents_of_grid(subdistrict_code, grid_id))


def load_shown_incidents(subdistrict_code: str, *, in_no_grid: bool) -> ShownIncidents:
    """Return the incidents behind the count of a subdistrict, or of what lies in no grid."""
    subdistrict, filters = subdistrict_or_404(subdistrict_code), parse_filters()
    caller = line_caller.show_filtered(subdistrict.id, filters)
    listed = grid_incidents.load_subdistrict_incidents(
        context.session(), caller, subdistrict.id, filters, in_no_grid=in_no_grid
    )
    title = IN_NO_GRID if in_no_grid else ALL_INCIDENTS
    return ShownIncidents(subdistrict, filters, caller, title, listed.incidents, listed.total, None, in_no_grid)


def load_incidents_of_grid(subdistrict_code: str, grid_id: int) -> ShownIncidents:
    """Return the incidents behind the count of a grid; abort with 404 for a grid of another subdistrict."""
    subdistrict = subdistrict_or_404(subdistrict_code)
    session, filters = context.session(), parse_filters()
    caller = line_caller.show_filtered(subdistrict.id, filters, grid_id)
    listed = grid_incidents.load_grid_incidents(session, caller, grid_id, filters)
    community_names = {each.id: each.name for each in overview.list_communities(session, caller, subdistrict.id)}
    if listed.grid.community_id not in community_names:
        abort(404)
    title, incidents = name_grid(listed.grid, community_names), listed.incidents
    return ShownIncidents(subdistrict, filters, caller, title, incidents, len(incidents), listed.grid)


def _render_list(shown: ShownIncidents) -> str:
    caller = shown.caller
    return render_template(
        "leader/incidents.html",
        subdistrict=shown.subdistrict,
        grid=shown.grid,
        in_no_grid=shown.in_no_grid,
        title=shown.title,
        incidents=shown.incidents,
        total=shown.total,
        filters=shown.filters,
        category_names=list_category_names(shown.subdistrict.id, caller),
        query_params=query_params(),
        shows_lines=caller.shows_lines,
        opens_cases=not caller.shows_lines and can_access("cases.show", caller.role),
        sees_every_class=context.role() in ROLES_SEEING_EVERY_CLASS,
    )
