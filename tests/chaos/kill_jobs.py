"""Kills and stops of everything that takes part in jobs, at random moments while partitions are asked for.

Run with the development environment:
.venv/bin/python -m tests.chaos.kill_jobs [--kills N] [--quick] [--json] [--seed N]
The real service runs with its demo in its own home. A planner asks for one partition after the other in every
community. Victims are the database server, a web process, the runner, its server of forks, and an attempt; each is
killed (SIGKILL) or, every third time, stopped for good (SIGSTOP). The service is back when one more job has ended and
the database answers. At the end every acknowledged job has ended, and each one that is done has saved exactly one
revision.
"""

import argparse
import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import Any

import requests
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from gridmap.core.errors import NotPossible
from gridmap.postgres.server import Cluster
from gridmap.services.plans.partition import PartitionRequest, submit_partition
from gridmap.store.access.callers import load_caller
from gridmap.store.session import Database
from tests.benchmarks.harness.measure import Row, check_target, print_report
from tests.benchmarks.harness.run_service import RunningService, temporary_service

KILL_COUNT, QUICK_KILL_COUNT = 60, 5
VICTIMS = ("postmaster", "web", "runner", "fork_server", "attempt")
MAX_RECOVERY_S = {"SIGKILL": 15.0, "SIGSTOP": 30.0}
GIVE_UP_S = 120.0
TOKEN = "session of the chaos test"
OPEN_SESSION = text(
    "INSERT INTO web_session (token_hash, account_id, expires_at) SELECT token_fingerprint(:token), id,"
    " now() + interval '23 hours' FROM account WHERE name = 'planner'"
)
COMMUNITIES = text("SELECT id FROM community ORDER BY id")
LATEST = text("SELECT max(id) FROM revision WHERE community_id = :community_id")
ENDED = text("SELECT count(*) FROM job WHERE account_id IS NOT NULL AND finished_at IS NOT NULL")
JOBS = text("""
    SELECT j.id, j.state, j.attempts,
        (SELECT count(*) FROM revision r WHERE r.note = j.parameters->>'note') AS revisions
    FROM job j WHERE j.account_id IS NOT NULL
""")


class Planner:
    """A planner who asks for the next partition of a community when the one before has ended.

    Parameters
    ----------
    database : Database
        Of the owner, who acts for the planner by a session token.
    """

    def __init__(self, database: Database) -> None:
        self.database, self.acknowledged, self.number = database, set[int](), 0

    def run(self, stop: threading.Event) -> None:
        """Ask until stopped; what the database refuses or loses is asked for again under another name."""
        while not stop.wait(0.3):
            with suppress(SQLAlchemyError, NotPossible):
                for community_id in self._idle_communities():
                    self._ask(community_id)

    def _idle_communities(self) -> list[int]:
        busy = text("SELECT community_id FROM job WHERE state IN ('queued', 'running') AND account_id IS NOT NULL")
        with self.database.transaction() as session:
            busy_ids = set(session.scalars(busy))
            return [key for key in session.scalars(COMMUNITIES) if key not in busy_ids]

    def _ask(self, community_id: int) -> None:
        self.number += 1
        note = f"chaos {self.number}"
        with self.database.transaction(TOKEN) as session:
            latest = session.scalar(LATEST, {"community_id": community_id})
            request = PartitionRequest(community_id, 300, 500, self.number, latest, note)
            job_id = submit_partition(session, load_caller(session), request)
        self.acknowledged.add(job_id)


def find_victim(service: RunningService, kind: str, random_generator: random.Random) -> int | None:
    """Return a process of a kind; None where there is none just now."""
    if kind == "postmaster":
        return Cluster(service.home).postmaster_pid()
    if kind == "web":
        return random_generator.choice(service.web_process_ids() or [0]) or None
    runners = [pid for pid in children_of(service.supervisor.pid) if "serving.jobs_process" in command_of(pid)]
    servers = [pid for runner in runners for pid in children_of(runner) if "forkserver" in command_of(pid)]
    attempts = [pid for server in servers for pid in children_of(server)]
    found = {"runner": runners, "fork_server": servers, "attempt": attempts}[kind]
    return found[0] if found else None


def children_of(pid: int) -> list[int]:
    """Return the processes that any thread of a process has started."""
    found: list[int] = []
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += map(int, children.read_text().split())
    return found


