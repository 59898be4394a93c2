"""Sign-in, sign-out, sessions and the own password.

Each step is a transaction of its own, so that a refused attempt is counted and written to the audit.
"""

import hashlib
import secrets
import unicodedata
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from sqlalchemy.orm import Session

from gridmap.core.errors import N_, InputFault, InvalidInput, Message
from gridmap.services.accounts import passwords
from gridmap.store.queries import sign_in as sign_in_queries
from gridmap.store.queries.sign_in import SignedInAccount, StatementDatabase
from gridmap.store.writes import accounts as account_writes
from gridmap.store.writes import sign_in as sign_in_writes
from gridmap.store.writes.sign_in import Client

__all__ = [
    "InvalidCredentials",
    "SignInDatabase",
    "SignedInAccount",
    "TooManyAttempts",
    "change_password",
    "find_session_account",
    "hash_token",
    "make_device_token",
    "normalise_name",
    "sign_in",
    "sign_out",
]


class SignInDatabase(StatementDatabase, Protocol):
    """A database that opens transactions, and executes a single statement without one."""

    def transaction(self, token: str | None) -> AbstractContextManager[Session]:
        """Open a transaction for a signed-in browser, or for an anonymous caller."""


class InvalidCredentials(Exception):
    """The name and the password do not belong together; the error does not say which of them is wrong."""


@dataclass(eq=False)
class TooManyAttempts(Exception):
    """Too many attempts to sign in; further ones are refused for `retry_after_s` seconds."""

    retry_after_s: int


class _Credentials(NamedTuple):
    account_id: int
    password_hash: str


def sign_in(
    database: SignInDatabase, name: str, password: str, address: str | None = None, device: str | None = None
) -> str:
    """Open a session for an account by its name and password.

    Parameters
    ----------
    database : SignInDatabase
        Of the login for accounts.
    name, password : str
        As typed.
    address : str, optional
        Network address of the request.
    device : str, optional
        Token of the browser's device cookie. Attempts of a browser that has signed in to the account before are counted
        by browser; those of others by name and by address.

    Returns
    -------
    str
        The token for the cookie; the database stores only its hash.

    Raises
    ------
    InvalidCredentials
        If the name is unknown, the password is wrong, or the account is deactivated; all take the same time.
    TooManyAttempts
        If there were too many attempts with this name, from this address or with this browser.
    """
    client = _client(address, device)
    account_id, stored_hash = _verify_credentials(database, normalise_name(name), password, client)
    with database.transaction(None) as session:
        if passwords.needs_rehash(stored_hash):
            new_hash = passwords.hash_password(password)
            sign_in_writes.renew_password_hash(session, account_id, stored_hash, new_hash)
        return _open_session(session, account_id, client)


def sign_out(database: SignInDatabase, token: str, address: str | None = None) -> None:
    """Close the session of a token; nothing happens for an unknown token."""
    with database.transaction(None) as session:
        sign_in_writes.close_session(session, hash_token(token), address)


def find_session_account(database: SignInDatabase, token: str) -> SignedInAccount | None:
    """Return the account of a session's token; None if the session is closed, expired or unused for too long."""
    return sign_in_queries.find_session(database, token)


def change_password(
    database: SignInDatabase,
    account: SignedInAccount,
    old: str,
    new: str,
    address: str | None = None,
    device: str | None = None,
) -> str:
    """Change the password of the signed-in account, sign out all its browsers, and open a new session.

    Wrong guesses at the old password count as failed attempts to sign in: a browser may have been left unattended.

    Returns
    -------
    str
        Token of the new session.

    Raises
    ------
    InvalidInput
        If the new password is easily guessed or equals the old one, or the old one is wrong.
    TooManyAttempts
        If there were too many wrong guesses.
    """
    if old == new:
        raise InvalidInput(
            [InputFault(Message(N_("the new password is the same as the current one")), column="password")]
        )
    new_hash, client = passwords.hash_new_password(new, account.name, account.display_name), _client(address, device)
    try:
        _verify_credentials(database, account.name, old, client)
    except InvalidCredentials as error:
        raise InvalidInput([InputFault(Message(N_("this is not the current password")), column="old")]) from error
    with database.transaction(account.token) as session:
        account_writes.set_password(session, account.id, new_hash, address)
        return _open_session(session, account.id, client)


def make_device_token() -> str:
    """Return a new random token for the device cookie; the database stores only its hash."""
    return secrets.token_urlsafe(32)


def normalise_name(name: str) -> str:
    """Return a name to sign in with as accounts store it, whichever keyboard it was typed on.

    >>> normalise_name(" East-ＷＯＲＫＥＲ ")
    'east-worker'
    """
    return unicodedata.normalize("NFKC", name).strip().lower()


def hash_token(token: str) -> bytes:
    """Return the SHA-256 hash of a token, which the database stores in its place."""
    return hashlib.sha256(token.encode()).digest()


def _client(address: str | None, device: str | None) -> Client:
    return Client(address, hash_token(device) if device else None)


def _verify_credentials(database: SignInDatabase, name: str, password: str, client: Client) -> _Credentials:
    """Count the attempt, then compare the password; write a failure to the audit."""
    with database.transaction(None) as session:
        attempt = sign_in_writes.begin_attempt(session, name, client)
    if attempt.wait_s:
        raise TooManyAttempts(attempt.wait_s)
    account_id, stored_hash = attempt.account_id, attempt.password_hash
    if passwords.verify_password(stored_hash, password) and account_id is not None and stored_hash is not None:
        return _Credentials(account_id, stored_hash)
    with database.transaction(None) as session:
        sign_in_writes.insert_failed_attempt(session, name, client)
    raise InvalidCredentials


def _open_session(session: Session, account_id: int, client: Client) -> str:
    token = secrets.token_urlsafe(32)
    sign_in_writes.open_session(session, account_id, hash_token(token), client)
    return token
