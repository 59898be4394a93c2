"""Pages to sign in and out, and of the own account and password."""

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gridmap.core.errors import N_, InvalidInput, Message
from gridmap.core.vocabulary import Role
from gridmap.services.accounts import accounts, own_sessions, second_factor
from gridmap.services.accounts import sign_in as account_sign_in
from gridmap.services.accounts.sign_in import CodeRequired, InvalidCredentials, SignedInAccount, TooManyAttempts
from gridmap.texts import normalise_language
from gridmap.web import context
from gridmap.web.access import login_required, public, safe_redirect_path
from gridmap.web.account import device, kept_forms, session
from gridmap.web.account.forms import ChangePasswordForm, CodeForm, SignInForm
from gridmap.web.forms import BaseForm, ConfirmForm, add_form_errors
from gridmap.web.language import set_language_cookie

account = Blueprint("account", __name__)
DATA_CLEARED_AT_SIGN_OUT = '"cache", "storage"'
"""Data that browsers forget: tiles and other cached answers, and what scripts have stored. The next user of the browser
finds nothing of the account; the cookie of the language stays."""
INVALID_CREDENTIALS = N_("Name and password do not belong together. Mind upper and lower case of the password.")
TOO_MANY_ATTEMPTS = N_(
    "Too many attempts. Wait {minutes} min, then try again; or ask the person who keeps the accounts."
)


@account.get("/sign-in")
@public
def sign_in() -> Response | str:
    """Show the form; a signed-in visitor is redirected."""
    if context.account():
        return redirect(_first_path(signed_in_account().role), 303)
    return render_template("account/sign_in.html", form=SignInForm(), signed_out="signed_out" in request.args)


@account.post("/sign-in")
@public
def submit_sign_in() -> Response:
    """Sign in and redirect to the requested page."""
    form = SignInForm()
    if not form.validate():
        return _sign_in_page(form, 422)
    browser = device.current_token()
    try:
        token = account_sign_in.sign_in(
            context.account_database(), form.name.data, form.password.data, request.remote_addr, browser
        )
    except InvalidCredentials:
        form.form_errors.append(INVALID_CREDENTIALS)
        return _sign_in_page(form, 422)
    except CodeRequired as error:
        session.await_code(error.token)
        if form.kept_form.data:  # it is too large for an address
            code_form = CodeForm(formdata=None, kept_form=form.kept_form.data)
            return make_response(render_template("account/code.html", form=code_form))
        return redirect(url_for("account.enter_code", next=request.args.get("next")), 303)
    except TooManyAttempts as error:
        return too_many_attempts_page(form, "account/sign_in.html", error)
    return signed_in_response(token, browser, form.kept_form.data)


@account.post("/sign-out")
@login_required
def sign_out() -> Response:
    """Sign out and redirect to the sign-in page."""
    session.end_session()
    response = make_response(redirect(url_for("account.sign_in", signed_out=""), 303))
    response.headers["Clear-Site-Data"] = DATA_CLEARED_AT_SIGN_OUT
    return response


@account.get("/account")
@login_required
def detail() -> str:
    """Show the own account, its scopes, its second factor and its sessions."""
    own, auth = signed_in_account(), context.account_session()
    return render_template(
        "account/detail.html",
        account=own,
        scopes=accounts.list_own_scopes(auth, context.caller(), own.id),
        second_factor=second_factor.find_status(auth),
        sessions=own_sessions.list_sessions(auth),
        form=ConfirmForm(),
    )


@account.post("/account/language")
@login_required
def change_language() -> Response:
    """Store the language that the account chooses, and show the page again from which it was chosen."""
    chosen = normalise_language(request.form.get("language", "")) or abort(422)
    accounts.set_language(context.session(), chosen)
    response = make_response(redirect(safe_redirect_path(request.form.get("next")), 303))
    set_language_cookie(response, chosen)
    return response


@account.get("/account/password")
@login_required
def edit_password() -> str:
    """Show the form."""
    return render_template("account/password.html", form=ChangePasswordForm(), account=signed_in_account())


@account.post("/account/password")
@login_required
def submit_password() -> Response:
    """Change the own password: this browser gets a new token, all others are signed out."""
    form, own, browser = ChangePasswordForm(), signed_in_account(), device.current_token()
    template = "account/password.html"
    try:
        if not _validate_passwords(form):
            return make_response(render_template(template, form=form, account=own), 422)
        passwords = form.current_password.data, form.password.data
        database = context.account_database()
        token = account_sign_in.change_password(database, own, *passwords, request.remote_addr, browser)
    except InvalidInput as error:
        add_form_errors(form, error)
        return make_response(render_template(template, form=form, account=own), 422)
    except TooManyAttempts as error:
        return too_many_attempts_page(form, template, error, account=own)
    session.start_session(token)
    flash(N_("Your password is changed. Other browsers are signed out."), "good")
    response = redirect(_first_path(own.role) if own.must_change else url_for("account.detail"), 303)
    device.set_cookie(response, browser)
    return response


def signed_in_account() -> SignedInAccount:
    """Return the account of the request; views for accounts are not reached without one."""
    signed_in = context.account()
    if not isinstance(signed_in, SignedInAccount):
        raise TypeError(signed_in)
    return signed_in


def _validate_passwords(form: ChangePasswordForm) -> bool:
    if not form.validate():
        return False
    if form.password.data != form.repeat_password.data:
        form.repeat_password.errors = [N_("The two passwords differ.")]
        return False
    return True


def _sign_in_page(form: SignInForm, status: int) -> Response:
    return make_response(render_template("account/sign_in.html", form=form, signed_out=False), status)


def signed_in_response(token: str, browser: str, kept_form: str | None) -> Response:
    """Start the session of a token, and send a kept form or redirect to the requested page."""
    started = session.start_session(token)
    repeated = kept_forms.repeat_form(started, kept_form)
    response = make_response(repeated or redirect(_first_path(started.role if started else None), 303))
    session.apply_preferred_language(response, started)
    device.set_cookie(response, browser)
    return response


def _first_path(role: Role | None) -> str:
    """Return the path to open after signing in: the requested page, or the first one of a role."""
    path = safe_redirect_path(request.args.get("next"))
    return url_for("worker.index") if path == "/" and role is Role.WORKER else path


def too_many_attempts_page(form: BaseForm, template: str, error: TooManyAttempts, **values: object) -> Response:
    """Return the page of a form whose attempts are too many."""
    form.form_errors.append(Message(TOO_MANY_ATTEMPTS, {"minutes": -(-error.retry_after_s // 60)}))
    response = make_response(render_template(template, form=form, **values), 429)
    response.headers["Retry-After"] = str(error.retry_after_s)
    return response
