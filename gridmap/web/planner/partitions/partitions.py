"""Partition of a community into grids, as a job."""

from flask import make_response, render_template, request
from werkzeug.wrappers import Response

from gridmap.core.errors import InvalidInput, NotPossible
from gridmap.core.plans.norm import Norm
from gridmap.services.plans.partition import PartitionRequest, submit_partition
from gridmap.services.plans.partitions import waiting_partitions
from gridmap.services.plans.partitions.partition_all import (
    PartitionAllRequest,
    get_subdistrict,
    submit_partition_of_all,
)
from gridmap.services.plans.revisions import EditConflict
from gridmap.services.tracing import drafts
from gridmap.web import context
from gridmap.web.forms import add_form_errors
from gridmap.web.params import MAX_ID
from gridmap.web.planner.blueprint import planner, planner_required, redirect_to_job
from gridmap.web.planner.communities import community_page
from gridmap.web.planner.forms import PartitionForm, PartitionSubdistrictForm, range_values


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
    except InvalidInput as error:
        add_form_errors(form, error)
        return make_response(community_page(community_id, form), 422)
    except NotPossible as error:
        newer = error.newer_revisions if isinstance(error, EditConflict) else None
        page = community_page(community_id, form, error_message=error.message, newer_revisions=newer)
        return make_response(page, 409)
    return redirect_to_job(job_id)


@planner.route(f"/subdistricts/<int(max={MAX_ID}):subdistrict_id>/partition", methods=["GET", "POST"])
@planner_required
def partition_all(subdistrict_id: int) -> Response:
    """Ask for a partition of all communities of a subdistrict in which the planner works."""
    session, caller = context.session(), context.caller()
    subdistrict = get_subdistrict(session, caller, subdistrict_id)
    form, error_message = _subdistrict_form(drafts.get_norm(session, caller, subdistrict_id)), None
    if form.validate_on_submit():
        values = form.minimum.data, form.maximum.data, form.seed.data, form.note_text()
        try:
            wanted = PartitionAllRequest(subdistrict_id, *values, form.only_without_revision.data, form.radius_m())
            return redirect_to_job(submit_partition_of_all(session, caller, wanted, form.request_key.data or None))
        except InvalidInput as error:
            add_form_errors(form, error)
        except NotPossible as error:
            error_message = error.message
    page = render_template(
        "planner/partition_all.html", subdistrict=subdistrict, form=form, error_message=error_message
    )
    return make_response(page, 409 if error_message else 422 if form.errors else 200)


@planner.post(f"/partitions/<int(max={MAX_ID}):job_id>/save")
@planner_required
def save_waiting_partition(job_id: int) -> Response:
    """Save a partition that waits after the latest revision of its community."""
    return redirect_to_job(waiting_partitions.save_after_latest(context.session(), context.caller(), job_id))


def _subdistrict_form(norm: Norm) -> PartitionSubdistrictForm:
    """Return the submitted form, or a new one with range and radius of the norm of today."""
    is_rest = request.args.get("only_without_revision") == "1"
    return PartitionSubdistrictForm(**range_values(norm), seed=0, only_without_revision=is_rest)


def _partition_request(community_id: int, form: PartitionForm) -> PartitionRequest:
    return PartitionRequest(
        community_id,
        form.minimum.data,
        form.maximum.data,
        form.seed.data,
        form.base_revision(),
        form.note_text(),
        max_radius_m=form.radius_m(),
    )
