"""Accounts of signed-in browsers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.core.vocabulary import Role

COUNT_PEPPERS = text("SELECT pepper_id, accounts FROM count_peppers()")
FIND_SESSION = "SELECT * FROM find_session(%(token)s)"


class StatementDatabase(Protocol):
    """A database that executes a single statement without opening a transaction first."""

    def fetch_one(self, statement: str, params: Mapping[str, object]) -> dict[str, Any] | None:
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
    subdistricts : tuple of int
        Keys of the subdistricts that the account has a scope in today.
    subdistrict_name : str or None
        Names of these subdistricts, for display.
    token : str
        Token of the browser's session, by which transactions act for the account; never shown.
    """

    id: int
    name: str
    display_name: str
    role: Role
    language: str | None
    must_change: bool
    subdistricts: tuple[int, ...]
    subdistrict_name: str | None
    token: str = field(repr=False)


def find_session(database: StatementDatabase, token: str) -> SignedInAccount | None:
    """Return the account of an open session; None where it is closed, expired or unused for too long."""
    row = database.fetch_one(FIND_SESSION, {"token": token})
    if row is None:
        return None
    values = {**row, "role": Role(row["role"]), "subdistricts": tuple(row["subdistricts"])}
    return SignedInAccount(**values, token=token)


def count_peppers(session: Session) -> dict[str, int]:
    """Return the number of accounts by the id of the pepper of their password; the empty id stands for none."""
    return {row.pepper_id: row.accounts for row in session.execute(COUNT_PEPPERS)}
