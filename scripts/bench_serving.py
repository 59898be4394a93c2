#!/usr/bin/env python
"""Tiles of the real service beside tipg's on one PostGIS: from the database, kept, unchanged; and what rights cost.

Run with the development environment: .venv/bin/python scripts/bench_serving.py [--quick] [--json]
The service runs as it is started by people, on a home of its own, with a city of 313,600 buildings (--quick: 50,176).
tipg is installed once from requirements-peers.lock into an environment of its own. Server and visitors share the
machine: what counts are ratios. Each is the median over rounds in which the two take turns, on the clock and in CPU
seconds of all processes that answer, the database among them.
"""

import argparse
import gzip
import os
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

import city
import peers
from measured import Row, target, tell
from rights import rights
from served import Served, fared, served
from spent import cpu_s
from visitor import cookie

from gridmap.services.tiles import LARGEST
from gridmap.store import cluster

CONNECTIONS = 8
ROUNDS, SECONDS = 5, 3.0
TIMES = {14: 2.0, 16: 3.0}
WARM_TIMES, SHARE = 100.0, 0.9


@dataclass
class Contest:
    """Both servers, and the requests they are sent.

    Parameters
    ----------
    ours : Served
    cookie : str
        Of somebody who sees the whole city.
    peer, peer_process
        Address and process id of the other one.
    town : City
    seconds : float
        Length of a round for each.
    """

    ours: Served
    cookie: str
    peer: str
    peer_process: int
    town: city.City
    seconds: float

    def drawn(self, z: int) -> Row:
        """Tiles from the database: what is on disk is put aside meanwhile, and nothing can be put there."""
        shelf = self.ours.home / "cache" / "tiles"
        aside = shelf.rename(shelf.with_name("aside"))
        shelf.touch()
        try:
            return self.kept(z)
        finally:
            shelf.unlink()
            aside.rename(shelf)

    def kept(self, z: int, *more: str) -> Row:
        """Tiles that are on disk, or, with a mark, in the browser."""
        return self.run([own_path(z, *place) for place in self.town.tiles(z)], *more)

    def peers(self, z: int, table: str) -> Row:
        """The peer's tiles; it keeps none, so all are drawn."""
        paths = [peers.path(z, *place, table) for place in self.town.tiles(z)]
        return self._fared(Served(self.peer, self.ours.home, self.ours.supervisor, []), [self.peer_process], paths)

    def run(self, paths: Sequence[str], *more: str) -> Row:
        """How our service fares."""
        return self._fared(self.ours, self.ours.web(), paths, f"Cookie: gridmap={self.cookie}", *more)

    def _fared(self, server: Served, processes: Sequence[int], paths: Sequence[str], *head: str) -> Row:
        options = [f"--path={path}" for path in paths]
        headers = [f"--header={line}" for line in ("Accept-Encoding: gzip", *head)]
        roots = [*processes, cluster.postmaster() or 0]
        before = cpu_s(roots)
        told = fared(server.crowd(self.seconds, "--connections", str(CONNECTIONS), *headers, *options))
        spent = cpu_s(roots) - before
        answered = told["statuses"].get("200", 0) + told["statuses"].get("304", 0)
        if answered < sum(told["statuses"].values()) or not answered:
            raise SystemExit(f"not all were answered: {told['statuses']}")
        return {"rps": told["served_rps"], "p99_ms": told["p99_ms"], "cpu_ms": 1000 * spent / answered}


def own_path(z: int, x: int, y: int) -> str:
    """Address of a tile of ours."""
    return f"/tiles/buildings/{z}/{x}/{y}.pbf"


def asked(contest: Contest, z: int) -> tuple[bytes, str]:
    """A tile in the middle as it is sent, and its mark."""
    place = contest.town.tiles(z)[0]
    head = {"Cookie": f"gridmap={contest.cookie}", "Accept-Encoding": "gzip"}
    request = urllib.request.Request(contest.ours.address + own_path(z, *place), headers=head)  # noqa: S310 - our own
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - likewise
        return answer.read(), str(answer.headers["ETag"])


