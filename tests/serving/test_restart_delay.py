"""The pause before a process that keeps dying is started again."""

import pytest

from gridmap import config
from gridmap.serving.processes import ManagedProcess


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
