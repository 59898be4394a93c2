"""Lands of a community: when each was built, why, and what it changed."""

from flask import render_template

from gridmap.services.land import history
from gridmap.services.land.rebuild_report import describe_report
from gridmap.services.plans import revisions
from gridmap.web import context
from gridmap.web.params import MAX_ID
from gridmap.web.planner.blueprint import plan_reader_required, planner


@planner.get(f"/communities/<int(max={MAX_ID}):community_id>/lands")
@plan_reader_required
def list_lands(community_id: int) -> str:
    """List the lands of a community, the newest first."""
    session, caller = context.session(), context.caller()
    rows = history.list_lands(session, caller, community_id)
    return render_template(
        "planner/lands.html",
        community=revisions.get_community(session, caller, community_id),
        lands=[(row, list(describe_report(row.report)) if row.report else []) for row in rows],
    )
