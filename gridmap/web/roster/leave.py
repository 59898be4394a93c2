"""Pages of leave: a substitute has the grids meanwhile."""

from flask import make_response, render_template
from werkzeug.wrappers import Response

from gridmap.core.errors import N_
from gridmap.services.workers import leave as leaves
from gridmap.services.workers import roster as rosters
from gridmap.web import context
from gridmap.web.account.password_confirmation import recent_password_required
from gridmap.web.params import MAX_ID
from gridmap.web.roster.blueprint import SAVED, editors_required, redirect_to_person, roster, submit
from gridmap.web.roster.forms import LeaveForm

LEAVE_PATH = f"/people/<int(max={MAX_ID}):worker_id>/leave"


@roster.get(LEAVE_PATH)
@editors_required
def new_leave(worker_id: int) -> str:
    """Show the form of a leave."""
    return _leave_page(worker_id, _leave_form(worker_id))


@roster.post(LEAVE_PATH)
@editors_required
@recent_password_required
def open_leave(worker_id: int) -> Response | str:
    """Enter a leave; the account of the substitute gets the grids for its days."""
    form, session, caller = _leave_form(worker_id), context.account_session(), context.caller()
    status = submit(form, lambda: leaves.open_leave(session, caller, worker_id, form.to_request()))
    if status == SAVED:
        return redirect_to_person(worker_id, N_("The leave is entered; the substitute has the grids on its days."))
    return make_response(_leave_page(worker_id, form), status)


@roster.post(f"/leaves/<int(max={MAX_ID}):leave_id>/end")
@editors_required
@recent_password_required
def end_leave(leave_id: int) -> Response:
    """End a leave at once, and the access of the substitute."""
    ended = leaves.end_leave(context.account_session(), context.caller(), leave_id)
    return redirect_to_person(ended.worker_id, N_("The leave is over; the substitute has the grids no longer."))


def _leave_form(worker_id: int) -> LeaveForm:
    session, caller = context.account_session(), context.caller()
    worker = rosters.get_person_roster(session, caller, worker_id).worker
    form = LeaveForm()
    form.set_choices(leaves.list_substitutes(session, caller, worker))
    return form


def _leave_page(worker_id: int, form: LeaveForm) -> str:
    session, caller = context.account_session(), context.caller()
    shown = rosters.get_person_roster(session, caller, worker_id)
    return render_template("roster/leave.html", shown=shown, form=form, today=rosters.get_today(session))
