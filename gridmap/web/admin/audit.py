"""Page of the audit log of the administrator's subdistricts, with filters."""

from urllib.parse import urlencode

from flask import render_template, request
from pydantic import Field
from wtforms.fields import SelectChoice

from gridmap.core.errors import N_, Message
from gridmap.core.vocabulary import Role
from gridmap.services.accounts import accounts, audit
from gridmap.web import context
from gridmap.web.access import roles_required
from gridmap.web.admin.blueprint import admin
from gridmap.web.admin.forms import AuditFilterForm
from gridmap.web.params import IsoDate, Params, RowId, parse_valid_params

ACTION_LABELS = {
    "account_activated": N_("account in use again"),
    "account_deactivated": N_("account out of use"),
    "account_made": N_("account made"),
    "account_returned": N_("account back after a restore"),
    "approve": N_("plan approved"),
    "backup": N_("backup made"),
    "backup_failed": N_("backup failed"),
    "export": N_("export"),
    "password_changed": N_("password changed"),
    "password_reset": N_("one-time password given"),
    "password_returned": N_("earlier password back after a restore"),
    "restore": N_("backup restored"),
    "reveal": N_("value revealed"),
    "scope_ended": N_("place taken"),
    "scope_given": N_("place given"),
    "scope_returned": N_("place back after a restore"),
    "roster_changed": N_("grid on the roster changed"),
    "worker_linked": N_("linked to the roster"),
    "worker_unlinked": N_("link to the roster ended"),
    "search": N_("search by number"),
    "sign_in": N_("signed in"),
    "sign_in_failed": N_("sign-in failed"),
    "sign_out": N_("signed out"),
}
SUBJECT_LABELS = {"account": N_("account"), "resident": N_("resident"), "revision": N_("plan revision")}
ACTION_TAG_KINDS = {"sign_in_failed": "warning", "reveal": "note", "search": "note", "export": "note"}


class AuditPageParams(Params):
    """Parameters of the audit log; one that cannot be used is ignored."""

    page: int = Field(1, ge=1)
    action: str | None = None
    account_id: RowId | None = None
    first: IsoDate | None = None
    last: IsoDate | None = None


@admin.get("/audit")
@roles_required(Role.ADMIN)
def audit_log() -> str:
    """Show a page of the audit log, newest entries first."""
    session, caller = context.session(), context.caller()
    params, form = parse_valid_params(AuditPageParams, request.args), _filter_form()
    entries, pages = audit.list_entries(session, caller, _audit_filter(params, form), params.page)
    return render_template(
        "admin/audit_log.html",
        form=form,
        entries=entries,
        page=min(params.page, pages + 1),
        pages=pages,
        page_url=_page_url,
        action_labels=ACTION_LABELS,
        subject_labels=SUBJECT_LABELS,
        action_tag_kinds=ACTION_TAG_KINDS,
    )


def _filter_form() -> AuditFilterForm:
    session, caller = context.session(), context.caller()
    form = AuditFilterForm(request.args)
    actions = [
        SelectChoice(each, Message(ACTION_LABELS.get(each, each))) for each in audit.list_actions(session, caller)
    ]
    form.set_choices(actions, accounts.list_accounts(session, caller))
    return form


def _audit_filter(params: AuditPageParams, form: AuditFilterForm) -> audit.AuditFilter:
    """Return the filter of the parameters, without actions and accounts that the form does not offer."""
    form.validate()
    return audit.AuditFilter(
        action=None if form.action.errors else params.action or None,
        account_id=None if form.account_id.errors else params.account_id,
        first=params.first,
        last=params.last,
    )


def _page_url(page: int) -> str:
    filters = [(name, value) for name, value in request.args.items() if name != "page" and value]
    return f"?{urlencode([*filters, ('page', page)])}"