def rounds(contest: Contest, number: int) -> Iterator[tuple[str, Row]]:
    """All kinds of requests, in turns."""
    for _ in range(number):
        for z in TIMES:
            yield f"z{z} tipg", contest.peers(z, "building")
            yield f"z{z} drawn", contest.drawn(z)
        yield "z16 tipg, grid in force", contest.peers(16, "standing")
        yield "z14 kept", contest.kept(14)
        yield "z14 unchanged", contest.kept(14, f"If-None-Match: {asked(contest, 14)[1]}")


def summed(found: Sequence[tuple[str, Row]]) -> list[Row]:
    """Medians by kind, with the range of what was answered in a second."""
    kinds = dict.fromkeys(kind for kind, _ in found)
    return [_summed(kind, [row for each, row in found if each == kind]) for kind in kinds]


def _summed(kind: str, rows: Sequence[Row]) -> Row:
    rates = [row["rps"] for row in rows]
    medians = {name: median(row[name] for row in rows) for name in rows[0]}
    return {"requests": kind, **medians, "range_rps": f"{min(rates):.4g}–{max(rates):.4g}"}


def sizes(contest: Contest) -> Row:
    """What a tile of the middle weighs, sent and unpacked; and the largest of all."""
    sent = [asked(contest, z)[0] for z in range(14, 18)]
    return {
        "requests": "largest tile",
        "sent_kb": max(map(len, sent)) / 1000,
        "kb": max(len(gzip.decompress(one)) for one in sent) / 1000,
    }


def targets(rows: Sequence[Row]) -> Iterator[Row]:
    """What must hold."""
    by = {row["requests"]: row for row in rows}
    for z, times in TIMES.items():
        for name, more in (("rps", 1), ("cpu_ms", -1)):
            ratio = (by[f"z{z} drawn"][name] / by[f"z{z} tipg"][name]) ** more
            yield target(f"z{z} from the database at least {times:g} times tipg's, by {name}", ratio, ratio >= times)
    for name, more in (("rps", 1), ("cpu_ms", -1)):
        ratio = (by["z16 drawn"][name] / by["z16 tipg, grid in force"][name]) ** more
        yield target(
            f"z16 at least {TIMES[16]:g} times tipg's with the grid in force, by {name}", ratio, ratio >= TIMES[16]
        )
    for name, more in (("rps", 1), ("cpu_ms", -1)):
        ratio = (by["z14 kept"][name] / by["z14 tipg"][name]) ** more
        yield target(f"z14 kept at least {WARM_TIMES:g} times tipg's, by {name}", ratio, ratio >= WARM_TIMES)
    heavy = by["largest tile"]["sent_kb"]
    yield target(f"no tile above {LARGEST / 1000:g} kB", heavy, heavy * 1000 <= LARGEST)
    for row in rows:
        if "share" in row:
            yield target(f"{row['requests']}: at least {SHARE}", row["share"], row["share"] >= SHARE)


@contextmanager
def contest(side: int, seconds: float) -> Iterator[Contest]:
    """Both servers on a city with so many communities along a side of each subdistrict."""
    with served() as ours:
        os.environ["GRIDMAP_HOME"] = str(ours.home)
        owner = cluster.url()
        town = city.build(owner, side)
        with peers.tipg(owner) as (address, process):
            yield Contest(ours, cookie(ours, owner), address, process, town, seconds)


def main() -> None:
    """Read the command line, measure, tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a smaller city, once and shorter")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    options = parser.parse_args()
    peers.environment()
    with contest(2 if options.quick else 5, 1.5 if options.quick else SECONDS) as both:
        both.kept(14)
        both.peers(14, "building")
        found = list(rounds(both, 1 if options.quick else ROUNDS))
        rows = [*summed(found), sizes(both), *rights(cluster.url(), both.town)]
    tell("serving", rows, list(targets(rows)), as_json=options.json)


if __name__ == "__main__":
    main()
