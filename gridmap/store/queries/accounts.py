"""Accounts that a caller may see."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.vocabulary import Role
from gridmap.store.access import row_filter
from gridmap.store.schema import Account, AccountScope


@dataclass(frozen=True)
class AccountRow:
    """An account.

    Parameters
    ----------
    id : int
    name : str
        Name to sign in with.
    display_name : str
        Name shown on pages.
    role : Role
    active : bool
        False for an account that can no longer sign in.
    """

    id: int
    name: str
    display_name: str
    role: Role
    active: bool


def list_accounts(session: Session, caller: Caller) -> Sequence[AccountRow]:
    """Return the accounts that have a scope in the caller's subdistricts, by name; every account for the owner."""
    return _select_accounts(session, caller)


def find_account(session: Session, caller: Caller, account_id: int) -> AccountRow | None:
    """Return one account by its key; None where the caller may not see it."""
    return next(iter(_select_accounts(session, caller, Account.id == account_id)), None)


def find_account_by_name(session: Session, caller: Caller, name: str) -> AccountRow | None:
    """Return one account by its normalised name; None where the caller may not see it."""
    return next(iter(_select_accounts(session, caller, Account.name == name)), None)


def can_manage_account(session: Session, account_id: int) -> bool:
    """Return whether the transaction's account may change another account."""
    return bool(session.scalar(select(func.can_manage_account(account_id))))


def is_name_taken(session: Session, name: str) -> bool:
    """Return whether an account of any subdistrict has a name; always False for callers other than admins."""
    return bool(session.scalar(select(func.account_name_exists(name))))


def _select_accounts(session: Session, caller: Caller, *conditions: ColumnElement[bool]) -> Sequence[AccountRow]:
    visible_ids = select(AccountScope.account_id).where(row_filter.visible(caller, AccountScope))
    rows = select(Account.id, Account.name, Account.display_name, Account.role, Account.active)
    rows = rows.where(Account.id.in_(visible_ids), *conditions).order_by(Account.name)
    return [AccountRow(row.id, row.name, row.display_name, Role(row.role), row.active) for row in session.execute(rows)]
