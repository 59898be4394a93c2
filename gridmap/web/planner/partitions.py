"""Partition of a community into grids."""

from flask import flash, make_response
from werkzeug.wrappers import Response

from gridmap.core.errors import N_, NotPossible
from gridmap.services.grids import in_force
from gridmap.services.plans.revisions import EditConflict
from gridmap.web import context
from gridmap.web.params import MAX_ID
from gridmap.web.planner.blueprint import planner, planner_required, redirect_to_revision
from gridmap.web.planner.communities import community_page
from gridmap.web.planner.forms import PartitionForm

PARTITION_SAVED_MESSAGE = N_("The partition is saved as a new revision. It is not in force before it is approved.")


@planner.post(f"/communities/<int(max={MAX_ID}):community_id>/partition")
@planner_required
def create_partition(community_id: int) -> Response | str:
    """Partition a community within a deadline and save the result as a new revision."""
    from gridmap.services.plans import partition

    form = PartitionForm()
    if not form.validate():
        return make_response(community_page(community_id, form), 422)
    session = context.session()
    partition_request = partition.PartitionRequest(
        form.profile(), form.seed.data, form.base_revision(), (form.note.data or "").strip() or None
    )
    try:
        saved = partition.partition_community(
            session, context.caller(), community_id, partition_request, in_force.get_today(session)
        )
    except NotPossible as error:
        return partition_error_page(community_id, form, error)
    flash(PARTITION_SAVED_MESSAGE)
    return redirect_to_revision(saved.id, community_id)


def partition_error_page(community_id: int, form: PartitionForm, error: NotPossible) -> Response:
    """Return the page that tells why nothing was saved: an edit conflict, or no time."""
    newer = error.newer_revisions if isinstance(error, EditConflict) else None
    page = community_page(community_id, form, error_message=error.message, newer_revisions=newer)
    response = make_response(page, _error_status(error))
    if response.status_code == 503:
        response.headers["Retry-After"] = "5"
    return response


def _error_status(error: NotPossible) -> int:
    from gridmap.services.plans.partition import PartitionBusy, PartitionTimeout

    return 503 if isinstance(error, PartitionTimeout | PartitionBusy) else 409
