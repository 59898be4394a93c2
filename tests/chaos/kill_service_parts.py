"""Kills of PostGIS and web processes at random moments under sign-ins: time to recovery and lost sessions.

Run with the development environment:
.venv/bin/python -m tests.chaos.kill_service_parts [--hang] [--quick] [--json] [--seed N]
The real service runs with its demo in its own home. Every demo account signs in without pause. An acknowledged sign-in
is a row that must exist at the end: its cookie must open a page. With --hang, processes are not killed but stopped
(SIGSTOP), which takes longer to notice, since a process may be slow only because the machine is busy.
"""

import argparse
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from statistics import median

import requests

from gridmap.postgres.server import Cluster
from tests.benchmarks.harness.demo_visitors import SignInVisitor, demo_visitors
from tests.benchmarks.harness.measure import Row, check_target, print_report
from tests.benchmarks.harness.run_service import RunningService, temporary_service

KILL_COUNT, QUICK_KILL_COUNT = 30, 4
MAX_RECOVERY_S = {signal.SIGKILL: 15.0, signal.SIGSTOP: 30.0}


def kill_and_wait(
    service: RunningService, victim_kind: str, signal_number: signal.Signals, random_generator: random.Random
) -> float:
    """Kill or stop one process; return the seconds until another works in its place and the database answers."""
    cluster, ready_before = Cluster(service.home), count_ready_web_processes(service)
    is_postmaster = victim_kind == "postmaster"
    victim = cluster.postmaster_pid() if is_postmaster else random_generator.choice(service.web_process_ids())
    assert victim, "nothing to kill"  # a signal to process 0 would go to this very group

    def is_replaced() -> bool:
        if is_postmaster:
            return cluster.postmaster_pid() not in (None, victim)
        return count_ready_web_processes(service) > ready_before

    os.kill(victim, signal_number)
    start = time.monotonic()
    while time.monotonic() - start < 4 * MAX_RECOVERY_S[signal_number]:
        time.sleep(0.05)
        if is_replaced() and is_ready(service):
            break
    return time.monotonic() - start


def count_ready_web_processes(service: RunningService) -> int:
    """Return the number of web processes that have become ready so far."""
    return (service.home / "log" / "serve.log").read_text("utf-8").count("is ready after")


def is_ready(service: RunningService) -> bool:
    """Return whether the database is ready for a new visitor."""
    try:
        return requests.get(service.url + "/readyz", timeout=5).ok
    except requests.RequestException:
        return False


def run_kills(
    service: RunningService, kills: int, signal_number: signal.Signals, random_generator: random.Random
) -> Iterator[Row]:
    """Kill a postmaster and a web process in turn, each at a random moment under load."""
    for number in range(kills):
        time.sleep(random_generator.uniform(0.5, 3.0))
        kind = ("postmaster", "web")[number % 2]
        yield {"killed": kind, "back_s": kill_and_wait(service, kind, signal_number, random_generator)}


def summarise(rows: list[Row], visitors: list[SignInVisitor]) -> Iterator[Row]:
    """Return a row for each kind of victim and one for the sign-ins."""
    for kind in ("postmaster", "web"):
        times = [row["back_s"] for row in rows if row["killed"] == kind]
        yield {"killed": kind, "times": len(times), "median_s": median(times), "longest_s": max(times)}
    answers = sum((visitor.answers for visitor in visitors), Counter[str]())
    acknowledged = sum(len(visitor.cookies) for visitor in visitors)
    lost = sum(visitor.count_lost_sessions() for visitor in visitors)
    yield {"answers": dict(answers), "acknowledged": acknowledged, "lost": lost}


def main() -> None:
    """Read the command line, kill, print the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_KILL_COUNT} times instead of {KILL_COUNT}")
    parser.add_argument("--hang", action="store_true", help="stop processes instead of killing them")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    signal_number = signal.SIGSTOP if options.hang else signal.SIGKILL
    with temporary_service("--demo") as service:
        visitors, stop = demo_visitors(service), threading.Event()
        threads = [threading.Thread(target=visitor.run, args=[stop]) for visitor in visitors]
        for thread in threads:
            thread.start()
        kills = QUICK_KILL_COUNT if options.quick else KILL_COUNT
        rows = list(run_kills(service, kills, signal_number, random.Random(options.seed)))
        stop.set()
        for thread in threads:
            thread.join()
        summary = list(summarise(rows, visitors))
    targets = list(check_targets(rows, summary[-1], MAX_RECOVERY_S[signal_number]))
    print_report("kill_service_parts", summary, targets, as_json=options.json)


def check_targets(rows: list[Row], sign_in_row: Row, max_recovery_s: float) -> Iterator[Row]:
    """Check the time to recovery, the sessions and the answers."""
    longest = max(row["back_s"] for row in rows)
    yield check_target(f"back by itself within {max_recovery_s:g} s, every time", longest, longest <= max_recovery_s)
    yield check_target("sign-ins acknowledged", sign_in_row["acknowledged"], sign_in_row["acknowledged"] > len(rows))
    yield check_target("nothing acknowledged is lost", sign_in_row["lost"], sign_in_row["lost"] == 0)
    wrong = sum(
        number for answer, number in sign_in_row["answers"].items() if answer.startswith("5") and answer != "503"
    )
    yield check_target("no answer of the kind 5xx but 503", wrong, wrong == 0)


if __name__ == "__main__":
    main()
