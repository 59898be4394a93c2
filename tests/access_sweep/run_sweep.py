"""Full access sweep: every route requested by every role about a foreign subdistrict, for each layer of defence.

Run with the development environment:
.venv/bin/python -m tests.access_sweep.run_sweep [--quick] [--prove] [--only /x] [--json]
A new database gets two demo subdistricts whose texts and numbers all differ, and accounts of every role in both,
some with narrow, expired or revoked access. The real application is requested with every method about own, foreign
and missing rows and with malformed values; forms are filled in and sent. The sweep is repeated for the accounts of
one subdistrict: without the explicit filter, so that only row-level security protects, and without the policies, so
that only the filter does. SQL functions are called directly, and the database is dumped. With --prove, leaks are
seeded instead, and each must be found. The exit code is 1 if a target is missed.
"""

import argparse
import logging
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext

from gridmap.postgres.server import Cluster
from tests.access_sweep import defence_layers, seeded_leaks, session_cookies, sql
from tests.access_sweep.communities import narrow_sql
from tests.access_sweep.fixtures import SweepData, load_sweep_data
from tests.access_sweep.oracle import Leak
from tests.access_sweep.sweep import SweepResult, find_interference, open_sweep
from tests.benchmarks.harness.measure import Row, check_target, print_report
from tests.fixtures import postgis
from tests.shared_folders import temporary_home

log = logging.getLogger("tests.access_sweep.run_sweep")
MAX_LEAKS_SHOWN = 20


@contextmanager
def sweep_database() -> Iterator[SweepData]:
    """Yield both subdistricts on a temporary server with its own keys."""
    with temporary_home() as home:
        os.environ["GRIDMAP_HOME"] = str(home)
        postgis.set_environment()
        cluster = Cluster(home, durable=False)
        cluster.start()
        try:
            with postgis.temporary_database(cluster) as url:
                yield load_sweep_data(url)
        finally:
            postgis.remove_cluster(cluster)


def run_sweep(
    sweep_data: SweepData, defence: AbstractContextManager[None] | None, options: argparse.Namespace
) -> SweepResult:
    """Sweep all personas with both layers of the defence, or with one: then in one direction only."""
    both_ways = defence is None and not options.quick
    sweep = open_sweep(sweep_data, quick=options.quick, path_prefix=options.only, both_ways=both_ways)
    try:
        with defence or nullcontext():
            return sweep.run()
    finally:
        sweep.close()


def find_changes(sweep_data: SweepData, options: argparse.Namespace) -> list[Leak]:
    """Return answers that change when only the other subdistrict changes."""
    sweep = open_sweep(sweep_data, path_prefix=options.only)
    try:
        return find_interference(sweep, *sweep_data.subdistricts)
    finally:
        sweep.close()


def route_rows(result: SweepResult) -> list[Row]:
    """Return a row for each route with the statuses by role."""
    rows: dict[str, Row] = {}
    leaks = Counter((leak.rule, leak.persona_name) for leak in result.leaks)
    for (rule, persona), statuses in result.statuses.items():
        role, _, tag = persona.partition(" ")
        if not tag.startswith("west"):
            leak_text = f" {leaks[rule, persona]} LEAKS" if leaks[rule, persona] else ""
            counts = " ".join(f"{status}:{count}" for status, count in sorted(statuses.items()))
            rows.setdefault(rule, {"route": rule})[role] = counts + leak_text
    return list(rows.values())


def check_leaks(target_text: str, leaks: Sequence[Leak]) -> Row:
    """Print leaks and return the row of their target."""
    lines = Counter(leak.summary() for leak in leaks)
    for line, times in lines.most_common(MAX_LEAKS_SHOWN):
        print(f"LEAK    {line}" + (f" ({times} times)" if times > 1 else ""))
    return check_target(target_text, f"{len(leaks)} leaks", not leaks)


def run_sweeps(options: argparse.Namespace) -> tuple[list[Row], list[Row]]:
    """Run all passes; return the rows by route and the targets."""
    targets: list[Row] = []
    rows: list[Row] = []
    with sweep_database() as data:
        for name, defence in (
            ("both layers", None),
            ("row-level security alone", defence_layers.without_filter()),
            ("the explicit filter alone", defence_layers.without_policies(data.owner_url)),
        ):
            log.info("%s", name)
            result = run_sweep(data, defence, options)
            rows = rows or route_rows(result)
            targets.append(check_leaks(f"{name}: no leak in {result.request_count()} answers", result.leaks))
        checks: dict[str, Callable[[], list[Leak]]] = {
            "the database refuses by itself": lambda: sql.find_leaks(data, quick=options.quick),
            "the database refuses rows and rights of another community": lambda: narrow_sql.find_leaks(data),
            "a dump contains no identity number and no phone": lambda: sql.dump_leaks(data),
            "an old cookie is invalid": lambda: session_cookies.find_leaks(data),
            "no answer changes with another subdistrict": lambda: find_changes(data, options),
        }
        targets += [check_leaks(name, find_leaks()) for name, find_leaks in checks.items()]
    return rows, targets


def find_seeded_leaks() -> tuple[list[Row], list[Row]]:
    """Seed leaks and return a row and a target for each; every one must be found."""
    with sweep_database() as data:
        leaks_by_name = seeded_leaks.find_seeded_leaks(data)
    rows = [{"seeded": name, "found": leaks[0].summary() if leaks else "-"} for name, leaks in leaks_by_name.items()]
    targets = [
        check_target(f"found: {name}", f"{len(leaks)} leaks", bool(leaks)) for name, leaks in leaks_by_name.items()
    ]
    return rows, targets


def main() -> None:
    """Read the command line, sweep, print the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one direction, fewer malformed values")
    parser.add_argument("--prove", action="store_true", help="seed leaks, each of which must be found")
    parser.add_argument("--only", default="", help="prefix of the routes to sweep")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    options = parser.parse_args()
    logging.basicConfig(format="%(asctime)s %(message)s", datefmt="%H:%M:%S", level=logging.WARNING)
    logging.getLogger("tests").setLevel(logging.INFO)  # a full sweep takes long: name each account
    start = time.perf_counter()
    rows, targets = find_seeded_leaks() if options.prove else run_sweeps(options)
    print(f"{time.perf_counter() - start:.0f} s")
    print_report("access_sweep", rows, targets, as_json=options.json)
    sys.exit(not all(target["met"] for target in targets))


if __name__ == "__main__":
    main()
