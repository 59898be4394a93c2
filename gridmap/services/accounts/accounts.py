"""Accounts: creation, scopes, one-time passwords, deactivation. The database writes the audit."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, InputFault, InvalidInput, Message, NotFound
from gridmap.core.vocabulary import Role
from gridmap.services.accounts import passwords, scopes
from gridmap.services.accounts.scopes import Scope, ScopeRequest
from gridmap.services.accounts.sign_in import normalise_name
from gridmap.store.queries import accounts as account_queries
from gridmap.store.queries import scopes as scope_queries
from gridmap.store.queries.accounts import AccountRow
from gridmap.store.writes import accounts as account_writes
from gridmap.store.writes.accounts import NewAccount

ACCOUNT_NAME_PATTERN = re.compile(r"[\w.@-]{2,80}")
"""Letters of any script, digits and ``. @ - _``: every keyboard has them, and they allow for an e-mail address."""


@dataclass(frozen=True)
class AccountSummary:
    """An account with its scopes.

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
    scopes : tuple of Scope
        Scopes that the caller may see, those that are over included.
    """

    id: int
    name: str
    display_name: str
    role: Role
    active: bool
    scopes: tuple[Scope, ...]


def create_account(
    session: Session, caller: Caller, name: str, role: Role, display_name: str, scope: ScopeRequest
) -> tuple[int, str]:
    """Create an account with one scope and a one-time password.

    Parameters
    ----------
    session : Session
    caller : Caller
        An admin of the subdistrict, or the owner.
    name : str
        Name to sign in with; stored in lower case.
    role : Role
    display_name : str
        Name shown on pages; the name to sign in with where it is empty.
    scope : ScopeRequest

    Returns
    -------
    tuple of int and str
        Key of the account, and the one-time password, of which only the hash is stored.

    Raises
    ------
    InvalidInput
        If the name is malformed or taken, or a code is unknown; all faults are reported together.
    """
    account_name = normalise_name(name)
    faults = [*_name_faults(session, account_name), *scopes.scope_faults(scope, role)]
    scope_ids = scopes.resolve_scope(session, caller, scope, faults)
    if faults:
        raise InvalidInput(faults)
    password = passwords.make_one_time_password()
    account = NewAccount(account_name, display_name.strip() or account_name, role, passwords.hash_password(password))
    period = scopes.scope_period(session, scope)
    account_id = account_writes.insert_account(session, account, scope_ids, period, can_approve=scope.can_approve)
    return account_id, password


def list_accounts(session: Session, caller: Caller) -> Sequence[AccountSummary]:
    """Return the accounts that the caller may see, by name: of an admin, those of the admin's subdistricts."""
    scopes_by_account = scopes.list_scopes_by_account(session, caller)
    return [_summarise(row, scopes_by_account) for row in account_queries.list_accounts(session, caller)]


def get_account(session: Session, caller: Caller, account_id: int) -> AccountSummary:
    """Return one account.

    Raises
    ------
    NotFound
        If the caller may not see it.
    """
    row = account_queries.find_account(session, caller, account_id)
    if row is None:
        raise NotFound(account_id)
    return _summarise(row, scopes.list_scopes_by_account(session, caller, account_id))


def list_own_scopes(session: Session, caller: Caller, account_id: int) -> Sequence[Scope]:
    """Return the scopes of the caller's own account, those that are over included."""
    return scopes.list_scopes_by_account(session, caller, account_id).get(account_id, [])


def get_account_by_name(session: Session, caller: Caller, name: str) -> AccountSummary:
    """Return the account with a name.

    Raises
    ------
    InvalidInput
        If the caller sees no account of this name.
    """
    row = account_queries.find_account_by_name(session, caller, normalise_name(name))
    if row is None:
        raise InvalidInput([InputFault(Message(N_("no account has this name")), column="name", value=name)])
    return _summarise(row, scopes.list_scopes_by_account(session, caller, row.id))


def can_manage(session: Session, account_id: int) -> bool:
    """Return whether the caller may change an account, all of whose scopes are then in the caller's subdistricts."""
    return account_queries.can_manage_account(session, account_id)


def reset_password(session: Session, caller: Caller, account_id: int, address: str | None = None) -> str:
    """Give an account a one-time password and sign it out in every browser.

    Parameters
    ----------
    session : Session
    caller : Caller
        An admin who may manage the account, or the owner.
    account_id : int
    address : str, optional
        Network address of the request, for the audit.

    Returns
    -------
    str
        The password, of which only the hash is stored; it has to be changed at the next sign-in.

    Raises
    ------
    NotFound
        If the caller may not change the account.
    """
    _require_manageable(session, caller, account_id)
    password = passwords.make_one_time_password()
    account_writes.set_password(session, account_id, passwords.hash_password(password), address)
    return password


def set_active(session: Session, caller: Caller, account_id: int, *, active: bool) -> None:
    """Deactivate an account, which signs it out everywhere, or reactivate it; accounts are never deleted.

    Raises
    ------
    NotFound
        If the caller may not change the account.
    """
    _require_manageable(session, caller, account_id)
    account_writes.set_active(session, account_id, active=active)


def add_scope(session: Session, caller: Caller, account_id: int, scope: ScopeRequest) -> None:
    """Give an account a further scope.

    Raises
    ------
    InvalidInput
        If a code is unknown, the last day is before the first, the account has the place on these days already, or it
        is the caller's own: an access that ends would never end.
    NotFound
        If the caller may not change the account.
    """
    account = _require_manageable(session, caller, account_id)
    if account_id == caller.account_id:
        raise InvalidInput([InputFault(Message(N_("nobody gives himself a place: ask another administrator")))])
    faults = scopes.scope_faults(scope, account.role)
    scope_ids = scopes.resolve_scope(session, caller, scope, faults)
    if faults:
        raise InvalidInput(faults)
    period = scopes.scope_period(session, scope)
    if scope_queries.has_overlapping_scope(session, caller, account_id, scope_ids, period):
        raise InvalidInput([InputFault(Message(N_("the account already works there on these days")))])
    account_writes.insert_scope(session, account_id, scope_ids, period, can_approve=scope.can_approve)


def end_scope(session: Session, caller: Caller, account_id: int, scope_id: int) -> None:
    """End a scope of an account with yesterday; the account sees nothing there from now on.

    Raises
    ------
    NotFound
        If the caller may not change the account, or the account has no such scope.
    """
    account = _require_manageable(session, caller, account_id)
    if scope_id not in {scope.id for scope in account.scopes}:
        raise NotFound(scope_id)
    account_writes.end_scope(session, scope_id)


def set_language(session: Session, language: str) -> None:
    """Store the language that the caller's account has chosen."""
    account_writes.set_language(session, language)


def _require_manageable(session: Session, caller: Caller, account_id: int) -> AccountSummary:
    account = get_account(session, caller, account_id)
    if not can_manage(session, account_id):
        raise NotFound(account_id)
    return account


def _name_faults(session: Session, name: str) -> list[InputFault]:
    if not ACCOUNT_NAME_PATTERN.fullmatch(name):
        problem = N_("a name has 2 to 80 letters, digits and . @ - _ without spaces")
        return [InputFault(Message(problem), column="name", value=name)]
    if account_queries.is_name_taken(session, name):
        return [InputFault(Message(N_("the name is taken")), column="name", value=name)]
    return []


def _summarise(row: AccountRow, scopes_by_account: Mapping[int, Sequence[Scope]]) -> AccountSummary:
    account_scopes = tuple(scopes_by_account.get(row.id, ()))
    return AccountSummary(row.id, row.name, row.display_name, row.role, row.active, account_scopes)
