"""Signing in and out, and who a browser is. Each step is a transaction of its own: a refusal must leave its trace."""

import hashlib
import secrets
import unicodedata
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Protocol

from sqlalchemy import cast, func, select, text
from sqlalchemy.dialects.postgresql import INET
from sqlalchemy.orm import Session

from gridmap.core.errors import N_, InputFault, InvalidInput, Message
from gridmap.core.vocabulary import Role
from gridmap.services.accounts import passwords


class SignInDatabase(Protocol):
    """Anything that opens transactions, and answers a single question without one."""

    def transaction(self, account_id: int | None) -> AbstractContextManager[Session]:
        """Open one for an account, or for nobody."""

    def fetch_one(self, statement: str, params: Mapping[str, Any]) -> dict[str, Any] | None:
        """The first row, in one trip."""


@dataclass(frozen=True)
class SignedInAccount:
    """Who is signed in.

    Parameters
    ----------
    id : int
        Key of the account.
    name : str
        What the person signs in with.
    display_name : str
        What the person is called on pages.
    role : Role
        What the person may do.
    language : str or None
        The language chosen.
    must_change : bool
        Whether the password was set by somebody else and has to be changed first.
    subdistricts : tuple of int
        Where the role holds today.
    subdistrict_name : str or None
        The same for people to read.
    """

    id: int
    name: str
    display_name: str
    role: Role
    language: str | None
    must_change: bool
    subdistricts: tuple[int, ...]
    subdistrict_name: str | None


class InvalidCredentials(Exception):
    """Name and password do not belong together; which of them is wrong is not said."""


@dataclass(eq=False)
class TooManyAttempts(Exception):
    """Too many attempts; none is heard for so many seconds."""

    retry_after_s: int


def sign_in(database: SignInDatabase, name: str, password: str, address: str | None = None) -> str:
    """Open a session for whoever knows the password.

    Parameters
    ----------
    database : SignInDatabase
        The application's.
    name, password : str
        As typed.
    address : str, optional
        Network address it comes from; attempts are counted by it, too.

    Returns
    -------
    str
        The token for the cookie; the database keeps only its hash.

    Raises
    ------
    InvalidCredentials
        If there is no such name, the password is wrong, or the account is out of use: all take the same time.
    TooManyAttempts
        If there were too many attempts under this name or from this address.
    """
    account, kept = _verify_credentials(database, normalise_name(name), password, address)
    with database.transaction(None) as session:
        if passwords.needs_rehash(kept):
            session.execute(select(func.renew_hash(account, kept, passwords.hash_password(password))))
        return _open_session(session, account, address)


def sign_out(database: SignInDatabase, token: str, address: str | None = None) -> None:
    """Close the session of a token; an unknown one is none."""
    with database.transaction(None) as session:
        session.execute(select(func.close_session(hash_token(token), inet_value(address))))


def find_session_account(database: SignInDatabase, token: str) -> SignedInAccount | None:
    """Whose token it is, or None if its session is closed, over or too long unused."""
    row = database.fetch_one("SELECT * FROM find_session(%(token)s)", {"token": hash_token(token)})
    if row is None:
        return None
    return SignedInAccount(**{**row, "role": Role(row["role"]), "subdistricts": tuple(row["subdistricts"])})


def change_password(
    database: SignInDatabase, account: SignedInAccount, old: str, new: str, address: str | None = None
) -> str:
    """Change one's own password; every browser is signed out, and the one at hand gets a new session.

    Guesses at the old password are counted like those at the sign-in: the screen may be somebody else's.

    Returns
    -------
    str
        The new token.

    Raises
    ------
    InvalidInput
        If the new one is easily guessed or the old one again, or the old one is wrong.
    TooManyAttempts
        If there were too many wrong ones.
    """
    if old == new:
        raise InvalidInput([InputFault(Message(N_("it is the password of today")), column="password")])
    hashed = passwords.hash_new_password(new, account.name, account.display_name)
    try:
        _verify_credentials(database, account.name, old, address)
    except InvalidCredentials as error:
        raise InvalidInput([InputFault(Message(N_("this is not the password of today")), column="old")]) from error
    with database.transaction(account.id) as session:
        session.execute(select(func.set_password(account.id, hashed, inet_value(address))))
        return _open_session(session, account.id, address)


def normalise_name(name: str) -> str:
    """A name as accounts have it, whichever keyboard it was typed on."""
    return unicodedata.normalize("NFKC", name).strip().lower()


def hash_token(token: str) -> bytes:
    """What the database keeps of a token."""
    return hashlib.sha256(token.encode()).digest()


def _begin_attempt(database: SignInDatabase, name: str, address: str | None) -> tuple[int | None, str | None]:
    """Account and hash of a name, after the attempt has been counted."""
    query = text("SELECT account_id, password, wait_s FROM begin_sign_in(:name, cast(:address AS inet))")
    with database.transaction(None) as session:
        row = session.execute(query, {"name": name, "address": parse_address(address)}).one()
    if row.wait_s:
        raise TooManyAttempts(row.wait_s)
    return row.account_id, row.password


def _verify_credentials(database: SignInDatabase, name: str, password: str, address: str | None) -> tuple[int, str]:
    """Account and hash of a name whose password is right; a wrong one is written down."""
    account, kept = _begin_attempt(database, name, address)
    if passwords.verify_password(kept, password) and account is not None and kept is not None:
        return account, kept
    with database.transaction(None) as session:
        session.execute(select(func.note_failed_sign_in(name, inet_value(address))))
    raise InvalidCredentials


def _open_session(session: Session, account_id: int, address: str | None) -> str:
    token = secrets.token_urlsafe(32)
    session.execute(select(func.open_session(account_id, hash_token(token), inet_value(address))))
    return token


def parse_address(address: str | None) -> str | None:
    """A network address that the database takes; whatever a proxy may have written instead of one is none.

    >>> [parse_address(address) for address in ("192.0.2.1", "fe80::1%eth0", "unknown", None)]
    ['192.0.2.1', 'fe80::1', None, None]
    """
    try:
        return str(ip_address((address or "").partition("%")[0]))
    except ValueError:
        return None


def inet_value(address: str | None) -> Any:
    """A network address, or what came instead of one, as a value of a query."""
    return cast(parse_address(address), INET)
