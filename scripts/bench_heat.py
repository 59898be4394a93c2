#!/usr/bin/env python
"""Heat as counts by square and by grid, beside sending every incident as a point, in one run on one database.

Run with the development environment: .venv/bin/python scripts/bench_heat.py [--quick] [--json]
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

from measured import Row, target, tell
from served import Served, served
from sqlalchemy import Connection, create_engine, text
from visitor import NAME, cookie

from gridmap.services import grids
from gridmap.serving.application import login
from gridmap.store import cluster, incidents
from gridmap.store.incidents import Happened, Span
from gridmap.store.session import Database

INCIDENTS, QUICK = 1_000_000, 100_000
RUNS = 7
HOT, SHARE = 5, 0.6
DAYS = 730
FASTER, SMALLER = 30.0, 100.0
PATIENCE = 300.0
OPTIONS = "-c timezone=Asia/Shanghai -c max_parallel_workers_per_gather=0"
PROCESS = text("SELECT pg_backend_pid()")
FILLED = """
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

    clock: float
    processor: float


@dataclass
class Contest:
    """Both ways on one database.

    Parameters
    ----------
    service : Served
    cookie : str
        Of the leader.
    leaders : Database
        As the application signs in.
    owner : Connection
    account, home : int
        The leader and the subdistrict.
    code : str
        Of the subdistrict.
    today : date
        As the database has it.
    processes : tuple of int
        Of the database, for the owner and for the leader.
    """

    service: Served
    cookie: str
    leaders: Database
    owner: Connection
    account: int
    home: int
    code: str
    today: date
    processes: tuple[int, int]

    def points(self, span: Span) -> bytes:
        """All incidents of a span one by one."""
        asked = {"home": self.home, "first": span.first, "after": span.last + timedelta(days=1)}
        return str(self.owner.execute(text(POINTS), asked).scalar()).encode()

    def squares(self, span: Span) -> int:
        """How many incidents the counts by square hold."""
        with self.leaders.transaction(self.account) as session:
            return _sum(incidents.by_square(session, self.home, span))

    def grids(self, span: Span) -> int:
        """How many incidents the counts by grid hold."""
        with self.leaders.transaction(self.account) as session:
            return _sum(incidents.by_grid(session, grids.day(session, self.home, span.last), span))

    def sent(self, kind: str, span: Span) -> bytes:
        """What the map of the page is sent."""
        address = f"{self.service.address}/heat/{self.code}/{kind}.json?first={span.first}&last={span.last}"
        request = urllib.request.Request(address, headers={"Cookie": f"gridmap={self.cookie}"})  # noqa: S310 - our own
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310 - likewise
            found: bytes = answer.read()
        return found


def _sum(counts: Mapping[Any, Happened]) -> int:
    return sum(sum(each.now.values()) for each in counts.values())


def spent(process: int) -> float:
    """Seconds of processor that a process has had."""
    columns = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return sum(int(columns[at]) for at in (11, 12)) / os.sysconf("SC_CLK_TCK")


def timed(work: Callable[[], Any], process: int) -> tuple[Any, Seconds]:
    """What some work gives, and its seconds on the clock and of a process."""
    begun, before = time.perf_counter(), spent(process)
    found = work()
    return found, Seconds(time.perf_counter() - begun, spent(process) - before)


def turn(contest: Contest, span: Span) -> tuple[dict[str, Seconds], dict[str, Any]]:
    """Each way once: seconds, and what it gave."""
    owner, leader = contest.processes
    ways: dict[str, tuple[Callable[[], Any], int]] = {
        "points": (lambda: contest.points(span), owner),
        "squares": (lambda: contest.squares(span), leader),
        "grids": (lambda: contest.grids(span), leader),
        "sent squares": (lambda: contest.sent("squares", span), os.getpid()),
        "sent grids": (lambda: contest.sent("grids", span), os.getpid()),
    }
    told = {name: timed(*way) for name, way in ways.items()}
    return {name: seconds for name, (_, seconds) in told.items()}, {name: found for name, (found, _) in told.items()}


def compared(contest: Contest, name: str, span: Span, runs: int) -> Iterator[Row]:
    """Points, squares and grids of a span, after once for nothing."""
    _, found = turn(contest, span)
    turns = [turn(contest, span)[0] for _ in range(runs)]
    taken = {way: median(each[way].clock for each in turns) for way in turns[0]}
    worked = {way: median(each[way].processor for each in turns) for way in ("points", "squares", "grids")}
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


def begun(service: Served, number: int) -> Contest:
    """Fill the demo with incidents."""
    os.environ["GRIDMAP_HOME"] = str(service.home)
    url = cluster.url()
    owner = create_engine(url, isolation_level="AUTOCOMMIT", connect_args={"options": OPTIONS})
    connection = owner.connect()
    home, code, today = connection.execute(text("SELECT id, code, today() FROM subdistrict")).one()
    asked = {"home": home, "number": number, "hot": HOT, "share": SHARE, "days": DAYS}
    connection.execute(text(FILLED), asked)
    connection.execute(text("VACUUM ANALYZE"))
    signed_in = cookie(service, url)
    account = connection.execute(text("SELECT id FROM account WHERE name = :name"), {"name": NAME}).scalar_one()
    leaders = Database(login(url), pool_size=1, patience=PATIENCE)
    with leaders.transaction(account) as session:
        processes = connection.execute(PROCESS).scalar_one(), session.execute(PROCESS).scalar_one()
    return Contest(service, signed_in, leaders, connection, account, home, code, today, processes)


def targets(rows: Sequence[Row]) -> Iterator[Row]:
    """What must hold of all incidents."""
    for row in (each for each in rows if each["span"] == "all" and each["way"] != "points"):
        for name, times in (("faster", FASTER), ("smaller", SMALLER)):
            yield target(f"{row['way']} at least {times:g} times {name} than points", row[name], row[name] >= times)


def main() -> None:
    """Read the command line, measure, tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK:,} incidents")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    options = parser.parse_args()
    with served("--demo") as service:
        contest = begun(service, QUICK if options.quick else INCIDENTS)
        spans = {
            "all": Span(contest.today - timedelta(days=DAYS + 1), contest.today),
            "90 days": Span(contest.today - timedelta(days=89), contest.today),
        }
        rows = [row for name, span in spans.items() for row in compared(contest, name, span, RUNS)]
        contest.leaders.close()
        contest.owner.close()
    tell("heat", rows, list(targets(rows)), as_json=options.json)


if __name__ == "__main__":
    main()
