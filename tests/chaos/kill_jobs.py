"""Kills and stops of everything that takes part in jobs, at random moments while a subdistrict works.

Run with the development environment:
.venv/bin/python -m tests.chaos.kill_jobs [--kills N] [--quick] [--victims KIND,KIND] [--minutes N] [--json] [--seed N]
The real service runs with its demo in its own home. Without pause, accounts ask for partitions of communities and of
all of them (on processes of Dask), for land that is built anew, approve plans, and import sheets. Victims are the
database server, a web process, the runner, its server of forks, an attempt, and a worker of Dask; each is killed
(SIGKILL) or, every third time, stopped (SIGSTOP) and woken after 1 to 12 seconds. The service is back when the process
is replaced or awake, the database answers, and after that an attempt reports progress or a job ends. At the end nothing
is partial, nothing acknowledged is lost, and nothing is done twice.
"""

import argparse
import random
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import takewhile
from pathlib import Path
from statistics import median

import requests
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from gridmap.postgres.server import Cluster
from gridmap.store.session import Database
from tests.benchmarks.harness.measure import Row, check_target, print_report
from tests.benchmarks.harness.run_service import RunningService, temporary_service
from tests.chaos.job_work.invariants import count_faults, summarise_jobs
from tests.chaos.job_work.victims import VICTIMS, find_victim, is_replaced, send
from tests.chaos.job_work.workload import make_works, open_sessions

KILL_COUNT, QUICK_KILL_COUNT = 60, 6
MAX_RECOVERY_S = 15.0
GIVE_UP_S = 120.0
FIND_S = 15.0
"""Seconds in which a victim of a kind is looked for; a worker of Dask is there for some seconds of each minute."""
ENDED = text("SELECT count(*) FROM job WHERE account_id IS NOT NULL AND finished_at IS NOT NULL")
PROGRESS = text(
    "SELECT id, fence, coalesce(state, '') AS state, progress_step::text AS step, progress_done AS done FROM job"
    " WHERE account_id IS NOT NULL AND (finished_at IS NOT NULL OR progress_step IS NOT NULL)"
)
"""A row for each job that has ended, and for each that has come as far as its step and number say."""
UNENDED = text("SELECT count(*) FROM job WHERE state IN ('queued', 'running') AND account_id IS NOT NULL")


def count(database: Database, query: object) -> int | None:
    """Return the number of a query; None while the database is away."""
    with suppress(SQLAlchemyError), database.transaction() as session:
        return int(session.execute(query).scalar_one())  # type: ignore[call-overload]
    return None


def is_ready(service: RunningService) -> bool:
    """Return whether the service answers."""
    try:
        return requests.get(service.url + "/readyz", timeout=5).ok
    except requests.RequestException:
        return False


def wait_for(database: Database, query: object, least: int, greatest: int | None = None) -> None:
    """Wait until a number is within bounds, or the wait is over."""
    deadline = time.monotonic() + GIVE_UP_S
    while time.monotonic() < deadline:
        found = count(database, query)
        if found is not None and found >= least and (greatest is None or found <= greatest):
            return
        time.sleep(0.5)


def read_progress(database: Database) -> set[tuple[object, ...]] | None:
    """Return how far all jobs are; None while the database is away."""
    with suppress(SQLAlchemyError), database.transaction() as session:
        return {tuple(row) for row in session.execute(PROGRESS)}
    return None


