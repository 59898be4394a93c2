"""A version approved: from its day on it holds, and until then what holds now."""

from typing import Any

from flask import flash, make_response, render_template, request
from werkzeug.wrappers import Response

from gridmap.core.errors import N_, Message, NotPossible
from gridmap.services.grids import in_force
from gridmap.services.plans import adoption as adopting
from gridmap.services.plans import revisions
from gridmap.texts import translate
from gridmap.web import context
from gridmap.web.language import current_language
from gridmap.web.planner.blueprint import MAX_ID, planner, planner_required, redirect_to_revision, template_context
from gridmap.web.planner.forms import ApprovalForm

APPROVED_MESSAGE = N_("Version {number} is approved: it holds from {date} on.")


@planner.get(f"/revisions/<int(max={MAX_ID}):revision_id>/approve")
@planner_required
def new_approval(revision_id: int) -> str:
    """From when it is to hold, and what holds until then."""
    return _approval_page(revision_id, ApprovalForm(formdata=None))


@planner.post(f"/revisions/<int(max={MAX_ID}):revision_id>/approve")
@planner_required
def create_approval(revision_id: int) -> Response | str:
    """Put it in force from a day on."""
    form, session = ApprovalForm(), context.session()
    found = revisions.get_revision(session, context.caller(), revision_id)
    if not form.validate():
        return make_response(_approval_page(revision_id, form), 422)
    words = {"replace": form.replace.data, "note": (form.note.data or "").strip() or None}
    try:
        adopting.approve(
            session, context.caller(), found, form.effective_date.data, **words, address=request.remote_addr
        )
    except NotPossible as error:
        form.effective_date.errors = [*form.effective_date.errors, error.message]
        return make_response(_approval_page(revision_id, form), 409)
    flash(
        translate(
            Message(APPROVED_MESSAGE, {"number": found.number, "date": form.effective_date.data.isoformat()}),
            current_language(),
        )
    )
    return redirect_to_revision(found.id, found.row.community_id)


def _approval_page(revision_id: int, form: ApprovalForm) -> str:
    session = context.session()
    found = revisions.get_revision(session, context.caller(), revision_id)
    place = revisions.get_community(session, context.caller(), found.row.community_id)
    known = revisions.list_community_revisions(session, context.caller(), place.id)
    held = next((each for each in known if each.status == "in_force"), None)
    changed = revisions.compare_revisions(session, context.caller(), held, found, in_force.get_today(session))
    told: dict[str, Any] = {"revision": found, "community": place, "in_force_revision": held, "comparison": changed}
    later = sorted(((span, each) for each in known for span in each.adoption_periods), key=lambda pair: pair[0].first)
    return render_template("planner/approval.html", form=form, adoption_schedule=later, **told, **template_context())
