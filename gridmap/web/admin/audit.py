"""The audit of the own subdistricts: filtered, page by page."""

from urllib.parse import urlencode

from flask import render_template, request
from wtforms.fields import SelectChoice

from gridmap.core.errors import N_, Message
from gridmap.core.vocabulary import Role
from gridmap.services.accounts import accounts, audit
from gridmap.web import context
from gridmap.web.access import roles_required
from gridmap.web.admin.blueprint import admin
from gridmap.web.admin.forms import AuditFilterForm

ACTION_LABELS = {
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
SUBJECT_LABELS = {"account": N_("account"), "resident": N_("resident"), "revision": N_("plan version")}
ACTION_TAG_KINDS = {"sign_in_failed": "warning", "reveal": "note", "search": "note", "export": "note"}


@admin.get("/audit")
@roles_required(Role.ADMIN)
def audit_log() -> str:
    """A page of rows, newest first."""
    form, page = _filter_form(), max(1, request.args.get("page", 1, int))
    rows, pages = audit.list_entries(context.session(), context.caller(), _audit_filter(form), page)
    words = {"action_labels": ACTION_LABELS, "subject_labels": SUBJECT_LABELS, "action_tag_kinds": ACTION_TAG_KINDS}
    return render_template(
        "admin/audit_log.html", form=form, entries=rows, page=min(page, pages + 1), pages=pages, page_url=_page_url, **words
    )


def _filter_form() -> AuditFilterForm:
    session = context.session()
    form = AuditFilterForm(request.args)
    known = [
        SelectChoice(each, Message(ACTION_LABELS.get(each, each)))
        for each in audit.list_actions(session, context.caller())
    ]
    form.set_choices(known, list(accounts.list_accounts(session, context.caller())))
    return form


def _audit_filter(form: AuditFilterForm) -> audit.AuditFilter:
    form.validate()
    good = {name: value for name, value in form.data.items() if value and name not in form.errors}
    account = good.pop("account_id", None)
    return audit.AuditFilter(**good, account_id=int(account) if account else None)


def _page_url(page: int) -> str:
    kept = [(name, value) for name, value in request.args.items() if name != "page" and value]
    return f"?{urlencode([*kept, ('page', page)])}"
