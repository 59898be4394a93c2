"""Pages, tiles and second starts of two checkouts side by side, for changes that must not cost anything.

Run with the development environment: .venv/bin/python -m tests.benchmarks.bench_checkouts OTHER [--quick] [--json]
OTHER is the folder of another checkout that is set up (`scripts/setup`). Both services run with the demo, each in its
own home, and are asked in turn. Figures are CPU seconds of supervisor, web processes and database, medians of the
rounds; `ratio` is this checkout divided by the other. Every tile is of another date, so that no cache serves it.
"""

import argparse
import math
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, timedelta
from itertools import count, repeat, takewhile
from pathlib import Path
from statistics import median

import requests
from sqlalchemy import create_engine, text

from tests.benchmarks.harness.cpu_time import tree_cpu_s
from tests.benchmarks.harness.demo_visitors import ACCOUNT_LINE, submit_form
from tests.benchmarks.harness.measure import REPOSITORY, Row, check_target, print_report
from tests.shared_folders import temporary_home

ROUNDS, QUICK_ROUNDS = 7, 3
PAGE_REQUESTS, TILE_REQUESTS = 40, 400
"""Requests of a round; a tile costs so little that fewer would measure the ticks of the clock."""
MAX_RATIO = 1.1
PAGES = {"overview": ("planner", "/"), "heatmap": ("leader", "/heat"), "a grid": ("planner", "/grids/1")}
EXTENT_SQL = "SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_Centroid(geometry) AS p FROM subdistrict LIMIT 1) AS middle"
DATES = (date(2026, 1, 1) + timedelta(days=number % 300) for number in count())


class Checkout:
    """The service of a checkout, with a signed-in browser for each demo account."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.folder, self.home = folder, home
        self.browsers: dict[str, requests.Session] = {}
        self.url, self.supervisor_pid = "", 0

    @contextmanager
    def run(self) -> Iterator[list[str]]:
        """Run the service and yield the lines that it starts with."""
        command = [str(self.folder / ".venv/bin/gridmap"), "serve", "--port", "0", "--language", "en", "--demo"]
        environment = {**os.environ, "GRIDMAP_HOME": str(self.home)}
        with subprocess.Popen(
            command, env=environment, cwd=self.folder, stdout=subprocess.PIPE, text=True
        ) as supervisor:
            try:
                lines = list(takewhile(lambda line: "Ctrl-C" not in line, supervisor.stdout or ()))
                self.url, self.supervisor_pid = lines[0].strip().rpartition(" ")[2], supervisor.pid
                yield lines
            finally:
                supervisor.terminate()
                supervisor.wait(60)

    def sign_in(self, lines: list[str]) -> None:
        """Sign in every demo account named in the first lines of the service."""
        for name, password in ACCOUNT_LINE.findall("".join(lines)):
            self.browsers[name] = requests.Session()
            submit_form(self.browsers[name], f"{self.url}/sign-in", name=name, password=password)

    def cpu_s(self) -> float:
        """Return the CPU seconds of the service and its database so far."""
        pid_file = next(self.home.glob("**/postmaster.pid"), None)
        pids = [self.supervisor_pid] + ([int(pid_file.read_text().split()[0])] if pid_file else [])
        return tree_cpu_s(pids)

    def tile_path(self) -> str:
        """Return the path of the tile of level 14 in the middle of the demo."""
        command = [str(self.folder / ".venv/bin/gridmap"), "db", "url"]
        environment = {**os.environ, "GRIDMAP_HOME": str(self.home)}
        url = subprocess.run(
            command, env=environment, cwd=self.folder, capture_output=True, text=True, check=True
        ).stdout.split()[-1]
        with create_engine(url).connect() as connection:
            longitude, latitude = connection.execute(text(EXTENT_SQL)).one()
        x = int((longitude + 180) / 360 * 2**14)
        y = int((1 - math.asinh(math.tan(math.radians(latitude))) / math.pi) / 2 * 2**14)
        return f"/tiles/buildings/14/{x}/{y}.pbf"

    def fetch(self, role: str, path: str) -> None:
        """Fetch a page or tile; every answer must be good."""
        self.browsers[role].get(self.url + path, timeout=60).raise_for_status()


def measure_requests(checkout: Checkout, next_path: Callable[[], str], role: str, requests_count: int) -> float:
    """Return the CPU seconds of a request, over many of them."""
    before = checkout.cpu_s()
    for _ in range(requests_count):
        checkout.fetch(role, next_path())
    return (checkout.cpu_s() - before) / requests_count


def measure_second_start(checkout: Checkout) -> float:
    """Return the CPU seconds of a start until the service is ready; the home is set up already."""
    with checkout.run():
        time.sleep(1.0)
        return checkout.cpu_s()


def compare(name: str, this: list[float], other: list[float]) -> Row:
    """Return the row of a figure: both medians and the median ratio of the rounds."""
    ratio = median(one / two for one, two in zip(this, other, strict=True))
    return {"what": name, "this_cpu_s": median(this), "other_cpu_s": median(other), "ratio": ratio}


def measure(checkouts: tuple[Checkout, Checkout], rounds: int) -> list[Row]:
    """Measure pages, tiles and second starts of both checkouts in turn."""
    with ExitStack() as running:
        for one in checkouts:
            one.sign_in(running.enter_context(one.run()))
        tile = checkouts[0].tile_path()
        kinds: dict[str, tuple[str, Callable[[], str], int]] = {
            **{name: (role, repeat(path).__next__, PAGE_REQUESTS) for name, (role, path) in PAGES.items()},
            "a tile": ("planner", lambda: f"{tile}?on={next(DATES)}", TILE_REQUESTS),
        }
        rows = []
        for name, (role, next_path, number) in kinds.items():
            taken = [[measure_requests(one, next_path, role, number) for one in checkouts] for _ in range(rounds + 1)][
                1:
            ]
            rows.append(compare(name, [this for this, _ in taken], [other for _, other in taken]))
    taken = [[measure_second_start(one) for one in checkouts] for _ in range(rounds)]
    return [*rows, compare("second start", [this for this, _ in taken], [other for _, other in taken])]


def main() -> int:
    """Measure, print the report, and return 1 if this checkout costs clearly more."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("other", type=Path, help="folder of the other checkout")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_ROUNDS} rounds instead of {ROUNDS}")
    parser.add_argument("--json", action="store_true", help="one JSON object in the last line")
    options = parser.parse_args()
    with temporary_home() as this, temporary_home() as that:
        checkouts = Checkout(REPOSITORY, this), Checkout(options.other.resolve(), that)
        rows = measure(checkouts, QUICK_ROUNDS if options.quick else ROUNDS)
    targets = [
        check_target(f"{row['what']}: ratio ≤ {MAX_RATIO}", row["ratio"], row["ratio"] <= MAX_RATIO) for row in rows
    ]
    print_report("checkouts", rows, targets, as_json=options.json)
    return 0 if all(each["met"] for each in targets) else 1


if __name__ == "__main__":
    sys.exit(main())
