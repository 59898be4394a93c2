"""Whether a server runs, from what it left in its data folder and what the system knows.

The lock file of a server that was killed stays behind; a zombie, or a stranger that has got its number since,
looks alive to PostgreSQL, which then refuses to start.
"""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

from gridmap.store.cluster import pulse

SHARED_MEMORY = Path("/proc/sysvipc/shm")
PATIENCE_S = 20.0


def living(data: Path) -> int | None:
    """Process id of the server that runs on a data folder, or None."""
    lines = _lock_file(data)
    number = lines[0].strip() if lines else ""
    return int(number) if number.isdigit() and _works_in(int(number), data) else None


def port(data: Path) -> int | None:
    """Port that the server on a data folder has noted."""
    lines = _lock_file(data)
    return int(lines[3]) if len(lines) > 3 and lines[3].strip().isdigit() else None


def answers(data: Path) -> bool:
    """Whether the server on a data folder has finished starting, and speaks when it is spoken to."""
    there = _ready(data)
    return there is not None and pulse.speaks(there)


def hangs(data: Path) -> bool:
    """Whether a server runs on a data folder, has finished starting, and answers nobody, however often it is asked."""
    there = _ready(data)
    return there is not None and not any(pulse.speaks(there) for _ in range(pulse.MISSES))


def kill(data: Path, number: int) -> None:
    """End the server on a data folder and all its processes at once, if it is still the one of that number."""
    if living(data) != number:
        return
    children = Path(f"/proc/{number}/task/{number}/children").read_text().split()
    for one in (number, *map(int, children)):
        with suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)
    end = time.monotonic() + PATIENCE_S
    while living(data) == number and time.monotonic() < end:
        time.sleep(0.02)


def bury(data: Path) -> None:
    """Remove the lock file of a server that is dead, once its last child has let go of the data."""
    end = time.monotonic() + PATIENCE_S
    while living(data) is None and _lock_file(data):
        if not _attached(data):
            (data / "postmaster.pid").unlink(missing_ok=True)
        elif time.monotonic() > end:
            return
        time.sleep(0.02)


def _ready(data: Path) -> int | None:
    """Port of the server that runs on a data folder, once it has finished starting."""
    ready = "".join(_lock_file(data)[7:8]).strip() == "ready"
    return port(data) if ready and living(data) else None


def _lock_file(data: Path) -> list[str]:
    try:
        return (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return []


def _works_in(number: int, data: Path) -> bool:
    """Whether a process is no zombie and its folder is the data's, as a server's is."""
    about = Path("/proc") / str(number)
    try:
        state = (about / "stat").read_text().rpartition(")")[2].split()[0]
        return state not in "ZX" and (about / "cwd").readlink() == data.resolve()
    except OSError:
        return False


def _attached(data: Path) -> bool:
    """Whether processes still hold the server's shared memory, by which PostgreSQL guards its data."""
    words = " ".join(_lock_file(data)[6:7]).split()
    if len(words) != 2 or not SHARED_MEMORY.exists():
        return False
    rows = (line.split() for line in SHARED_MEMORY.read_text().splitlines()[1:])
    return any(row[1] == words[1] and row[6] != "0" for row in rows)
