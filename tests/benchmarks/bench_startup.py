"""Time and CPU of a second start of the service, in a home that is set up and has the demo.

Run with the development environment: .venv/bin/python -m tests.benchmarks.bench_startup [--quick] [--json]
A start lasts from the command to the line with the address of the service, a stop from the signal to the end. CPU
seconds are those of the supervisor, the web processes and the database up to that line; on a busy machine they say more
than wall time. `visit_s` is the time of the first page.
"""

import argparse
import time
from pathlib import Path
from statistics import median

import requests

from gridmap.postgres.server import Cluster
from tests.benchmarks.harness.cpu_time import tree_cpu_s
from tests.benchmarks.harness.measure import Row, check_target, print_report
from tests.benchmarks.harness.run_service import running_service
from tests.shared_folders import temporary_home

RUNS, QUICK_RUNS = 5, 2
MAX_START_S, MAX_STOP_S = 5.0, 5.0


def measure_start(home_dir: Path) -> Row:
    """Start the service, open one page, stop the service."""
    start = time.perf_counter()
    with running_service(home_dir, "--demo") as service:
        ready = time.perf_counter()
        cpu = tree_cpu_s([service.supervisor.pid, Cluster(home_dir).postmaster_pid() or 0])
        visit = time.perf_counter()
        requests.get(service.url + "/sign-in", timeout=60).raise_for_status()
        stop = time.perf_counter()
    stop_s = time.perf_counter() - stop
    return {"start_s": ready - start, "cpu_s": cpu, "visit_s": stop - visit, "stop_s": stop_s}


def main() -> None:
    """Read the command line, measure, print the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_RUNS} starts instead of {RUNS}")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    options = parser.parse_args()
    with temporary_home() as home:
        first = {"start": "first", **measure_start(home)}
        rows = [measure_start(home) for _ in range(QUICK_RUNS if options.quick else RUNS)]
    again = {"start": "again", **{name: median(row[name] for row in rows) for name in rows[0]}}
    targets = [
        check_target(
            f"started again within {MAX_START_S:g} s (median)", again["start_s"], again["start_s"] <= MAX_START_S
        ),
        check_target(f"stopped within {MAX_STOP_S:g} s (median)", again["stop_s"], again["stop_s"] <= MAX_STOP_S),
    ]
    print_report("startup", [first, again], targets, as_json=options.json)


if __name__ == "__main__":
    main()
