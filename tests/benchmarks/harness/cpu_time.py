"""CPU seconds of processes and all that they have started, told apart from what else keeps a shared machine busy."""

import os
from collections.abc import Iterable
from pathlib import Path

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
PARENT_FIELD, OWN_TICK_FIELDS, CHILD_TICK_FIELDS = 1, slice(11, 13), slice(13, 15)
"""Fields of ``/proc/<pid>/stat`` behind the name: the parent, own ticks, ticks of children that have ended."""


def tree_cpu_s(pids: Iterable[int]) -> float:
    """CPU seconds that processes, their children and those of them that have ended have used so far."""
    stats = dict(_process_stats())
    wanted, found = list(pids), set[int]()
    while wanted:
        found.add(one := wanted.pop())
        wanted += [
            number for number, fields in stats.items() if int(fields[PARENT_FIELD]) == one and number not in found
        ]
    return sum(_ticks(stats[number]) for number in found if number in stats) / TICKS_PER_S


def _ticks(fields: list[str]) -> int:
    return sum(map(int, (*fields[OWN_TICK_FIELDS], *fields[CHILD_TICK_FIELDS])))


def _process_stats() -> Iterable[tuple[int, list[str]]]:
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            yield int(path.parent.name), path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
