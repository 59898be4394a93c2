"""Accounts of the own subdistricts: listed, made, given places, helped out, put out of use."""

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gridmap.core.errors import N_, BadInput
from gridmap.core.names import Role
from gridmap.services import accounts, scopes
from gridmap.web import current
from gridmap.web.access import roles
from gridmap.web.admin.forms import Deed, NewAccount, Scoped
from gridmap.web.admin.frame import admin
from gridmap.web.forms import refuse

keeps_accounts = roles(Role.ADMIN)


@admin.get("/accounts")
@keeps_accounts
def listing() -> str:
    """All accounts that work, or worked, in the own subdistricts."""
    return render_template("admin/accounts.html", accounts=accounts.accounts(current.session()))


@admin.get("/accounts/new")
@keeps_accounts
def new() -> str:
    """The form."""
    form = NewAccount()
    form.offer(*scopes.choices(current.session()))
    return render_template("admin/new.html", form=form)


@admin.post("/accounts/new")
@keeps_accounts
def making() -> Response | str:
    """Make an account and show its one-time password, this once."""
    form = NewAccount()
    form.offer(*scopes.choices(current.session()))
    if form.validate():
        named = form.name.data, Role(form.role.data), form.display_name.data
        try:
            account, password = accounts.make_account(current.session(), *named, form.place())
            return _told(account, password)
        except BadInput as error:
            refuse(form, error)
    return make_response(render_template("admin/new.html", form=form), 422)


@admin.get("/accounts/<int:account>")
@keeps_accounts
def one(account: int) -> str:
    """One account, and what can be done with it."""
    return _page(account, _places())


@admin.post("/accounts/<int:account>/scopes")
@keeps_accounts
def give(account: int) -> Response:
    """Let it work in one more place."""
    form = _places()
    if form.validate():
        try:
            accounts.give_scope(current.session(), account, form.place())
            return _back(account, N_("The account may work there now."))
        except BadInput as error:
            refuse(form, error)
    return make_response(_page(account, form), 422)


@admin.post("/accounts/<int:account>/scopes/<int:scope>/end")
@keeps_accounts
def end(account: int, scope: int) -> Response:
    """End its work in a place, at once."""
    accounts.end_scope(current.session(), account, scope)
    return _back(account, N_("The account sees nothing there any more."))


@admin.post("/accounts/<int:account>/password")
@keeps_accounts
def recover(account: int) -> str:
    """Give a one-time password, shown this once."""
    return _told(account, accounts.recover(current.session(), account, request.remote_addr))


@admin.post("/accounts/<int:account>/active")
@keeps_accounts
def activate(account: int) -> Response:
    """Put it out of use, or in use again."""
    active = request.form.get("active") == "yes"
    accounts.set_active(current.session(), account, active=active)
    return _back(account, N_("The account is in use again.") if active else N_("The account is out of use."))


def _places() -> Scoped:
    form = Scoped()
    form.offer(*scopes.choices(current.session()))
    return form


def _page(account: int, form: Scoped) -> str:
    person = accounts.one(current.session(), account)
    keeper = current.account()
    values = {"governed": accounts.governs(current.session(), account), "own": bool(keeper and keeper.id == account)}
    return render_template("admin/account.html", person=person, form=form, deed=Deed(), **values)


def _told(account: int, password: str) -> str:
    person = accounts.one(current.session(), account)
    return render_template("admin/password.html", person=person, password=password)


def _back(account: int, said: str) -> Response:
    flash(said, "good")
    return redirect(url_for("admin.one", account=account), 303)
