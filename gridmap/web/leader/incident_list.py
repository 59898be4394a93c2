"""List of the incidents behind the count of a grid."""

from flask import abort, render_template

from gridmap.services.grids import overview
from gridmap.services.grids.incident_counts import ROLES_SEEING_EVERY_CLASS
from gridmap.services.incidents import grid_incidents
from gridmap.services.incidents.findings import name_grid
from gridmap.web import context, line_caller
from gridmap.web.leader.blueprint import leader
from gridmap.web.leader.filters import (
    heatmap_roles_required,
    list_category_names,
    parse_filters,
    query_params,
    subdistrict_or_404,
)


@leader.get("/<subdistrict_code>/grids/<int:grid_id>")
@heatmap_roles_required
def list_grid_incidents(subdistrict_code: str, grid_id: int) -> str:
    """Show the incidents that the leader's page counts for a grid."""
    subdistrict = subdistrict_or_404(subdistrict_code)
    session, filters = context.session(), parse_filters()
    caller = line_caller.show_filtered(subdistrict.id, filters, grid_id)
    listed = grid_incidents.load_grid_incidents(session, caller, grid_id, filters)
    community_names = {each.id: each.name for each in overview.list_communities(session, caller, subdistrict.id)}
    if listed.grid.community_id not in community_names:
        abort(404)
    return render_template(
        "leader/incidents.html",
        subdistrict=subdistrict,
        grid=listed.grid,
        grid_name=name_grid(listed.grid, community_names),
        incidents=listed.incidents,
        filters=filters,
        category_names=list_category_names(subdistrict.id, caller),
        query_params=query_params(),
        shows_lines=caller.shows_lines,
        sees_every_class=context.role() in ROLES_SEEING_EVERY_CLASS,
    )
