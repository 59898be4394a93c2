"""Attempts to sign in, and sessions of browsers; each is a database function that writes the audit."""

from typing import NamedTuple

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from gridmap.store.network_address import inet_value, parse_address

BEGIN_SIGN_IN = text("SELECT account_id, password_hash, wait_s FROM begin_sign_in(:name, cast(:address AS inet))")


class SignInAttempt(NamedTuple):
    """An attempt that has been counted: account and password hash of the name, or the seconds to wait."""

    account_id: int | None
    password_hash: str | None
    wait_s: int


def begin_attempt(session: Session, name: str, address: str | None) -> SignInAttempt:
    """Count an attempt to sign in and return what it is verified with."""
    row = session.execute(BEGIN_SIGN_IN, {"name": name, "address": parse_address(address)}).one()
    return SignInAttempt(*row)


def insert_failed_attempt(session: Session, name: str, address: str | None) -> None:
    """Write a failed attempt to the audit."""
    session.execute(select(func.record_failed_sign_in(name, inet_value(address))))


def open_session(session: Session, account_id: int, token_hash: bytes, address: str | None) -> None:
    """Open a session for an account and forget its failed attempts."""
    session.execute(select(func.open_session(account_id, token_hash, inet_value(address))))


def close_session(session: Session, token_hash: bytes, address: str | None) -> None:
    """Close a session; nothing happens where there is none."""
    session.execute(select(func.close_session(token_hash, inet_value(address))))


def renew_password_hash(session: Session, account_id: int, old_hash: str, new_hash: str) -> None:
    """Replace the hash of a password by one with today's parameters, unless the password has changed since."""
    session.execute(select(func.update_password_hash(account_id, old_hash, new_hash)))
