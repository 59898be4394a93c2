"""Files that no office sends are refused, or their rows are: in time, within memory, with a sentence."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.formats.sheets.hostile_files import EVERY_RUN, HOSTILE_FILES

MAX_S, MAX_MB = 5.0, 512
START_S = 25.0
"""Seconds that the start of a process takes at most on a machine that does other work, too."""
NAMES = [name if name in EVERY_RUN else pytest.param(name, marks=pytest.mark.full) for name in HOSTILE_FILES]


def read_alone(path: Path) -> dict[str, Any]:
    """Return the answer to a file, and the CPU seconds and megabytes of the process that read it."""
    command = [sys.executable, "-m", "tests.formats.sheets.measured_reader", str(path), str(START_S)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=2 * START_S + MAX_S, check=True)
    assert "Traceback" not in done.stderr
    return dict(json.loads(done.stdout))


def test_there_are_at_least_sixty() -> None:
    assert len(HOSTILE_FILES) >= 60


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_file_is_refused_in_time_and_within_memory(name: str, tmp_path: Path) -> None:
    (path := tmp_path / name).write_bytes(HOSTILE_FILES[name]())
    reading = read_alone(path)
    assert reading["answer"]
    assert "Traceback" not in str(reading["answer"])
    assert reading["cpu_s"] < MAX_S
    assert reading["memory_mb"] < MAX_MB
    assert sorted(each.name for each in tmp_path.iterdir()) == [name]
