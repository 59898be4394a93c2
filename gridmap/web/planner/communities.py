"""Pages of a planner's communities: all of them with their plans, and one with its map and revisions."""

from collections.abc import Sequence

from flask import abort, render_template, request, url_for

from gridmap.core.vocabulary import Role
from gridmap.services.grids import in_force
from gridmap.services.grids.page_map import build_page_map
from gridmap.services.plans import adoption, comparison, dashboard, revisions
from gridmap.services.plans.revisions import RevisionSummary
from gridmap.web import context
from gridmap.web.params import MAX_ID
from gridmap.web.planner.blueprint import latest_revision_id, plan_reader_required, planner
from gridmap.web.planner.forms import PartitionForm

MAP_SCRIPT = "js/pages/plan.js"


@planner.get("")
@plan_reader_required
def index() -> str:
    """List all communities with the plan in force, planned revisions and drafts."""
    session = context.session()
    return render_template(
        "planner/index.html",
        subdistricts=dashboard.list_subdistrict_plans(session, context.caller()),
        today=in_force.get_today(session),
    )


@planner.get(f"/communities/<int(max={MAX_ID}):community_id>")
@plan_reader_required
def community(community_id: int) -> str:
    """Show a community."""
    return community_page(community_id, None)


def community_page(community_id: int, form: PartitionForm | None, **extra: object) -> str:
    """Return the page of a community, with a submitted form or a new one."""
    session, caller = context.session(), context.caller()
    today = in_force.get_today(session)
    row = revisions.get_community(session, caller, community_id)
    all_revisions = revisions.list_community_revisions(session, caller, community_id)
    after = _revision_param(all_revisions, "revision") or (all_revisions[0] if all_revisions else None)
    before = _revision_param(all_revisions, "compare_to") or _parent_revision(all_revisions, after)
    return render_template(
        "planner/community.html",
        community=row,
        revisions=all_revisions,
        after=after,
        before=before,
        comparison=comparison.compare_revisions(session, caller, before, after, today) if after else None,
        form=form or _partition_form(after, latest_revision_id(all_revisions)),
        map_shell=build_page_map(row, url_for("static", filename=MAP_SCRIPT)),
        today=today,
        can_edit=caller.role is Role.PLANNER,
        can_approve=adoption.can_approve(session, caller, community_id),
        **extra,
    )


def _revision_param(revisions: Sequence[RevisionSummary], name: str) -> RevisionSummary | None:
    """Return the revision that a parameter names; abort with 404 if it is not one of the community."""
    if name not in request.args:
        return None
    return next((each for each in revisions if str(each.id) == request.args[name]), None) or abort(404)


def _parent_revision(revisions: Sequence[RevisionSummary], after: RevisionSummary | None) -> RevisionSummary | None:
    return next((each for each in revisions if after and each.id == after.row.parent_id), None)


def _partition_form(after: RevisionSummary | None, base_revision_id: int | None) -> PartitionForm:
    """Return a new form with the range of the revision shown."""
    minimum, maximum = (after.row.minimum, after.row.maximum) if after else (300, 500)
    return PartitionForm(formdata=None, minimum=minimum, maximum=maximum, seed=0, base_revision_id=base_revision_id)
