"""Readiness of the service, for the health check: the database, this host, and the last backup."""

import time
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from threading import Lock, Thread

from gridmap.services.operations import backup_schedule
from gridmap.services.operations.host_health import HostWatch, Problem, ProblemKind
from gridmap.store.queries.backups import BackupStatus
from gridmap.store.queries.readiness import (
    DatabaseUnavailable,
    TransactionSource,
    is_schema_current,
    read_clock_and_backups,
)

MAX_WAIT_S = 0.9


class DatabaseStatus(StrEnum):
    """Status of the database; the service is ready only with `READY`."""

    READY = "ready"
    UNAVAILABLE = "database unavailable"
    OTHER_VERSION = "database of another version"


@dataclass(frozen=True)
class DatabaseReport:
    """Status of the database and, if it is ready, the difference of its clock in seconds, and its backups."""

    status: DatabaseStatus
    clock_difference_s: float | None = None
    backups: BackupStatus | None = None


@dataclass(frozen=True)
class Readiness:
    """Answer of the health check: one line with the status, and one for each problem."""

    is_ready: bool
    lines: Sequence[str]


class DatabaseProbe:
    """Probe of a database that answers within `MAX_WAIT_S`, even if the server hangs.

    A background thread asks the server; concurrent requests share one thread and its answer.

    Parameters
    ----------
    database : TransactionSource
    """

    def __init__(self, database: TransactionSource) -> None:
        self.database = database
        self.pending: Future[DatabaseReport] | None = None
        self.lock = Lock()

    def report(self) -> DatabaseReport:
        """Return what the database says; `UNAVAILABLE` if it does not answer in time."""
        with self.lock:
            if self.pending is None or self.pending.done():
                self.pending = Future()
                Thread(target=self._run_check, args=[self.pending], daemon=True).start()
            pending = self.pending
        try:
            return pending.result(MAX_WAIT_S)
        except TimeoutError:
            return DatabaseReport(DatabaseStatus.UNAVAILABLE)

    def _run_check(self, pending: "Future[DatabaseReport]") -> None:
        try:
            pending.set_result(check_database(self.database))
        except BaseException as error:  # noqa: BLE001 - raised again by the request that waits for the result
            pending.set_exception(error)


class ReadinessCheck:
    """Health check of a web process.

    Parameters
    ----------
    database : TransactionSource
    host : HostWatch, optional
    """

    def __init__(self, database: TransactionSource, host: HostWatch | None = None) -> None:
        self.probe, self.host = DatabaseProbe(database), host or HostWatch()

    def run(self) -> Readiness:
        """Return whether requests can be answered, and all problems, those that leave the service ready included."""
        report = self.probe.report()
        problems = [*self.host.check(report.clock_difference_s), *_backup_problems(report.backups)]
        is_disk_full = any(problem.kind is ProblemKind.DISK_FULL for problem in problems)
        is_ready = report.status is DatabaseStatus.READY and not is_disk_full
        status = "not ready" if is_disk_full and report.status is DatabaseStatus.READY else report.status
        return Readiness(is_ready, [status, *map(str, problems)])


def check_database(database: TransactionSource) -> DatabaseReport:
    """Return what the database says; a statement may take a second, a connection may take longer."""
    try:
        if not is_schema_current(database):
            return DatabaseReport(DatabaseStatus.OTHER_VERSION)
        before = time.time()
        database_clock, backups = read_clock_and_backups(database)
        return DatabaseReport(DatabaseStatus.READY, database_clock - (before + time.time()) / 2, backups)
    except DatabaseUnavailable:
        return DatabaseReport(DatabaseStatus.UNAVAILABLE)


def _backup_problems(status: BackupStatus | None) -> Sequence[Problem]:
    if status is None or not backup_schedule.is_too_old(datetime.now(UTC), status.succeeded_at):
        return ()
    last = f"{status.succeeded_at:%Y-%m-%d %H:%M} UTC" if status.succeeded_at else "never"
    return [Problem(ProblemKind.BACKUP_OLD, f"the last one was made: {last}")]
