"""Changes of accounts; each is a database function that checks the permission and writes the audit."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gridmap.core.vocabulary import Role
from gridmap.store.network_address import inet_value
from gridmap.store.queries.scopes import ScopeIds, ScopePeriod


@dataclass(frozen=True)
class NewAccount:
    """An account to insert; its password has to be changed at the first sign-in."""

    name: str
    display_name: str
    role: Role
    password_hash: str


def insert_account(
    session: Session, account: NewAccount, scope_ids: ScopeIds, period: ScopePeriod, *, can_approve: bool
) -> int:
    """Insert an account with its password and its first scope, and return its key."""
    values = account.name, account.display_name, account.role.value, account.password_hash
    account_id: int = session.scalars(
        select(func.create_account(*values, *scope_ids, period.sql_value(), can_approve))
    ).one()
    return account_id


def set_password(session: Session, account_id: int, password_hash: str, address: str | None) -> None:
    """Set the password of an account; all its sessions are closed."""
    session.execute(select(func.set_password(account_id, password_hash, inet_value(address))))


def set_active(session: Session, account_id: int, *, active: bool) -> None:
    """Deactivate or reactivate an account; all its sessions are closed."""
    session.execute(select(func.set_active(account_id, active)))


def insert_scope(
    session: Session, account_id: int, scope_ids: ScopeIds, period: ScopePeriod, *, can_approve: bool
) -> None:
    """Insert a scope of an account."""
    session.execute(select(func.grant_scope(account_id, *scope_ids, period.sql_value(), can_approve)))


def end_scope(session: Session, scope_id: int) -> None:
    """End a scope with yesterday; delete it if it began today or later."""
    session.execute(select(func.end_scope(scope_id)))


def link_worker(session: Session, worker_id: int, account_id: int | None) -> None:
    """Let a person of the roster sign in with an account; with None, with no account any more."""
    session.execute(select(func.link_worker(worker_id, account_id)))


def set_language(session: Session, language: str) -> None:
    """Set the language of the transaction's account."""
    session.execute(select(func.set_language(language)))


def grant_line(session: Session, scope_id: int, line_id: int, period: ScopePeriod, legal_basis: str | None) -> None:
    """Give a leader a service line within a scope; the audit records it."""
    session.execute(select(func.grant_line(scope_id, line_id, period.sql_value(), legal_basis)))


def end_line(session: Session, grant_id: int) -> None:
    """End a service line of a leader at once; the audit records it."""
    session.execute(select(func.end_line(grant_id)))