def command_of(pid: int) -> str:
    """Return the command of a process; nothing for one that is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return ""


def count_ended(database: Database) -> int | None:
    """Return the number of jobs that have ended; None while the database is away."""
    with suppress(SQLAlchemyError), database.transaction() as session:
        return int(session.execute(ENDED).scalar_one())
    return None


def is_ready(service: RunningService) -> bool:
    """Return whether the service answers."""
    try:
        return requests.get(service.url + "/readyz", timeout=5).ok
    except requests.RequestException:
        return False


def run_kills(
    service: RunningService, database: Database, kills: int, random_generator: random.Random
) -> Iterator[Row]:
    """Kill or stop one process after the other, each at a random moment, and wait until jobs go on."""
    number = 0
    while number < kills:
        time.sleep(random_generator.uniform(0.5, 3.0))
        kind, before = VICTIMS[number % len(VICTIMS)], count_ended(database)
        victim = find_victim(service, kind, random_generator)
        if victim is None or before is None:
            continue
        sent = signal.SIGSTOP if number % 3 == 2 else signal.SIGKILL
        with suppress(ProcessLookupError):
            os.kill(victim, sent)
        start, number = time.monotonic(), number + 1
        while time.monotonic() - start < GIVE_UP_S:
            time.sleep(0.1)
            if (count_ended(database) or 0) > before and is_ready(service):
                break
        yield {"victim": kind, "signal": sent.name, "back_s": time.monotonic() - start}


def summarise(rows: list[Row], jobs: list[Any], acknowledged: set[int]) -> Iterator[Row]:
    """Return a row for each kind of victim and signal, and one for the jobs."""
    for kind, sent in sorted({(row["victim"], row["signal"]) for row in rows}):
        times = [row["back_s"] for row in rows if (row["victim"], row["signal"]) == (kind, sent)]
        values = {"times": len(times), "median_s": median(times), "longest_s": max(times)}
        yield {"victim": kind, "signal": sent, **values}
    states = {state: sum(job.state == state for job in jobs) for state in ("done", "failed", "queued", "running")}
    yield {
        **states,
        "acknowledged": len(acknowledged),
        "lost": len(acknowledged - {job.id for job in jobs}),
        "repeated": sum(job.attempts > 1 for job in jobs),
        "doubled": sum(job.revisions > 1 for job in jobs),
        "done_without_revision": sum(job.state == "done" and job.revisions != 1 for job in jobs),
        "not_done_with_revision": sum(job.state != "done" and job.revisions > 0 for job in jobs),
    }


def check_targets(rows: list[Row], jobs: Row) -> Iterator[Row]:
    """Check the time to recovery, and that nothing is lost or doubled."""
    for sent, maximum in MAX_RECOVERY_S.items():
        longest = max((row["back_s"] for row in rows if row["signal"] == sent), default=0.0)
        yield check_target(f"a job ended within {maximum:g} s after each {sent}", longest, longest <= maximum)
    for name in ("lost", "doubled", "done_without_revision", "not_done_with_revision", "queued", "running"):
        yield check_target(f"jobs {name}", jobs[name], jobs[name] == 0)
    yield check_target("jobs done", jobs["done"], jobs["done"] > len(rows) / 2)


def wait_for_end(database: Database) -> list[Any]:
    """Return all jobs, once all have ended or the wait is over."""
    deadline = time.monotonic() + GIVE_UP_S
    while True:
        with suppress(SQLAlchemyError), database.transaction() as session:
            jobs = list(session.execute(JOBS))
            if time.monotonic() > deadline or all(job.state in ("done", "failed") for job in jobs):
                return jobs
        time.sleep(0.5)


def main() -> None:
    """Read the command line, kill, print the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_KILL_COUNT} kills instead of {KILL_COUNT}")
    parser.add_argument("--kills", type=int, help="number of kills")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    kills = options.kills or (QUICK_KILL_COUNT if options.quick else KILL_COUNT)
    with temporary_service("--demo") as service:
        database = Database(Cluster(service.home).database_url(), trusted=True)
        with database.transaction() as session:
            session.execute(OPEN_SESSION, {"token": TOKEN})
        planner, stop = Planner(database), threading.Event()
        thread = threading.Thread(target=planner.run, args=[stop])
        thread.start()
        rows = list(run_kills(service, database, kills, random.Random(options.seed)))
        stop.set()
        thread.join()
        summary = list(summarise(rows, wait_for_end(database), planner.acknowledged))
        database.close()
    print_report("kill_jobs", summary, list(check_targets(rows, summary[-1])), as_json=options.json)


if __name__ == "__main__":
    main()
