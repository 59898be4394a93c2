"""Pages of accounts: list, create, add scopes, reset passwords, deactivate."""

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gridmap.core.errors import N_, InvalidInput
from gridmap.core.vocabulary import Role
from gridmap.services.accounts import accounts, roster_links, scopes, second_factor, special_tasks
from gridmap.web import context
from gridmap.web.access import roles_required
from gridmap.web.account.password_confirmation import recent_password_required
from gridmap.web.admin.blueprint import admin
from gridmap.web.admin.forms import NewAccountForm, RosterLinkForm, ScopeForm
from gridmap.web.forms import ConfirmForm, add_form_errors
from gridmap.web.labels import LIMIT_LABELS

admin_required = roles_required(Role.ADMIN)


@admin.get("/accounts")
@admin_required
def index() -> str:
    """List the accounts that work, or worked, in the administrator's subdistricts."""
    session, caller = context.account_session(), context.caller()
    return render_template(
        "admin/index.html",
        accounts=accounts.list_accounts(session, caller),
        alarms=special_tasks.list_alarms(session, caller),
        limit_labels=LIMIT_LABELS,
        confirm_form=ConfirmForm(),
    )


@admin.get("/accounts/new")
@admin_required
def new() -> str:
    """Show the form of a new account."""
    form = NewAccountForm()
    form.set_choices(scopes.list_choices(context.account_session(), context.caller()))
    return render_template("admin/new.html", form=form)


@admin.post("/accounts/new")
@admin_required
@recent_password_required
def create() -> Response | str:
    """Create an account and show its one-time password once."""
    form = NewAccountForm()
    form.set_choices(scopes.list_choices(context.account_session(), context.caller()))
    if form.validate():
        details = form.name.data, Role(form.role.data), form.display_name.data
        try:
            account_id, password = accounts.create_account(
                context.account_session(), context.caller(), *details, form.to_scope()
            )
            return _password_page(account_id, password)
        except InvalidInput as error:
            add_form_errors(form, error)
    return make_response(render_template("admin/new.html", form=form), 422)


@admin.get("/accounts/<int:account_id>")
@admin_required
def detail(account_id: int) -> str:
    """Show an account and its actions."""
    return _account_page(account_id, _scope_form())


@admin.post("/accounts/<int:account_id>/scopes")
@admin_required
@recent_password_required
def create_scope(account_id: int) -> Response:
    """Add a scope to an account."""
    form = _scope_form()
    if form.validate():
        try:
            accounts.add_scope(context.account_session(), context.caller(), account_id, form.to_scope())
            return _redirect_to_account(account_id, N_("The account may work there now."))
        except InvalidInput as error:
            add_form_errors(form, error)
    return make_response(_account_page(account_id, form), 422)


@admin.post("/accounts/<int:account_id>/scopes/<int:scope_id>/end")
@admin_required
@recent_password_required
def end_scope(account_id: int, scope_id: int) -> Response:
    """End a scope of an account at once."""
    accounts.end_scope(context.account_session(), context.caller(), account_id, scope_id)
    return _redirect_to_account(account_id, N_("The account sees nothing there any more."))


@admin.post("/accounts/<int:account_id>/password")
@admin_required
@recent_password_required
def reset_password(account_id: int) -> str:
    """Set a one-time password and show it once."""
    return _password_page(
        account_id,
        accounts.reset_password(context.account_session(), context.caller(), account_id, request.remote_addr),
    )


@admin.post("/accounts/<int:account_id>/second-factor")
@admin_required
@recent_password_required
def reset_second_factor(account_id: int) -> Response:
    """Remove the second factor of an account, whose phone and recovery codes are lost."""
    second_factor.reset_second_factor(context.account_session(), context.caller(), account_id, request.remote_addr)
    return _redirect_to_account(account_id, N_("The second factor is reset, and the account is signed out."))


@admin.post("/accounts/<int:account_id>/active")
@admin_required
@recent_password_required
def set_active(account_id: int) -> Response:
    """Deactivate an account, or activate it again."""
    active = request.form.get("active") == "yes"
    accounts.set_active(context.account_session(), context.caller(), account_id, active=active)
    return _redirect_to_account(
        account_id, N_("The account is in use again.") if active else N_("The account is out of use.")
    )


@admin.post("/accounts/<int:account_id>/worker")
@admin_required
@recent_password_required
def link_worker(account_id: int) -> Response:
    """Let a person of the roster sign in with an account, or nobody."""
    form = _roster_link_form(account_id)
    if not form.validate():
        abort(422)
    roster_links.link_person(context.account_session(), context.caller(), account_id, form.chosen_id())
    return _redirect_to_account(account_id, N_("The person of the roster is set."))


def _roster_link_form(account_id: int) -> RosterLinkForm:
    people = roster_links.list_linkable_people(context.account_session(), context.caller(), account_id)
    linked = next((each.id for each in people if each.account_id == account_id), "")
    form = RosterLinkForm(data={"worker_id": str(linked)})
    form.set_choices(people)
    return form


def _scope_form() -> ScopeForm:
    form = ScopeForm()
    form.set_choices(scopes.list_choices(context.account_session(), context.caller()))
    return form


def _account_page(account_id: int, form: ScopeForm) -> str:
    session, caller = context.account_session(), context.caller()
    return render_template(
        "admin/detail.html",
        shown_account=accounts.get_account(session, caller, account_id),
        form=form,
        confirm_form=ConfirmForm(),
        roster_link_form=_roster_link_form(account_id),
        can_manage=accounts.can_manage(session, account_id),
        has_second_factor=second_factor.has_second_factor(session, account_id),
        is_own=caller.account_id == account_id,
    )


def _password_page(account_id: int, password: str) -> str:
    account = accounts.get_account(context.account_session(), context.caller(), account_id)
    return render_template("admin/one_time_password.html", shown_account=account, password=password)


def _redirect_to_account(account_id: int, message: str) -> Response:
    flash(message, "good")
    return redirect(url_for("admin.detail", account_id=account_id), 303)
