#!/usr/bin/env python
"""Every route asked by every role about a foreign subdistrict: who is told what, by each layer of defence alone, too.

Run with the development environment: .venv/bin/python scripts/fault_access.py [--quick] [--prove] [--only /x] [--json]
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

from measured import Row, target, tell

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # the sweep is shared with the tests

from gridmap.store.cluster.server import Cluster
from tests import postgis
from tests.sweep import cookies, direct, layers, planted
from tests.sweep.country import Country, country
from tests.sweep.judging import Leak
from tests.sweep.sweep import Told, interference, opened

MOST = 20


@contextmanager
def settled() -> Iterator[Country]:
    """Both subdistricts on a server of their own, with keys of their own; all of it is gone at the end."""
    with tempfile.TemporaryDirectory(prefix="gridmap-") as home:
        Path(home).chmod(0o755)  # the account of the database may get in
        os.environ["GRIDMAP_HOME"] = home
        cluster = Cluster(Path(home), durable=False)
        cluster.start()
        try:
            with postgis.database(cluster) as url:
                yield country(url, postgis.as_application(url))
        finally:
            postgis.removed(cluster)


def swept(land: Country, layer: AbstractContextManager[None], asked: argparse.Namespace) -> Told:
    """What everybody is told under some layer of defence."""
    sweep = opened(land, quick=asked.quick, only=asked.only)
    try:
        with layer:
            return sweep.run()
    finally:
        sweep.close()


def changes(land: Country, asked: argparse.Namespace) -> list[Leak]:
    """Answers that change when only the other subdistrict does."""
    sweep = opened(land, only=asked.only)
    try:
        return interference(sweep, *land.sides)
    finally:
        sweep.close()


def routes(told: Told) -> list[Row]:
    """One row a route: how often it answered each role with what."""
    rows: dict[str, Row] = {}
    leaky = Counter((leak.rule, leak.who) for leak in told.leaks)
    for (rule, who), statuses in told.answers.items():
        role, _, mark = who.partition(" ")
        if not mark.startswith("west"):
            worst = f" {leaky[rule, who]} LEAKS" if leaky[rule, who] else ""
            counted = " ".join(f"{status}:{number}" for status, number in sorted(statuses.items()))
            rows.setdefault(rule, {"route": rule})[role] = counted + worst
    return list(rows.values())


def verdict(what: str, found: Sequence[Leak]) -> Row:
    """One target, and the leaks that speak against it."""
    lines = Counter(leak.line() for leak in found)
    for line, times in lines.most_common(MOST):
        print(f"LEAK    {line}" + (f" ({times} times)" if times > 1 else ""))
    return target(what, f"{len(found)} leaks", not found)


def sweeps(asked: argparse.Namespace) -> tuple[list[Row], list[Row]]:
    """All passes."""
    targets, rows = [], []
    with settled() as land:
        for what, layer in (
            ("both layers", nullcontext()),
            ("row-level security alone", layers.without_filter()),
            ("the explicit filter alone", layers.without_policies(land.owner)),
        ):
            told = swept(land, layer, asked)
            rows = rows or routes(told)
            targets.append(verdict(f"{what}: {told.asked()} answers tell nothing foreign", told.leaks))
        rest: dict[str, Callable[[], list[Leak]]] = {
            "the database refuses by itself": lambda: direct.leaks(land, quick=asked.quick),
            "a dump holds no identity number and no phone": lambda: direct.in_dump(land),
            "an old cookie is worth nothing": lambda: cookies.leaks(land),
            "no answer changes with another subdistrict": lambda: changes(land, asked),
        }
        targets += [verdict(what, look()) for what, look in rest.items()]
    return rows, targets


def proof() -> tuple[list[Row], list[Row]]:
    """Leaks made on purpose, each of which must be found."""
    with settled() as land:
        found = planted.found(land)
    rows = [{"planted": what, "found": leaks[0].line() if leaks else "-"} for what, leaks in found.items()]
    return rows, [target(f"found: {what}", f"{len(leaks)} leaks", bool(leaks)) for what, leaks in found.items()]


def main() -> None:
    """Read the command line, ask, tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one direction, fewer odd values")
    parser.add_argument("--prove", action="store_true", help="plant leaks and want them found")
    parser.add_argument("--only", default="", help="routes that begin so")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    asked = parser.parse_args()
    start = time.perf_counter()
    rows, targets = proof() if asked.prove else sweeps(asked)
    print(f"{time.perf_counter() - start:.0f} s")
    tell("fault_access", rows, targets, as_json=asked.json)
    sys.exit(not all(each["met"] for each in targets))


if __name__ == "__main__":
    main()
