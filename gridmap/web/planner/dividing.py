"""A community divided anew."""

from flask import flash, make_response
from werkzeug.wrappers import Response

from gridmap.core.errors import N_, Unable
from gridmap.services import grids
from gridmap.services.versions import Outdated
from gridmap.web import current
from gridmap.web.planner.forms import Divide
from gridmap.web.planner.frame import LARGEST_KEY, planner, plans, to_version
from gridmap.web.planner.pages import show

SAVED = N_("The division is saved as a new version. Nothing is in force before it is approved.")


@planner.post(f"/communities/<int(max={LARGEST_KEY}):community>/divide")
@plans
def divide(community: int) -> Response | str:
    """Divide, within a deadline, and save that as the next version."""
    from gridmap.services import partitioning

    form = Divide()
    if not form.validate():
        return make_response(show(community, form), 422)
    session = current.session()
    wanted = partitioning.Wanted(form.profile(), form.seed.data, form.seen(), (form.note.data or "").strip() or None)
    try:
        made = partitioning.partition_community(session, community, wanted, grids.today(session))
    except Unable as error:
        return refused(community, form, error)
    flash(SAVED)
    return to_version(made.id, community)


def refused(community: int, form: Divide, error: Unable) -> Response:
    """The page with why it was not done: others were faster, or there was no time."""
    since = error.since if isinstance(error, Outdated) else None
    answer = make_response(show(community, form, refusal=error.message, since=since), _status(error))
    if answer.status_code == 503:
        answer.headers["Retry-After"] = "5"
    return answer


def _status(error: Unable) -> int:
    from gridmap.services.partitioning import Busy, Late

    return 503 if isinstance(error, Late | Busy) else 409
