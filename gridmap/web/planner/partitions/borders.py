"""Page on one grid of a revision: why its borders run where they do."""

from flask import make_response, render_template
from werkzeug.wrappers import Response

from gridmap.core.errors import NotPossible
from gridmap.services.plans import revisions
from gridmap.services.plans.explanations import borders
from gridmap.web import context
from gridmap.web.language import current_language
from gridmap.web.params import MAX_ID
from gridmap.web.planner.blueprint import planner, planner_required


@planner.get(f"/revisions/<int(max={MAX_ID}):revision_id>/grids/<int(max={MAX_ID}):grid_id>/borders")
@planner_required
def explain_borders(revision_id: int, grid_id: int) -> Response:
    """Explain the borders of a grid, with the rule that stops a shorter one."""
    session, caller = context.session(), context.caller()
    revision = revisions.get_revision(session, caller, revision_id)
    explained, problem = None, None
    try:
        explained = borders.explain_borders(session, caller, revision_id, grid_id, current_language())
    except NotPossible as error:
        problem = error.message
    page = render_template(
        "planner/grid_borders.html",
        revision=revision,
        community=revisions.get_community(session, caller, revision.row.community_id),
        explained=explained,
        problem=problem,
    )
    return make_response(page, 409 if problem else 200)
