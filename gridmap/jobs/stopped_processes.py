"""Stopped processes (``SIGSTOP``): noticed by their state, and killed, so that others take their place.

The kernel says that a process is stopped. A process that is only slow, on a busy machine or in compiled code that lets
no other thread run, is never taken for one.
"""

import logging
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

STOPPED_TIMEOUT_S = 1.0
"""Seconds for which a stopped process may lie still; a debugger or a snapshot may stop it for less."""
WATCH_INTERVAL_S = 0.25
log = logging.getLogger(__name__)


def is_stopped(pid: int) -> bool:
    """Return whether a process is stopped, as by ``SIGSTOP``: it lives and does nothing."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state in "Tt"


def children_of(pid: int) -> list[int]:
    """Return the processes that any thread of a process has started.

    Examples
    --------
    >>> os.getpid() in children_of(os.getppid())
    True
    """
    found: list[int] = []
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += map(int, children.read_text("ascii").split())
    return found


@dataclass
class StoppedTimer:
    """Timer of a process that may be stopped.

    Parameters
    ----------
    since : float, optional
        Time at which it was first found stopped; None while it runs.
    """

    since: float | None = None

    def has_expired(self, pid: int, now: float) -> bool:
        """Return whether a process has been stopped for longer than it may; to be called repeatedly."""
        self.since = (self.since or now) if is_stopped(pid) else None
        return self.since is not None and now - self.since > STOPPED_TIMEOUT_S


@dataclass
class ChildWatch:
    """Watch over the children of this process.

    Parameters
    ----------
    timers : dict of int to StoppedTimer
        By the process id of each child.
    """

    timers: dict[int, StoppedTimer] = field(default_factory=dict)

    def check(self, now: float) -> None:
        """Kill the children that have been stopped for longer than they may."""
        self.timers = {pid: self.timers.get(pid, StoppedTimer()) for pid in children_of(os.getpid())}
        for pid, timer in self.timers.items():
            if timer.has_expired(pid, now):
                log.error("the process %s is stopped and is replaced", pid)
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def run(self, ended: threading.Event) -> None:
        """Check the children until the event is set."""
        while not ended.wait(WATCH_INTERVAL_S):
            self.check(time.monotonic())


@contextmanager
def kill_stopped_children() -> Iterator[None]:
    """Kill the children of this process that are stopped, as long as the block runs."""
    ended = threading.Event()
    thread = threading.Thread(target=ChildWatch().run, args=[ended], name="watch of stopped children", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
