"""Log of outages of the database: one line when an outage begins, one when it is over; never a line a request."""

import logging
import time
from collections.abc import Callable
from threading import Lock, Thread

from gridmap.store.outage_reasons import OutageReason, outage_reason
from gridmap.store.queries.readiness import check_answer
from gridmap.store.session import Database

PROBE_INTERVAL_S, IDLE_PROBE_INTERVAL_S = 1.0, 15.0
QUIET_S = {OutageReason.FULL_DISK: 60.0, OutageReason.READ_ONLY: 60.0, OutageReason.NO_FREE_CONNECTION: 15.0}
"""Seconds without a failure after which an outage is over that a question to the database does not show."""
DEFAULT_QUIET_S = 3.0
log = logging.getLogger("gridmap.outages")


class OutageLog:
    """Outage of the database that this process sees, from the first failure until questions are answered again.

    Parameters
    ----------
    probe : callable
        Asks the database by every login; raises its error if it cannot be used.
    clock : callable
        Returns seconds that never go back.
    """

    def __init__(self, probe: Callable[[], None], clock: Callable[[], float] = time.monotonic) -> None:
        self.probe, self.clock, self.lock = probe, clock, Lock()
        self.reason: OutageReason | None = None
        self.began_at = self.failed_at = 0.0
        self.failures = 0

    def report(self, error: BaseException) -> None:
        """Report a failure; the first one begins an outage, another reason is logged once."""
        reason = outage_reason(error)
        if reason is None:
            return
        now = self.clock()
        with self.lock:
            if self.reason is None:
                self.began_at, self.failures = now, 0
                log.error("outage begins: %s", reason)
                self.reason = reason
            elif _is_news(reason, self.reason):
                log.error("outage goes on: %s", reason)
                self.reason = reason
            self.failed_at, self.failures = now, self.failures + 1

    def check(self) -> None:
        """Ask the database; end the outage if it answers and nothing has failed for some seconds."""
        try:
            self.probe()
        except Exception as error:  # noqa: BLE001 - each is a failure of the database, or it says nothing about it
            self.report(error)
            return
        now = self.clock()
        with self.lock:
            if self.reason and now - self.failed_at >= QUIET_S.get(self.reason, DEFAULT_QUIET_S):
                duration = self.failed_at - self.began_at
                log.warning("outage over after %.0f s: %s; %d failures", duration, self.reason, self.failures)
                self.reason = None

    def watch(self) -> None:
        """Check without end, so that an outage is in the log even if nobody asks for a page."""
        while True:
            self.check()
            time.sleep(PROBE_INTERVAL_S if self.reason else IDLE_PROBE_INTERVAL_S)


def watch_database(*databases: Database) -> OutageLog:
    """Return the log of outages, which a thread keeps.

    Parameters
    ----------
    *databases : Database
        The database by each of its logins.
    """

    def probe() -> None:
        for database in databases:
            check_answer(database)

    outages = OutageLog(probe)
    Thread(target=outages.watch, daemon=True, name="outages").start()
    return outages


def _is_news(reason: OutageReason, known: OutageReason) -> bool:
    """Return whether a further reason is news; after a connection is closed come several that are none."""
    passing = (OutageReason.CLOSED, OutageReason.NO_FREE_CONNECTION, OutageReason.STARTING, OutageReason.OTHER)
    return reason is not known and reason not in passing
