"""Accounts: made, given a place and a time to work in, helped out and put out of use. The database keeps the audit."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gridmap.core.errors import N_, BadInput, Fault, Message, Unseen
from gridmap.core.names import Role
from gridmap.services import passwords, scopes
from gridmap.services.scopes import Place, Scope
from gridmap.services.signing_in import inet, known_as
from gridmap.store import access
from gridmap.store.schema import Account, AccountScope

NAME = re.compile(r"[\w.@-]{2,80}")
"""Letters of any script, digits and ``. @ - _``: what is typed on every keyboard, and a mail address."""


@dataclass(frozen=True)
class Listed:
    """An account as lists show it."""

    id: int
    name: str
    display_name: str
    role: Role
    active: bool
    scopes: tuple[Scope, ...]


def make_account(session: Session, name: str, role: Role, display_name: str, place: Place) -> tuple[int, str]:
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
    place : Place
        Where and how long.

    Returns
    -------
    tuple of int and str
        Key of the account, and the one-time password, which is kept nowhere.

    Raises
    ------
    BadInput
        If the name is no name or taken, or a code is unknown: all of it at once.
    """
    wanted = known_as(name)
    faults = [*_faults_of_name(session, wanted), *scopes.faults_of(place)]
    where = scopes.found(session, place, faults)
    if faults:
        raise BadInput(faults)
    password = passwords.one_time()
    values = (wanted, display_name.strip() or wanted, role.value, passwords.hashed(password))
    made = session.scalar(select(func.make_account(*values, *where, scopes.days(session, place))))
    return int(made or 0), password


def accounts(session: Session) -> Sequence[Listed]:
    """Accounts that the session may see, by name: of an admin, those that work in the own subdistricts."""
    mine = select(AccountScope.account_id).where(access.only(session, AccountScope))
    rows = session.scalars(select(Account).where(Account.id.in_(mine)).order_by(Account.name)).all()
    places = scopes.by_account(session)
    return [_listed(row, places) for row in rows]


def one(session: Session, account: int) -> Listed:
    """One account.

    Raises
    ------
    Unseen
        If the session may not see it.
    """
    found = next((each for each in accounts(session) if each.id == account), None)
    if found is None:
        raise Unseen(account)
    return found


def own_scopes(session: Session, account: int) -> Sequence[Scope]:
    """Where the session's own account works, also when that is over."""
    return scopes.by_account(session).get(account, [])


def named(session: Session, name: str) -> Listed:
    """The account of a name.

    Raises
    ------
    BadInput
        If there is none.
    """
    found = next((each for each in accounts(session) if each.name == known_as(name)), None)
    if found is None:
        raise BadInput([Fault(Message(N_("there is no account of this name")), column="name", value=name)])
    return found


def governs(session: Session, account: int) -> bool:
    """Whether the session may change an account: it works nowhere but in the admin's own subdistricts."""
    return bool(session.scalar(select(func.governs(account))))


def recover(session: Session, account: int, address: str | None = None) -> str:
    """A one-time password for somebody who forgot theirs; every browser of the account is signed out.

    Parameters
    ----------
    session : Session
        Of an admin who answers for the account, or the owner's.
    account : int
    address : str, optional
        Network address that this is asked from.

    Returns
    -------
    str
        To be told to the person; it is kept nowhere and has to be changed at the next sign-in.

    Raises
    ------
    Unseen
        If the session may not change the account.
    """
    _own(session, account)
    password = passwords.one_time()
    session.execute(select(func.set_password(account, passwords.hashed(password), inet(address))))
    return password


def set_active(session: Session, account: int, *, active: bool) -> None:
    """Put an account out of use, which signs it out everywhere, or in use again; it is never deleted.

    Raises
    ------
    Unseen
        If the session may not change the account.
    """
    _own(session, account)
    session.execute(select(func.set_active(account, active)))


def give_scope(session: Session, account: int, place: Place) -> None:
    """Let an account work in one more place.

    Raises
    ------
    BadInput
        If a code is unknown, the days end before they begin, or the account has this place already.
    Unseen
        If the session may not change the account.
    """
    _own(session, account)
    faults = scopes.faults_of(place)
    where = scopes.found(session, place, faults)
    if not faults and _has(session, account, where, days := scopes.days(session, place)):
        faults.append(Fault(Message(N_("the account has this place on these days already"))))
    if faults:
        raise BadInput(faults)
    session.execute(select(func.give_scope(account, *where, days)))


def end_scope(session: Session, account: int, scope: int) -> None:
    """End an account's work in a place with yesterday; from now on it sees nothing there.

    Raises
    ------
    Unseen
        If the session may not change the account, or it has no such scope.
    """
    _own(session, account)
    if scope not in {each.id for each in one(session, account).scopes}:
        raise Unseen(scope)
    session.execute(select(func.end_scope(scope)))


def set_language(session: Session, language: str) -> None:
    """Keep the language that the session's account has chosen."""
    session.execute(select(func.set_language(language)))


def _own(session: Session, account: int) -> None:
    one(session, account)
    if not governs(session, account):
        raise Unseen(account)


def _faults_of_name(session: Session, wanted: str) -> list[Fault]:
    if not NAME.fullmatch(wanted):
        problem = N_("a name has 2 to 80 letters, digits and . @ - _ without spaces")
        return [Fault(Message(problem), column="name", value=wanted)]
    if session.scalar(select(func.name_taken(wanted))):
        return [Fault(Message(N_("the name is taken")), column="name", value=wanted)]
    return []


def _has(session: Session, account: int, where: tuple[int | None, ...], days: Any) -> bool:
    columns = (AccountScope.subdistrict_id, AccountScope.community_id, AccountScope.grid_id)
    same = [column.is_not_distinct_from(key) for column, key in zip(columns, where, strict=True)]
    rows = select(AccountScope.id).where(access.only(session, AccountScope), AccountScope.account_id == account, *same)
    rows = rows.where(AccountScope.valid.overlaps(days))
    return session.scalar(rows.limit(1)) is not None


def _listed(row: Account, places: dict[int, list[Scope]]) -> Listed:
    mine = tuple(places.get(row.id, ()))
    return Listed(row.id, row.name, row.display_name, Role(row.role), row.active, mine)
