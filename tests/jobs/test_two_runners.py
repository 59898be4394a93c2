"""Two runners on one database, killed and stopped midway: every job is done, and no job is done twice."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import text

from gridmap.services.jobs import jobs, kinds
from gridmap.store.access.callers import load_caller
from gridmap.store.session import Database
from tests.fixtures.subdistricts import FilledDatabase, SubdistrictIds, app_url, jobs_url
from tests.services.conftest import owner_database, subdistricts
from tests.source_files import ROOT

__all__ = ["owner_database", "subdistricts"]
LEASE_S = 3
WAIT_S = 40.0
PLAN_NAMES = text("SELECT name FROM plan WHERE name LIKE 'job %' ORDER BY 1")
JOB_STATES = text("SELECT state, count(*) AS jobs FROM job WHERE account_id IS NOT NULL GROUP BY state")
RUNNING = text("SELECT runner FROM job WHERE account_id IS NOT NULL AND state = 'running' AND progress_done > 0")
StartRunner = Callable[[], "subprocess.Popen[bytes]"]


@pytest.fixture
def start_runner(filled_database: FilledDatabase, tmp_path: Path) -> Iterator[StartRunner]:
    """Function that starts a runner; all are killed at the end."""
    url, started = filled_database.owner_url, []
    environment = {**os.environ, "JOBS_URL": jobs_url(url), "APP_URL": app_url(url)}

    def start() -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "tests.jobs.sample_runner", str(LEASE_S), "2"]
        started.append(subprocess.Popen(command, cwd=ROOT, env=environment))
        return started[-1]

    yield start
    for runner in started:
        with suppress(ProcessLookupError):
            runner.send_signal(signal.SIGCONT)
            runner.kill()
        runner.wait()


@pytest.fixture
def submit(
    filled_database: FilledDatabase, owner_database: Database, subdistricts: dict[str, SubdistrictIds]
) -> Iterator[Callable[..., int]]:
    """Function that asks for a job that inserts a plan of a name; jobs and plans of other tests are gone."""
    with owner_database.transaction() as session:
        session.execute(text("DELETE FROM job"))
        session.execute(text("DELETE FROM plan WHERE name LIKE 'job %'"))
    database = Database(app_url(filled_database.owner_url))

    def submit_job(name: str, steps: int, place_name: str = "east") -> int:
        place = subdistricts[place_name]
        with database.transaction(place.token("planner")) as session:
            return jobs.submit_job(
                session,
                load_caller(session),
                kinds.PARTITION,
                {"name": f"job {name}", "steps": steps},
                subdistrict_id=place.subdistrict_id,
                community_id=place.community_id,
            )

    yield submit_job
    database.close()


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def plan_names(database: Database) -> list[str]:
    with database.transaction() as session:
        return list(session.scalars(PLAN_NAMES))


def states(database: Database) -> dict[str, int]:
    with database.transaction() as session:
        return {row.state: row.jobs for row in session.execute(JOB_STATES)}


def running_runners(database: Database) -> list[int]:
    """Return the process ids of the runners whose attempts have made progress."""
    with database.transaction() as session:
        return [int(name.split()[-1]) for name in session.scalars(RUNNING)]


def children_of(pid: int) -> list[int]:
    """Return all processes below a process."""
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    direct = [int(word) for word in found.stdout.split()]
    return [each for child in direct for each in (child, *children_of(child))]


@pytest.mark.parametrize(
    "number", [pytest.param(signal.SIGKILL, marks=pytest.mark.full), signal.SIGSTOP], ids=["killed", "stopped"]
)
def test_another_runner_takes_the_place_of_one_that_is_gone(
    start_runner: StartRunner, submit: Callable[..., int], owner_database: Database, number: signal.Signals
) -> None:
    """The stopped runner's attempt goes on by itself and is refused at its end: its lease has run out."""
    submit("a", steps=LEASE_S * 10 + 20)
    first = start_runner()
    wait_for(lambda: running_runners(owner_database))
    assert running_runners(owner_database) == [first.pid]
    second = start_runner()
    first.send_signal(number)
    wait_for(lambda: running_runners(owner_database) == [second.pid])
    wait_for(lambda: states(owner_database) == {"done": 1})
    if number is signal.SIGSTOP:
        first.send_signal(signal.SIGCONT)
        time.sleep(1)
    assert plan_names(owner_database) == ["job a"]


def test_children_end_with_their_runner(
    start_runner: StartRunner, submit: Callable[..., int], owner_database: Database
) -> None:
    submit("b", steps=100)
    runner = start_runner()
    wait_for(lambda: running_runners(owner_database))
    children = children_of(runner.pid)
    assert len(children) >= 2
    runner.kill()
    runner.wait()
    wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children))


@pytest.mark.full
def test_random_kills_lose_and_double_nothing(
    start_runner: StartRunner, submit: Callable[..., int], owner_database: Database
) -> None:
    """Twelve jobs; every second one of the processes is killed, or stopped for some seconds."""
    chance = random.Random(7)
    for job in range(12):
        submit(f"{job:02}", steps=20, place_name="east" if job % 2 else "west")
    with owner_database.transaction() as session:
        session.execute(text("UPDATE job SET max_attempts = 100"))
    runners = [start_runner(), start_runner()]
    stopped: list[tuple[float, int]] = []
    for _kill in range(20):
        time.sleep(1)
        for at, pid in [each for each in stopped if each[0] < time.monotonic()]:
            stopped.remove((at, pid))
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        runners = [runner if runner.poll() is None else start_runner() for runner in runners]
        runner = chance.choice(runners)
        target = chance.choice([runner.pid, *children_of(runner.pid)])
        with suppress(ProcessLookupError):
            if chance.random() < 0.5:
                os.kill(target, signal.SIGKILL)
            else:
                os.kill(target, signal.SIGSTOP)
                stopped.append((time.monotonic() + LEASE_S + 2, target))
    for _at, pid in stopped:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)
    time.sleep(1)
    runners = [runner if runner.poll() is None else start_runner() for runner in runners]
    wait_for(lambda: states(owner_database) == {"done": 12})
    assert plan_names(owner_database) == [f"job {job:02}" for job in range(12)]
