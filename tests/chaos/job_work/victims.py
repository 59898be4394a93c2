"""Processes that take part in jobs, found to be killed or stopped."""

import os
import random
import signal
import threading
from contextlib import suppress
from pathlib import Path

from gridmap.jobs.stopped_processes import children_of
from gridmap.postgres.server import Cluster
from tests.benchmarks.harness.run_service import RunningService

WEB_PROCESSES = 2
VICTIMS = ("postmaster", "web", "runner", "fork_server", "attempt", "dask_worker")


def find_victim(service: RunningService, kind: str, chance: random.Random) -> int | None:
    """Return a process of a kind; None where there is none just now."""
    if kind == "postmaster":
        return Cluster(service.home).postmaster_pid()
    if kind == "web":
        return chance.choice(service.web_process_ids() or [0]) or None
    runners = [pid for pid in children_of(service.supervisor.pid) if "serving.jobs_process" in command_of(pid)]
    servers = [pid for runner in runners for pid in children_of(runner) if "forkserver" in command_of(pid)]
    attempts = [pid for server in servers for pid in children_of(server)]
    workers = [pid for attempt in attempts for pid in children_of(attempt) if "spawn_main" in command_of(pid)]
    found = {"runner": runners, "fork_server": servers, "attempt": attempts, "dask_worker": workers}[kind]
    return chance.choice(found) if found else None


def is_replaced(service: RunningService, kind: str, pid: int) -> bool:
    """Return whether a victim is gone or awake again, and what it did is done by a process that is there."""
    state = state_of(pid)
    if state == "T":
        return False
    if kind == "web":
        return len(service.web_process_ids()) >= WEB_PROCESSES
    if kind in ("postmaster", "runner"):
        return find_victim(service, kind, random.Random()) not in ((None, pid) if state is None else (None,))
    return True


def state_of(pid: int) -> str | None:
    """Return the letter of the state of a process, T for one that is stopped; None for one that is gone."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()[0]
    except OSError:
        return None
    return None if state in "ZX" else state


def command_of(pid: int) -> str:
    """Return the command of a process; nothing for one that is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return ""


def send(pid: int, number: signal.Signals, chance: random.Random) -> None:
    """Send a signal; a process that is stopped wakes up after some seconds, if it has not been replaced by then."""
    with suppress(ProcessLookupError):
        os.kill(pid, number)
    if number is signal.SIGSTOP:
        threading.Timer(chance.uniform(1, 12), _wake, [pid, command_of(pid)]).start()


def _wake(pid: int, command: str) -> None:
    with suppress(ProcessLookupError):
        if command_of(pid) == command:
            os.kill(pid, signal.SIGCONT)
