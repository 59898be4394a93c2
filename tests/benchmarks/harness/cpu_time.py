"""CPU seconds of processes and their descendants, which other work on the machine does not influence."""

import os
from collections.abc import Iterable
from pathlib import Path

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
PARENT_FIELD, OWN_TICK_FIELDS, CHILD_TICK_FIELDS = 1, slice(11, 13), slice(13, 15)
"""Fields of ``/proc/<pid>/stat`` behind the name: the parent, own ticks, ticks of children that have ended."""


def tree_cpu_s(pids: Iterable[int]) -> float:
    """Return the CPU seconds of processes and their descendants, ended ones included."""
    stats = dict(_process_stats())
    pending, tree = list(pids), set[int]()
    while pending:
        tree.add(parent := pending.pop())
        children = (pid for pid, fields in stats.items() if int(fields[PARENT_FIELD]) == parent)
        pending += [pid for pid in children if pid not in tree]
    return sum(_ticks(stats[pid]) for pid in tree if pid in stats) / TICKS_PER_S


def _ticks(fields: list[str]) -> int:
    return sum(map(int, (*fields[OWN_TICK_FIELDS], *fields[CHILD_TICK_FIELDS])))


def _process_stats() -> Iterable[tuple[int, list[str]]]:
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            yield int(path.parent.name), path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
