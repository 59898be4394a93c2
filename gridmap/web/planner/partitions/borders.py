"""Pages on one grid, of a revision or of a plan that was found: why its borders run where they do."""

from collections.abc import Callable

from flask import make_response, render_template, url_for
from werkzeug.wrappers import Response

from gridmap.core.errors import N_, Message, NotPossible
from gridmap.services.plans import revisions
from gridmap.services.plans.explanations import borders
from gridmap.services.plans.explanations.borders import ExplainedGrid
from gridmap.services.plans.partitions import plan_borders, repartition_plans
from gridmap.web import context
from gridmap.web.language import current_language
from gridmap.web.params import MAX_ID
from gridmap.web.planner.blueprint import planner, planner_required
from gridmap.web.planner.partitions.repartitions import PLAN_RULE

OF_REVISION = N_("{community}, revision {number}")
OF_PLAN = N_("{community}, plan {number} from revision {start}")


@planner.get(f"/revisions/<int(max={MAX_ID}):revision_id>/grids/<int(max={MAX_ID}):grid_id>/borders")
@planner_required
def explain_borders(revision_id: int, grid_id: int) -> Response:
    """Explain the borders of a grid of a revision, with the rule that stops a shorter one."""
    session, caller = context.session(), context.caller()
    revision = revisions.get_revision(session, caller, revision_id)
    community = revisions.get_community(session, caller, revision.row.community_id)
    back_url = url_for("planner.community", community_id=community.id, revision=revision.id)
    values = {"community": community.name, "number": revision.number}
    return _borders_page(
        lambda: borders.explain_borders(session, caller, revision_id, grid_id, current_language()),
        place=Message(OF_REVISION, values),
        trail=[(back_url, community.name)],
    )


@planner.get(f"{PLAN_RULE}/grids/<path:grid_code>/borders")
@planner_required
def explain_plan_borders(job_id: int, plan_number: int, grid_code: str) -> Response:
    """Explain the borders of a grid of a plan that is not saved yet."""
    session, caller = context.session(), context.caller()
    found = repartition_plans.load_plans(session, caller, job_id)
    community = found.community
    plan_url = url_for("planner.show_repartition", job_id=job_id, plan=plan_number)
    values = {"community": community.name, "number": plan_number, "start": found.start.number}
    return _borders_page(
        lambda: plan_borders.explain_plan_borders(session, caller, found, plan_number, grid_code, current_language()),
        place=Message(OF_PLAN, values),
        trail=[
            (url_for("planner.community", community_id=community.id), community.name),
            (plan_url, Message(N_("Plans from today's grids"))),
        ],
    )


def _borders_page(
    explain: Callable[[], ExplainedGrid], *, place: Message, trail: list[tuple[str, str | Message]]
) -> Response:
    """Return the page of an explanation, or of why there is none; the last place of the trail is where it began."""
    explained, problem = None, None
    try:
        explained = explain()
    except NotPossible as error:
        problem = error.message
    page = render_template("planner/grid_borders.html", place=place, trail=trail, explained=explained, problem=problem)
    return make_response(page, 409 if problem else 200)
