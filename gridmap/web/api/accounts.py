"""Operations of the API for accounts: the caller's own; for administrators all accounts and the audit log."""

from dataclasses import asdict
from datetime import date, timedelta

from pydantic import Field

from gridmap.core.vocabulary import Role
from gridmap.services.accounts import accounts, audit
from gridmap.web import context
from gridmap.web.api import schemas
from gridmap.web.api.operations import Operation, paginate
from gridmap.web.api.schemas import PageSchema
from gridmap.web.params import IsoDate, PageParams, Params, RowId

ADMIN_ROLES = (Role.ADMIN,)
LAST_FILTER_DATE = date.max - timedelta(days=1)


class AuditParams(Params):
    """Filters of the audit log."""

    page: int = Field(1, ge=1, le=1_000_000, description="Number of the page, from 1; the newest entries come first")
    action: str | None = Field(None, pattern="^[a-z_]{1,40}$", description="One action, such as reveal")
    account_id: RowId | None = Field(None, description="Key of an account that acted or was acted on")
    first: IsoDate | None = Field(None, description="First day")
    last: IsoDate | None = Field(None, description="Last day")


def get_current_account(_: Params) -> schemas.CurrentAccountSchema:
    """Return the caller's account."""
    return schemas.CurrentAccountSchema.model_validate(context.account(), from_attributes=True)


def list_accounts(params: PageParams) -> PageSchema[schemas.AccountSchema]:
    """List the accounts that work in the administrator's subdistricts."""
    rows = accounts.list_accounts(context.session(), context.caller())
    items = [schemas.AccountSchema.model_validate(row, from_attributes=True) for row in rows]
    return paginate(items, params)


def list_audit_entries(params: AuditParams) -> PageSchema[schemas.AuditEntrySchema]:
    """List the audit entries of the administrator's subdistricts."""
    last = min(params.last, LAST_FILTER_DATE) if params.last else None
    filters = audit.AuditFilter(params.action, params.account_id, params.first, last)
    rows, pages = audit.list_entries(context.session(), context.caller(), filters, params.page)
    return PageSchema(items=[schemas.AuditEntrySchema(**asdict(row)) for row in rows], page=params.page, pages=pages)


OPERATIONS = (
    Operation("/v1/me", Params, schemas.CurrentAccountSchema, get_current_account),
    Operation("/v1/accounts", PageParams, PageSchema[schemas.AccountSchema], list_accounts, ADMIN_ROLES),
    Operation("/v1/audit", AuditParams, PageSchema[schemas.AuditEntrySchema], list_audit_entries, ADMIN_ROLES),
)
