"""Page of the audit log of the administrator's subdistricts, with filters."""

from urllib.parse import urlencode

from flask import render_template, request
from pydantic import Field
from wtforms.fields import SelectChoice

from gridmap.core.errors import Message
from gridmap.core.vocabulary import Role
from gridmap.services.accounts import accounts, audit
from gridmap.web import context
from gridmap.web.access import roles_required
from gridmap.web.admin.blueprint import admin
from gridmap.web.admin.forms import AuditFilterForm
from gridmap.web.labels import (
    ACTION_LABELS,
    LIMIT_LABELS,
    LINE_PURPOSE_LABELS,
    PURPOSE_LABELS,
    REVEAL_FIELD_LABELS,
    SUBJECT_LABELS,
)
from gridmap.web.params import IsoDate, Params, RowId, parse_valid_params

WARNING_ACTIONS = ("denied", "recovery_code_used", "reveal_refused", "second_factor_failed", "sign_in_failed")
ACTION_TAG_KINDS = {
    **dict.fromkeys(WARNING_ACTIONS, "warning"),
    **dict.fromkeys(
        ("export", "household_visit", "line_incident_opened", "line_viewed", "list", "reveal", "search", "view"), "note"
    ),
}


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
    params, form = parse_valid_params(AuditPageParams, request.args), filter_form()
    entries, pages = audit.list_entries(session, caller, audit_filter(params, form), params.page)
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
        purpose_labels={**PURPOSE_LABELS, **LINE_PURPOSE_LABELS},
        field_labels=REVEAL_FIELD_LABELS,
        limit_labels=LIMIT_LABELS,
        filter_params={name: value for name, value in request.args.items() if name != "page" and value},
    )


def filter_form() -> AuditFilterForm:
    """Return the form of the filters, with the actions and accounts that it offers."""
    session, caller = context.session(), context.caller()
    form = AuditFilterForm(request.args)
    actions = [
        SelectChoice(each, Message(ACTION_LABELS.get(each, each))) for each in audit.list_actions(session, caller)
    ]
    form.set_choices(actions, accounts.list_accounts(session, caller))
    return form


def audit_filter(params: AuditPageParams, form: AuditFilterForm) -> audit.AuditFilter:
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
