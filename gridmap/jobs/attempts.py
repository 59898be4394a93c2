"""Attempt of a job: a process of its own that can be killed, within limits of time and memory.

The process is forked from a server that has loaded the slow modules (`multiprocessing`, ``forkserver``), so that a
small job does not wait for them. It tells how the attempt ended by a pipe; one that says nothing was interrupted.
"""

import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from multiprocessing import forkserver, get_context, parent_process
from multiprocessing.connection import Connection
from typing import Any, Literal, NamedTuple

from gridmap.core.vocabulary import JobFailure
from gridmap.jobs import stopped_processes
from gridmap.jobs.process_limits import limit_memory, set_parent_death_signal
from gridmap.jobs.stopped_processes import StoppedTimer, is_stopped

Outcome = Literal["done", "failed", "cancelled", "interrupted", "released"]
EXIT_TIMEOUT_S = 2.0
KILL_INTERVAL_S = 0.05
START_TIMEOUT_S = 90.0
"""Seconds for which an attempt waits for its process: the server may load its modules first, on a busy machine."""
CONTEXT = get_context("forkserver")


class Claim(NamedTuple):
    """A job that was begun.

    Parameters
    ----------
    job_id : int
    fence : int
        Fencing number of the attempt.
    kind : str
    token : str
        Token by which the attempt acts for the account of the job; never shown.
    """

    job_id: int
    fence: int
    kind: str
    token: str

    def __repr__(self) -> str:
        return f"Claim({self.job_id}, fence={self.fence}, kind={self.kind!r})"


@dataclass(frozen=True)
class AttemptEnd:
    """End of an attempt.

    Parameters
    ----------
    outcome : {"done", "failed", "cancelled", "interrupted", "released"}
        ``done`` has been saved by the attempt itself. An interrupted attempt is repeated, up to the number of attempts
        of its job; a released one is repeated and does not count.
    failure : JobFailure, optional
    error : mapping, optional
        Message of the failure as values of JSON.
    """

    outcome: Outcome
    failure: JobFailure | None = None
    error: Mapping[str, object] | None = None


@dataclass(frozen=True)
class Limits:
    """Limits of an attempt.

    Parameters
    ----------
    time_s : float
    memory_bytes : int
        Data that it may have in addition to the modules.
    """

    time_s: float
    memory_bytes: int


Perform = Callable[[Claim], AttemptEnd]
"""Does the work of an attempt, in a process of its own; a function of a module, since it is sent by its name."""


@cache
def _starter() -> ThreadPoolExecutor:
    """Return the thread that starts processes, since that waits until the server of forks has loaded its modules.

    It lives as long as this process: the kernel ends the server together with the thread that has started it.
    """
    return ThreadPoolExecutor(1)


def prepare_server(modules: Sequence[str]) -> None:
    """Start the server that attempts are forked from, unless it runs; it loads the modules on its own.

    Parameters
    ----------
    modules : sequence of str
        Names of modules that jobs need and that are slow to load.
    """
    CONTEXT.set_forkserver_preload(["gridmap.jobs.fork_server", *modules])
    _starter().submit(forkserver.ensure_running)


def kill_server(*, even_if_alive: bool = False) -> None:
    """Kill the server of forks if it is stopped, or in any case: no process starts then. The next start makes another.

    Attempts that it has forked end with it and are repeated.
    """
    pid = forkserver._forkserver._forkserver_pid  # type: ignore[attr-defined]  # the module offers no other way to its server
    if pid is not None and (even_if_alive or is_stopped(pid)):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def end_server() -> None:
    """Kill the server of forks, whatever it does, and wait until no start waits for it: this process can end then.

    A start waits as long as the server loads its modules, and Python does not end before its threads.
    """
    idle = _starter().submit(int)
    deadline = time.monotonic() + EXIT_TIMEOUT_S
    while True:
        kill_server(even_if_alive=True)
        if wait([idle], KILL_INTERVAL_S).done or time.monotonic() > deadline:
            return


class Attempt:
    """Process of an attempt.

    Parameters
    ----------
    claim : Claim
    limits : Limits
    perform : callable
        Does the work.
    """

    def __init__(self, claim: Claim, limits: Limits, perform: Perform) -> None:
        self.claim, self.limits = claim, limits
        self.receiver, self.sender = CONTEXT.Pipe(duplex=False)
        self.process = CONTEXT.Process(target=run_attempt, args=(self.sender, claim, limits, perform))
        self.start = _starter().submit(self.process.start)
        self.started_at = time.monotonic()
        self.stopped = StoppedTimer()
        self.cancelled_at: float | None = None

    @property
    def is_alive(self) -> bool:
        """Return whether the process starts or works: it has not ended, and is not stopped."""
        return not self.start.done() or (self.process.is_alive() and self.stopped.since is None)

    def poll(self, now: float) -> AttemptEnd | None:
        """Return how the attempt ended; None while it goes on."""
        if not self.start.done():
            is_late = now - self.started_at > START_TIMEOUT_S
            if now - self.started_at > stopped_processes.STOPPED_TIMEOUT_S:
                kill_server(even_if_alive=is_late)
            return self.kill(AttemptEnd("interrupted")) if is_late else None
        if self.start.exception() is not None:
            return AttemptEnd("interrupted")
        if not self.sender.closed:
            self.sender.close()
            self.started_at = now
        if self.receiver.poll() or not self.process.is_alive():
            return self._receive_end()
        if now - self.started_at > self.limits.time_s:
            return self.kill(AttemptEnd("failed", JobFailure.TIME_LIMIT))
        if self.process.pid is not None and self.stopped.has_expired(self.process.pid, now):
            return self.kill(AttemptEnd("interrupted"))
        return None

    def kill(self, end: AttemptEnd) -> AttemptEnd:
        """Kill the process and return how the attempt ends thereby; one that starts only now finds its token void."""
        if self.start.done() and self.start.exception() is None:
            self.process.kill()
            self.close()
        else:
            self.start.cancel()
        return end

    def close(self) -> None:
        """Wait for the process, which has ended or ends now, and free what it held."""
        self.process.join(EXIT_TIMEOUT_S)
        if self.process.is_alive():
            self.process.kill()
            self.process.join(EXIT_TIMEOUT_S)
        self.receiver.close()
        if not self.process.is_alive():
            self.process.close()

    def _receive_end(self) -> AttemptEnd:
        try:
            end: AttemptEnd = self.receiver.recv()
        except (EOFError, OSError):
            end = AttemptEnd("interrupted")
        self.close()
        return end


def run_attempt(sender: "Connection[Any, Any]", claim: Claim, limits: Limits, perform: Perform) -> None:
    """Do the work of an attempt in this process, and send how it ended."""
    set_parent_death_signal()
    runner = parent_process()
    if runner is None or not runner.is_alive():  # it died before the kernel was asked for a signal
        return
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # the runner ends it by SIGKILL
    os.setsid()
    try:
        limit_memory(limits.memory_bytes)
        end = perform(claim)
    except MemoryError:
        end = AttemptEnd("failed", JobFailure.MEMORY_LIMIT)
    with suppress(BrokenPipeError):  # the runner is gone; the database repeats what was not completed
        sender.send(end)
    sender.close()
