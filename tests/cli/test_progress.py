"""Progress: bars on a terminal, plain lines elsewhere."""

import os
import pty
import subprocess
import sys

import pytest

from gridmap.cli.progress import progress_bar
from gridmap.core.errors import Message

STEP = Message("Partitioning {name}", {"name": "[bold]Elm\x1b[2J Court"})
PROGRESS_SCRIPT = """
from gridmap.cli.progress import progress_bar
from tests.cli.test_progress import STEP
with progress_bar("en") as progress:
    for done in range(101):
        progress(STEP, done, 100)
"""


def progress_lines(capsys: pytest.CaptureFixture[str], total: int) -> list[str]:
    with progress_bar("en") as progress:
        for done in range(total + 1):
            progress(STEP, done, total)
    return capsys.readouterr().err.splitlines()


def terminal_output() -> str:
    master, slave = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120"}
    subprocess.run([sys.executable, "-c", PROGRESS_SCRIPT], stderr=slave, env=environment, check=True)
    os.close(slave)
    output = os.read(master, 100_000).decode()
    os.close(master)
    return output


def test_a_pipe_gets_a_line_for_every_tenth(capsys: pytest.CaptureFixture[str]) -> None:
    lines = progress_lines(capsys, 1000)
    assert len(lines) == 11
    assert lines[-1].endswith("1000/1000")


def test_a_step_without_units_gets_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert len(progress_lines(capsys, 0)) == 1


def test_names_from_files_are_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    assert progress_lines(capsys, 1)[0] == r"Partitioning [bold]Elm\x1b[2J Court 0/1"


def test_a_terminal_gets_a_bar() -> None:
    output = terminal_output()
    assert r"Partitioning [bold]Elm\x1b[2J Court" in output
    assert "100/100" in output
