"""Whether the database can be worked with."""

from concurrent.futures import Future
from contextlib import AbstractContextManager
from enum import StrEnum
from threading import Lock, Thread
from typing import Protocol

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from gridmap.store.migrations import fingerprint

MAX_WAIT_S = 0.9


class DatabaseStatus(StrEnum):
    """How the database stands; `READY` alone is good."""

    READY = "ready"
    UNAVAILABLE = "database away"
    OTHER_VERSION = "database of another version"


class TransactionSource(Protocol):
    """Anything that opens transactions."""

    def transaction(self, account_id: int | None) -> AbstractContextManager[Session]:
        """Open one for an account, or for nobody."""


class DatabaseProbe:
    """Asks a database how it stands, and never waits for the answer for longer than `MAX_WAIT_S`.

    A server that hangs is silent for as long as it likes, and so is whoever waits for it: a thread beside does, one
    however many want to know.

    Parameters
    ----------
    database : TransactionSource
        Whom to ask.
    """

    def __init__(self, database: TransactionSource) -> None:
        self.database = database
        self.pending: Future[DatabaseStatus] | None = None
        self.lock = Lock()

    def status(self) -> DatabaseStatus:
        """How the database stands: away, too, if it does not say."""
        with self.lock:
            if self.pending is None or self.pending.done():
                self.pending = Future()
                Thread(target=self._run_check, args=[self.pending], daemon=True).start()
            asked = self.pending
        try:
            return asked.result(MAX_WAIT_S)
        except TimeoutError:
            return DatabaseStatus.UNAVAILABLE

    def _run_check(self, pending: "Future[DatabaseStatus]") -> None:
        try:
            pending.set_result(check_database(self.database))
        except BaseException as error:  # noqa: BLE001 - it is raised where somebody waits
            pending.set_exception(error)


def check_database(database: TransactionSource) -> DatabaseStatus:
    """How the database stands, by a query that may take a second; getting a connection may take longer."""
    try:
        with database.transaction(None) as session:
            session.execute(text("set local statement_timeout = '1s'"))
            return (
                DatabaseStatus.READY if fingerprint.is_current(session.connection()) else DatabaseStatus.OTHER_VERSION
            )
    except SQLAlchemyError:
        return DatabaseStatus.UNAVAILABLE
