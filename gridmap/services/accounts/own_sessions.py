"""Browsers in which the own account is signed in."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from gridmap.store.queries.sign_in import OwnSession, list_own_sessions
from gridmap.store.writes import sign_in as sign_in_writes

__all__ = ["OwnSession", "end_other_sessions", "end_session", "list_sessions"]


def list_sessions(session: Session) -> Sequence[OwnSession]:
    """Return the open sessions of the session's account, the current one first.

    Parameters
    ----------
    session : Session
        Of the login for accounts.
    """
    return list_own_sessions(session)


def end_session(session: Session, handle: str, address: str | None = None) -> int:
    """Sign out another browser of the account; return 0 if it is signed out already."""
    return sign_in_writes.end_own_sessions(session, handle, address)


def end_other_sessions(session: Session, address: str | None = None) -> int:
    """Sign out all other browsers of the account; return how many."""
    return sign_in_writes.end_own_sessions(session, None, address)
