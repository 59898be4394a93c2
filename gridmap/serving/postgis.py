"""Private PostGIS server as a component of the service."""

import logging
import os
import signal
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from multiprocessing import get_context
from multiprocessing.context import ForkProcess

from gridmap.core.progress import Progress
from gridmap.jobs.process_limits import set_parent_death_signal
from gridmap.jobs.stopped_processes import StoppedTimer
from gridmap.postgres import lifecycle, urls
from gridmap.postgres.liveness import LivenessProbe

RESTART_DELAY_S = 5.0
FORK_CONTEXT = get_context("fork")  # loading the modules in a new process takes longer than the start of the server
ProgressFactory = Callable[[], AbstractContextManager[Progress]]
log = logging.getLogger(__name__)


class PostgisComponent:
    """Database server: started first, restarted when it dies or hangs, stopped last.

    Parameters
    ----------
    prepare : callable
        Called with the owner's address when the server runs, before other components start.
    on_address_change : callable
        Called when a restart changed the address, because the folder of the socket was gone.
    open_progress : callable
        Opens the progress display for the download of PostGIS.
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
        self.liveness_probe = LivenessProbe(lifecycle.recorded_socket)
        self.restart_process: ForkProcess | None = None
        self.next_restart_at = 0.0
        self.stopped = StoppedTimer()

    @property
    def ready(self) -> bool:
        """Return whether the database is prepared."""
        return bool(self.url)

    def start(self) -> None:
        """Start the private server unless it runs, and prepare the database."""
        with self.open_progress() as progress:
            url = lifecycle.start(progress)
        self.prepare(url)
        self.url = url

    def poll(self) -> None:
        """Restart the private server when it is gone or hangs, in a subprocess, so that polling is not blocked."""
        now = time.monotonic()
        if not self.is_private or now < self.next_restart_at:
            return
        if self.restart_process is None:
            pid = lifecycle.postmaster_pid()
            if pid is None or self.stopped.has_expired(pid, now) or self.liveness_probe.is_dead():
                self._begin_restart(pid)
        elif not self.restart_process.is_alive():
            self._finish_restart(self.restart_process.exitcode, now)

    def stop(self) -> None:
        """Stop the private server, even if another process started it."""
        if self.restart_process:
            self.restart_process.terminate()
            self.restart_process.join()
        if self.is_private:
            lifecycle.stop()

    def _begin_restart(self, hung_pid: int | None) -> None:
        log.warning("the database server %s and is restarted", "hangs" if hung_pid else "is gone")
        self.liveness_probe.reset()
        self.stopped = StoppedTimer()
        self.restart_process = FORK_CONTEXT.Process(target=_restart_server, args=[hung_pid], daemon=True)
        self.restart_process.start()

    def _finish_restart(self, exit_code: int | None, now: float) -> None:
        self.restart_process = None
        if exit_code or lifecycle.postmaster_pid() is None:
            log.error("the database server could not be restarted")
            self.next_restart_at = now + RESTART_DELAY_S
            return
        log.info("the database server is running again")
        before, self.url = self.url, lifecycle.database_url()
        if self.url != before:
            self.on_address_change()


def _restart_server(hung_pid: int | None) -> None:
    """Start the server in a subprocess that ignores Ctrl-C and ends with the supervisor, whose lock it inherits."""
    set_parent_death_signal()
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if hung_pid:
        lifecycle.private_cluster().kill(hung_pid)
    lifecycle.start()
