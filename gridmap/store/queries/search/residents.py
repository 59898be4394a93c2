"""Residents by their whole name; the database records each search."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gridmap.store.network_address import inet_value


def find_residents_by_name(session: Session, name: str, address: str | None) -> Sequence[int] | None:
    """Return the residents of the account's buildings with a name, 20 at most; None where it searches too often."""
    found: Sequence[int] | None = session.scalar(select(func.find_residents_by_name(name, inet_value(address))))
    return found
