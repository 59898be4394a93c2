"""The communities of a planner with their plans, and one community: its map, its versions, and what may be done."""

from collections.abc import Sequence
from typing import Any

from flask import abort, render_template, request, url_for

from gridmap.services.grids import in_force
from gridmap.services.plans import dashboard, revisions
from gridmap.services.plans.revisions import RevisionSummary
from gridmap.web import context
from gridmap.web.planner.blueprint import MAX_ID, latest_revision_id, planner, planner_required, template_context
from gridmap.web.planner.forms import PartitionForm

MAP_SCRIPT = "js/planner/page.js"


@planner.get("")
@planner_required
def index() -> str:
    """All communities with the plan in force, and what waits to be approved."""
    return render_template(
        "planner/index.html",
        subdistricts=dashboard.list_subdistrict_plans(context.session(), context.caller()),
        **template_context(),
    )


@planner.get(f"/communities/<int(max={MAX_ID}):community_id>")
@planner_required
def community(community_id: int) -> str:
    """One community."""
    return community_page(community_id, None)


def community_page(community_id: int, form: PartitionForm | None, **extra: Any) -> str:
    """The page of a community, with a form that was filled in or a new one."""
    session = context.session()
    place, known = (
        revisions.get_community(session, context.caller(), community_id),
        revisions.list_community_revisions(session, context.caller(), community_id),
    )
    after = _revision_param(known, "revision") or (known[0] if known else None)
    before = _revision_param(known, "compare_to") or _parent_revision(known, after)
    compared = (
        revisions.compare_revisions(session, context.caller(), before, after, in_force.get_today(session))
        if after
        else None
    )
    told = {"community": place, "revisions": known, "after": after, "before": before, "comparison": compared}
    form = form or _partition_form(after, latest_revision_id(known))
    shell = dashboard.build_community_map(place, url_for("static", filename=MAP_SCRIPT))
    return render_template("planner/community.html", **told, form=form, map_shell=shell, **template_context(), **extra)


def _revision_param(revisions: Sequence[RevisionSummary], name: str) -> RevisionSummary | None:
    """The version that the address names; one that is not this community's is not there."""
    if name not in request.args:
        return None
    return next((each for each in revisions if str(each.id) == request.args[name]), None) or abort(404)


def _parent_revision(revisions: Sequence[RevisionSummary], after: RevisionSummary | None) -> RevisionSummary | None:
    return next((each for each in revisions if after and each.id == after.row.parent_id), None)


def _partition_form(after: RevisionSummary | None, base_revision_id: int | None) -> PartitionForm:
    """The form as it stands before anybody filled it in: the range of the version looked at."""
    allowed = (after.row.minimum, after.row.maximum) if after else (300, 500)
    return PartitionForm(
        formdata=None, minimum=allowed[0], maximum=allowed[1], seed=0, base_revision_id=base_revision_id
    )
