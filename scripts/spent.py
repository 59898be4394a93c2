"""CPU seconds of processes and all that they have started, told apart from what else keeps a shared machine busy."""

import os
from collections.abc import Iterable
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PARENT, OWN, ENDED = 1, slice(11, 13), slice(13, 15)
"""Fields of ``/proc/<pid>/stat`` behind the name: the parent, own ticks, ticks of children that have ended."""


def cpu_s(roots: Iterable[int]) -> float:
    """CPU seconds that processes, their children and those of them that have ended have used so far."""
    stats = dict(_stats())
    wanted, found = list(roots), set[int]()
    while wanted:
        found.add(one := wanted.pop())
        wanted += [number for number, fields in stats.items() if int(fields[PARENT]) == one and number not in found]
    return sum(_ticks(stats[number]) for number in found if number in stats) / TICKS


def _ticks(fields: list[str]) -> int:
    return sum(map(int, (*fields[OWN], *fields[ENDED])))


def _stats() -> Iterable[tuple[int, list[str]]]:
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            yield int(path.parent.name), path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
