"""Whether the database can be worked with."""

from contextlib import AbstractContextManager
from enum import StrEnum
from typing import Protocol

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from gridmap.store import migrations


class Standing(StrEnum):
    """How the database stands; `READY` alone is good."""

    READY = "ready"
    AWAY = "database away"
    OTHER = "database of another version"


class Database(Protocol):
    """Anything that opens transactions."""

    def transaction(self, account: int | None) -> AbstractContextManager[Session]:
        """Open one for an account, or for nobody."""


def standing(database: Database) -> Standing:
    """How the database stands, by a query that may take a second; getting a connection may take longer."""
    try:
        with database.transaction(None) as session:
            session.execute(text("set local statement_timeout = '1s'"))
            return Standing.READY if migrations.current(session.connection()) else Standing.OTHER
    except SQLAlchemyError:
        return Standing.AWAY
