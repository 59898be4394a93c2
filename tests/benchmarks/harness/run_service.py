"""The real service in its own home folder, for benchmarks and chaos tests."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from tests.benchmarks.harness.measure import Row
from tests.shared_folders import temporary_home

LOAD_GENERATOR = "tests.benchmarks.harness.load_generator"
REPOSITORY = Path(__file__).parents[3]


@dataclass
class RunningService:
    """A running service."""

    url: str
    home: Path
    supervisor: subprocess.Popen[str]
    startup_lines: list[str]

    def web_process_ids(self) -> list[int]:
        """Return the process ids of its web processes."""
        children = Path(f"/proc/{self.supervisor.pid}/task/{self.supervisor.pid}/children").read_text().split()
        commands = {int(pid): Path(f"/proc/{pid}/cmdline").read_bytes() for pid in children}
        return [pid for pid, command in commands.items() if b"gridmap.serving.web_process" in command]

    def start_load(self, seconds: float, *options: str) -> "subprocess.Popen[str]":
        """Start a load generator in a process; `load_summary` waits for its result."""
        command = [sys.executable, "-m", LOAD_GENERATOR, self.url, str(seconds), *options]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY)


def load_summary(load: "subprocess.Popen[str]") -> Row:
    """Return the summary that a load generator prints at its end."""
    output, _ = load.communicate()
    row: Row = json.loads(output.splitlines()[-1])
    return row


@contextmanager
def temporary_service(*options: str) -> Iterator[RunningService]:
    """Run ``gridmap serve`` on a free port in a temporary home, which is removed at the end."""
    with temporary_home() as home, running_service(home, *options) as service:
        yield service


@contextmanager
def running_service(home_dir: Path, *options: str) -> Iterator[RunningService]:
    """Run ``gridmap serve`` on a free port in a home that stays; stop it at the end."""
    environment = {**os.environ, "GRIDMAP_HOME": str(home_dir)}
    environment.pop("DATABASE_URL", None)
    command = [str(Path(sys.executable).with_name("gridmap")), "serve", "--port", "0", "--language", "en", *options]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as supervisor:
        try:
            lines = list(takewhile(lambda line: "Ctrl-C" not in line, supervisor.stdout or ()))
            if not lines:
                raise SystemExit("the service does not start")
            yield RunningService(lines[0].strip().rpartition(" ")[2], home_dir, supervisor, lines)
        finally:
            supervisor.terminate()
            supervisor.wait(30)
