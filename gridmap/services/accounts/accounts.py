"""Accounts: made, given a place and a time to work in, helped out and put out of use. The database keeps the audit."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, InputFault, InvalidInput, Message, NotFound
from gridmap.core.vocabulary import Role
from gridmap.services.accounts import passwords, scopes
from gridmap.services.accounts.scopes import Scope, ScopeRequest
from gridmap.services.accounts.sign_in import inet_value, normalise_name
from gridmap.store.access import row_filter
from gridmap.store.schema import Account, AccountScope

ACCOUNT_NAME_PATTERN = re.compile(r"[\w.@-]{2,80}")
"""Letters of any script, digits and ``. @ - _``: what is typed on every keyboard, and a mail address."""


@dataclass(frozen=True)
class AccountSummary:
    """An account as lists show it."""

    id: int
    name: str
    display_name: str
    role: Role
    active: bool
    scopes: tuple[Scope, ...]


def create_account(
    session: Session, caller: Caller, name: str, role: Role, display_name: str, scope: ScopeRequest
) -> tuple[int, str]:
    """A new account with one place to work in and a password for the first sign-in.

    Parameters
    ----------
    session : Session
        Of an admin of the subdistrict, or the owner's.
    name : str
        To sign in with; lower case is kept.
    role : Role
        What the person may do.
    display_name : str
        What the person is called on pages; the name where empty.
    scope : ScopeRequest
        Where and how long.

    Returns
    -------
    tuple of int and str
        Key of the account, and the one-time password, which is kept nowhere.

    Raises
    ------
    InvalidInput
        If the name is no name or taken, or a code is unknown: all of it at once.
    """
    wanted = normalise_name(name)
    faults = [*_name_faults(session, wanted), *scopes.scope_faults(scope)]
    where = scopes.resolve_scope(session, caller, scope, faults)
    if faults:
        raise InvalidInput(faults)
    password = passwords.make_one_time_password()
    values = (wanted, display_name.strip() or wanted, role.value, passwords.hash_password(password))
    made = session.scalar(select(func.make_account(*values, *where, scopes.scope_period(session, scope))))
    return int(made or 0), password


def list_accounts(session: Session, caller: Caller) -> Sequence[AccountSummary]:
    """Accounts that the session may see, by name: of an admin, those that work in the own subdistricts."""
    mine = select(AccountScope.account_id).where(row_filter.visible(caller, AccountScope))
    rows = session.scalars(select(Account).where(Account.id.in_(mine)).order_by(Account.name)).all()
    places = scopes.list_scopes_by_account(session, caller)
    return [_account_summary(row, places) for row in rows]


def get_account(session: Session, caller: Caller, account_id: int) -> AccountSummary:
    """One account.

    Raises
    ------
    NotFound
        If the session may not see it.
    """
    found = next((each for each in list_accounts(session, caller) if each.id == account_id), None)
    if found is None:
        raise NotFound(account_id)
    return found


def list_own_scopes(session: Session, caller: Caller, account_id: int) -> Sequence[Scope]:
    """Where the session's own account works, also when that is over."""
    return scopes.list_scopes_by_account(session, caller).get(account_id, [])


def get_account_by_name(session: Session, caller: Caller, name: str) -> AccountSummary:
    """The account of a name.

    Raises
    ------
    InvalidInput
        If there is none.
    """
    found = next((each for each in list_accounts(session, caller) if each.name == normalise_name(name)), None)
    if found is None:
        raise InvalidInput([InputFault(Message(N_("there is no account of this name")), column="name", value=name)])
    return found


def can_manage(session: Session, account_id: int) -> bool:
    """Whether the session may change an account: it works nowhere but in the admin's own subdistricts."""
    return bool(session.scalar(select(func.governs(account_id))))


def reset_password(session: Session, caller: Caller, account_id: int, address: str | None = None) -> str:
    """A one-time password for somebody who forgot theirs; every browser of the account is signed out.

    Parameters
    ----------
    session : Session
        Of an admin who answers for the account, or the owner's.
    account_id : int
    address : str, optional
        Network address that this is asked from.

    Returns
    -------
    str
        To be told to the person; it is kept nowhere and has to be changed at the next sign-in.

    Raises
    ------
    NotFound
        If the session may not change the account.
    """
    _require_manageable(session, caller, account_id)
    password = passwords.make_one_time_password()
    session.execute(select(func.set_password(account_id, passwords.hash_password(password), inet_value(address))))
    return password


def set_active(session: Session, caller: Caller, account_id: int, *, active: bool) -> None:
    """Put an account out of use, which signs it out everywhere, or in use again; it is never deleted.

    Raises
    ------
    NotFound
        If the session may not change the account.
    """
    _require_manageable(session, caller, account_id)
    session.execute(select(func.set_active(account_id, active)))


def add_scope(session: Session, caller: Caller, account_id: int, scope: ScopeRequest) -> None:
    """Let an account work in one more place.

    Raises
    ------
    InvalidInput
        If a code is unknown, the days end before they begin, or the account has this place already.
    NotFound
        If the session may not change the account.
    """
    _require_manageable(session, caller, account_id)
    faults = scopes.scope_faults(scope)
    where = scopes.resolve_scope(session, caller, scope, faults)
    if not faults and _has_scope(session, caller, account_id, where, days := scopes.scope_period(session, scope)):
        faults.append(InputFault(Message(N_("the account has this place on these days already"))))
    if faults:
        raise InvalidInput(faults)
    session.execute(select(func.give_scope(account_id, *where, days)))


def end_scope(session: Session, caller: Caller, account_id: int, scope_id: int) -> None:
    """End an account's work in a place with yesterday; from now on it sees nothing there.

    Raises
    ------
    NotFound
        If the session may not change the account, or it has no such scope.
    """
    _require_manageable(session, caller, account_id)
    if scope_id not in {each.id for each in get_account(session, caller, account_id).scopes}:
        raise NotFound(scope_id)
    session.execute(select(func.end_scope(scope_id)))


def set_language(session: Session, language: str) -> None:
    """Keep the language that the session's account has chosen."""
    session.execute(select(func.set_language(language)))


def _require_manageable(session: Session, caller: Caller, account_id: int) -> None:
    get_account(session, caller, account_id)
    if not can_manage(session, account_id):
        raise NotFound(account_id)


def _name_faults(session: Session, name: str) -> list[InputFault]:
    if not ACCOUNT_NAME_PATTERN.fullmatch(name):
        problem = N_("a name has 2 to 80 letters, digits and . @ - _ without spaces")
        return [InputFault(Message(problem), column="name", value=name)]
    if session.scalar(select(func.name_taken(name))):
        return [InputFault(Message(N_("the name is taken")), column="name", value=name)]
    return []


def _has_scope(
    session: Session, caller: Caller, account_id: int, scope_ids: tuple[int | None, ...], period: Any
) -> bool:
    columns = (AccountScope.subdistrict_id, AccountScope.community_id, AccountScope.grid_id)
    same = [column.is_not_distinct_from(key) for column, key in zip(columns, scope_ids, strict=True)]
    rows = select(AccountScope.id).where(
        row_filter.visible(caller, AccountScope), AccountScope.account_id == account_id, *same
    )
    rows = rows.where(AccountScope.valid.overlaps(period))
    return session.scalar(rows.limit(1)) is not None


def _account_summary(row: Account, scopes_by_account: dict[int, list[Scope]]) -> AccountSummary:
    mine = tuple(scopes_by_account.get(row.id, ()))
    return AccountSummary(row.id, row.name, row.display_name, Role(row.role), row.active, mine)
