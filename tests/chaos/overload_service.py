"""Overload of the service: four times the peak load, and hundreds of slow senders.

Run with the development environment: .venv/bin/python -m tests.chaos.overload_service [--quick] [--json]
The real service runs in its own home. The load generator runs on the same machine and takes processors from the
service, so only ratios count.
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
    """Measure the peak rate, when each client waits for its answer."""
    rows = [
        load_summary(service.start_load(seconds, "--connections", str(connections), *PATH_OPTIONS))
        for connections in PEAK_CONNECTIONS
    ]
    return {"crowd": "peak", **max(rows, key=lambda row: row["served_rps"])}


def measure_overload(service: RunningService, seconds: float, peak: Row) -> Row:
    """Measure the rate when several times the peak is offered."""
    rate = OVERLOAD_FACTOR * peak["served_rps"]
    row = load_summary(
        service.start_load(seconds, "--connections", str(OVERLOAD_CONNECTIONS), "--rate", f"{rate:.1f}", *PATH_OPTIONS)
    )
    return {"crowd": f"{OVERLOAD_FACTOR} x peak", **row, "goodput": row["served_rps"] / peak["served_rps"]}


def measure_with_slow_clients(service: RunningService, seconds: float, kind: str) -> Row:
    """Measure healthy clients beside hundreds of slow ones."""
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
    """Return the share of requests with answer 200."""
    return float(row["statuses"].get("200", 0) / max(sum(row["statuses"].values()), 1))


def check_targets(rows: list[Row]) -> Iterator[Row]:
    """Check statuses, offered load, goodput and the share of served clients."""
    peak, overload, *slow = rows
    offered = overload["offered_rps"] / peak["served_rps"]
    statuses: Counter[str] = Counter()
    for row in rows:
        statuses.update(row["statuses"])
    unexpected = {status: number for status, number in statuses.items() if status not in {"200", "503"}}
    yield check_target("only 200 and 503", unexpected or "none", not unexpected)
    yield check_target(
        f"offered at least {OVERLOAD_FACTOR - 1} times the peak", offered, offered >= OVERLOAD_FACTOR - 1
    )
    yield check_target(
        f"goodput under overload at least {MIN_GOODPUT:.0%} of peak",
        overload["goodput"],
        overload["goodput"] >= MIN_GOODPUT,
    )
    for row in slow:
        yield check_target(
            f"{row['crowd']}: at least {MIN_SERVED_SHARE:.0%} served", row["share"], row["share"] >= MIN_SERVED_SHARE
        )


def main() -> None:
    """Read the command line, generate load, print the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="shorter")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    options = parser.parse_args()
    seconds = 4.0 if options.quick else 15.0
    with temporary_service() as service:
        peak = measure_peak(service, seconds)
        rows = [peak, measure_overload(service, seconds, peak)]
        rows += [measure_with_slow_clients(service, seconds, kind) for kind in ("headers", "bodies")]
    print_report("overload_service", rows, list(check_targets(rows)), as_json=options.json)


if __name__ == "__main__":
    main()
