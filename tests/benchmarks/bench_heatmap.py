"""Heat as counts by square and by grid, beside sending every incident as a point, in one run on one database.

Run with the development environment: .venv/bin/python -m tests.benchmarks.bench_heatmap [--quick] [--json]
The service runs as people start it, on a home of its own, with the demo and 1,000,000 incidents more (--quick:
100,000), three in five of them in five cells. Counts are the leader's, under row-level security; points are the
owner's, without it, made into JSON by the database. Both take turns, on one processor each; times are medians, on the
clock and of the processor that the database used. *wait* is until a page's map has its answer, which also holds the
span before and the households.
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

from gridmap.postgres import lifecycle
from gridmap.services.grids import in_force
from gridmap.serving.application import app_database_url
from gridmap.store.queries import incident_counts
from gridmap.store.queries.incident_counts import DateRange, IncidentCounts
from gridmap.store.session import Database
from tests.benchmarks.harness.measure import Row, check_target, print_report
from tests.benchmarks.harness.run_service import RunningService, temporary_service
from tests.benchmarks.harness.virtual_user import LEADER_NAME, sign_in
from tests.fixtures.callers import caller_of

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
    lines AS (SELECT array_agg(DISTINCT category) AS names FROM incident WHERE subdistrict_id = :home),
    placed AS (SELECT id, (ST_Dump(ST_GeneratePoints(geometry, points, 1))).geom FROM shared),
    drawn AS (SELECT *, row_number() OVER () AS n, now() - random() * :days * interval '1 day' AS at FROM placed)
INSERT INTO incident (subdistrict_id, number, category, channel, occurred_at, status, cell_id, geometry)
SELECT :home, 'bench-' || n, names[1 + n % cardinality(names)], 'file', at, 'open', id, geom
FROM drawn, lines ORDER BY at
"""
POINTS = """
SELECT json_agg(json_build_array(round(ST_X(geometry)::numeric, 6), round(ST_Y(geometry)::numeric, 6), category))::text
FROM incident WHERE subdistrict_id = :home AND occurred_at >= :first AND occurred_at < :after
"""


class Seconds(NamedTuple):
    """What some work took, on the clock and of one processor."""

    wall_s: float
    cpu_s: float


