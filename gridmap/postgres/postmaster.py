"""Whether a server runs, from what it left in its data folder and what the system knows.

The lock file of a server that was killed stays behind; a zombie, or a stranger that has got its number since,
looks alive to PostgreSQL, which then refuses to start.
"""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

from gridmap.postgres import liveness

SHARED_MEMORY_FILE = Path("/proc/sysvipc/shm")
EXIT_TIMEOUT_S = 20.0


def running_pid(data: Path) -> int | None:
    """Process id of the server that runs on a data folder, or None."""
    lines = _read_lock_file(data)
    number = lines[0].strip() if lines else ""
    return int(number) if number.isdigit() and _is_server_process(int(number), data) else None


def recorded_port(data: Path) -> int | None:
    """Port that the server on a data folder has noted."""
    lines = _read_lock_file(data)
    return int(lines[3]) if len(lines) > 3 and lines[3].strip().isdigit() else None


def is_answering(data: Path) -> bool:
    """Whether the server on a data folder has finished starting, and speaks when it is spoken to."""
    there = _ready_port(data)
    return there is not None and liveness.is_answering(there)


def is_hanging(data: Path) -> bool:
    """Whether a server runs on a data folder, has finished starting, and answers nobody, however often it is asked."""
    there = _ready_port(data)
    return there is not None and not any(liveness.is_answering(there) for _ in range(liveness.MAX_MISSES))


def kill_server(data: Path, pid: int) -> None:
    """End the server on a data folder and all its processes at once, if it is still the one of that number."""
    if running_pid(data) != pid:
        return
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    for one in (pid, *map(int, children)):
        with suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)
    end = time.monotonic() + EXIT_TIMEOUT_S
    while running_pid(data) == pid and time.monotonic() < end:
        time.sleep(0.02)


def remove_stale_lock(data: Path) -> None:
    """Remove the lock file of a server that is dead, once its last child has let go of the data."""
    end = time.monotonic() + EXIT_TIMEOUT_S
    while running_pid(data) is None and _read_lock_file(data):
        if not _has_shared_memory_users(data):
            (data / "postmaster.pid").unlink(missing_ok=True)
        elif time.monotonic() > end:
            return
        time.sleep(0.02)


def _ready_port(data: Path) -> int | None:
    """Port of the server that runs on a data folder, once it has finished starting."""
    ready = "".join(_read_lock_file(data)[7:8]).strip() == "ready"
    return recorded_port(data) if ready and running_pid(data) else None


def _read_lock_file(data: Path) -> list[str]:
    try:
        return (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return []


def _is_server_process(pid: int, data: Path) -> bool:
    """Whether a process is no zombie and its folder is the data's, as a server's is."""
    about = Path("/proc") / str(pid)
    try:
        state = (about / "stat").read_text().rpartition(")")[2].split()[0]
        return state not in "ZX" and (about / "cwd").readlink() == data.resolve()
    except OSError:
        return False


def _has_shared_memory_users(data: Path) -> bool:
    """Whether processes still hold the server's shared memory, by which PostgreSQL guards its data."""
    words = " ".join(_read_lock_file(data)[6:7]).split()
    if len(words) != 2 or not SHARED_MEMORY_FILE.exists():
        return False
    rows = (line.split() for line in SHARED_MEMORY_FILE.read_text().splitlines()[1:])
    return any(row[1] == words[1] and row[6] != "0" for row in rows)
