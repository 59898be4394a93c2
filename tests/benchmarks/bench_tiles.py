"""Tiles of the real service beside tipg's on one PostGIS: from the database, from the cache, unchanged.

Run with the development environment: .venv/bin/python -m tests.benchmarks.bench_tiles [--quick] [--json]
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

from gridmap.postgres import lifecycle
from gridmap.services.grids.tiles import MAX_TILE_BYTES
from tests.benchmarks.harness import city_town, peer_server
from tests.benchmarks.harness.cpu_time import tree_cpu_s
from tests.benchmarks.harness.measure import Row, check_target, print_report
from tests.benchmarks.harness.row_security_cost import measure_row_security
from tests.benchmarks.harness.run_service import RunningService, load_summary, temporary_service
from tests.benchmarks.harness.virtual_user import sign_in

CONNECTIONS = 8
ROUNDS, ROUND_S = 5, 3.0
MIN_SPEEDUP_BY_ZOOM = {14: 2.0, 16: 3.0}
MIN_CACHED_SPEEDUP, MIN_ROW_SECURITY_SHARE = 100.0, 0.9


@dataclass
class TileServerComparison:
    """Both servers, and the requests that they get.

    Parameters
    ----------
    service : RunningService
        The service.
    cookie : str
        Session cookie of an account that sees the whole city.
    peer_url, peer_pid
        Address and process id of the peer.
    city : CityTown
        Layout of the city.
    round_s : float
        Seconds of a round for each server.
    """

    service: RunningService
    cookie: str
    peer_url: str
    peer_pid: int
    city: city_town.CityTown
    round_s: float

    def measure_uncached(self, z: int) -> Row:
        """Measure tiles from the database, with the disk cache moved away and blocked."""
        cache_dir = self.service.home / "cache" / "tiles"
        backup_dir = cache_dir.rename(cache_dir.with_name("tiles-backup"))
        cache_dir.touch()
        try:
            return self.measure_cached(z)
        finally:
            cache_dir.unlink()
            backup_dir.rename(cache_dir)

    def measure_cached(self, z: int, *extra_headers: str) -> Row:
        """Measure tiles from the disk cache or, with an ETag, from the browser's cache."""
        return self.measure_service([tile_path(z, *position) for position in self.city.tiles(z)], *extra_headers)

    def measure_peer(self, z: int, table: str) -> Row:
        """Measure the peer's tiles; it has no cache, so all come from the database."""
        paths = [peer_server.tile_path(z, *position, table) for position in self.city.tiles(z)]
        return self._measure(
            RunningService(self.peer_url, self.service.home, self.service.supervisor, []), [self.peer_pid], paths
        )

    def measure_service(self, paths: Sequence[str], *extra_headers: str) -> Row:
        """Measure requests to the service."""
        return self._measure(
            self.service, self.service.web_process_ids(), paths, f"Cookie: gridmap={self.cookie}", *extra_headers
        )

    def _measure(
        self, server: RunningService, processes: Sequence[int], paths: Sequence[str], *extra_headers: str
    ) -> Row:
        options = [f"--path={path}" for path in paths]
        headers = [f"--header={line}" for line in ("Accept-Encoding: gzip", *extra_headers)]
        roots = [*processes, lifecycle.postmaster_pid() or 0]
        before = tree_cpu_s(roots)
        summary = load_summary(server.start_load(self.round_s, "--connections", str(CONNECTIONS), *headers, *options))
        cpu_s = tree_cpu_s(roots) - before
        answers = summary["statuses"].get("200", 0) + summary["statuses"].get("304", 0)
        if answers < sum(summary["statuses"].values()) or not answers:
            raise SystemExit(f"not all requests succeeded: {summary['statuses']}")
        return {"rps": summary["served_rps"], "p99_ms": summary["p99_ms"], "cpu_ms": 1000 * cpu_s / answers}


def tile_path(z: int, x: int, y: int) -> str:
    """Return the path of a tile of the service."""
    return f"/tiles/buildings/{z}/{x}/{y}.pbf"


def fetch_tile(comparison: TileServerComparison, z: int) -> tuple[bytes, str]:
    """Return the first tile of a level as sent, and its ETag."""
    position = comparison.city.tiles(z)[0]
    headers = {"Cookie": f"gridmap={comparison.cookie}", "Accept-Encoding": "gzip"}
    request = urllib.request.Request(comparison.service.url + tile_path(z, *position), headers=headers)
    with urllib.request.urlopen(request) as answer:
        return answer.read(), str(answer.headers["ETag"])


