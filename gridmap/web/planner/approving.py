"""A version approved: from its day on it holds, and until then what holds now."""

from typing import Any

from flask import flash, make_response, render_template, request
from werkzeug.wrappers import Response

from gridmap.core.errors import N_, Message, Unable
from gridmap.services import grids, versions
from gridmap.services import plans as adopting
from gridmap.texts import say
from gridmap.web import current
from gridmap.web.language import language
from gridmap.web.planner.forms import Approve
from gridmap.web.planner.frame import LARGEST_KEY, planner, plans, shared, to_version

APPROVED = N_("Version {number} is approved: it holds from {date} on.")


@planner.get(f"/versions/<int(max={LARGEST_KEY}):revision>/approve")
@plans
def approve(revision: int) -> str:
    """From when it is to hold, and what holds until then."""
    return _page(revision, Approve(formdata=None))


@planner.post(f"/versions/<int(max={LARGEST_KEY}):revision>/approve")
@plans
def approving(revision: int) -> Response | str:
    """Put it in force from a day on."""
    form, session = Approve(), current.session()
    found = versions.version(session, revision)
    if not form.validate():
        return make_response(_page(revision, form), 422)
    words = {"replace": form.replace.data, "note": (form.note.data or "").strip() or None}
    try:
        adopting.approve(session, found, form.first.data, **words, address=request.remote_addr)
    except Unable as error:
        form.first.errors = [*form.first.errors, error.message]
        return make_response(_page(revision, form), 409)
    flash(say(Message(APPROVED, {"number": found.number, "date": form.first.data.isoformat()}), language()))
    return to_version(found.id, found.revision.community_id)


def _page(revision: int, form: Approve) -> str:
    session = current.session()
    found = versions.version(session, revision)
    place = versions.community(session, found.revision.community_id)
    known = versions.of_community(session, place.id)
    held = next((each for each in known if each.standing == "in_force"), None)
    changed = versions.compared(session, held, found, grids.today(session))
    told: dict[str, Any] = {"version": found, "place": place, "held": held, "compared": changed}
    later = sorted(((span, each) for each in known for span in each.spans), key=lambda pair: pair[0].first)
    return render_template("planner/approve.html", form=form, later=later, **told, **shared())
