"""Jobs process: the runner of jobs, supervised as the web processes are, under their account.

The supervisor starts ``python -m gridmap.serving.jobs_process --slots SLOTS HEARTBEAT``, where HEARTBEAT is the write
end of a pipe. The standard input is the address of the database, without a login.
"""

import argparse
import os
import signal
import sys
import time
from collections.abc import Callable

from gridmap.config import require_scram, set_kernel_cache
from gridmap.jobs.attempts import prepare_server
from gridmap.postgres.urls import URL_VARIABLE
from gridmap.serving.isolation.web_account import web_sandbox
from gridmap.serving.logs import configure_logging
from gridmap.serving.processes import ManagedProcess, stop_all

NAME = "jobs"
STOP_TIMEOUT_S = 6.0
HEARTBEAT_INTERVAL_S = 1.0
DEFAULT_SLOTS = 2
"""Jobs at the same time: with two, a long import does not keep a partition of a second waiting."""
PRELOADED_MODULES = (
    *("gridmap.job_runner", "gridmap.services.jobs.context"),
    "gridmap.services.plans.partitions.partition_job",
)
"""Modules that the processes of attempts have from the start; they take seconds to load."""
RESTARTED = "--restarted"


class JobsProcess:
    """The runner as a component of the service; pages do not wait for it to be ready.

    Parameters
    ----------
    slots : int
        Jobs at the same time.
    get_database_url : callable
        Returns the address of the database, without a login.
    """

    ready = True

    def __init__(self, slots: int, get_database_url: Callable[[], str]) -> None:
        self.get_database_url = get_database_url
        command = [sys.executable, "-m", "gridmap.serving.jobs_process", "--slots", str(slots)]
        self.process = ManagedProcess(NAME, command, deferred=True, heartbeat=True, sandbox=web_sandbox())
        self.process.restart_options = [RESTARTED]

    def start(self) -> None:
        """Start the process."""
        self.process.start()
        self.process.release(self.get_database_url())

    def poll(self) -> None:
        """Restart the process if it is dead, and replace it if it hangs."""
        self.process.poll()

    def restart(self) -> None:
        """Start the process anew, with the address that the database has then; jobs that run are begun again."""
        self.process.release(self.get_database_url())
        self.process.terminate()

    def stop(self) -> None:
        """End the process; jobs that run are begun again after the next start."""
        stop_all([self.process], STOP_TIMEOUT_S)


def write_heartbeat(heartbeat_fd: int) -> Callable[[], None]:
    """Return a function that writes a byte to a pipe, once a second at most."""
    os.set_blocking(heartbeat_fd, False)
    next_at = 0.0

    def beat() -> None:
        nonlocal next_at
        if (now := time.monotonic()) >= next_at:
            next_at = now + HEARTBEAT_INTERVAL_S
            os.write(heartbeat_fd, b".")

    return beat


def run(slots: int, beat: Callable[[], None] = lambda: None, *, restarted: bool = False) -> None:
    """Run jobs until a signal to stop arrives.

    Parameters
    ----------
    slots : int
        Jobs at the same time.
    beat : callable
        Called in every step, as the sign of life.
    restarted : bool
        Whether jobs wait: the server of attempts loads its modules while this process loads its own. At the start of
        the service, web processes come first.
    """
    if restarted:
        prepare_server(PRELOADED_MODULES)
    from gridmap.job_runner import create_runner

    runner = create_runner(slots, beat, PRELOADED_MODULES)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, runner.stop)
    runner.run()


def main() -> None:
    """Run the jobs process."""
    parser = argparse.ArgumentParser()
    parser.add_argument("heartbeat_fd", type=int, help="write end of the heartbeat pipe")
    parser.add_argument("--slots", type=int, default=DEFAULT_SLOTS, help="jobs at the same time")
    parser.add_argument(RESTARTED, action="store_true", help="jobs may wait that the process before has begun")
    options = parser.parse_args()
    configure_logging(NAME)
    set_kernel_cache()
    require_scram()
    if database_url := sys.stdin.read():
        os.environ[URL_VARIABLE] = database_url
    run(options.slots, write_heartbeat(options.heartbeat_fd), restarted=options.restarted)


if __name__ == "__main__":
    main()
