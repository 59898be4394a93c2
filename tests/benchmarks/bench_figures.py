"""Figures of a large subdistrict: leader's page, its map and the overview, compared with DuckDB on the same rows.

Run with the development environment: .venv/bin/python -m tests.benchmarks.bench_figures [--quick] [--home DIR] [--json]
The service runs as people start it, on a home of its own (or on --home, which is filled once), with a city of
313,600 buildings (--quick: 50,176); one subdistrict has 100 grids, 157,000 residents and a million incidents of
seven years (--quick: 16 grids and 50,000). A leader of the subdistrict asks for every length of range, category and
status. *ms* is the time of a request on the machine of the service, *cpu_ms* the CPU of web processes and database;
*after a report* means that an incident is added before each request; *at once* is 16 leaders, who start together, each
with another filter. DuckDB counts the same rows by grid, category and status, without rights, borders, households or
page; both counts have to be equal.
"""

import argparse
import json
import os
import random
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import urlencode
from uuid import uuid4

from sqlalchemy import create_engine, text

from gridmap.postgres import lifecycle
from gridmap.services.grids import in_force
from gridmap.serving.application import login_urls
from gridmap.store.queries.grids import incident_counts
from gridmap.store.queries.grids.date_range import DateRange
from gridmap.store.session import Database
from tests.benchmarks.harness import city_incidents, city_town, peer_server
from tests.benchmarks.harness.cpu_time import tree_cpu_s
from tests.benchmarks.harness.measure import Row, check_target, print_report
from tests.benchmarks.harness.run_service import RunningService, running_service, temporary_service
from tests.benchmarks.harness.virtual_user import LEADER_NAME, sign_in
from tests.fixtures.callers import caller_of
from tests.fixtures.subdistricts import OPEN_SESSIONS, token_of

INCIDENT_COUNT, QUICK_INCIDENT_COUNT = 1_000_000, 50_000
RANGES = 7, 30, 90, 365, 3 * 365, 7 * 365
MAX_OVERVIEW_MS, MAX_FILTER_MS, MAX_AT_ONCE_S = 300, 150, 1.0
PEOPLE_AT_ONCE = 16
NARROW_SCOPE = """
DELETE FROM account_scope s USING account a
WHERE a.id = s.account_id AND a.name = :name AND s.subdistrict_id <> :subdistrict_id
"""
REPORT = """
INSERT INTO incident (subdistrict_id, number, category, channel, occurred_at, cell_id, geometry)
    SELECT subdistrict_id, :number, 'kind-3', 'file', now(), id, ST_PointOnSurface(geometry) FROM cell
    WHERE id = (SELECT min(id) FROM cell WHERE subdistrict_id = :subdistrict_id)
"""
EXPORT = """
COPY (SELECT a.grid_id, i.category, i.occurred_at::date AS day, coalesce(i.closed_at::date, 'infinity') AS closed_day
    FROM incident i JOIN assignment a ON a.cell_id = i.cell_id WHERE i.subdistrict_id = {subdistrict_id})
TO STDOUT (FORMAT csv)
"""
PEER_SCRIPT = """
import json, sys, time, duckdb
c = duckdb.connect(); c.execute("SET threads = 1")
c.execute("CREATE TABLE i (grid BIGINT, category VARCHAR, day DATE, closed DATE)")
c.execute(f"COPY i FROM '{sys.argv[1]}' (FORMAT csv)")
for line in sys.stdin:
    f, p, l = line.split()
    q = f"SELECT grid, category, closed <= '{l}', count(*) FROM i WHERE day BETWEEN '{f}' AND '{l}' GROUP BY ALL"
    p = (f"SELECT grid, category, closed < '{f}', count(*) FROM i WHERE day >= '{p}' AND day < '{f}' GROUP BY ALL")
    t = time.process_time(); n = sum(r[3] for r in c.execute(q).fetchall()); c.execute(p).fetchall()
    print(json.dumps([n, 1000 * (time.process_time() - t)]), flush=True)
"""


