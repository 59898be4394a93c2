"""Stopped processes are told from busy ones by their state, and killed after a second."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from gridmap.jobs.stopped_processes import ChildWatch, StoppedTimer, children_of, is_stopped, kill_stopped_children

BUSY = "while True: pass"


@pytest.fixture
def child() -> "Iterator[subprocess.Popen[bytes]]":
    """Start a process that computes without end."""
    with subprocess.Popen([sys.executable, "-c", BUSY]) as process:
        yield process
        process.kill()


def wait_until(is_true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not is_true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def stop(child: "subprocess.Popen[bytes]") -> None:
    os.kill(child.pid, signal.SIGSTOP)
    wait_until(lambda: is_stopped(child.pid))


def test_a_stopped_child_is_killed_after_a_second(child: "subprocess.Popen[bytes]") -> None:
    stop(child)
    watch = ChildWatch()
    watch.check(100.0)
    watch.check(100.9)
    assert child.poll() is None
    watch.check(101.1)
    assert child.wait(10) == -signal.SIGKILL


def test_a_busy_child_is_never_killed(child: "subprocess.Popen[bytes]") -> None:
    watch = ChildWatch()
    watch.check(100.0)
    watch.check(1000.0)
    assert child.pid in watch.timers
    assert child.poll() is None


def test_a_child_that_wakes_up_has_its_full_second_again(child: "subprocess.Popen[bytes]") -> None:
    timer = StoppedTimer()
    stop(child)
    assert not timer.has_expired(child.pid, 100.0)
    os.kill(child.pid, signal.SIGCONT)
    wait_until(lambda: not is_stopped(child.pid))
    assert not timer.has_expired(child.pid, 101.5)
    stop(child)
    assert not timer.has_expired(child.pid, 102.0)
    assert timer.has_expired(child.pid, 103.1)


def test_children_are_watched_as_long_as_the_block_runs(child: "subprocess.Popen[bytes]") -> None:
    with kill_stopped_children():
        stop(child)
        assert child.wait(10) == -signal.SIGKILL


def test_a_process_that_is_gone_has_no_children_and_is_not_stopped(child: "subprocess.Popen[bytes]") -> None:
    assert child.pid in children_of(os.getpid())
    child.kill()
    child.wait()
    assert children_of(child.pid) == []
    assert not is_stopped(child.pid)
