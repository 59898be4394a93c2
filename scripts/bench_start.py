#!/usr/bin/env python
"""How long a second start of the service takes, and what it costs: the home is set up, the demo is there.

Run with the development environment: .venv/bin/python scripts/bench_start.py [--quick] [--json]
The clock runs from the command to the line that says where the service is, and from the wish to stop to the end. CPU
seconds are those of the supervisor, the web processes and the database up to that line: on a machine that others keep
busy they say more than the clock. `visit_s` is the first page that anybody asks for.
"""

import argparse
import tempfile
import time
from pathlib import Path
from statistics import median

import requests
from measured import Row, target, tell
from served import running
from spent import cpu_s

from gridmap.store.cluster.server import Cluster

RUNS, QUICK_RUNS = 5, 2
START_S, STOP_S = 5.0, 5.0


def started(home: Path) -> Row:
    """One start, one visitor, one stop."""
    begun = time.perf_counter()
    with running(home, "--demo") as service:
        ready = time.perf_counter()
        cpu = cpu_s([service.supervisor.pid, Cluster(home).postmaster() or 0])
        asked = time.perf_counter()
        requests.get(service.address + "/sign-in", timeout=60).raise_for_status()
        leaving = time.perf_counter()
    stop_s = time.perf_counter() - leaving
    return {"start_s": ready - begun, "cpu_s": cpu, "visit_s": leaving - asked, "stop_s": stop_s}


def main() -> None:
    """Read the command line, measure, tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_RUNS} starts instead of {RUNS}")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gridmap-") as folder:
        home = Path(folder)
        home.chmod(0o755)  # the account of the database may get in
        first = {"start": "first", **started(home)}
        rows = [started(home) for _ in range(QUICK_RUNS if asked.quick else RUNS)]
    again = {"start": "again", **{name: median(row[name] for row in rows) for name in rows[0]}}
    targets = [
        target(f"started again within {START_S:g} s (median)", again["start_s"], again["start_s"] <= START_S),
        target(f"stopped within {STOP_S:g} s (median)", again["stop_s"], again["stop_s"] <= STOP_S),
    ]
    tell("bench_start", [first, again], targets, as_json=asked.json)


if __name__ == "__main__":
    main()
