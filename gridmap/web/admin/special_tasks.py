"""Pages of special tasks and of the daily budget of reveals; alarms that an administrator has looked into."""

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gridmap.core.errors import N_, InvalidInput, NotFound
from gridmap.core.vocabulary import Role
from gridmap.services.accounts import special_tasks as tasks
from gridmap.services.grids.in_force import get_today
from gridmap.web import context
from gridmap.web.access import roles_required
from gridmap.web.account.password_confirmation import recent_password_required
from gridmap.web.admin.blueprint import admin
from gridmap.web.admin.forms import RevealBudgetForm, SpecialTaskForm
from gridmap.web.forms import ConfirmForm, add_form_errors
from gridmap.web.labels import LIMIT_LABELS, REVEAL_FIELD_LABELS
from gridmap.web.navigation import ROLE_NAMES
from gridmap.web.params import MAX_ID, parse_id

admin_required = roles_required(Role.ADMIN)


@admin.get("/special-tasks")
@admin_required
def special_tasks() -> str:
    """List special tasks, those that are over included, and the budgets by role."""
    return _tasks_page(None)


@admin.get("/special-tasks/new")
@admin_required
def new_special_task() -> str:
    """Show the form of a special task."""
    form = _task_form()
    form.first.data = get_today(context.account_session())
    return render_template("admin/new_special_task.html", form=form)


@admin.post("/special-tasks/new")
@admin_required
@recent_password_required
def create_special_task() -> Response | str:
    """Open a special task; a form that is faulty keeps what was typed."""
    form, session, caller = _task_form(), context.account_session(), context.caller()
    if form.validate():
        try:
            tasks.open_task(session, caller, form.to_task())
        except InvalidInput as error:
            add_form_errors(form, error)
        else:
            flash(N_("The special task is open."), "good")
            return redirect(url_for("admin.special_tasks"), 303)
    return make_response(render_template("admin/new_special_task.html", form=form), 422)


@admin.post(f"/special-tasks/<int(max={MAX_ID}):special_task_id>/close")
@admin_required
@recent_password_required
def close_special_task(special_task_id: int) -> Response:
    """Close a special task before its last day."""
    tasks.close_task(context.account_session(), context.caller(), special_task_id)
    flash(N_("The special task is closed."), "good")
    return redirect(url_for("admin.special_tasks"), 303)


@admin.post("/reveal-budgets")
@admin_required
@recent_password_required
def set_reveal_budget() -> Response | str:
    """Set the households a day of a role."""
    form = RevealBudgetForm()
    if not form.validate():
        return make_response(_tasks_page(form), 422)
    subdistrict_id = parse_id(form.subdistrict_id.data)
    if subdistrict_id is None:
        raise NotFound(form.subdistrict_id.data)
    session, caller = context.account_session(), context.caller()
    tasks.set_budget(session, caller, subdistrict_id, Role(form.role.data), form.households.data)
    flash(N_("The budget is set."), "good")
    return redirect(url_for("admin.special_tasks"), 303)


@admin.post(f"/accounts/<int(max={MAX_ID}):account_id>/reveal-alarm")
@admin_required
def dismiss_reveal_alarm(account_id: int) -> Response:
    """Record that the alarm of an account has been looked into."""
    tasks.dismiss_alarm(context.account_session(), context.caller(), account_id, request.remote_addr)
    return redirect(url_for("admin.index"), 303)


def _task_form() -> SpecialTaskForm:
    form, session, caller = SpecialTaskForm(), context.account_session(), context.caller()
    form.set_choices(tasks.list_subdistricts(session, caller), tasks.list_candidates(session, caller))
    return form


def _tasks_page(invalid_form: RevealBudgetForm | None) -> str:
    """Return the page; a form with a faulty number is shown in place of its own."""
    session, caller = context.account_session(), context.caller()
    return render_template(
        "admin/special_tasks.html",
        tasks=tasks.list_tasks(session, caller),
        today=get_today(session),
        budget_forms=[(each, _budget_form(each, invalid_form)) for each in tasks.list_budgets(session, caller)],
        alarms=tasks.list_alarms(session, caller),
        confirm_form=ConfirmForm(),
        field_labels=REVEAL_FIELD_LABELS,
        limit_labels=LIMIT_LABELS,
        role_names=ROLE_NAMES,
    )


def _budget_form(budget: tasks.RoleBudget, invalid_form: RevealBudgetForm | None) -> RevealBudgetForm:
    key = str(budget.subdistrict_id), budget.role.value
    if invalid_form and (invalid_form.subdistrict_id.data, invalid_form.role.data) == key:
        return invalid_form
    values = {"subdistrict_id": key[0], "role": key[1], "households": budget.households_per_day}
    return RevealBudgetForm(formdata=None, data=values)
