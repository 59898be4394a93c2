"""Lands of a community: when each was built, why, what it changed; and new land: a preview first, both as jobs."""

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gridmap.core.errors import Message, NotPossible
from gridmap.core.vocabulary import Role
from gridmap.services.land import history, rebuild_job
from gridmap.services.land.rebuild_job import LandRebuild, RebuildPreview
from gridmap.services.land.rebuild_report import describe_report
from gridmap.services.plans import revisions
from gridmap.web import context
from gridmap.web.params import MAX_ID, parse_id
from gridmap.web.planner.blueprint import plan_reader_required, planner, planner_required
from gridmap.web.planner.forms import LandRebuildForm


@planner.get(f"/communities/<int(max={MAX_ID}):community_id>/lands")
@plan_reader_required
def list_lands(community_id: int) -> str:
    """List the lands of a community, the newest first."""
    session, caller = context.session(), context.caller()
    rows = history.list_lands(session, caller, community_id)
    return render_template(
        "planner/lands.html",
        community=revisions.get_community(session, caller, community_id),
        can_rebuild=caller.role is Role.PLANNER and bool(rows),
        lands=[(row, list(describe_report(row.report)) if row.report else []) for row in rows],
    )


@planner.get(f"/communities/<int(max={MAX_ID}):community_id>/lands/new")
@planner_required
def new_land_rebuild(community_id: int) -> str:
    """Show the form, and with ``job_id`` the preview that the job has made."""
    job_id = parse_id(request.args.get("job_id"))
    preview = None
    if job_id is not None:
        preview = rebuild_job.get_preview(context.session(), context.caller(), community_id, job_id)
    form = LandRebuildForm(formdata=None, data={"note": preview.note if preview else None})
    return _page(community_id, form, preview)


@planner.post(f"/communities/<int(max={MAX_ID}):community_id>/lands/preview")
@planner_required
def preview_land_rebuild(community_id: int) -> Response:
    """Ask for a preview and go to its progress; that page goes on to the preview."""
    return _submit(community_id, preview=True)


@planner.post(f"/communities/<int(max={MAX_ID}):community_id>/lands/new")
@planner_required
def create_land_rebuild(community_id: int) -> Response:
    """Ask for the land to be built anew and go to its progress; that page goes on to what changed."""
    return _submit(community_id, preview=False)


def _submit(community_id: int, *, preview: bool) -> Response:
    form = LandRebuildForm()
    if not form.validate():
        return make_response(_page(community_id, form), 422)
    rebuild = LandRebuild(community_id, form.note_text(), preview)
    try:
        job_id = rebuild_job.submit_land_rebuild(
            context.session(), context.caller(), rebuild, form.request_key.data or None
        )
    except NotPossible as error:
        return make_response(_page(community_id, form, refusal=error.message), 409)
    return redirect(url_for("jobs.show", job_id=job_id, follow=1), code=303)


def _page(
    community_id: int, form: LandRebuildForm, preview: RebuildPreview | None = None, refusal: Message | None = None
) -> str:
    session, caller = context.session(), context.caller()
    community = revisions.get_community(session, caller, community_id)
    return render_template(
        "planner/land_rebuild.html",
        community=community,
        form=form,
        sentences=list(describe_report(preview.report)) if preview else [],
        refusal=refusal or rebuild_job.find_refusal(session, caller, community_id),
    )
