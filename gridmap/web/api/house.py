"""The API's people of the house: the caller, and for administrators accounts and the audit."""

from dataclasses import asdict
from datetime import date, timedelta

from pydantic import Field

from gridmap.core.names import Role
from gridmap.services import accounts, audit
from gridmap.web import current
from gridmap.web.api import answers
from gridmap.web.api.answers import Page
from gridmap.web.api.operations import Operation, page_of
from gridmap.web.asked import Asked, Day, Key, Paged

ADMIN = (Role.ADMIN,)
FARTHEST = date.max - timedelta(days=1)


class AuditAsked(Asked):
    """Which rows of the audit."""

    page: int = Field(1, ge=1, le=1_000_000, description="Which page, from 1; the newest rows come first")
    action: str | None = Field(None, pattern="^[a-z_]{1,40}$", description="One action, such as reveal")
    account: Key | None = Field(None, description="Key of an account: what it did, and what was done to it")
    first: Day | None = Field(None, description="First day")
    last: Day | None = Field(None, description="Last day")


def me(_: Asked) -> answers.Me:
    """Who is asking."""
    person = current.account()
    assert person is not None  # whoever is not signed in has been refused by now
    return answers.Me(id=person.id, name=person.name, display_name=person.display_name, role=person.role)


def list_accounts(asked: Paged) -> Page[answers.Account]:
    """Accounts that work in the administrator's subdistricts."""
    return page_of([_account(each) for each in accounts.accounts(current.session())], asked)


def list_audit(asked: AuditAsked) -> Page[answers.Deed]:
    """What was done and seen in the administrator's subdistricts."""
    last = min(asked.last, FARTHEST) if asked.last else None
    wanted = audit.Wanted(asked.action, asked.account, asked.first, last)
    rows, pages = audit.entries(current.session(), wanted, asked.page)
    return Page(items=[answers.Deed(**asdict(row)) for row in rows], page=asked.page, pages=pages)


def _account(listed: accounts.Listed) -> answers.Account:
    places = [
        answers.Scope(**{name: getattr(scope, name) for name in answers.Scope.model_fields}) for scope in listed.scopes
    ]
    plain = {name: getattr(listed, name) for name in ("id", "name", "display_name", "role", "active")}
    return answers.Account(**plain, scopes=places)


OPERATIONS = (
    Operation("/v1/me", Asked, answers.Me, me),
    Operation("/v1/accounts", Paged, Page[answers.Account], list_accounts, ADMIN),
    Operation("/v1/audit", AuditAsked, Page[answers.Deed], list_audit, ADMIN),
)
