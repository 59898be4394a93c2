"""The audit of the own subdistricts: filtered, page by page."""

from urllib.parse import urlencode

from flask import render_template, request
from wtforms.fields import SelectChoice

from gridmap.core.errors import N_, Message
from gridmap.core.names import Role
from gridmap.services import accounts, audit
from gridmap.web import current
from gridmap.web.access import roles
from gridmap.web.admin.forms import Wanted
from gridmap.web.admin.frame import admin

ACTION_NAMES = {
    "account_activated": N_("account in use again"),
    "account_deactivated": N_("account out of use"),
    "account_made": N_("account made"),
    "approve": N_("plan approved"),
    "export": N_("export"),
    "password_changed": N_("password changed"),
    "password_reset": N_("one-time password given"),
    "reveal": N_("value revealed"),
    "scope_ended": N_("place taken"),
    "scope_given": N_("place given"),
    "search": N_("search by number"),
    "sign_in": N_("signed in"),
    "sign_in_failed": N_("sign-in failed"),
    "sign_out": N_("signed out"),
}
SUBJECT_NAMES = {"account": N_("account"), "resident": N_("resident"), "revision": N_("plan version")}
GRAVE = {"sign_in_failed": "warning", "reveal": "note", "search": "note", "export": "note"}


@admin.get("/records")
@roles(Role.ADMIN)
def records() -> str:
    """A page of rows, newest first."""
    form, page = _form(), max(1, request.args.get("page", 1, int))
    rows, pages = audit.entries(current.session(), _wanted(form), page)
    words = {"actions": ACTION_NAMES, "subjects": SUBJECT_NAMES, "grave": GRAVE}
    return render_template(
        "admin/records.html", form=form, rows=rows, page=min(page, pages + 1), pages=pages, address=_address, **words
    )


def _form() -> Wanted:
    session = current.session()
    form = Wanted(request.args)
    known = [SelectChoice(each, Message(ACTION_NAMES.get(each, each))) for each in audit.actions(session)]
    form.offer(known, list(accounts.accounts(session)))
    return form


def _wanted(form: Wanted) -> audit.Wanted:
    form.validate()
    good = {name: value for name, value in form.data.items() if value and name not in form.errors}
    account = good.pop("account", None)
    return audit.Wanted(**good, account=int(account) if account else None)


def _address(page: int) -> str:
    kept = [(name, value) for name, value in request.args.items() if name != "page" and value]
    return f"?{urlencode([*kept, ('page', page)])}"
