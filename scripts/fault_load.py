#!/usr/bin/env python
"""Four times as many requests as can be answered, and hundreds of senders that never finish: who is served, who not.

Run with the development environment: .venv/bin/python scripts/fault_load.py [--quick] [--json]
The service is the real one on a home of its own. The crowd comes from a process of its own on
the same machine, so it takes processors from the service: what counts are ratios.
"""

import argparse
from collections import Counter
from collections.abc import Iterator

from measured import Row, target, tell
from served import Served, fared, served

PATHS = ("--path", "/components", "--path", "/readyz")
CLOSED_LOOPS = (8, 16, 32)
TIMES, MANY, HEALTHY, HEALTHY_RPS = 4, 400, 8, 20
GOODPUT, SHARE = 0.8, 0.99
SLOW = 500


def peak(service: Served, seconds: float) -> Row:
    """The most that is answered when nobody asks before being answered."""
    rows = [fared(service.crowd(seconds, "--connections", str(connections), *PATHS)) for connections in CLOSED_LOOPS]
    return {"crowd": "peak", **max(rows, key=lambda row: row["served_rps"])}


def overload(service: Served, seconds: float, best: Row) -> Row:
    """Several times the peak, offered whether or not it is answered."""
    rate = TIMES * best["served_rps"]
    row = fared(service.crowd(seconds, "--connections", str(MANY), "--rate", f"{rate:.1f}", *PATHS))
    return {"crowd": f"{TIMES} x peak", **row, "goodput": row["served_rps"] / best["served_rps"]}


def beside_slow(service: Served, seconds: float, kind: str) -> Row:
    """Healthy visitors beside hundreds of slow ones."""
    slow = service.crowd(seconds + 4, "--connections", str(SLOW), "--slow", kind)
    fared(service.crowd(2))
    row = fared(service.crowd(seconds, "--connections", str(HEALTHY), "--rate", str(HEALTHY_RPS), *PATHS))
    begun = fared(slow)["statuses"]["begun"]
    return {"crowd": f"beside {SLOW} slow {kind}", **row, "share": served_share(row), "slow_begun": begun}


def served_share(row: Row) -> float:
    """Which part of the requests was answered with 200."""
    return float(row["statuses"].get("200", 0) / max(sum(row["statuses"].values()), 1))


def targets(rows: list[Row]) -> Iterator[Row]:
    """What must hold."""
    best, over, *slow = rows
    offered = over["offered_rps"] / best["served_rps"]
    statuses: Counter[str] = Counter()
    for row in rows:
        statuses.update(row["statuses"])
    strange = {status: number for status, number in statuses.items() if status not in {"200", "503"}}
    yield target("nothing but 200 and 503", strange or "none", not strange)
    yield target(f"offered at least {TIMES - 1} times the peak", offered, offered >= TIMES - 1)
    yield target(f"goodput under overload at least {GOODPUT:.0%} of peak", over["goodput"], over["goodput"] >= GOODPUT)
    for row in slow:
        yield target(f"{row['crowd']}: at least {SHARE:.0%} served", row["share"], row["share"] >= SHARE)


def main() -> None:
    """Read the command line, load, tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="shorter")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    asked = parser.parse_args()
    seconds = 4.0 if asked.quick else 15.0
    with served() as service:
        best = peak(service, seconds)
        rows = [best, overload(service, seconds, best)]
        rows += [beside_slow(service, seconds, kind) for kind in ("headers", "bodies")]
    tell("fault_load", rows, list(targets(rows)), as_json=asked.json)


if __name__ == "__main__":
    main()
