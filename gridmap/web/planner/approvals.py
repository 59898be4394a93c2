"""Approval of a revision: it is in force from its effective date on."""

from datetime import timedelta

from flask import abort, flash, make_response, render_template, request
from werkzeug.wrappers import Response

from gridmap.core.errors import N_, Message, NotPossible
from gridmap.services.grids import in_force, norms
from gridmap.services.plans import adoption, comparison, revisions
from gridmap.services.plans.revisions import RevisionSummary
from gridmap.texts import translate
from gridmap.web import context
from gridmap.web.language import current_language
from gridmap.web.params import MAX_ID
from gridmap.web.planner.blueprint import plan_reader_required, planner, redirect_to_revision
from gridmap.web.planner.forms import ApprovalForm

APPROVED_MESSAGE = N_("Revision {number} is approved. It is in force from {date} on.")


@planner.get(f"/revisions/<int(max={MAX_ID}):revision_id>/approve")
@plan_reader_required
def new_approval(revision_id: int) -> str:
    """Show the form of an approval, with the revisions in force now and later."""
    _require_approver(revision_id)
    return _approval_page(revision_id, None)


@planner.post(f"/revisions/<int(max={MAX_ID}):revision_id>/approve")
@plan_reader_required
def create_approval(revision_id: int) -> Response | str:
    """Approve a revision for its effective date."""
    form, session, caller = ApprovalForm(), context.session(), context.caller()
    revision = _require_approver(revision_id)
    if not form.validate():
        return make_response(_approval_page(revision_id, form), 422)
    adoption_request = adoption.AdoptionRequest(form.effective_date.data, form.replace.data, form.note_text())
    try:
        adoption.approve(session, caller, revision, adoption_request, request.remote_addr)
    except NotPossible as error:
        form.effective_date.errors = [*form.effective_date.errors, error.message]
        return make_response(_approval_page(revision_id, form), 409)
    values = {"number": revision.number, "date": form.effective_date.data.isoformat()}
    flash(translate(Message(APPROVED_MESSAGE, values), current_language()))
    return redirect_to_revision(revision.id, revision.row.community_id)


def _require_approver(revision_id: int) -> RevisionSummary:
    """Return a revision that the caller may approve; abort with 403 for others that the caller only sees."""
    session, caller = context.session(), context.caller()
    revision = revisions.get_revision(session, caller, revision_id)
    return revision if adoption.can_approve(session, caller, revision.row.community_id) else abort(403)


def _approval_page(revision_id: int, form: ApprovalForm | None) -> str:
    """Return the page with a submitted form, or a new one: a first plan is proposed for today."""
    session, caller = context.session(), context.caller()
    today = in_force.get_today(session)
    revision = revisions.get_revision(session, caller, revision_id)
    community = revisions.get_community(session, caller, revision.row.community_id)
    all_revisions = revisions.list_community_revisions(session, caller, community.id)
    current = next((each for each in all_revisions if each.status == "in_force"), None)
    periods = [(period, each) for each in all_revisions for period in each.adoption_periods]
    return render_template(
        "planner/approval.html",
        form=form or ApprovalForm(formdata=None, effective_date=None if periods else today),
        revision=revision,
        community=community,
        in_force_revision=current,
        comparison=comparison.compare_revisions(session, caller, current, revision, today),
        planned_norms=norms.list_planned(session, caller, revisions.norm_place(community), today),
        adoption_schedule=sorted(periods, key=lambda pair: pair[0].first),
        today=today,
        tomorrow=today + timedelta(days=1),
    )