@dataclass
class LargeSubdistrict:
    """The running service, and a leader of the subdistrict.

    Parameters
    ----------
    service : RunningService
    cookie : str
    owner_url : str
    city : CityTown
    today : date
    """

    service: RunningService
    cookie: str
    owner_url: str
    city: city_town.CityTown
    today: date

    def fetch(self, path: str) -> tuple[float, int]:
        """Return the seconds and the bytes of a page."""
        request = urllib.request.Request(self.service.url + path, headers={"Cookie": f"gridmap={self.cookie}"})
        start = time.perf_counter()
        with urllib.request.urlopen(request, timeout=60) as answer:
            size = len(answer.read())
        return time.perf_counter() - start, size

    def range_of(self, days: int) -> DateRange:
        """Return the days up to today."""
        return DateRange(self.today - timedelta(days - 1), self.today)

    def filter_path(self, days: int, part: str = "", **more: str) -> str:
        """Return the path of the leader's page, or of a part of it, for some days."""
        span = self.range_of(days)
        query = urlencode({"first": span.first, "last": span.last, **more})
        return f"/heat/c{self.city.first_id}{part}?{query}"

    def report_incident(self) -> None:
        """Add an incident of today to the first cell of the subdistrict."""
        engine = create_engine(self.owner_url)
        with engine.begin() as connection:
            connection.execute(text(REPORT), {"subdistrict_id": self.city.first_id, "number": f"report-{uuid4()}"})
        engine.dispose()

    def cpu_s(self) -> float:
        """Return the CPU seconds of web processes and database so far."""
        return tree_cpu_s([*self.service.web_process_ids(), lifecycle.postmaster_pid() or 0])


def no_change() -> None:
    """Leave the data as they are."""


def measure(
    large: LargeSubdistrict,
    name: str,
    paths: Sequence[str],
    rounds: int,
    prepare_request: Callable[[], None] = no_change,
) -> Row:
    """Measure requests one after another, after one round that does not count."""
    for path in paths:
        large.fetch(path)
    seconds, cpu = [], []
    for _ in range(rounds):
        for path in paths:
            prepare_request()
            before = large.cpu_s()
            seconds.append(large.fetch(path)[0])
            cpu.append(large.cpu_s() - before)
    p95 = quantiles(seconds, n=20)[-1] if len(seconds) > 1 else seconds[0]
    return {"request": name, "ms": 1000 * median(seconds), "p95_ms": 1000 * p95, "cpu_ms": 1000 * median(cpu)}


def measure_at_once(large: LargeSubdistrict, rounds: int) -> Row:
    """Measure 16 leaders who ask at once, each with another filter; seconds until the last one has the page."""
    rng, slowest = random.Random(1), []
    for _ in range(rounds + 1):
        paths = [
            large.filter_path(rng.choice(RANGES), category=f"kind-{1 + number}") for number in range(PEOPLE_AT_ONCE)
        ]
        with ThreadPoolExecutor(PEOPLE_AT_ONCE) as people:
            slowest.append(max(seconds for seconds, _ in people.map(large.fetch, paths)))
    return {"request": f"{PEOPLE_AT_ONCE} at once", "ms": 1000 * median(slowest[1:]), "p95_ms": 1000 * max(slowest[1:])}


def compare_with_duckdb(large: LargeSubdistrict, folder: Path, rounds: int) -> Iterator[Row]:
    """Yield CPU milliseconds of the counts by grid of each range, for the service and for DuckDB."""
    data = folder / "incidents.csv"
    engine = create_engine(large.owner_url, connect_args={"options": "-c timezone=Asia/Shanghai"})
    with engine.connect() as connection, data.open("wb") as file:
        connection.connection.cursor().copy_expert(EXPORT.format(subdistrict_id=large.city.first_id), file)
        account = connection.execute(text("SELECT id FROM account WHERE name = :name"), {"name": LEADER_NAME}).scalar()
        connection.execute(OPEN_SESSIONS)
        connection.commit()
    command = [str(peer_server.install_peer()), "-c", PEER_SCRIPT, str(data)]
    database = Database(login_urls(large.owner_url)[0], pool_size=1)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as peer:
        assert peer.stdin
        assert peer.stdout
        for days in RANGES:
            span = large.range_of(days)
            ours, theirs = [], []
            for _ in range(rounds):
                count, cpu_ms = _count(large, database, token_of(int(account or 0)), span)
                ours.append(cpu_ms)
                print(span.first, span.previous_first, span.last, file=peer.stdin, flush=True)
                expected, peer_ms = json.loads(peer.stdout.readline())
                theirs.append(peer_ms)
                if count != expected:
                    raise SystemExit(f"{count} incidents, DuckDB has {expected}")
            row = {"request": f"counts of {days} days", "incidents": expected, "cpu_ms": median(ours)}
            yield {**row, "duckdb_cpu_ms": median(theirs), "of_duckdb": median(ours) / median(theirs)}
        peer.stdin.close()
    database.close()
    data.unlink()


