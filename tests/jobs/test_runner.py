"""The runner and its attempts, without a database: ends, limits, leases, cancellation, and a queue that is away."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from gridmap.core.vocabulary import JobFailure
from gridmap.jobs import attempts, stopped_processes
from gridmap.jobs.attempts import AttemptEnd, Limits, Perform
from gridmap.jobs.runner import Runner
from tests.jobs import sample_work
from tests.jobs.list_queue import CLAIM, ListQueue

LIMITS = Limits(time_s=30.0, memory_bytes=10**9)
WAIT_S = 20.0


StartRunner = Callable[..., Runner]


@pytest.fixture
def queue() -> ListQueue:
    return ListQueue()


@pytest.fixture
def start(queue: ListQueue) -> Iterator[StartRunner]:
    """Function that starts a runner on the queue and lets it claim what waits; attempts are killed at the end."""
    runners: list[Runner] = []

    def start_runner(perform: Perform, limits: Limits = LIMITS, slots: int = 1) -> Runner:
        runner = Runner(queue, perform, lambda _kind: limits, slots)
        runners.append(runner)
        runner.step()
        return runner

    yield start_runner
    for runner in runners:
        for attempt in runner.attempts:
            attempt.kill(AttemptEnd("released"))


def step_until(runner: Runner, condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline
        runner.step()
        time.sleep(0.02)


def end_of(runner: Runner, queue: ListQueue) -> AttemptEnd:
    step_until(runner, lambda: not runner.attempts and bool(queue.ends))
    return queue.ends[0][1]


def pid_of(runner: Runner) -> int:
    runner.attempts[0].start.result(WAIT_S)
    pid = runner.attempts[0].process.pid
    assert pid
    return pid


def test_an_attempt_that_is_done_has_written_its_own_end(start: StartRunner, queue: ListQueue) -> None:
    runner = start(sample_work.succeed)
    step_until(runner, lambda: not runner.attempts)
    assert queue.ends == []


def test_loading_any_module_leaves_the_collection_of_garbage_on() -> None:
    """Whoever imports the module of the server of forks, as tests do, would keep all garbage of a process."""
    code = "import gc, gridmap.jobs.fork_server; print(gc.isenabled())"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout.split() == [b"True"]


def test_the_runner_loads_nothing_that_only_attempts_need() -> None:
    """A killed runner is back when its modules are loaded: half a second of processor time, and more with these."""
    code = "import gridmap.serving.jobs_process, gridmap.job_runner, sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout.split()
    assert "sqlalchemy" in loaded
    heavy = {"numpy", "scipy", "numba", "pandas", "shapely", "geopandas", "geoalchemy2", "dask", "gridmap.store.schema"}
    assert heavy.isdisjoint(loaded)


def test_a_killed_attempt_is_interrupted(start: StartRunner, queue: ListQueue) -> None:
    assert end_of(start(sample_work.kill_itself), queue) == AttemptEnd("interrupted")


def test_a_stopped_attempt_is_not_renewed_and_killed(
    start: StartRunner, queue: ListQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stopped_processes, "STOPPED_TIMEOUT_S", 1.5)
    runner = start(sample_work.stop_itself)
    step_until(runner, lambda: not runner.attempts[0].is_alive)
    renewals = queue.renewals
    assert end_of(runner, queue) == AttemptEnd("interrupted")
    assert queue.renewals == renewals


def test_an_attempt_beyond_its_time_has_failed(start: StartRunner, queue: ListQueue) -> None:
    runner = start(sample_work.sleep, Limits(time_s=0.5, memory_bytes=10**9))
    assert end_of(runner, queue) == AttemptEnd("failed", JobFailure.TIME_LIMIT)


def test_an_attempt_beyond_its_memory_has_failed(start: StartRunner, queue: ListQueue) -> None:
    runner = start(sample_work.fill_memory, Limits(time_s=30.0, memory_bytes=2 * 10**8))
    assert end_of(runner, queue) == AttemptEnd("failed", JobFailure.MEMORY_LIMIT)


@pytest.mark.parametrize(
    ("verdict", "end"),
    [
        ("cancel", AttemptEnd("cancelled")),
        ("lost", AttemptEnd("released")),
        ("account_ended", AttemptEnd("failed", JobFailure.ACCOUNT_ENDED)),
    ],
)
def test_an_attempt_that_shall_not_go_on_is_killed(
    start: StartRunner, queue: ListQueue, verdict: str, end: AttemptEnd
) -> None:
    queue.verdicts[CLAIM.job_id] = verdict
    runner = start(sample_work.sleep)
    pid = pid_of(runner)
    assert end_of(runner, queue) == end
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_attempts_run_at_the_same_time_up_to_the_slots(start: StartRunner, queue: ListQueue) -> None:
    queue.waiting = [CLAIM._replace(job_id=number) for number in range(3)]
    runner = start(sample_work.sleep, slots=2)
    assert [attempt.claim.job_id for attempt in runner.attempts] == [0, 1]
    os.kill(pid_of(runner), signal.SIGKILL)
    step_until(runner, lambda: [attempt.claim.job_id for attempt in runner.attempts] == [1, 2])


def test_an_end_is_written_when_the_queue_is_back(start: StartRunner, queue: ListQueue) -> None:
    runner = start(sample_work.sleep)
    queue.is_away = True
    os.kill(pid_of(runner), signal.SIGKILL)
    step_until(runner, lambda: not runner.attempts)
    assert queue.ends == []
    queue.is_away = False
    assert end_of(runner, queue) == AttemptEnd("interrupted")


def test_a_runner_that_is_stopped_gives_its_jobs_back(start: StartRunner, queue: ListQueue) -> None:
    runner = start(sample_work.sleep)
    pid = pid_of(runner)
    runner.stop()
    runner.run()
    assert queue.ends == [(CLAIM, AttemptEnd("released"))]
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_runner_ends_in_time_while_its_modules_are_loaded() -> None:
    command = [sys.executable, "-m", "tests.jobs.slow_runner"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as runner:
        assert runner.stdout
        assert runner.stdout.readline() == "claimed\n"
        time.sleep(0.5)
        runner.terminate()
        assert runner.wait(6) == 0
        assert runner.stdout.read() == "['released']\n"


def test_orphans_are_ended_once_and_as_soon_as_the_queue_answers(queue: ListQueue) -> None:
    queue.waiting, queue.is_away = [], True
    runner = Runner(queue, sample_work.succeed, lambda _kind: LIMITS)
    runner.step()
    queue.is_away = False
    runner.step()
    runner.step()
    assert queue.orphan_ends == 1


def test_every_step_is_a_sign_of_life(queue: ListQueue) -> None:
    queue.is_away = True
    beats: list[int] = []
    runner = Runner(queue, sample_work.succeed, lambda _kind: LIMITS, beat=lambda: beats.append(1))
    runner.step()
    runner.step()
    assert len(beats) == 2


def test_a_stopped_server_of_forks_is_replaced(
    start: StartRunner, queue: ListQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stopped_processes, "STOPPED_TIMEOUT_S", 0.5)
    pid_of(start(sample_work.sleep))
    server = attempts.forkserver._forkserver._forkserver_pid  # type: ignore[attr-defined]
    os.kill(server, signal.SIGSTOP)
    queue.waiting = [CLAIM._replace(job_id=2)]
    blocked = start(sample_work.succeed)
    assert end_of(blocked, queue).outcome == "interrupted"
    queue.waiting = [CLAIM._replace(job_id=3)]
    replaced = start(sample_work.succeed)
    step_until(replaced, lambda: not replaced.attempts)
    assert [claim.job_id for claim, _end in queue.ends] == [2]


def test_a_claim_does_not_show_its_token() -> None:
    assert CLAIM.token not in repr(CLAIM)
