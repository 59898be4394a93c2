"""Files that no office sends are refused, or their rows are: in time, within memory, with a sentence."""

import resource
import time
from datetime import date
from pathlib import Path

import pytest

from gridmap.core.errors import InvalidInput
from gridmap.formats.intake.source_file import InputSource
from gridmap.formats.sheets.isolation import read_isolated
from gridmap.formats.sheets.kinds import RESIDENTS
from tests.formats.sheets.hostile_files import EVERY_RUN, HOSTILE_FILES

TODAY = date(2026, 3, 1)
MAX_S, MAX_MB = 5.0, 512
START_S = 25.0
"""Seconds that the start of a process takes at most on a machine that does other work, too."""
NAMES = [name if name in EVERY_RUN else pytest.param(name, marks=pytest.mark.full) for name in HOSTILE_FILES]


def child_cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def largest_child_mb() -> float:
    """Return the peak memory of the largest child that has ended."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def read_or_refuse(path: Path) -> list[str]:
    """Return the faults of a file, or of its rows; the number of its rows if none has one, which is one at most."""
    try:
        rows = read_isolated(InputSource(path), RESIDENTS, TODAY, time_limit_s=START_S)
    except InvalidInput as error:
        return [str(fault.problem) for fault in error.faults]
    return [str(each.message) for each in rows.problems] or [f"{len(rows)} rows"][: len(rows) < 2]


def test_there_are_at_least_sixty() -> None:
    assert len(HOSTILE_FILES) >= 60


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_file_is_refused_in_time_and_within_memory(name: str, tmp_path: Path) -> None:
    (path := tmp_path / name).write_bytes(HOSTILE_FILES[name]())
    begun, clock, largest_mb = child_cpu_s(), time.monotonic(), largest_child_mb()
    answer = read_or_refuse(path)
    assert answer
    assert "Traceback" not in str(answer)
    assert child_cpu_s() - begun < MAX_S
    assert time.monotonic() - clock < START_S + MAX_S
    assert largest_child_mb() < max(MAX_MB, largest_mb + 1)  # other tests have had children, too
    assert sorted(each.name for each in tmp_path.iterdir()) == [name]
