"""Heat map as counts by square and by grid, beside every incident as a point, on one database.

Run with the development environment: .venv/bin/python -m tests.benchmarks.bench_heatmap [--quick] [--json]
The service runs in its own home with the demo and 1,000,000 more incidents (--quick: 100,000), three in five of them
in five cells; all of those are of ordinary categories, as the leader counts no others. Counts are the leader's, under
row-level security, from packed months; points are the owner's, without it, converted to JSON by the database. Both take
turns, on one processor each. Times are medians: wall time, and CPU of the database and of this process, which counts
packed months. *wait* is the request of a page's map, which also contains the period before and the households.
"""

import argparse
import gzip
import os
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from sqlalchemy import Connection, create_engine, text

from gridmap.core.incidents.count_table import IncidentCounts
from gridmap.postgres import lifecycle
from gridmap.services.grids import in_force
from gridmap.serving.application import login_urls
from gridmap.store import incident_months
from gridmap.store.queries.grids import incident_counts
from gridmap.store.queries.grids.date_range import DateRange
from gridmap.store.session import Database
from tests.benchmarks.harness.measure import Row, check_target, print_report
from tests.benchmarks.harness.run_service import RunningService, temporary_service
from tests.benchmarks.harness.virtual_user import LEADER_NAME, sign_in
from tests.fixtures.callers import caller_of
from tests.fixtures.subdistricts import OPEN_SESSIONS, token_of

INCIDENT_COUNT, QUICK_INCIDENT_COUNT = 1_000_000, 100_000
RUNS = 7
HOT_CELLS, HOT_SHARE = 5, 0.6
DAYS = 730
MIN_SPEEDUP, MIN_SIZE_RATIO = 30.0, 100.0
QUERY_TIMEOUT_S = 300.0
OPTIONS = "-c timezone=Asia/Shanghai -c max_parallel_workers_per_gather=0"
BACKEND_PID = text("SELECT pg_backend_pid()")
INSERT_INCIDENTS = """
WITH ranked AS (SELECT *, row_number() OVER (ORDER BY ST_Area(geometry) DESC) <= :hot AS hot FROM cell
        WHERE subdistrict_id = :home),
    shared AS (SELECT *, ceil(:number * CASE WHEN hot THEN :share ELSE 1 - :share END
        / count(*) OVER (PARTITION BY hot))::int AS points FROM ranked),
    ordinary AS (SELECT array_agg(DISTINCT category) AS names FROM incident
        WHERE subdistrict_id = :home AND access_class = 'ordinary'),
    placed AS (SELECT id, (ST_Dump(ST_GeneratePoints(geometry, points, 1))).geom FROM shared),
    drawn AS (SELECT *, row_number() OVER () AS n, now() - random() * :days * interval '1 day' AS at FROM placed)
INSERT INTO incident (subdistrict_id, number, category, channel, occurred_at, status, cell_id, geometry)
SELECT :home, 'bench-' || n, names[1 + n % cardinality(names)], 'file', at, 'open', id, geom
FROM drawn, ordinary ORDER BY at
"""
POINTS = """
SELECT json_agg(json_build_array(round(ST_X(geometry)::numeric, 6), round(ST_Y(geometry)::numeric, 6), category))::text
FROM incident
WHERE subdistrict_id = :home AND access_class = 'ordinary' AND occurred_at >= :first AND occurred_at < :after
"""


class Seconds(NamedTuple):
    """Wall time and CPU time of a call."""

    wall_s: float
    cpu_s: float


@dataclass
class HeatmapComparison:
    """Connections and ids for counts and points on one database.

    Parameters
    ----------
    service : RunningService
        The service.
    cookie : str
        Session cookie of the leader.
    leader_database : Database
        Database with the application's login.
    owner_connection : Connection
        Connection of the owner.
    account_id, subdistrict_id : int
        Ids of the leader and of the subdistrict.
    subdistrict_code : str
        Code of the subdistrict.
    today : date
        Date of the database.
    backend_pids : tuple of int
        Process ids of the database for the owner and for the leader.
    """

    service: RunningService
    cookie: str
    leader_database: Database
    owner_connection: Connection
    account_id: int
    subdistrict_id: int
    subdistrict_code: str
    today: date
    backend_pids: tuple[int, int]

    def fetch_points(self, span: DateRange) -> bytes:
        """Return the ordinary incidents of a period as JSON points."""
        values = {"home": self.subdistrict_id, "first": span.first, "after": span.last + timedelta(days=1)}
        return str(self.owner_connection.execute(text(POINTS), values).scalar()).encode()

    def count_by_square(self, span: DateRange) -> int:
        """Return the sum of the counts by square."""
        with self.leader_database.transaction(token_of(self.account_id)) as session:
            return _sum_counts(incident_counts.count_by_square(session, caller_of(session), self.subdistrict_id, span))

    def count_by_grid(self, span: DateRange) -> int:
        """Return the sum of the counts by grid."""
        with self.leader_database.transaction(token_of(self.account_id)) as session:
            return _sum_counts(
                incident_counts.count_by_grid(
                    session, caller_of(session), in_force.resolve_day(session, self.subdistrict_id, span.last), span
                )
            )

    def fetch_page_data(self, kind: str, span: DateRange) -> bytes:
        """Return the GeoJSON of the page's map."""
        address = f"{self.service.url}/heat/{self.subdistrict_code}/{kind}.geojson?first={span.first}&last={span.last}"
        request = urllib.request.Request(address, headers={"Cookie": f"gridmap={self.cookie}"})
        with urllib.request.urlopen(request, timeout=QUERY_TIMEOUT_S) as answer:
            body: bytes = answer.read()
        return body


