"""State of the database, for the health check."""

from contextlib import AbstractContextManager
from typing import Protocol

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from gridmap.store.migrations import fingerprint
from gridmap.store.queries.backups import BackupStatus, get_backup_status

CLOCK = text("SELECT extract(epoch FROM clock_timestamp())")
STATEMENT_TIMEOUT = text("SET LOCAL statement_timeout = '1s'")


class TransactionSource(Protocol):
    """A database that opens transactions."""

    def transaction(self, token: str | None) -> AbstractContextManager[Session]:
        """Open a transaction for a signed-in browser, or for an anonymous caller."""


class DatabaseUnavailable(Exception):
    """The database did not answer."""


def check_answer(database: TransactionSource) -> None:
    """Ask the database for nothing; raise the error of its driver if it does not answer within a second."""
    with database.transaction(None) as session:
        session.execute(STATEMENT_TIMEOUT)


def is_schema_current(database: TransactionSource) -> bool:
    """Return whether a database has the schema of this version.

    The statements may take a second; a connection from the pool may take longer.

    Raises
    ------
    DatabaseUnavailable
        If the database cannot be reached or does not answer in time.
    """
    try:
        with database.transaction(None) as session:
            session.execute(STATEMENT_TIMEOUT)
            return fingerprint.is_current(session.connection())
    except SQLAlchemyError as error:
        raise DatabaseUnavailable from error


def read_clock_and_backups(database: TransactionSource) -> tuple[float, BackupStatus]:
    """Return the time of the database's clock in seconds since 1970, and the status of backups.

    Raises
    ------
    DatabaseUnavailable
        If the database cannot be reached or does not answer in time.
    """
    try:
        with database.transaction(None) as session:
            session.execute(STATEMENT_TIMEOUT)
            status = get_backup_status(session)
            return float(session.scalar(CLOCK) or 0.0), status
    except SQLAlchemyError as error:
        raise DatabaseUnavailable from error
