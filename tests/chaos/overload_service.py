"""Four times as many requests as can be answered, and hundreds of senders that never finish: who is served, who not.

Run with the development environment: .venv/bin/python -m tests.chaos.overload_service [--quick] [--json]
The service is the real one on a home of its own. The crowd comes from a process of its own on
the same machine, so it takes processors from the service: what counts are ratios.
"""

import argparse
from collections import Counter
from collections.abc import Iterator

from tests.benchmarks.harness.measure import Row, check_target, print_report
from tests.benchmarks.harness.run_service import RunningService, load_summary, temporary_service

PATH_OPTIONS = ("--path", "/style-guide", "--path", "/readyz")
PEAK_CONNECTIONS = (8, 16, 32)
OVERLOAD_FACTOR, OVERLOAD_CONNECTIONS, HEALTHY_CONNECTIONS, HEALTHY_RPS = 4, 400, 8, 20
MIN_GOODPUT, MIN_SERVED_SHARE = 0.8, 0.99
SLOW_CONNECTIONS = 500


def measure_peak(service: RunningService, seconds: float) -> Row:
    """The most that is answered when nobody asks before being answered."""
    rows = [
        load_summary(service.start_load(seconds, "--connections", str(connections), *PATH_OPTIONS))
        for connections in PEAK_CONNECTIONS
    ]
    return {"crowd": "peak", **max(rows, key=lambda row: row["served_rps"])}


def measure_overload(service: RunningService, seconds: float, peak: Row) -> Row:
    """Several times the peak, offered whether or not it is answered."""
    rate = OVERLOAD_FACTOR * peak["served_rps"]
    row = load_summary(
        service.start_load(seconds, "--connections", str(OVERLOAD_CONNECTIONS), "--rate", f"{rate:.1f}", *PATH_OPTIONS)
    )
    return {"crowd": f"{OVERLOAD_FACTOR} x peak", **row, "goodput": row["served_rps"] / peak["served_rps"]}


def measure_with_slow_clients(service: RunningService, seconds: float, kind: str) -> Row:
    """Healthy visitors beside hundreds of slow ones."""
    slow = service.start_load(seconds + 4, "--connections", str(SLOW_CONNECTIONS), "--slow", kind)
    load_summary(service.start_load(2))
    row = load_summary(
        service.start_load(
            seconds, "--connections", str(HEALTHY_CONNECTIONS), "--rate", str(HEALTHY_RPS), *PATH_OPTIONS
        )
    )
    begun = load_summary(slow)["statuses"]["begun"]
    return {"crowd": f"beside {SLOW_CONNECTIONS} slow {kind}", **row, "share": served_share(row), "slow_begun": begun}


def served_share(row: Row) -> float:
    """Which part of the requests was answered with 200."""
    return float(row["statuses"].get("200", 0) / max(sum(row["statuses"].values()), 1))


def check_targets(rows: list[Row]) -> Iterator[Row]:
    """What must hold."""
    best, over, *slow = rows
    offered = over["offered_rps"] / best["served_rps"]
    statuses: Counter[str] = Counter()
    for row in rows:
        statuses.update(row["statuses"])
    strange = {status: number for status, number in statuses.items() if status not in {"200", "503"}}
    yield check_target("nothing but 200 and 503", strange or "none", not strange)
    yield check_target(
        f"offered at least {OVERLOAD_FACTOR - 1} times the peak", offered, offered >= OVERLOAD_FACTOR - 1
    )
    yield check_target(
        f"goodput under overload at least {MIN_GOODPUT:.0%} of peak", over["goodput"], over["goodput"] >= MIN_GOODPUT
    )
    for row in slow:
        yield check_target(
            f"{row['crowd']}: at least {MIN_SERVED_SHARE:.0%} served", row["share"], row["share"] >= MIN_SERVED_SHARE
        )


def main() -> None:
    """Read the command line, load, tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="shorter")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    asked = parser.parse_args()
    seconds = 4.0 if asked.quick else 15.0
    with temporary_service() as service:
        best = measure_peak(service, seconds)
        rows = [best, measure_overload(service, seconds, best)]
        rows += [measure_with_slow_clients(service, seconds, kind) for kind in ("headers", "bodies")]
    print_report("fault_load", rows, list(check_targets(rows)), as_json=asked.json)


if __name__ == "__main__":
    main()
