"""Work of attempts in tests: each function runs in a process of its own."""

import os
import signal
import time
from pathlib import Path
from typing import NamedTuple

from gridmap.jobs.attempts import AttemptEnd, Claim
from gridmap.jobs.process_limits import data_bytes


def succeed(_claim: Claim) -> AttemptEnd:
    return AttemptEnd("done")


def sleep(_claim: Claim) -> AttemptEnd:
    time.sleep(60)
    return AttemptEnd("done")


def kill_itself(_claim: Claim) -> AttemptEnd:
    os.kill(os.getpid(), signal.SIGKILL)
    return AttemptEnd("done")


def stop_itself(_claim: Claim) -> AttemptEnd:
    os.kill(os.getpid(), signal.SIGSTOP)
    return AttemptEnd("done")


def fill_memory(_claim: Claim) -> AttemptEnd:
    before, blocks = data_bytes(), []
    while data_bytes() < before + 10**9:
        blocks.append(bytearray(10**7))
    return AttemptEnd("done")


class StoppingTask(NamedTuple):
    """A number, and the file that the process writes its id to which stops at number 3."""

    number: int
    file: Path


def square_or_stop(task: StoppingTask) -> int:
    """Return the square of a number; the first process that meets number 3 stops itself."""
    if task.number == 3 and not task.file.exists():
        task.file.write_text(str(os.getpid()))
        os.kill(os.getpid(), signal.SIGSTOP)
    return task.number**2