def run_kills(service: RunningService, database: Database, kinds: list[str], chance: random.Random) -> Iterator[Row]:
    """Kill or stop one process after the other, each at a random moment, and wait until jobs go on."""
    for number, kind in enumerate(kinds):
        time.sleep(chance.uniform(0.5, 3.0))
        victim = _find(service, database, kind, chance)
        if victim is None:
            continue
        is_stopped = (number + number // len(VICTIMS)) % 3 == 2  # another third of the victims in every turn
        sent = signal.SIGSTOP if is_stopped else signal.SIGKILL
        start = time.monotonic()
        send(victim, sent, chance)
        wait_until_back(service, database, kind, victim)
        back_s = time.monotonic() - start
        sys.stderr.write(f"{number + 1} {kind} {sent.name}: back after {back_s:.1f} s\n")
        yield {"victim": kind, "signal": sent.name, "back_s": back_s}


def wait_until_back(service: RunningService, database: Database, kind: str, victim: int) -> None:
    """Wait until a victim is replaced, and then until the service answers and some job goes on."""
    deadline, before = time.monotonic() + GIVE_UP_S, None
    while time.monotonic() < deadline:
        time.sleep(0.1)
        if before is None:
            before = read_progress(database) if is_replaced(service, kind, victim) else None
        elif (read_progress(database) or before) - before and is_ready(service):
            return


def _find(service: RunningService, database: Database, kind: str, chance: random.Random) -> int | None:
    """Return a victim, once the database answers; None where there is none for some time."""
    deadline = time.monotonic() + FIND_S
    while True:
        victim = find_victim(service, kind, chance)
        if victim is not None and count(database, ENDED) is not None:
            return victim
        if time.monotonic() > deadline:
            return None
        time.sleep(0.05)


def summarise_kills(rows: list[Row]) -> Iterator[Row]:
    """Yield a row for each kind of victim and signal, and one for all."""
    for kind, sent in sorted({(row["victim"], row["signal"]) for row in rows}):
        yield _summary(kind, sent, [row for row in rows if (row["victim"], row["signal"]) == (kind, sent)])
    yield _summary("all", "", rows)


def _summary(kind: str, sent: str, rows: list[Row]) -> Row:
    """Return the times until jobs went on."""
    back = [row["back_s"] for row in rows]
    return {"victim": kind, "signal": sent, "times": len(rows), "median_s": median(back), "longest_s": max(back)}


def check_targets(rows: list[Row], faults: Row, kills: int) -> Iterator[Row]:
    """Check the time to recovery, and that there is no fault."""
    longest = max(row["back_s"] for row in rows)
    yield check_target(f"back within {MAX_RECOVERY_S:g} s, every time", longest, longest <= MAX_RECOVERY_S)
    yield check_target(f"processes killed or stopped, of {kills}", len(rows), len(rows) >= kills * 9 // 10)
    for name, number in faults.items():
        yield check_target(name, number, number == 0)


def main() -> None:
    """Read the command line, kill, print the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_KILL_COUNT} kills instead of {KILL_COUNT}")
    parser.add_argument("--kills", type=int, help="number of kills")
    parser.add_argument("--victims", default=",".join(VICTIMS), help="kinds of victims, in turn")
    parser.add_argument("--minutes", type=float, default=120.0, help="minutes after which no further process is killed")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    kills, victims = options.kills or (QUICK_KILL_COUNT if options.quick else KILL_COUNT), options.victims.split(",")
    kinds = [victims[number % len(victims)] for number in range(kills)]
    with temporary_service("--demo") as service, tempfile.TemporaryDirectory() as folder:
        database, chance = Database(Cluster(service.home).database_url(), trusted=True), random.Random(options.seed)
        open_sessions(database)
        acknowledged, works = make_works(database, Path(folder))
        stop = threading.Event()
        threads = [threading.Thread(target=work.run, args=[stop]) for work in works]
        for thread in threads:
            thread.start()
        wait_for(database, ENDED, 5)  # the kernels are compiled in the first minute of a home
        until = time.monotonic() + 60 * options.minutes
        rows = list(takewhile(lambda _row: time.monotonic() < until, run_kills(service, database, kinds, chance)))
        stop.set()
        for thread in threads:
            thread.join()
        wait_for(database, UNENDED, 0, 0)
        with database.transaction() as session:
            faults, jobs = count_faults(session, acknowledged), list(summarise_jobs(session))
        database.close()
        done = {"approvals": len(acknowledged.adoptions), "sheets": len(acknowledged.sheets)}
        work = [{"work": type(each).__name__, "tried": each.number, "refused": dict(each.refusals)} for each in works]
        report = [*summarise_kills(rows), *jobs, *work, {"acknowledged": done}]
        print_report("kill_jobs", report, list(check_targets(rows, faults, kills)), as_json=options.json)


if __name__ == "__main__":
    main()
