"""Attempts to sign in, and sessions of browsers; each is a database function that writes the audit."""

from typing import NamedTuple

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from gridmap.store.network_address import inet_value, parse_address

BEGIN_SIGN_IN = text(
    "SELECT account_id, password_hash, wait_s FROM begin_sign_in(:name, cast(:address AS inet), :device_hash)"
)


class Client(NamedTuple):
    """Origin of a request: its network address, and the hash of the browser's device cookie."""

    address: str | None = None
    device_hash: bytes | None = None


class SignInAttempt(NamedTuple):
    """An attempt that has been counted: account and password hash of the name, or the seconds to wait."""

    account_id: int | None
    password_hash: str | None
    wait_s: int


def begin_attempt(session: Session, name: str, client: Client) -> SignInAttempt:
    """Count an attempt to sign in and return what it is verified with."""
    values = {"name": name, "address": parse_address(client.address), "device_hash": client.device_hash}
    row = session.execute(BEGIN_SIGN_IN, values).one()
    return SignInAttempt(*row)


def insert_failed_attempt(session: Session, name: str, client: Client) -> None:
    """Write a failed attempt to the audit."""
    session.execute(select(func.record_failed_sign_in(name, inet_value(client.address), client.device_hash)))


def open_session(session: Session, account_id: int, token_hash: bytes, client: Client) -> None:
    """Open a session for an account, make the browser known to it, and forget its failed attempts."""
    session.execute(select(func.open_session(account_id, token_hash, inet_value(client.address), client.device_hash)))


def begin_second_step(session: Session, account_id: int, token_hash: bytes) -> bool:
    """Let a sign-in wait for its second step; return False for an account without a second factor."""
    return bool(session.scalar(select(func.begin_second_step(account_id, token_hash))))


def close_session(session: Session, token_hash: bytes, address: str | None) -> None:
    """Close a session; nothing happens where there is none."""
    session.execute(select(func.close_session(token_hash, inet_value(address))))


def renew_password_hash(session: Session, account_id: int, old_hash: str, new_hash: str) -> None:
    """Replace the hash of a password by one with today's parameters, unless the password has changed since."""
    session.execute(select(func.update_password_hash(account_id, old_hash, new_hash)))


def end_own_sessions(session: Session, handle: str | None, address: str | None) -> int:
    """End one other session by its handle, or all others; return how many."""
    return int(session.scalar(select(func.end_my_sessions(handle, inet_value(address)))) or 0)


def confirm_password(session: Session, client: Client) -> None:
    """Note that the password of the transaction's session was typed right now, and forget failed attempts."""
    session.execute(select(func.confirm_password(inet_value(client.address), client.device_hash)))
