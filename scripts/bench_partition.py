#!/usr/bin/env python
"""Time, memory and quality of whole partitions, beside METIS and k-means on the same cells.

Run with the development environment: .venv/bin/python scripts/bench_partition.py [--quick] [--json] [TOWN.gpkg ...]
Towns are a number of households, for an invented town, or files; without any 60000 and all real towns that have counts.
gridmap runs from file to file, with one job; peers get the land that gridmap built, which is not measured for them, and
as many grids as households over 400. Quality is measured on the polygons alone, by nothing that gridmap uses.
"""

import argparse
import json
import tempfile
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from measured import Row, in_children, measured, real_towns, target, tell
from numpy.typing import NDArray

HOUSEHOLDS, HAMLET = 60_000, 1_000
MINIMUM, MAXIMUM, MIDDLE = 300, 500, 400
ON_STREET_M, AT_BORDER_M = 15.0, 0.5
SEEDS = 20
Ints = NDArray[np.int64]


def gridmap(source: Path, folder: Path) -> Row:
    """The whole way from file to file; seconds by step come from the report."""
    from gridmap.core.partition.divide import Settings
    from gridmap.core.progress import silent
    from gridmap.formats.geopackage import read_layer
    from gridmap.formats.town import read_town
    from gridmap.services.planning import partition_file
    from gridmap.services.towns import write_demo_town

    write_demo_town(folder / "hamlet.gpkg", HAMLET)
    partition_file(folder / "hamlet.gpkg", folder / "out.gpkg", Settings(jobs=1), "en", silent)
    _, figures = measured(lambda: partition_file(source, folder / "out.gpkg", Settings(jobs=1), "en", silent))
    town = read_town(source)
    grids = gpd.GeoDataFrame(read_layer(folder / "out.gpkg", "grids")).to_crs(town.crs)
    grids = grids[grids.kind == "household"]
    told = json.loads((folder / "out.json").read_text("utf-8"))
    unexplained = int(((grids.status != "in_range") & grids.reason.isna()).sum())
    steps = {f"{name}_cpu_s": float(taken["cpu_s"]) for name, taken in told["steps"].items()}
    return {**figures, **quality(grids, town), "unexplained": unexplained, **steps}


@dataclass(frozen=True)
class Community:
    """Cells of one community as a graph: households, places, neighbours and what a border between them costs."""

    cells: Ints
    households: NDArray[np.float64]
    places: NDArray[np.float64]
    left: Ints
    right: Ints
    cost: Ints

    @property
    def grids(self) -> int:
        """As many as the households ask for."""
        return max(1, round(float(self.households.sum()) / MIDDLE))


def communities(town: Any, land: Any) -> Iterator[Community]:
    """The graph of each community, dedicated land left out; costs are those that gridmap divides by, in tenths."""
    from gridmap.core.partition.profile import Weights

    households = np.bincount(land.building_cell, town.buildings.households, minlength=len(land.cells)).astype(
        np.float64
    )
    places = shapely.get_coordinates(shapely.centroid(land.cells))
    cost = np.maximum(1, np.round(10 * Weights().cost(land.borders.length))).astype(np.int64)
    for community in range(len(town.communities)):
        cells = np.flatnonzero((land.community == community) & (land.dedicated < 0))
        number = np.full(len(land.cells), -1)
        number[cells] = np.arange(len(cells))
        left, right = number[land.borders.left], number[land.borders.right]
        inside = (left >= 0) & (right >= 0)
        yield Community(cells, households[cells], places[cells], left[inside], right[inside], cost[inside])


def best_of_metis(part: Community) -> Ints:
    """Contiguous k-way division by METIS: of twenty seeds the one with most grids in range, the cheapest of those."""
    import pymetis

    graph = rows(part)
    weights = part.households.astype(np.int64)
    tries = [
        pymetis.part_graph(
            part.grids,
            xadj=graph.indptr,
            adjncy=graph.indices,
            eweights=graph.data,
            vweights=weights,
            recursive=False,
            options=pymetis.Options(seed=seed, contig=True, ufactor=200),
        )
        for seed in range(SEEDS)
    ]
    return np.array(min(tries, key=lambda found: (-in_range(part, np.array(found[1])), found[0]))[1])