def _count(large: LargeSubdistrict, database: Database, token: str, span: DateRange) -> tuple[int, float]:
    """Return the incidents in grids and the CPU milliseconds of this process and the database."""
    roots = [os.getpid(), lifecycle.postmaster_pid() or 0]
    with database.transaction(token) as session:
        caller = caller_of(session)
        day = in_force.resolve_day(session, large.city.first_id, span.last)
        before = tree_cpu_s(roots)
        counts = incident_counts.count_by_grid(session, caller, day, span)
        cpu_ms = 1000 * (tree_cpu_s(roots) - before)
    return sum(sum(each.current.values()) for grid, each in counts.items() if grid is not None), cpu_ms


def prepare(service: RunningService, communities_per_side: int, incidents: int) -> LargeSubdistrict:
    """Fill an empty home with the city, and sign the leader of its first subdistrict in."""
    os.environ["GRIDMAP_HOME"] = str(service.home)
    owner_url = lifecycle.database_url()
    marker = service.home / "bench.json"
    engine = create_engine(owner_url)
    if not marker.exists():
        city = city_town.build_city(owner_url, communities_per_side)
        city_incidents.add_incidents(owner_url, city, communities_per_side, incidents)
        marker.write_text(json.dumps([city.buildings_per_side, sign_in(service, owner_url)]))
        with engine.begin() as connection:
            connection.execute(text(NARROW_SCOPE), {"name": LEADER_NAME, "subdistrict_id": city.first_id})
    buildings_per_side, cookie = json.loads(marker.read_text())
    with engine.connect() as connection:
        today = connection.execute(text("SELECT today()")).scalar_one()
    return LargeSubdistrict(service, cookie, owner_url, city_town.CityTown(buildings_per_side), today)


def measure_pages(large: LargeSubdistrict, rounds: int) -> Iterator[Row]:
    """Yield the rows of the pages."""
    yield measure(large, "overview", [f"/subdistricts/c{large.city.first_id}"], 3 * rounds)
    for part, name in (("", "leader's page"), ("/grids.geojson", "map of grids"), ("/squares.geojson", "squares")):
        paths = [large.filter_path(days, part) for days in RANGES]
        filtered = [large.filter_path(days, part, category="kind-3", status="open") for days in RANGES]
        yield measure(large, f"{name}, any filter", [*paths, *filtered], rounds)
        for days in (RANGES[2], RANGES[-1]):
            path = large.filter_path(days, part)
            yield measure(large, f"{name}, {days} days", [path], rounds)
            yield measure(large, f"{name}, {days} days, after a report", [path], rounds, large.report_incident)
    yield measure_at_once(large, rounds)


def check_targets(rows: Sequence[Row]) -> Iterator[Row]:
    """Check the times of the pages."""
    by = {row["request"]: row for row in rows}
    overview = by["overview"]["ms"]
    yield check_target(f"overview within {MAX_OVERVIEW_MS} ms", overview, overview <= MAX_OVERVIEW_MS)
    for name in ("leader's page", "map of grids", "squares"):
        p95 = by[f"{name}, any filter"]["p95_ms"]
        yield check_target(f"{name}: any filter within {MAX_FILTER_MS} ms (p95)", p95, p95 <= MAX_FILTER_MS)
    at_once = by[f"{PEOPLE_AT_ONCE} at once"]["ms"] / 1000
    yield check_target(f"{PEOPLE_AT_ONCE} at once within {MAX_AT_ONCE_S:g} s", at_once, at_once <= MAX_AT_ONCE_S)


def open_service(home: Path | None) -> AbstractContextManager[RunningService]:
    """Run the service in a home that stays, or in a temporary one."""
    return temporary_service() if home is None else running_service(home)


def main() -> None:
    """Read the command line, measure, print the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"16 grids and {QUICK_INCIDENT_COUNT:,} incidents, once")
    parser.add_argument("--home", type=Path, help="home of the service, filled once")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    options = parser.parse_args()
    rounds = 1 if options.quick else 5
    with open_service(options.home) as service:
        large = prepare(service, *((2, QUICK_INCIDENT_COUNT) if options.quick else (5, INCIDENT_COUNT)))
        rows = [*measure_pages(large, rounds), *compare_with_duckdb(large, service.home, rounds)]
    print_report("figures", rows, list(check_targets(rows)), as_json=options.json)


if __name__ == "__main__":
    main()
