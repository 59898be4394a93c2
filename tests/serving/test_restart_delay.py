"""The pause before a process that keeps dying is started again, and the end of one that lies still."""

import os
import signal
import time
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest

from gridmap import config
from gridmap.core.progress import Progress, ignore_progress
from gridmap.jobs import stopped_processes
from gridmap.jobs.stopped_processes import is_stopped
from gridmap.postgres import lifecycle
from gridmap.serving import postgis
from gridmap.serving.processes import ManagedProcess


def no_progress() -> AbstractContextManager[Progress]:
    return nullcontext(ignore_progress)


@pytest.fixture(autouse=True)
def log_folder() -> None:
    config.log_file().parent.mkdir(mode=0o700)


def next_delay_s(process: ManagedProcess) -> float:
    """Start a process that ends at once, and return the pause that follows."""
    process.start()
    assert process.process is not None
    process.process.wait()
    process.poll()
    return process.restart_delay_s


def test_the_pause_doubles_from_a_quarter_second_to_four_seconds() -> None:
    process = ManagedProcess("short-lived", ["false"])
    process.ready = True
    assert [next_delay_s(process) for _ in range(6)] == [0.25, 0.5, 1.0, 2.0, 4.0, 4.0]


def test_a_process_that_ran_for_more_than_ten_seconds_is_started_again_at_once() -> None:
    process = ManagedProcess("long-lived", ["sleep", "30"])
    process.ready = True
    process.start()
    assert process.process is not None
    process.process.kill()
    process.process.wait()
    process.started_at -= 10.1
    process.poll()
    assert process.restart_delay_s == 0.0
    assert process.process is not None
    process.process.kill()
    process.process.wait()


def test_a_process_that_is_started_again_is_told_so(tmp_path: Path) -> None:
    process = ManagedProcess("restarted", ["sh", "-c", f'echo "$0" >> {tmp_path}/options'], deferred=True)
    process.restart_options, process.ready = ["--restarted"], True
    process.start()
    process.release()
    for _ in range(2):
        assert process.process is not None
        process.process.wait()
        process.poll()
        process.start()
    process.wait_or_kill(5)
    assert (tmp_path / "options").read_text().split()[1:] == ["--restarted", "--restarted"]


@pytest.mark.parametrize(("seconds", "is_killed"), [(0.7, False), (1.1, True)])
def test_a_process_is_killed_after_a_second_of_lying_still(seconds: float, is_killed: bool) -> None:
    process = ManagedProcess("stopped", ["sleep", "30"])
    process.start()
    assert process.process is not None
    os.kill(process.process.pid, signal.SIGSTOP)
    while not is_stopped(process.process.pid):
        time.sleep(0.01)
    process.stopped.since = time.monotonic() - seconds
    process.poll()
    time.sleep(0.1)
    assert (process.process.poll() == -signal.SIGKILL) == is_killed
    process.wait_or_kill(0)


def test_a_database_server_that_lies_still_is_restarted_after_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    stopped: list[int | None] = []
    monkeypatch.setattr(lifecycle, "postmaster_pid", lambda: 4711)
    monkeypatch.setattr(stopped_processes, "is_stopped", lambda pid: pid == 4711)
    component = postgis.PostgisComponent(lambda _url: None, lambda: None, no_progress)
    monkeypatch.setattr(component, "_begin_restart", stopped.append)
    component.poll()
    assert component.stopped.since is not None
    component.stopped.since = time.monotonic() - 0.7
    component.poll()
    assert stopped == []
    component.stopped.since -= 0.4
    component.poll()
    assert stopped == [4711]
