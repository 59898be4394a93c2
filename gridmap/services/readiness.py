"""Whether the database can be worked with."""

from concurrent.futures import Future
from contextlib import AbstractContextManager
from enum import StrEnum
from threading import Lock, Thread
from typing import Protocol

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from gridmap.store import version

PATIENCE_S = 0.9


class Standing(StrEnum):
    """How the database stands; `READY` alone is good."""

    READY = "ready"
    AWAY = "database away"
    OTHER = "database of another version"


class Database(Protocol):
    """Anything that opens transactions."""

    def transaction(self, account: int | None) -> AbstractContextManager[Session]:
        """Open one for an account, or for nobody."""


class Probe:
    """Asks a database how it stands, and never waits for the answer for longer than `PATIENCE_S`.

    A server that hangs is silent for as long as it likes, and so is whoever waits for it: a thread beside does, one
    however many want to know.

    Parameters
    ----------
    database : Database
        Whom to ask.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self.asked: Future[Standing] | None = None
        self.lock = Lock()

    def standing(self) -> Standing:
        """How the database stands: away, too, if it does not say."""
        with self.lock:
            if self.asked is None or self.asked.done():
                self.asked = Future()
                Thread(target=self._ask, args=[self.asked], daemon=True).start()
            asked = self.asked
        try:
            return asked.result(PATIENCE_S)
        except TimeoutError:
            return Standing.AWAY

    def _ask(self, asked: "Future[Standing]") -> None:
        try:
            asked.set_result(standing(self.database))
        except BaseException as error:  # noqa: BLE001 - it is raised where somebody waits
            asked.set_exception(error)


def standing(database: Database) -> Standing:
    """How the database stands, by a query that may take a second; getting a connection may take longer."""
    try:
        with database.transaction(None) as session:
            session.execute(text("set local statement_timeout = '1s'"))
            return Standing.READY if version.current(session.connection()) else Standing.OTHER
    except SQLAlchemyError:
        return Standing.AWAY
