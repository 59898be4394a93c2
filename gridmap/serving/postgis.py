"""PostGIS as a part of the service."""

import logging
import os
import signal
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from multiprocessing import get_context
from multiprocessing.context import ForkProcess

from gridmap.core.progress import Progress
from gridmap.serving.children import die_with_parent
from gridmap.store import cluster
from gridmap.store.cluster import address
from gridmap.store.cluster.pulse import Pulse

REVIVAL_S = 5.0
FORK = get_context("fork")  # everything that is needed is loaded here already, which takes longer than the start itself
Showing = Callable[[], AbstractContextManager[Progress]]
log = logging.getLogger(__name__)


class Postgis:
    """The database: started before all else, started again when it dies or hangs, ended after all else.

    Parameters
    ----------
    prepare : callable
        Called with the owner's address when the database runs, before anything else starts.
    moved : callable
        Called when it had to be started again at another address, because its port was taken meanwhile.
    showing : callable
        Opens what shows how far it is when PostGIS has to be fetched.
    """

    def __init__(
        self,
        prepare: Callable[[str], None],
        moved: Callable[[], None],
        showing: Showing,
    ) -> None:
        self.prepare, self.moved, self.showing = prepare, moved, showing
        self.ours = address.given() is None
        self.url = ""
        self.pulse = Pulse(cluster.noted_port)
        self.revival: ForkProcess | None = None
        self.due = 0.0

    @property
    def ready(self) -> bool:
        """Whether it has been prepared."""
        return bool(self.url)

    def start(self) -> None:
        """Start the server, unless it is one of others or runs already, and prepare the database."""
        with self.showing() as progress:
            url = cluster.start(progress)
        self.prepare(url)
        self.url = url

    def watch(self) -> None:
        """Start our own server again when it is gone or hangs; in a process beside, so that the others are seen to."""
        now = time.monotonic()
        if not self.ours or now < self.due:
            return
        if self.revival is None:
            number = cluster.postmaster()
            if number is None or self.pulse.lost():
                self._revive(number)
        elif not self.revival.is_alive():
            self._revived(self.revival.exitcode, now)

    def stop(self) -> None:
        """End our own server, whoever started it."""
        if self.revival:
            self.revival.terminate()
            self.revival.join()
        if self.ours:
            cluster.stop()

    def _revive(self, hung: int | None) -> None:
        log.warning("the database server %s and is started again", "hangs" if hung else "is gone")
        self.pulse.forget()
        self.revival = FORK.Process(target=_start_again, args=[hung], daemon=True)
        self.revival.start()

    def _revived(self, code: int | None, now: float) -> None:
        self.revival = None
        if code or cluster.postmaster() is None:
            log.error("the database server could not be started again")
            self.due = now + REVIVAL_S
            return
        log.info("the database server runs again")
        before, self.url = self.url, cluster.url()
        if self.url != before:
            self.moved()


def _start_again(hung: int | None) -> None:
    """In the process beside: start the server, deaf to Ctrl-C, and not without the supervisor, whose lock it shares."""
    die_with_parent()
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if hung:
        cluster.ours().kill(hung)
    cluster.start()
