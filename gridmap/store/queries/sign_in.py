"""Accounts of signed-in browsers, and the sessions of the own account."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.vocabulary import Role

COUNT_PEPPERS = text("SELECT pepper_id, accounts FROM count_peppers()")
LIST_MY_SESSIONS = text("SELECT handle, opened_at, last_seen_at, ip_address, is_current FROM list_my_sessions()")
IS_PASSWORD_RECENT = "SELECT is_password_recent() AS recent"  # noqa: S105 - a statement
SCOPE_COLUMNS = "subdistrict_ids", "whole_subdistrict_ids", "community_ids", "grid_ids"
FIND_SESSION = "SELECT * FROM find_session(%(token)s)"


class StatementDatabase(Protocol):
    """A database that executes a single statement without opening a transaction first."""

    def fetch_one(
        self, statement: str, params: Mapping[str, object], token: str | None = None
    ) -> dict[str, Any] | None:
        """Return the first row of a statement, in one round trip."""


@dataclass(frozen=True)
class SignedInAccount:
    """A signed-in account.

    Parameters
    ----------
    id : int
    name : str
        Name to sign in with.
    display_name : str
        Name shown on pages.
    role : Role
    language : str or None
        Language that the account has chosen.
    must_change : bool
        True where somebody else set the password; it has to be changed first.
    must_enrol : bool
        True where the role needs a second factor and the account has none; it has to be set up first.
    subdistrict_name : str or None
        Names of the subdistricts that the account has a scope in today, for display.
    unseen_jobs : int
        Jobs that have ended and whose end the account has not seen.
    unseen_notices : int
        Notices about cases that the account has not seen.
    caller : Caller
        The account with its scopes of today.
    token : str
        Token of the browser's session, by which transactions act for the account; never shown.
    """

    id: int
    name: str
    display_name: str
    role: Role
    language: str | None
    must_change: bool
    must_enrol: bool
    subdistrict_name: str | None
    unseen_jobs: int
    unseen_notices: int
    caller: Caller
    token: str = field(repr=False)


class OwnSession(NamedTuple):
    """A browser in which the account is signed in.

    Parameters
    ----------
    handle : str
        Name of the session in forms; it is not the token.
    opened_at, last_seen_at : datetime
        Time of the sign-in, and of the last use to the minute.
    ip_address : str or None
        Network address of the sign-in.
    is_current : bool
        True for the browser that asks.
    """

    handle: str
    opened_at: datetime
    last_seen_at: datetime
    ip_address: str | None
    is_current: bool


def find_session(database: StatementDatabase, token: str) -> SignedInAccount | None:
    """Return the account of an open session; None where it is closed, expired or unused for too long."""
    row = database.fetch_one(FIND_SESSION, {"token": token})
    if row is None:
        return None
    scopes: dict[str, Any] = {name: tuple(row.pop(name)) for name in SCOPE_COLUMNS}
    row["role"] = Role(row["role"])
    return SignedInAccount(**row, caller=Caller(row["id"], row["role"], **scopes), token=token)


def count_peppers(session: Session) -> dict[str, int]:
    """Return the number of accounts by the id of the pepper of their password; the empty id stands for none."""
    return {row.pepper_id: row.accounts for row in session.execute(COUNT_PEPPERS)}


def list_own_sessions(session: Session) -> Sequence[OwnSession]:
    """Return the open sessions of the transaction's account, the current one first, then by last use."""
    return [OwnSession(*row) for row in session.execute(LIST_MY_SESSIONS)]


def is_password_recent(database: StatementDatabase, token: str) -> bool:
    """Return whether the password of a session was typed within the last 5 minutes."""
    row = database.fetch_one(IS_PASSWORD_RECENT, {}, token)
    return bool(row and row["recent"])
