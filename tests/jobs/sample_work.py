"""Work of attempts in tests: each function runs in a process of its own."""

import os
import signal
import time

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
