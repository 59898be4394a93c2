"""The real service on a home of its own, for the scripts beside this file that break it."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from tests.benchmarks.harness.measure import Row

LOAD_GENERATOR = Path(__file__).with_name("crowd.py")


@dataclass
class RunningService:
    """A service that is running."""

    url: str
    home: Path
    supervisor: subprocess.Popen[str]
    startup_lines: list[str]

    def web_process_ids(self) -> list[int]:
        """Process ids of its web processes."""
        about = Path(f"/proc/{self.supervisor.pid}/task/{self.supervisor.pid}/children")
        children = {int(one): Path(f"/proc/{one}/cmdline").read_bytes() for one in about.read_text().split()}
        return [number for number, command in children.items() if b"gridmap.serving.web" in command]

    def start_load(self, seconds: float, *options: str) -> "subprocess.Popen[str]":
        """A crowd that comes from now on; `load_summary` tells how it went."""
        command = [sys.executable, str(LOAD_GENERATOR), self.url, str(seconds), *options]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def load_summary(load: "subprocess.Popen[str]") -> Row:
    """What a crowd tells when its time is over."""
    told, _ = load.communicate()
    row: Row = json.loads(told.splitlines()[-1])
    return row


@contextmanager
def temporary_service(*options: str) -> Iterator[RunningService]:
    """``gridmap serve`` on a free port and in a temporary home; everything is gone at the end."""
    with tempfile.TemporaryDirectory(prefix="gridmap-") as folder:
        Path(folder).chmod(0o755)  # the account of the database may get in
        with running_service(Path(folder), *options) as service:
            yield service


@contextmanager
def running_service(home_dir: Path, *options: str) -> Iterator[RunningService]:
    """``gridmap serve`` on a free port and in a home that stays; it has ended when the block ends."""
    surroundings = {**os.environ, "GRIDMAP_HOME": str(home_dir)}
    surroundings.pop("DATABASE_URL", None)
    command = [str(Path(sys.executable).with_name("gridmap")), "serve", "--port", "0", "--language", "en", *options]
    with subprocess.Popen(command, env=surroundings, stdout=subprocess.PIPE, text=True) as supervisor:
        try:
            words = list(takewhile(lambda line: "Ctrl-C" not in line, supervisor.stdout or ()))
            if not words:
                raise SystemExit("the service does not start")
            yield RunningService(words[0].strip().rpartition(" ")[2], home_dir, supervisor, words)
        finally:
            supervisor.terminate()
            supervisor.wait(30)
