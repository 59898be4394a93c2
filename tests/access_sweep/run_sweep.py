"""Every route asked by every role about a foreign subdistrict: who is told what, by each layer of defence alone, too.

Run with the development environment: .venv/bin/python -m tests.access_sweep.run_sweep [--quick] [--prove] [--only /x] [--json]
A database of its own gets two demo subdistricts whose words and numbers can all be told apart, and accounts of every
role in both, those whose access is narrow, over or taken away among them. The real application is asked with every
method about one's own things, foreign ones, such as are nowhere, and what nobody should write into an address; forms
are filled in and sent. Then the same with the explicit filter removed, so that row-level security holds alone, and with
the policies removed, so that the filter does. The database is asked without the web, and dumped. --prove plants leaks
instead and wants each of them found. Exit code 1 if anything leaks.
"""

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from gridmap.postgres.server import Cluster
from tests.access_sweep import defence_layers, seeded_leaks, session_cookies, sql
from tests.access_sweep.fixtures import SweepData, load_sweep_data
from tests.access_sweep.oracle import Leak
from tests.access_sweep.sweep import SweepResult, find_interference, open_sweep
from tests.benchmarks.harness.measure import Row, check_target, print_report
from tests.fixtures import postgis

MAX_LEAKS_SHOWN = 20


@contextmanager
def sweep_database() -> Iterator[SweepData]:
    """Both subdistricts on a server of their own, with keys of their own; all of it is gone at the end."""
    with tempfile.TemporaryDirectory(prefix="gridmap-") as home:
        Path(home).chmod(0o755)  # the account of the database may get in
        os.environ["GRIDMAP_HOME"] = home
        cluster = Cluster(Path(home), durable=False)
        cluster.start()
        try:
            with postgis.temporary_database(cluster) as url:
                yield load_sweep_data(url, postgis.app_url(url))
        finally:
            postgis.remove_cluster(cluster)


def run_sweep(sweep_data: SweepData, defence: AbstractContextManager[None], options: argparse.Namespace) -> SweepResult:
    """What everybody is told under some layer of defence."""
    sweep = open_sweep(sweep_data, quick=options.quick, path_prefix=options.only)
    try:
        with defence:
            return sweep.run()
    finally:
        sweep.close()


def find_changes(sweep_data: SweepData, options: argparse.Namespace) -> list[Leak]:
    """Answers that change when only the other subdistrict does."""
    sweep = open_sweep(sweep_data, path_prefix=options.only)
    try:
        return find_interference(sweep, *sweep_data.subdistricts)
    finally:
        sweep.close()


def route_rows(result: SweepResult) -> list[Row]:
    """One row a route: how often it answered each role with what."""
    rows: dict[str, Row] = {}
    leaky = Counter((leak.rule, leak.persona_name) for leak in result.leaks)
    for (rule, who), statuses in result.statuses.items():
        role, _, mark = who.partition(" ")
        if not mark.startswith("west"):
            worst = f" {leaky[rule, who]} LEAKS" if leaky[rule, who] else ""
            counted = " ".join(f"{status}:{number}" for status, number in sorted(statuses.items()))
            rows.setdefault(rule, {"route": rule})[role] = counted + worst
    return list(rows.values())


def check_leaks(target_text: str, leaks: Sequence[Leak]) -> Row:
    """One target, and the leaks that speak against it."""
    lines = Counter(leak.summary() for leak in leaks)
    for line, times in lines.most_common(MAX_LEAKS_SHOWN):
        print(f"LEAK    {line}" + (f" ({times} times)" if times > 1 else ""))
    return check_target(target_text, f"{len(leaks)} leaks", not leaks)


def run_sweeps(options: argparse.Namespace) -> tuple[list[Row], list[Row]]:
    """All passes."""
    targets: list[Row] = []
    rows: list[Row] = []
    with sweep_database() as land:
        for what, layer in (
            ("both layers", nullcontext()),
            ("row-level security alone", defence_layers.without_filter()),
            ("the explicit filter alone", defence_layers.without_policies(land.owner_url)),
        ):
            told = run_sweep(land, layer, options)
            rows = rows or route_rows(told)
            targets.append(check_leaks(f"{what}: {told.request_count()} answers tell nothing foreign", told.leaks))
        rest: dict[str, Callable[[], list[Leak]]] = {
            "the database refuses by itself": lambda: sql.find_leaks(land, quick=options.quick),
            "a dump holds no identity number and no phone": lambda: sql.dump_leaks(land),
            "an old cookie is worth nothing": lambda: session_cookies.find_leaks(land),
            "no answer changes with another subdistrict": lambda: find_changes(land, options),
        }
        targets += [check_leaks(what, look()) for what, look in rest.items()]
    return rows, targets


def find_seeded_leaks() -> tuple[list[Row], list[Row]]:
    """Leaks made on purpose, each of which must be found."""
    with sweep_database() as land:
        found = seeded_leaks.find_seeded_leaks(land)
    rows = [{"planted": what, "found": leaks[0].summary() if leaks else "-"} for what, leaks in found.items()]
    return rows, [check_target(f"found: {what}", f"{len(leaks)} leaks", bool(leaks)) for what, leaks in found.items()]


def main() -> None:
    """Read the command line, ask, tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one direction, fewer odd values")
    parser.add_argument("--prove", action="store_true", help="plant leaks and want them found")
    parser.add_argument("--only", default="", help="routes that begin so")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    asked = parser.parse_args()
    start = time.perf_counter()
    rows, targets = find_seeded_leaks() if asked.prove else run_sweeps(asked)
    print(f"{time.perf_counter() - start:.0f} s")
    print_report("fault_access", rows, targets, as_json=asked.json)
    sys.exit(not all(each["met"] for each in targets))


if __name__ == "__main__":
    main()
