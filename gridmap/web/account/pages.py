"""Signing in and out, one's own account and password."""

from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gridmap.core.errors import N_, BadInput, Message
from gridmap.services import accounts, signing_in
from gridmap.services.signing_in import Account, Refused, Wait
from gridmap.web import current
from gridmap.web.access import local_path, public, signed_in
from gridmap.web.account import session
from gridmap.web.account.forms import ChangePassword, SignIn
from gridmap.web.forms import refuse

account = Blueprint("account", __name__)
WRONG = N_("Name and password do not belong together. Mind upper and lower case of the password.")
WAIT = N_("Too many attempts. Wait {minutes} min, then try again; or ask the person who keeps the accounts.")


@account.get("/sign-in")
@public
def sign_in() -> Response | str:
    """The form; who is signed in already goes on."""
    if current.account():
        return redirect(local_path(request.args.get("next")), 303)
    return render_template("account/sign_in.html", form=SignIn(), left="left" in request.args)


@account.post("/sign-in")
@public
def signing() -> Response:
    """Sign in."""
    form = SignIn()
    if not form.validate():
        return _again(form, 422)
    try:
        token = signing_in.sign_in(current.database(), form.name.data, form.password.data, request.remote_addr)
    except Refused:
        form.form_errors.append(WRONG)
        return _again(form, 422)
    except Wait as wait:
        return _wait(form, "account/sign_in.html", wait)
    session.begin(token)
    answer = make_response(redirect(local_path(request.args.get("next")), 303))
    session.speak_own(answer, token)
    return answer


@account.post("/sign-out")
@signed_in
def sign_out() -> Response:
    """Sign out."""
    session.end()
    return redirect(url_for("account.sign_in", left=""), 303)


@account.get("/account")
@signed_in
def own() -> str:
    """What one's account is, and where its role holds."""
    person = _person()
    scopes = accounts.own_scopes(current.session(), person.id)
    return render_template("account/own.html", person=person, scopes=scopes)


@account.get("/account/password")
@signed_in
def password() -> str:
    """The form."""
    return render_template("account/password.html", form=ChangePassword(), person=_person())


@account.post("/account/password")
@signed_in
def changing() -> Response:
    """Change one's own password; this browser goes on with a new token, all others are signed out."""
    form, person = ChangePassword(), _person()
    template = "account/password.html"
    try:
        if not _agree(form):
            return make_response(render_template(template, form=form, person=person), 422)
        typed = form.old.data, form.password.data
        token = signing_in.change_password(current.database(), person, *typed, request.remote_addr)
    except BadInput as error:
        refuse(form, error)
        return make_response(render_template(template, form=form, person=person), 422)
    except Wait as wait:
        return _wait(form, template, wait, person=person)
    session.begin(token)
    flash(N_("Your password is changed. Other browsers are signed out."), "good")
    return redirect(url_for("account.own"), 303)


def _person() -> Account:
    person = current.account()
    if not isinstance(person, Account):
        raise TypeError(person)
    return person


def _agree(form: ChangePassword) -> bool:
    if not form.validate():
        return False
    if form.password.data != form.again.data:
        form.again.errors = [N_("The two are not the same.")]
        return False
    return True


def _again(form: SignIn, status: int) -> Response:
    return make_response(render_template("account/sign_in.html", form=form, left=False), status)


def _wait(form: Any, template: str, wait: Wait, **values: Any) -> Response:
    form.form_errors.append(Message(WAIT, {"minutes": -(-wait.seconds // 60)}))
    answer = make_response(render_template(template, form=form, **values), 429)
    answer.headers["Retry-After"] = str(wait.seconds)
    return answer