def _sum_counts(counts: Mapping[Any, IncidentCounts]) -> int:
    return sum(sum(each.current.values()) for each in counts.values())


def process_cpu_s(pid: int) -> float:
    """Return the CPU seconds of a process and of this one so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK") + time.process_time()


def time_call(work: Callable[[], Any], pid: int) -> tuple[Any, Seconds]:
    """Return the result of a call, with its wall time and the CPU time of a process and of this one."""
    start, cpu_before = time.perf_counter(), process_cpu_s(pid)
    result = work()
    return result, Seconds(time.perf_counter() - start, process_cpu_s(pid) - cpu_before)


def run_round(comparison: HeatmapComparison, span: DateRange) -> tuple[dict[str, Seconds], dict[str, Any]]:
    """Run each method once; return its seconds and its result."""
    owner, leader = comparison.backend_pids
    ways: dict[str, tuple[Callable[[], Any], int]] = {
        "points": (lambda: comparison.fetch_points(span), owner),
        "squares": (lambda: comparison.count_by_square(span), leader),
        "grids": (lambda: comparison.count_by_grid(span), leader),
        "sent squares": (lambda: comparison.fetch_page_data("squares", span), os.getpid()),
        "sent grids": (lambda: comparison.fetch_page_data("grids", span), os.getpid()),
    }
    calls = {name: time_call(*way) for name, way in ways.items()}
    results = {name: result for name, (result, _) in calls.items()}
    return {name: seconds for name, (_, seconds) in calls.items()}, results


def compare_span(comparison: HeatmapComparison, name: str, span: DateRange, runs: int) -> Iterator[Row]:
    """Yield the rows of points, squares and grids of a period, after one round that does not count."""
    _, results = run_round(comparison, span)
    turns = [run_round(comparison, span)[0] for _ in range(runs)]
    wall_s = {way: median(each[way].wall_s for each in turns) for way in turns[0]}
    cpu_s = {way: median(each[way].cpu_s for each in turns) for way in ("points", "squares", "grids")}
    points_size = len(gzip.compress(results["points"], 6))
    count = results["points"].count(b"[") - 1
    points = {"s": wall_s["points"], "cpu_s": cpu_s["points"], "gz_kb": points_size / 1000}
    yield {"span": name, "way": "points", "incidents": count, **points}
    for way in ("squares", "grids"):
        if results[way] != count:
            raise SystemExit(f"{way} contain {results[way]} incidents, points {count}")
        size = len(gzip.compress(results[f"sent {way}"], 6))
        seconds = {"s": wall_s[way], "cpu_s": cpu_s[way], "gz_kb": size / 1000}
        ratios = {"faster": cpu_s["points"] / cpu_s[way], "smaller": points_size / size}
        wait = {"wait_s": wall_s[f"sent {way}"], "wait_faster": wall_s["points"] / wall_s[f"sent {way}"]}
        yield {"span": name, "way": way, "incidents": count, **seconds, **ratios, **wait}


def prepare_comparison(service: RunningService, incident_count: int) -> HeatmapComparison:
    """Add incidents to the demo and open the connections."""
    os.environ["GRIDMAP_HOME"] = str(service.home)
    url = lifecycle.database_url()
    owner = create_engine(url, isolation_level="AUTOCOMMIT", connect_args={"options": OPTIONS})
    connection = owner.connect()
    subdistrict_id, code, today = connection.execute(text("SELECT id, code, today() FROM subdistrict")).one()
    values = {"home": subdistrict_id, "number": incident_count, "hot": HOT_CELLS, "share": HOT_SHARE, "days": DAYS}
    connection.execute(text(INSERT_INCIDENTS), values)
    incident_months.pack_changed(connection)
    connection.execute(text("VACUUM ANALYZE"))
    cookie = sign_in(service, url)
    account = connection.execute(text("SELECT id FROM account WHERE name = :name"), {"name": LEADER_NAME}).scalar_one()
    connection.execute(OPEN_SESSIONS)
    leaders = Database(login_urls(url)[0], pool_size=1, statement_timeout_s=QUERY_TIMEOUT_S)
    with leaders.transaction(token_of(account)) as session:
        pids = connection.execute(BACKEND_PID).scalar_one(), session.execute(BACKEND_PID).scalar_one()
    return HeatmapComparison(service, cookie, leaders, connection, account, subdistrict_id, code, today, pids)


def check_targets(rows: Sequence[Row]) -> Iterator[Row]:
    """Check speed and size over all incidents."""
    for row in (each for each in rows if each["span"] == "all" and each["way"] != "points"):
        for name, times in (("faster", MIN_SPEEDUP), ("smaller", MIN_SIZE_RATIO)):
            yield check_target(
                f"{row['way']} at least {times:g} times {name} than points", row[name], row[name] >= times
            )


def main() -> None:
    """Read the command line, measure, print the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_INCIDENT_COUNT:,} incidents")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    options = parser.parse_args()
    with temporary_service("--demo") as service:
        comparison = prepare_comparison(service, QUICK_INCIDENT_COUNT if options.quick else INCIDENT_COUNT)
        spans = {
            "all": DateRange(comparison.today - timedelta(days=DAYS + 1), comparison.today),
            "90 days": DateRange(comparison.today - timedelta(days=89), comparison.today),
        }
        rows = [row for name, span in spans.items() for row in compare_span(comparison, name, span, RUNS)]
        comparison.leader_database.close()
        comparison.owner_connection.close()
    print_report("heatmap", rows, list(check_targets(rows)), as_json=options.json)


if __name__ == "__main__":
    main()
