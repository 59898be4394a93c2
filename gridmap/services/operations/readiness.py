"""Readiness of the database, for the health check."""

from concurrent.futures import Future
from enum import StrEnum
from threading import Lock, Thread

from gridmap.store.queries.readiness import DatabaseUnavailable, TransactionSource, is_schema_current

MAX_WAIT_S = 0.9


class DatabaseStatus(StrEnum):
    """Status of the database; the service is ready only with `READY`."""

    READY = "ready"
    UNAVAILABLE = "database unavailable"
    OTHER_VERSION = "database of another version"


class DatabaseProbe:
    """Probe of a database that answers within `MAX_WAIT_S`, even if the server hangs.

    A background thread asks the server; concurrent requests share one thread and its answer.

    Parameters
    ----------
    database : TransactionSource
    """

    def __init__(self, database: TransactionSource) -> None:
        self.database = database
        self.pending: Future[DatabaseStatus] | None = None
        self.lock = Lock()

    def status(self) -> DatabaseStatus:
        """Return the status of the database; `UNAVAILABLE` if it does not answer in time."""
        with self.lock:
            if self.pending is None or self.pending.done():
                self.pending = Future()
                Thread(target=self._run_check, args=[self.pending], daemon=True).start()
            pending = self.pending
        try:
            return pending.result(MAX_WAIT_S)
        except TimeoutError:
            return DatabaseStatus.UNAVAILABLE

    def _run_check(self, pending: "Future[DatabaseStatus]") -> None:
        try:
            pending.set_result(check_database(self.database))
        except BaseException as error:  # noqa: BLE001 - raised again by the request that waits for the result
            pending.set_exception(error)


def check_database(database: TransactionSource) -> DatabaseStatus:
    """Return the status of the database; the statement may take a second, a connection may take longer."""
    try:
        is_current = is_schema_current(database)
    except DatabaseUnavailable:
        return DatabaseStatus.UNAVAILABLE
    return DatabaseStatus.READY if is_current else DatabaseStatus.OTHER_VERSION
