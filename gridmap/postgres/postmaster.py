"""State of the server's process, from the lock file in its data folder and from the operating system.

The lock file of a killed server remains. If its process is a zombie, or another process has got its id, PostgreSQL
takes the server for running and refuses to start.
"""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

from gridmap.postgres import liveness

SHARED_MEMORY_FILE = Path("/proc/sysvipc/shm")
EXIT_TIMEOUT_S = 20.0
ORPHAN_TIMEOUT_S = 1.0
"""Seconds in which the sessions of a dead server end by themselves; one that computes does not look for its server."""


def running_pid(data: Path) -> int | None:
    """Return the process id of the server that runs on a data folder, or None."""
    lines = _read_lock_file(data)
    pid = lines[0].strip() if lines else ""
    return int(pid) if pid.isdigit() and _is_server_process(int(pid), data) else None


def recorded_socket(data: Path) -> Path | None:
    """Return the path of the socket in the lock file of a data folder, or None."""
    lines = [line.strip() for line in _read_lock_file(data)]
    if len(lines) < 5 or not lines[4]:
        return None
    return Path(lines[4]) / f".s.PGSQL.{lines[3]}"


def is_answering(data: Path) -> bool:
    """Return whether the server on a data folder has started and answers."""
    address = _ready_socket(data)
    return address is not None and liveness.is_answering(address)


def is_hanging(data: Path) -> bool:
    """Return whether the server on a data folder has started, but does not answer repeated requests."""
    address = _ready_socket(data)
    return address is not None and not any(liveness.is_answering(address) for _ in range(liveness.MAX_MISSES))


def kill_server(data: Path, pid: int) -> None:
    """Kill the server on a data folder and all its processes, if it still has that process id."""
    if running_pid(data) != pid:
        return
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    for process in (pid, *map(int, children)):
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    end = time.monotonic() + EXIT_TIMEOUT_S
    while running_pid(data) == pid and time.monotonic() < end:
        time.sleep(0.02)


def remove_stale_lock(data: Path) -> None:
    """Remove the lock file of a dead server when its last child process has released the data, or was killed."""
    begun = time.monotonic()
    while running_pid(data) is None and _read_lock_file(data):
        if not _has_shared_memory_users(data):
            (data / "postmaster.pid").unlink(missing_ok=True)
        elif time.monotonic() > begun + EXIT_TIMEOUT_S:
            return
        elif time.monotonic() > begun + ORPHAN_TIMEOUT_S:
            _kill_orphans(data)
        time.sleep(0.02)


def _kill_orphans(data: Path) -> None:
    """Kill the processes of a dead server: what they have not committed is lost with it anyway."""
    for process in Path("/proc").glob("[0-9]*"):
        if _is_server_process(int(process.name), data):
            with suppress(ProcessLookupError, PermissionError):
                os.kill(int(process.name), signal.SIGKILL)


def _ready_socket(data: Path) -> Path | None:
    """Return the socket of the server that runs on a data folder, or None while it starts."""
    is_ready = "".join(_read_lock_file(data)[7:8]).strip() == "ready"
    return recorded_socket(data) if is_ready and running_pid(data) else None


def _read_lock_file(data: Path) -> list[str]:
    try:
        return (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return []


def _is_server_process(pid: int, data: Path) -> bool:
    """Return whether a process is not a zombie and works in the data folder, as a server does."""
    process = Path("/proc") / str(pid)
    try:
        state = (process / "stat").read_text().rpartition(")")[2].split()[0]
        return state not in "ZX" and (process / "cwd").readlink() == data.resolve()
    except OSError:
        return False


def _has_shared_memory_users(data: Path) -> bool:
    """Return whether processes use the server's shared memory, by which PostgreSQL guards its data."""
    segment = " ".join(_read_lock_file(data)[6:7]).split()
    if len(segment) != 2 or not SHARED_MEMORY_FILE.exists():
        return False
    rows = (line.split() for line in SHARED_MEMORY_FILE.read_text().splitlines()[1:])
    return any(row[1] == segment[1] and row[6] != "0" for row in rows)
