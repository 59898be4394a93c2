"""A real supervisor with real web processes, on a port and in a home of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

SAMPLE_SERVICE = [sys.executable, "-m", "tests.serving.sample_service"]
GRIDMAP_SERVE = [
    sys.executable,
    "-c",
    "from gridmap.cli.main import main; main()",
    "serve",
    "--language",
    "en",
    "--port",
    "0",
]


@dataclass
class SupervisedService:
    """A service that is running."""

    supervisor: subprocess.Popen[str]
    url: str

    def get(self, path: str, timeout: float = 10) -> requests.Response:
        return requests.get(self.url + path, timeout=timeout, headers={"Connection": "close"})

    def web_process_ids(self) -> set[int]:
        """Process ids of the web processes."""
        children = Path(f"/proc/{self.supervisor.pid}/task/{self.supervisor.pid}/children").read_text()
        return {int(one) for one in children.split()}

    def stop(self, signal_number: signal.Signals = signal.SIGINT) -> int:
        self.supervisor.send_signal(signal_number)
        self.supervisor.communicate(timeout=15)
        return self.supervisor.returncode


def start_sample_service(*options: str, home: Path | None = None) -> SupervisedService:
    """Start the small service, in the test's home unless told otherwise, and wait until it is ready."""
    return launch_service([*SAMPLE_SERVICE, *(options or ["0"])], home)


def launch_service(command: list[str], home: Path | None = None) -> SupervisedService:
    """Start a service by a command and wait until it is ready."""
    surroundings = {**os.environ, **({"GRIDMAP_HOME": str(home)} if home else {})}
    supervisor = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=surroundings)
    assert supervisor.stdout
    first = supervisor.stdout.readline()
    return SupervisedService(supervisor, first.strip().rpartition(" ")[2])


def wait_until(condition: Callable[[], bool], timeout_s: float = 15) -> bool:
    """Whether something comes to hold in time."""
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


def is_running(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture(scope="module")
def shared_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SupervisedService]:
    """A running service for the tests of a module that leave it as it is."""
    service = start_sample_service(home=tmp_path_factory.mktemp("shared"))
    yield service
    service.stop()


@pytest.fixture
def service(gridmap_home: Path) -> Iterator[SupervisedService]:
    """A running service; stopped at the end, however the test left it."""
    service = start_sample_service()
    yield service
    if service.supervisor.poll() is None:
        os.kill(service.supervisor.pid, signal.SIGKILL)
    service.supervisor.communicate()