def run_rounds(comparison: TileServerComparison, count: int) -> Iterator[tuple[str, Row]]:
    """Measure all kinds of requests in turn."""
    for _ in range(count):
        for z in MIN_SPEEDUP_BY_ZOOM:
            yield f"z{z} tipg", comparison.measure_peer(z, "building")
            yield f"z{z} drawn", comparison.measure_uncached(z)
        yield "z16 tipg, grid in force", comparison.measure_peer(16, "standing")
        yield "z14 kept", comparison.measure_cached(14)
        yield "z14 unchanged", comparison.measure_cached(14, f"If-None-Match: {fetch_tile(comparison, 14)[1]}")


def summarise(rows: Sequence[tuple[str, Row]]) -> list[Row]:
    """Return medians by kind, with the range of answers per second."""
    kinds = dict.fromkeys(kind for kind, _ in rows)
    return [_summarise_kind(kind, [row for each, row in rows if each == kind]) for kind in kinds]


def _summarise_kind(kind: str, rows: Sequence[Row]) -> Row:
    rates = [row["rps"] for row in rows]
    medians = {name: median(row[name] for row in rows) for name in rows[0]}
    return {"requests": kind, **medians, "range_rps": f"{min(rates):.4g}–{max(rates):.4g}"}


def measure_tile_sizes(comparison: TileServerComparison) -> Row:
    """Return the size of the largest of the first tiles of each level, as sent and unpacked."""
    sent = [fetch_tile(comparison, z)[0] for z in range(14, 18)]
    return {
        "requests": "largest tile",
        "sent_kb": max(map(len, sent)) / 1000,
        "kb": max(len(gzip.decompress(one)) for one in sent) / 1000,
    }


def check_targets(rows: Sequence[Row]) -> Iterator[Row]:
    """Check speed against the peer, sizes, and the cost of row-level security."""
    by = {row["requests"]: row for row in rows}
    for z, times in MIN_SPEEDUP_BY_ZOOM.items():
        for name, more in (("rps", 1), ("cpu_ms", -1)):
            ratio = (by[f"z{z} drawn"][name] / by[f"z{z} tipg"][name]) ** more
            yield check_target(
                f"z{z} from the database at least {times:g} times tipg's, by {name}", ratio, ratio >= times
            )
    for name, more in (("rps", 1), ("cpu_ms", -1)):
        ratio = (by["z16 drawn"][name] / by["z16 tipg, grid in force"][name]) ** more
        yield check_target(
            f"z16 at least {MIN_SPEEDUP_BY_ZOOM[16]:g} times tipg's with the grid in force, by {name}",
            ratio,
            ratio >= MIN_SPEEDUP_BY_ZOOM[16],
        )
    for name, more in (("rps", 1), ("cpu_ms", -1)):
        ratio = (by["z14 kept"][name] / by["z14 tipg"][name]) ** more
        yield check_target(
            f"z14 kept at least {MIN_CACHED_SPEEDUP:g} times tipg's, by {name}", ratio, ratio >= MIN_CACHED_SPEEDUP
        )
    heavy = by["largest tile"]["sent_kb"]
    yield check_target(f"no tile above {MAX_TILE_BYTES / 1000:g} kB", heavy, heavy * 1000 <= MAX_TILE_BYTES)
    for row in rows:
        if "share" in row:
            yield check_target(
                f"{row['requests']}: at least {MIN_ROW_SECURITY_SHARE}",
                row["share"],
                row["share"] >= MIN_ROW_SECURITY_SHARE,
            )


@contextmanager
def open_comparison(communities_per_side: int, round_s: float) -> Iterator[TileServerComparison]:
    """Run both servers on a city with so many communities along a side of each subdistrict."""
    with temporary_service() as ours:
        os.environ["GRIDMAP_HOME"] = str(ours.home)
        owner = lifecycle.database_url()
        town = city_town.build_city(owner, communities_per_side)
        with peer_server.run_tipg(owner) as (address, process):
            yield TileServerComparison(ours, sign_in(ours, owner), address, process, town, round_s)


def main() -> None:
    """Read the command line, measure, print the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a smaller city, once and shorter")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    options = parser.parse_args()
    peer_server.install_peer()
    with open_comparison(2 if options.quick else 5, 1.5 if options.quick else ROUND_S) as both:
        both.measure_cached(14)
        both.measure_peer(14, "building")
        found = list(run_rounds(both, 1 if options.quick else ROUNDS))
        rows = [*summarise(found), measure_tile_sizes(both), *measure_row_security(lifecycle.database_url(), both.city)]
    print_report("tiles", rows, list(check_targets(rows)), as_json=options.json)


if __name__ == "__main__":
    main()
