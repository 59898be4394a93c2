"""Pages of the second factor: the second step of the sign-in, and the set-up with an app."""

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gridmap.core.errors import N_, InvalidInput
from gridmap.services.accounts import second_factor as account_second_factor
from gridmap.services.accounts import sign_in as account_sign_in
from gridmap.services.accounts.sign_in import InvalidCode, SecondStepOver, TooManyAttempts
from gridmap.web import context
from gridmap.web.access import login_required, public
from gridmap.web.account import device, session
from gridmap.web.account.forms import CodeForm
from gridmap.web.account.pages import account, signed_in_account, signed_in_response, too_many_attempts_page
from gridmap.web.account.password_confirmation import recent_password_required
from gridmap.web.forms import add_form_errors

INVALID_CODE = N_("the code is wrong, too old or has been used: wait for the next one, and mind the clock of the phone")
CODE_TEMPLATE = "account/code.html"


@account.get("/sign-in/code")
@public
def enter_code() -> Response | str:
    """Show the form of the second step; without a first step, redirect to it."""
    pending = session.pending_token()
    if pending is None or not account_sign_in.is_second_step_open(context.account_database(), pending):
        return _redirect_to_first_step()
    return render_template(CODE_TEMPLATE, form=CodeForm())


@account.post("/sign-in/code")
@public
def submit_code() -> Response:
    """Take the code, open the session and redirect to the requested page."""
    form, pending, browser = CodeForm(), session.pending_token(), device.current_token()
    if pending is None:
        return _redirect_to_first_step()
    if not form.validate():
        return make_response(render_template(CODE_TEMPLATE, form=form), 422)
    try:
        token = account_sign_in.complete_sign_in(
            context.account_database(), pending, form.code.data, request.remote_addr, browser
        )
    except SecondStepOver:
        return _redirect_to_first_step(over="")
    except InvalidCode:
        form.code.errors = [INVALID_CODE]
        return make_response(render_template(CODE_TEMPLATE, form=form), 422)
    except TooManyAttempts as error:
        return too_many_attempts_page(form, CODE_TEMPLATE, error)
    return signed_in_response(token, browser, form.kept_form.data)


@account.get("/account/second-factor")
@login_required
def second_factor() -> Response:
    """Show the QR code of a secret to set up; redirect to the account if there is a second factor."""
    if account_second_factor.find_status(context.account_session()):
        return redirect(url_for("account.detail"), 303)
    return _set_up_page(CodeForm(), 200)


@account.post("/account/second-factor")
@login_required
@recent_password_required
def submit_second_factor() -> Response:
    """Set the second factor up by its first code, and show the recovery codes once."""
    form = CodeForm()
    if account_second_factor.find_status(context.account_session()):
        return redirect(url_for("account.detail"), 303)
    if form.validate():
        own, code = signed_in_account(), form.code.data
        try:
            codes = account_second_factor.confirm_enrolment(context.account_session(), own, code, request.remote_addr)
            return make_response(render_template("account/recovery_codes.html", codes=codes, account=own))
        except InvalidInput as error:
            add_form_errors(form, error)
    return _set_up_page(form, 422)


def _set_up_page(form: CodeForm, status: int) -> Response:
    own = signed_in_account()
    enrolment = account_second_factor.begin_enrolment(context.account_session(), own)
    page = render_template("account/second_factor.html", form=form, enrolment=enrolment, account=own)
    return make_response(page, status)


def _redirect_to_first_step(over: str | None = None) -> Response:
    return redirect(url_for("account.sign_in", next=request.args.get("next"), over=over), 303)