@dataclass
class HeatmapComparison:
    """Both ways on one database.

    Parameters
    ----------
    service : RunningService
    cookie : str
        Of the leader.
    leader_database : Database
        As the application signs in.
    owner_connection : Connection
    account_id, subdistrict_id : int
        The leader and the subdistrict.
    subdistrict_code : str
        Of the subdistrict.
    today : date
        As the database has it.
    backend_pids : tuple of int
        Of the database, for the owner and for the leader.
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
        """All incidents of a span one by one."""
        asked = {"home": self.subdistrict_id, "first": span.first, "after": span.last + timedelta(days=1)}
        return str(self.owner_connection.execute(text(POINTS), asked).scalar()).encode()

    def count_by_square(self, span: DateRange) -> int:
        """How many incidents the counts by square hold."""
        with self.leader_database.transaction(self.account_id) as session:
            return _sum_counts(incident_counts.count_by_square(session, caller_of(session), self.subdistrict_id, span))

    def count_by_grid(self, span: DateRange) -> int:
        """How many incidents the counts by grid hold."""
        with self.leader_database.transaction(self.account_id) as session:
            return _sum_counts(
                incident_counts.count_by_grid(
                    session, caller_of(session), in_force.resolve_day(session, self.subdistrict_id, span.last), span
                )
            )

    def fetch_page_data(self, kind: str, span: DateRange) -> bytes:
        """What the map of the page is sent."""
        address = f"{self.service.url}/heat/{self.subdistrict_code}/{kind}.geojson?first={span.first}&last={span.last}"
        request = urllib.request.Request(address, headers={"Cookie": f"gridmap={self.cookie}"})
        with urllib.request.urlopen(request, timeout=QUERY_TIMEOUT_S) as answer:
            found: bytes = answer.read()
        return found


def _sum_counts(counts: Mapping[Any, IncidentCounts]) -> int:
    return sum(sum(each.current.values()) for each in counts.values())


def process_cpu_s(pid: int) -> float:
    """Seconds of processor that a process has had."""
    columns = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(columns[at]) for at in (11, 12)) / os.sysconf("SC_CLK_TCK")


def time_call(work: Callable[[], Any], pid: int) -> tuple[Any, Seconds]:
    """What some work gives, and its seconds on the clock and of a process."""
    begun, before = time.perf_counter(), process_cpu_s(pid)
    found = work()
    return found, Seconds(time.perf_counter() - begun, process_cpu_s(pid) - before)


def run_round(comparison: HeatmapComparison, span: DateRange) -> tuple[dict[str, Seconds], dict[str, Any]]:
    """Each way once: seconds, and what it gave."""
    owner, leader = comparison.backend_pids
    ways: dict[str, tuple[Callable[[], Any], int]] = {
        "points": (lambda: comparison.fetch_points(span), owner),
        "squares": (lambda: comparison.count_by_square(span), leader),
        "grids": (lambda: comparison.count_by_grid(span), leader),
        "sent squares": (lambda: comparison.fetch_page_data("squares", span), os.getpid()),
        "sent grids": (lambda: comparison.fetch_page_data("grids", span), os.getpid()),
    }
    told = {name: time_call(*way) for name, way in ways.items()}
    return {name: seconds for name, (_, seconds) in told.items()}, {name: found for name, (found, _) in told.items()}


def compare_span(comparison: HeatmapComparison, name: str, span: DateRange, runs: int) -> Iterator[Row]:
    """Points, squares and grids of a span, after once for nothing."""
    _, found = run_round(comparison, span)
    turns = [run_round(comparison, span)[0] for _ in range(runs)]
    taken = {way: median(each[way].wall_s for each in turns) for way in turns[0]}
    worked = {way: median(each[way].cpu_s for each in turns) for way in ("points", "squares", "grids")}
    whole = len(gzip.compress(found["points"], 6))
    number = found["points"].count(b"[") - 1
    points = {"s": taken["points"], "cpu_s": worked["points"], "gz_kb": whole / 1000}
    yield {"span": name, "way": "points", "incidents": number, **points}
    for way in ("squares", "grids"):
        if found[way] != number:
            raise SystemExit(f"{way} hold {found[way]} incidents, points {number}")
        sent = len(gzip.compress(found[f"sent {way}"], 6))
        seconds = {"s": taken[way], "cpu_s": worked[way], "gz_kb": sent / 1000}
        ratios = {"faster": worked["points"] / worked[way], "smaller": whole / sent}
        wait = {"wait_s": taken[f"sent {way}"], "wait_faster": taken["points"] / taken[f"sent {way}"]}
        yield {"span": name, "way": way, "incidents": number, **seconds, **ratios, **wait}


def prepare_comparison(service: RunningService, incident_count: int) -> HeatmapComparison:
    """Fill the demo with incidents."""
    os.environ["GRIDMAP_HOME"] = str(service.home)
    url = lifecycle.database_url()
    owner = create_engine(url, isolation_level="AUTOCOMMIT", connect_args={"options": OPTIONS})
    connection = owner.connect()
    home, code, today = connection.execute(text("SELECT id, code, today() FROM subdistrict")).one()
    asked = {"home": home, "number": incident_count, "hot": HOT_CELLS, "share": HOT_SHARE, "days": DAYS}
    connection.execute(text(INSERT_INCIDENTS), asked)
    connection.execute(text("VACUUM ANALYZE"))
    signed_in = sign_in(service, url)
    account = connection.execute(text("SELECT id FROM account WHERE name = :name"), {"name": LEADER_NAME}).scalar_one()
    leaders = Database(app_database_url(url), pool_size=1, statement_timeout_s=QUERY_TIMEOUT_S)
    with leaders.transaction(account) as session:
        processes = connection.execute(BACKEND_PID).scalar_one(), session.execute(BACKEND_PID).scalar_one()
    return HeatmapComparison(service, signed_in, leaders, connection, account, home, code, today, processes)


def check_targets(rows: Sequence[Row]) -> Iterator[Row]:
    """What must hold of all incidents."""
    for row in (each for each in rows if each["span"] == "all" and each["way"] != "points"):
        for name, times in (("faster", MIN_SPEEDUP), ("smaller", MIN_SIZE_RATIO)):
            yield check_target(
                f"{row['way']} at least {times:g} times {name} than points", row[name], row[name] >= times
            )


def main() -> None:
    """Read the command line, measure, tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_INCIDENT_COUNT:,} incidents")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    options = parser.parse_args()
    with temporary_service("--demo") as service:
        contest = prepare_comparison(service, QUICK_INCIDENT_COUNT if options.quick else INCIDENT_COUNT)
        spans = {
            "all": DateRange(contest.today - timedelta(days=DAYS + 1), contest.today),
            "90 days": DateRange(contest.today - timedelta(days=89), contest.today),
        }
        rows = [row for name, span in spans.items() for row in compare_span(contest, name, span, RUNS)]
        contest.leader_database.close()
        contest.owner_connection.close()
    print_report("heat", rows, list(check_targets(rows)), as_json=options.json)


if __name__ == "__main__":
    main()
