"""Partition of a community into grids, as a job."""

from flask import make_response, redirect, url_for
from werkzeug.wrappers import Response

from gridmap.core.errors import NotPossible
from gridmap.services.plans import waiting_partitions
from gridmap.services.plans.partition import PartitionRequest, submit_partition
from gridmap.services.plans.revisions import EditConflict
from gridmap.web import context
from gridmap.web.params import MAX_ID
from gridmap.web.planner.blueprint import planner, planner_required
from gridmap.web.planner.communities import community_page
from gridmap.web.planner.forms import PartitionForm


@planner.post(f"/communities/<int(max={MAX_ID}):community_id>/partition")
@planner_required
def create_partition(community_id: int) -> Response | str:
    """Ask for a partition of a community and go to its progress; that page goes on to the new revision."""
    form = PartitionForm()
    if not form.validate():
        return make_response(community_page(community_id, form), 422)
    try:
        job_id = submit_partition(
            context.session(), context.caller(), _partition_request(community_id, form), form.request_key.data or None
        )
    except NotPossible as error:
        newer = error.newer_revisions if isinstance(error, EditConflict) else None
        page = community_page(community_id, form, error_message=error.message, newer_revisions=newer)
        return make_response(page, 409)
    return _redirect_to_job(job_id)


@planner.post(f"/partitions/<int(max={MAX_ID}):job_id>/save")
@planner_required
def save_waiting_partition(job_id: int) -> Response:
    """Save a partition that waits after the latest revision of its community."""
    return _redirect_to_job(waiting_partitions.save_after_latest(context.session(), context.caller(), job_id))


def _partition_request(community_id: int, form: PartitionForm) -> PartitionRequest:
    return PartitionRequest(
        community_id,
        form.minimum.data,
        form.maximum.data,
        form.seed.data,
        form.base_revision(),
        (form.note.data or "").strip() or None,
    )


def _redirect_to_job(job_id: int) -> Response:
    return redirect(url_for("jobs.show", job_id=job_id, follow=1), code=303)
