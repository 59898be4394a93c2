"""The API's people of the house: the caller, and for administrators accounts and the audit."""

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
    """Which rows of the audit."""

    page: int = Field(1, ge=1, le=1_000_000, description="Which page, from 1; the newest rows come first")
    action: str | None = Field(None, pattern="^[a-z_]{1,40}$", description="One action, such as reveal")
    account_id: RowId | None = Field(None, description="Key of an account: what it did, and what was done to it")
    first: IsoDate | None = Field(None, description="First day")
    last: IsoDate | None = Field(None, description="Last day")


def get_current_account(_: Params) -> schemas.CurrentAccountSchema:
    """Who is asking."""
    person = context.account()
    assert person is not None  # whoever is not signed in has been refused by now
    return schemas.CurrentAccountSchema(
        id=person.id, name=person.name, display_name=person.display_name, role=person.role
    )


def list_accounts(params: PageParams) -> PageSchema[schemas.AccountSchema]:
    """Accounts that work in the administrator's subdistricts."""
    return paginate(
        [_account_schema(each) for each in accounts.list_accounts(context.session(), context.caller())], params
    )


def list_audit_entries(params: AuditParams) -> PageSchema[schemas.AuditEntrySchema]:
    """What was done and seen in the administrator's subdistricts."""
    last = min(params.last, LAST_FILTER_DATE) if params.last else None
    wanted = audit.AuditFilter(params.action, params.account_id, params.first, last)
    rows, pages = audit.list_entries(context.session(), context.caller(), wanted, params.page)
    return PageSchema(items=[schemas.AuditEntrySchema(**asdict(row)) for row in rows], page=params.page, pages=pages)


def _account_schema(account: accounts.AccountSummary) -> schemas.AccountSchema:
    places = [
        schemas.ScopeSchema(**{name: getattr(scope, name) for name in schemas.ScopeSchema.model_fields})
        for scope in account.scopes
    ]
    plain = {name: getattr(account, name) for name in ("id", "name", "display_name", "role", "active")}
    return schemas.AccountSchema(**plain, scopes=places)


OPERATIONS = (
    Operation("/v1/me", Params, schemas.CurrentAccountSchema, get_current_account),
    Operation("/v1/accounts", PageParams, PageSchema[schemas.AccountSchema], list_accounts, ADMIN_ROLES),
    Operation("/v1/audit", AuditParams, PageSchema[schemas.AuditEntrySchema], list_audit_entries, ADMIN_ROLES),
)
