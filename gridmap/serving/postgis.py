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
from gridmap.postgres import lifecycle, urls
from gridmap.postgres.liveness import LivenessProbe
from gridmap.serving.processes import set_parent_death_signal

RESTART_DELAY_S = 5.0
FORK_CONTEXT = get_context(
    "fork"
)  # everything that is needed is loaded here already, which takes longer than the start itself
ProgressFactory = Callable[[], AbstractContextManager[Progress]]
log = logging.getLogger(__name__)


class PostgisComponent:
    """The database: started before all else, started again when it dies or hangs, ended after all else.

    Parameters
    ----------
    prepare : callable
        Called with the owner's address when the database runs, before anything else starts.
    on_address_change : callable
        Called when it had to be started again at another address, because its port was taken meanwhile.
    open_progress : callable
        Opens what shows how far it is when PostGIS has to be fetched.
    """

    def __init__(
        self,
        prepare: Callable[[str], None],
        on_address_change: Callable[[], None],
        open_progress: ProgressFactory,
    ) -> None:
        self.prepare, self.on_address_change, self.open_progress = prepare, on_address_change, open_progress
        self.is_private = urls.from_environment() is None
        self.url = ""
        self.liveness_probe = LivenessProbe(lifecycle.recorded_port)
        self.restart_process: ForkProcess | None = None
        self.next_restart_at = 0.0

    @property
    def ready(self) -> bool:
        """Whether it has been prepared."""
        return bool(self.url)

    def start(self) -> None:
        """Start the server, unless it is one of others or runs already, and prepare the database."""
        with self.open_progress() as progress:
            url = lifecycle.start(progress)
        self.prepare(url)
        self.url = url

    def poll(self) -> None:
        """Start our own server again when it is gone or hangs; in a process beside, so that the others are seen to."""
        now = time.monotonic()
        if not self.is_private or now < self.next_restart_at:
            return
        if self.restart_process is None:
            number = lifecycle.postmaster_pid()
            if number is None or self.liveness_probe.is_dead():
                self._begin_restart(number)
        elif not self.restart_process.is_alive():
            self._finish_restart(self.restart_process.exitcode, now)

    def stop(self) -> None:
        """End our own server, whoever started it."""
        if self.restart_process:
            self.restart_process.terminate()
            self.restart_process.join()
        if self.is_private:
            lifecycle.stop()

    def _begin_restart(self, hung_pid: int | None) -> None:
        log.warning("the database server %s and is started again", "hangs" if hung_pid else "is gone")
        self.liveness_probe.reset()
        self.restart_process = FORK_CONTEXT.Process(target=_restart_server, args=[hung_pid], daemon=True)
        self.restart_process.start()

    def _finish_restart(self, exit_code: int | None, now: float) -> None:
        self.restart_process = None
        if exit_code or lifecycle.postmaster_pid() is None:
            log.error("the database server could not be started again")
            self.next_restart_at = now + RESTART_DELAY_S
            return
        log.info("the database server runs again")
        before, self.url = self.url, lifecycle.database_url()
        if self.url != before:
            self.on_address_change()


def _restart_server(hung_pid: int | None) -> None:
    """In the process beside: start the server, deaf to Ctrl-C, and not without the supervisor, whose lock it shares."""
    set_parent_death_signal()
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if hung_pid:
        lifecycle.private_cluster().kill(hung_pid)
    lifecycle.start()
