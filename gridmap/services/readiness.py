"""Whether the database can be worked with."""

from contextlib import AbstractContextManager
from typing import Protocol

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session


class Database(Protocol):
    """Anything that opens transactions."""

    def transaction(self, account: int | None) -> AbstractContextManager[Session]:
        """Open one for an account, or for nobody."""


def ready(database: Database) -> bool:
    """Whether the database answers a query within a second."""
    try:
        with database.transaction(None) as session:
            session.execute(text("set local statement_timeout = '1s'"))
            return bool(session.execute(text("select true")).scalar_one())
    except SQLAlchemyError:
        return False
