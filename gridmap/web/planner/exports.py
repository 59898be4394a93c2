"""The whole plan of a community as a file: at once where it is small, by a job where it is large."""

import tempfile
from pathlib import Path

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gridmap.core.errors import Message, NotPossible
from gridmap.services.exports import plan_job
from gridmap.services.exports.plan_file import write_plan_file
from gridmap.services.exports.tables import ExportedFile
from gridmap.services.plans import revisions
from gridmap.services.plans.revisions import RevisionSummary
from gridmap.web import context
from gridmap.web.exports.response import file_response
from gridmap.web.language import current_language
from gridmap.web.params import MAX_ID
from gridmap.web.planner.blueprint import planner, planner_required
from gridmap.web.planner.forms import JobForm


@planner.get(f"/revisions/<int(max={MAX_ID}):revision_id>/plan.gpkg")
@planner_required
def download_plan(revision_id: int) -> Response:
    """Return a revision with its community, land and buildings as a GeoPackage; a large one is offered as a job."""
    session, caller = context.session(), context.caller()
    revision = revisions.get_revision(session, caller, revision_id)
    if plan_job.is_large_plan(session, caller, revision):
        return make_response(_page(revision, JobForm(formdata=None)))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan.gpkg"
        write_plan_file(session, caller, revision, path, current_language(), request.remote_addr)
        content = path.read_bytes()
    name = plan_job.plan_file_name(session, caller, revision)
    return file_response(ExportedFile(name, f"plan-{revision_id}.gpkg", plan_job.GEOPACKAGE_TYPE, content))


@planner.post(f"/revisions/<int(max={MAX_ID}):revision_id>/plan.gpkg")
@planner_required
def create_plan_export(revision_id: int) -> Response:
    """Ask for the file of a large plan and go to its progress; the file waits there."""
    session, caller = context.session(), context.caller()
    form, revision = JobForm(), revisions.get_revision(session, caller, revision_id)
    if not form.validate():
        return make_response(_page(revision, form), 422)
    try:
        key = form.request_key.data or None
        job_id = plan_job.submit_plan_export(session, caller, revision_id, request.remote_addr, key)
    except NotPossible as error:
        return make_response(_page(revision, form, error.message), 409)
    return redirect(url_for("jobs.show", job_id=job_id, follow=1), code=303)


def _page(revision: RevisionSummary, form: JobForm, refusal: Message | None = None) -> str:
    community = revisions.get_community(context.session(), context.caller(), revision.row.community_id)
    return render_template(
        "planner/plan_export.html", community=community, revision=revision, form=form, refusal=refusal
    )
