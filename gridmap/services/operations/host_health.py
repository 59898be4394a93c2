"""Health of the host: space on the disks of the home and of the database, and jumps of the clock."""

import logging
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from gridmap import config
from gridmap.postgres import lifecycle, urls

DISK_FULL_BYTES = 256 * 2**20
"""Free space below which the service is not ready: the log of a transaction may need this much at once."""
DISK_LOW_BYTES = 2**30
"""Free space below which a warning is given: what the log of transactions may grow to under load."""
CLOCK_TOLERANCE_S, CLOCK_DRIFT = 5.0, 0.001
"""Change of the clock against the time since the start that is no jump: time servers correct it slowly all the time."""
JUMP_REPORT_S = 3600.0
"""Seconds for which a jump is reported, so that a monitor that asks now and then notices it."""
MAX_CLOCK_DIFFERENCE_S = 30.0
"""Difference between the clocks of this host and of the database that is no fault."""
BYTES_PER_MB = 2**20
log = logging.getLogger(__name__)


class ProblemKind(StrEnum):
    """Kinds of problems; a service is not ready with a full disk."""

    DISK_FULL = "disk full"
    DISK_LOW = "disk nearly full"
    CLOCK_JUMPED = "clock jumped"
    CLOCK_DIFFERS = "clock differs from the database's"
    BACKUP_OLD = "backup too old"


class Problem(NamedTuple):
    """A problem, with what is known of it; without personal data and without paths."""

    kind: ProblemKind
    detail: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.detail}"


def disk_problems(free_bytes: Mapping[str, int]) -> Sequence[Problem]:
    """Return a problem for each disk without enough space.

    >>> [str(problem) for problem in disk_problems({"home": 255 * 2**20, "database": 2**30})]
    ['disk full: 255 MB free for home']
    """
    return [
        Problem(
            ProblemKind.DISK_FULL if free < DISK_FULL_BYTES else ProblemKind.DISK_LOW,
            f"{free // BYTES_PER_MB} MB free for {name}",
        )
        for name, free in free_bytes.items()
        if free < DISK_LOW_BYTES
    ]


def clock_problems(jump_s: float | None, difference_s: float | None) -> Sequence[Problem]:
    """Return problems of the clock: a recent jump, and a difference from the database's clock."""
    problems = []
    if jump_s is not None:
        problems.append(Problem(ProblemKind.CLOCK_JUMPED, f"by {jump_s:+.0f} s within the last hour"))
    if difference_s is not None and abs(difference_s) > MAX_CLOCK_DIFFERENCE_S:
        problems.append(Problem(ProblemKind.CLOCK_DIFFERS, f"it is {difference_s:+.0f} s from here"))
    return problems


def boot_time_s() -> float:
    """Return the seconds since the start of the machine, suspended time included."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class ClockWatch:
    """Comparison of the wall clock with the time since the start, from check to check.

    Parameters
    ----------
    wall, steady : callable
        Clocks in seconds: one that may be set, and one that only runs.
    """

    def __init__(self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = boot_time_s) -> None:
        self.wall, self.steady = wall, steady
        self.checked_at = steady()
        self.offset = wall() - self.checked_at
        self.jump_s, self.jumped_at = 0.0, -JUMP_REPORT_S

    def check(self) -> float | None:
        """Return the seconds by which the clock jumped within the last hour, or None."""
        now = self.steady()
        offset = self.wall() - now
        change, elapsed = offset - self.offset, now - self.checked_at
        self.offset, self.checked_at = offset, now
        if abs(change) > CLOCK_TOLERANCE_S + CLOCK_DRIFT * elapsed:
            self.jump_s, self.jumped_at = change, now
        return self.jump_s if self.jump_s and now - self.jumped_at < JUMP_REPORT_S else None


class HostWatch:
    """Watch of this host's disks and clock, which writes to the log when a problem begins or ends."""

    def __init__(self, clock: ClockWatch | None = None) -> None:
        self.clock = clock or ClockWatch()
        self.reported: set[ProblemKind] = set()

    def check(self, difference_s: float | None = None) -> Sequence[Problem]:
        """Return the problems of this host; the difference of the database's clock is known to the caller."""
        problems = [*disk_problems(free_space()), *clock_problems(self.clock.check(), difference_s)]
        self.log_changes(problems)
        return problems

    def log_changes(self, problems: Iterable[Problem]) -> None:
        """Log problems that were not there at the last check, and those that have ended."""
        current = {problem.kind: problem for problem in problems}
        for kind in current.keys() - self.reported:
            log.warning("%s", current[kind])
        for kind in self.reported - current.keys():
            log.info("no longer: %s", kind)
        self.reported = set(current)


def free_space() -> dict[str, int]:
    """Return the free bytes of the disks of the home and, if the server is private, of the database, by name."""
    folders = {"home": config.data_dir()}
    if urls.from_environment() is None:
        with suppress(OSError):
            folders["database"] = lifecycle.private_cluster().paths.data_folder()
    return {name: _free_bytes(folder) for name, folder in folders.items()}


def _free_bytes(folder: Path) -> int:
    """Return the free bytes of the disk of a folder, or of the nearest existing one above it."""
    for path in (folder, *folder.absolute().parents):
        with suppress(OSError):
            status = os.statvfs(path)
            return status.f_bavail * status.f_frsize
    raise FileNotFoundError(folder)
