"""Sign-in, sign-out, sessions and the own password.

Each step is a transaction of its own, so that a refused attempt is counted and written to the audit.
"""

import hashlib
import secrets
import unicodedata
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from sqlalchemy.orm import Session

from gridmap.core.errors import N_, InputFault, InvalidInput, Message
from gridmap.services.accounts import passwords, totp
from gridmap.services.accounts.encryption_keys import load_key_ring
from gridmap.store.queries import second_factor as second_factor_queries
from gridmap.store.queries import sign_in as sign_in_queries
from gridmap.store.queries.sign_in import SignedInAccount, StatementDatabase
from gridmap.store.writes import accounts as account_writes
from gridmap.store.writes import second_factor as second_factor_writes
from gridmap.store.writes import sign_in as sign_in_writes
from gridmap.store.writes.second_factor import TypedCode
from gridmap.store.writes.sign_in import Client

__all__ = [
    "CodeRequired",
    "InvalidCode",
    "InvalidCredentials",
    "SecondStepOver",
    "SignInDatabase",
    "SignedInAccount",
    "TooManyAttempts",
    "change_password",
    "complete_sign_in",
    "confirm_password",
    "find_session_account",
    "hash_token",
    "is_password_recent",
    "is_second_step_open",
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


@dataclass(eq=False)
class CodeRequired(Exception):
    """The password is right, and the account has a second factor: `token` stands for the sign-in until its code."""

    token: str = field(repr=False)


class InvalidCode(Exception):
    """The code is wrong, too old, or has been used."""


class SecondStepOver(Exception):
    """The sign-in has waited for its code for too long, or has it already: the password has to be typed again."""


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
    CodeRequired
        If the account has a second factor: no session is open before `complete_sign_in`.
    TooManyAttempts
        If there were too many attempts with this name, from this address or with this browser.
    """
    client, pending_token = _client(address, device), secrets.token_urlsafe(32)
    account_id, stored_hash = _verify_credentials(database, normalise_name(name), password, client)
    with database.transaction(None) as session:
        if passwords.needs_rehash(stored_hash):
            new_hash = passwords.hash_password(password)
            sign_in_writes.renew_password_hash(session, account_id, stored_hash, new_hash)
        if not sign_in_writes.begin_second_step(session, account_id, hash_token(pending_token)):
            return _open_session(session, account_id, client)
    raise CodeRequired(pending_token)


def complete_sign_in(
    database: SignInDatabase, pending_token: str, code: str, address: str | None = None, device: str | None = None
) -> str:
    """Open a session by the second step of a sign-in. Attempts are counted together with those of the password.

    Parameters
    ----------
    database : SignInDatabase
        Of the login for accounts.
    pending_token : str
        Token of `CodeRequired`.
    code : str
        Code of the app, or a recovery code; as typed.
    address, device : str, optional
        As in `sign_in`.

    Returns
    -------
    str
        The token of the session.

    Raises
    ------
    InvalidCode
        If the code is wrong or has been used.
    SecondStepOver
        If the password has to be typed again.
    TooManyAttempts
        If there were too many attempts.
    """
    client, pending_hash = _client(address, device), hash_token(pending_token)
    with database.transaction(None) as session:
        step = second_factor_queries.find_second_step(session, pending_hash)
        attempt = sign_in_writes.begin_attempt(session, step.name, client) if step else None
        secret = load_key_ring(session).decrypt(step.secret) if step else ""
    if step is None or attempt is None:
        raise SecondStepOver
    if attempt.wait_s:
        raise TooManyAttempts(attempt.wait_s)
    token, typed = secrets.token_urlsafe(32), _parse_code(step.account_id, secret, code)
    with database.transaction(None) as session:
        taken = typed and second_factor_writes.complete_second_step(
            session, pending_hash, typed, hash_token(token), client
        )
        if taken:
            return token
        second_factor_writes.insert_failed_second_step(session, pending_hash, client)
    raise InvalidCode


def is_second_step_open(database: SignInDatabase, pending_token: str) -> bool:
    """Return whether a sign-in still waits for its code."""
    with database.transaction(None) as session:
        return second_factor_queries.find_second_step(session, hash_token(pending_token)) is not None


def is_password_recent(database: SignInDatabase, account: SignedInAccount) -> bool:
    """Return whether the password was typed within the last 5 minutes in this session."""
    return sign_in_queries.is_password_recent(database, account.token)


def confirm_password(
    database: SignInDatabase,
    account: SignedInAccount,
    password: str,
    address: str | None = None,
    device: str | None = None,
) -> None:
    """Note that the password was typed again in a session, which lets it change other accounts for 5 minutes.

    Raises
    ------
    InvalidCredentials
        If the password is wrong; it counts as a failed attempt to sign in.
    TooManyAttempts
        If there were too many wrong guesses.
    """
    client = _client(address, device)
    _verify_credentials(database, account.name, password, client)
    with database.transaction(account.token) as session:
        sign_in_writes.confirm_password(session, client)


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


def _parse_code(account_id: int, secret: str, code: str) -> TypedCode | None:
    """Return what a typed code stands for; None for a wrong code of the app."""
    normalised = totp.normalise_code(code)
    if not totp.is_app_code(normalised):
        return TypedCode(code_hash=totp.hash_recovery_code(account_id, normalised))
    step = totp.find_step(secret, normalised)
    return TypedCode(step) if step is not None else None


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