def rows(part: Community) -> Any:
    """Compressed rows; parts that nothing connects hang together by edges that cost next to nothing."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    size = len(part.cells)
    links = coo_array((part.cost, (part.left, part.right)), shape=(size, size))
    _, first = np.unique(connected_components(links, directed=False)[1], return_index=True)
    chain = coo_array((np.ones(len(first) - 1, dtype=np.int64), (first[:-1], first[1:])), shape=(size, size))
    return (links + chain + links.T + chain.T).tocsr()


def clusters(part: Community) -> Ints:
    """Plain k-means of the places where households are."""
    from sklearn.cluster import KMeans  # type: ignore[import-untyped]

    weights = np.maximum(part.households, 1e-3)
    return np.asarray(KMeans(part.grids, n_init=1, random_state=0).fit_predict(part.places, sample_weight=weights))


def in_range(part: Community, labels: Ints) -> float:
    """Share of grids in range."""
    sums = np.bincount(labels, part.households, minlength=part.grids)
    return float(((sums >= MINIMUM) & (sums <= MAXIMUM)).mean())


PEERS: dict[str, Callable[[Community], Ints]] = {"metis": best_of_metis, "kmeans": clusters}
METHODS = ("gridmap", *PEERS)


def peer(source: Path, divide: Callable[[Community], Ints]) -> Row:
    """A peer's division of every community, made into grids and judged like ours."""
    from gridmap.core.land import build_land
    from gridmap.formats.town import read_town

    town = read_town(source)
    land = build_land(town)
    parts = list(communities(town, land))
    labels, figures = measured(lambda: [divide(part) if part.grids > 1 else 0 * part.cells for part in parts])
    grids = pd.concat([dissolved(land, part, label) for part, label in zip(parts, labels, strict=True)])
    return {**figures, **quality(gpd.GeoDataFrame(grids), town)}


def dissolved(land: Any, part: Community, labels: Ints) -> gpd.GeoDataFrame:
    """Grids of a community from the labels of its cells."""
    cells = gpd.GeoDataFrame({"households": part.households, "grid": labels}, geometry=land.cells[part.cells])
    return cells.dissolve("grid", aggfunc="sum", method="coverage")


def quality(grids: gpd.GeoDataFrame, town: Any) -> Row:
    """Measures of grids as polygons: sizes, pieces, compactness, how much of the borders within follows streets."""
    shapes, sums = grids.geometry.to_numpy(), grids.households
    borders = shapely.union_all(shapely.boundary(shapes))
    within = borders.difference(town.communities.boundary.union_all().buffer(AT_BORDER_M))
    near = shapely.union_all(shapely.buffer(town.streets.geometry.to_numpy(), ON_STREET_M))
    return {
        "grids": len(grids),
        "in_range_pct": float(100 * sums.between(MINIMUM, MAXIMUM).mean()),
        "fewest": int(sums.min()),
        "most": int(sums.max()),
        "in_pieces": int((shapely.get_num_geometries(shapes) > 1).sum()),
        "polsby_popper": float((4 * np.pi * shapely.area(shapes) / shapely.length(shapes) ** 2).mean()),
        "cut_m": float(within.length),
        "on_street_pct": float(100 * within.intersection(near).length / max(within.length, 1e-9)),
    }


def child(method: str, town: str) -> None:
    """Measure one method on one town and print the figures."""
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        row = peer(Path(town), PEERS[method]) if method in PEERS else gridmap(Path(town), Path(folder))
    print(json.dumps(row))


def compare(town: Path, runs: int) -> list[Row]:
    """Rows of all methods on one town."""
    return [
        {"town": town.stem, "method": method, **in_children(__file__, ["--child", method, str(town)], runs)}
        for method in METHODS
    ]


def targets(rows: list[Row]) -> list[Row]:
    """What ours has to show on each town."""
    found = []
    for own, peers in ((rows[i], rows[i + 1 : i + 3]) for i in range(0, len(rows), 3)):
        town, share = own["town"], own.get("in_range_pct")
        found.append(
            target(
                f"{town}: no grid out of range without a reason", own.get("unexplained"), own.get("unexplained") == 0
            )
        )
        best = max(row.get("in_range_pct", 0.0) for row in peers)
        found.append(target(f"{town}: at least {best:.1f} % in range as peers", share, (share or 0) >= best))
    return found


def source(town: str, folder: Path) -> Path:
    """The file of an argument: a number of households, or a file."""
    if not town.isdigit():
        return Path(town)
    from gridmap.services.towns import write_demo_town

    path = folder / f"{town} households.gpkg"
    write_demo_town(path, int(town), recipe="town")
    return path


def counted(town: Path) -> bool:
    """Whether the households of a town are known."""
    return "households" in pyogrio.read_info(town, layer="buildings")["fields"]


def main() -> None:
    """Read the command line, measure, tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("towns", nargs="*", metavar="TOWN", help="households of an invented town, or a town package")
    parser.add_argument("--runs", type=int, default=3, help="runs of each measurement, of which the median counts")
    parser.add_argument(
        "--quick", action="store_true", help="one run, a smaller invented town and none of the real ones"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object in the last line")
    parser.add_argument("--child", nargs=2, metavar=("METHOD", "TOWN"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.child:
        child(*chosen.child)
        return
    usual = ["10000"] if chosen.quick else [str(HOUSEHOLDS), *map(str, filter(counted, real_towns()))]
    with tempfile.TemporaryDirectory() as folder:
        towns = [source(town, Path(folder)) for town in chosen.towns or usual]
        rows = [row for town in towns for row in compare(town, 1 if chosen.quick else chosen.runs)]
    tell("partition", rows, targets(rows), as_json=chosen.json)


if __name__ == "__main__":
    main()
