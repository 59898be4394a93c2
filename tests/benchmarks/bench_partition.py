"""Time, memory and quality of partitions, beside METIS and k-means on the same cells.

Run with the development environment:
.venv/bin/python -m tests.benchmarks.bench_partition [--quick] [--json] [TOWN.gpkg ...]
Towns are a number of households, for an invented town, or files; without any 60000 and all real towns that have counts.
gridmap runs from file to file, with one job; peers get the graphs that gridmap divides, which are not measured for
them, and as many grids as households over 400. Quality is measured on the polygons alone, by nothing that gridmap uses.
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
from numpy.typing import NDArray

from tests.benchmarks.harness.measure import (
    Row,
    check_target,
    find_real_towns,
    measure,
    print_report,
    run_in_subprocesses,
)

MODULE = "tests.benchmarks.bench_partition"
HOUSEHOLDS, HAMLET_HOUSEHOLDS = 60_000, 1_000
MINIMUM, MAXIMUM, TARGET_HOUSEHOLDS = 300, 500, 400
STREET_TOLERANCE_M, BORDER_TOLERANCE_M = 15.0, 0.5
SEEDS = 20
Ints = NDArray[np.int64]


def run_gridmap(source: Path, folder: Path) -> Row:
    """Partition a file and return time, memory, quality and the seconds of each step."""
    from gridmap.core.partition.partition import PartitionSettings
    from gridmap.core.progress import ignore_progress
    from gridmap.formats.package.town import read_town
    from gridmap.formats.results.geopackage import read_layer
    from gridmap.services.files.demo_town import write_demo_town
    from gridmap.services.files.partition import partition_file

    write_demo_town(folder / "hamlet.gpkg", HAMLET_HOUSEHOLDS)
    partition_file(folder / "hamlet.gpkg", folder / "out.gpkg", PartitionSettings(jobs=1), "en", ignore_progress)
    _, figures = measure(
        lambda: partition_file(source, folder / "out.gpkg", PartitionSettings(jobs=1), "en", ignore_progress)
    )
    town = read_town(source)
    grids = gpd.GeoDataFrame(read_layer(folder / "out.gpkg", "grids")).to_crs(town.crs)
    grids = grids[grids.kind == "household"]
    report = json.loads((folder / "out.json").read_text("utf-8"))
    unexplained = int(((grids.status != "in_range") & grids.reason.isna()).sum())
    steps = {f"{name}_cpu_s": float(step["cpu_s"]) for name, step in report["steps"].items()}
    return {**figures, **measure_quality(grids, town), "unexplained": unexplained, **steps}


@dataclass(frozen=True)
class PartitionProblem:
    """Connected land that is partitioned by itself: its graph, and the node of each cell."""

    graph: Any
    cells: Ints
    node_of_cell: Ints
    places: NDArray[np.float64]

    @property
    def grid_count(self) -> int:
        """Number of grids by the target of households."""
        return max(1, round(float(self.graph.weight.sum()) / TARGET_HOUSEHOLDS))


def partition_problems(town: Any, land: Any) -> Iterator[PartitionProblem]:
    """Yield the graphs that gridmap partitions: courtyards whole, islands joined, without dedicated land."""
    from gridmap.core.labels import label_components
    from gridmap.core.partition.atoms import build_atoms
    from gridmap.core.partition.components import CommunityAtoms, attach_empty_land, build_components, merge_components
    from gridmap.core.plans.profile import CostWeights, Profile

    profile, weights = Profile(), CostWeights()
    atoms = build_atoms(town, land, profile, weights)
    for community in range(len(town.communities)):
        chosen = np.flatnonzero((atoms.community == community) & (atoms.dedicated < 0))
        borders = atoms.borders_among(chosen)
        ground = CommunityAtoms.from_atoms(
            atoms, chosen, label_components(len(chosen), borders.left, borders.right), land.cells
        )
        large = ground.households > profile.maximum
        host = attach_empty_land(ground, large)
        of_cell = node_of_each_cell(atoms, chosen, host)
        for piece in build_components(ground, host, merge_components(ground, host, large, profile), large):
            cells = np.flatnonzero(np.isin(of_cell, piece.nodes))
            places = shapely.get_coordinates(shapely.centroid(ground.shape[piece.nodes]))
            yield PartitionProblem(piece.graph, cells, np.searchsorted(piece.nodes, of_cell[cells]), places)


def node_of_each_cell(atoms: Any, chosen: Ints, host: Ints) -> Ints:
    """Return the node of each cell of the town; -1 elsewhere."""
    number = np.full(len(atoms.households), -1)
    number[chosen] = host
    node_of_cell: Ints = number[atoms.atom_of_cell]
    return node_of_cell


def partition_by_metis(problem: PartitionProblem) -> Ints:
    """Partition by METIS, contiguous k-way and recursive.

    Of twenty seeds each, the try with most grids in range counts, of equals the one with the cheapest borders.
    """
    import pymetis

    net = problem.graph.to_csr()
    graph = {"xadj": net.indptr, "adjncy": net.neighbour, "vweights": net.weight}
    cost = np.maximum(1, np.round(10 * net.cost)).astype(np.int64)
    ways = [(False, {"contig": True, "ufactor": 200}), (True, {"ufactor": 30})]
    tries = [
        pymetis.part_graph(
            problem.grid_count,
            **graph,
            eweights=cost,
            recursive=recursive,
            options=pymetis.Options(seed=seed, **options),
        )
        for recursive, options in ways
        for seed in range(SEEDS)
    ]
    return np.array(min(tries, key=lambda found: (-in_range_share(problem, np.array(found[1])), found[0]))[1])


def partition_by_kmeans(problem: PartitionProblem) -> Ints:
    """Partition by k-means of centroids, weighted by households."""
    from sklearn.cluster import KMeans  # type: ignore[import-untyped]  # it has no types

    weights = np.maximum(problem.graph.weight, 1e-3)
    grids = min(problem.grid_count, len(weights))
    return np.asarray(KMeans(grids, n_init=1, random_state=0).fit_predict(problem.places, sample_weight=weights))


def in_range_share(problem: PartitionProblem, labels: Ints) -> float:
    """Return the share of grids in range; empty ones are out of range."""
    sums = np.bincount(labels, problem.graph.weight, minlength=problem.grid_count)
    return float(((sums >= MINIMUM) & (sums <= MAXIMUM)).mean())


PEERS: dict[str, Callable[[PartitionProblem], Ints]] = {"metis": partition_by_metis, "kmeans": partition_by_kmeans}
METHODS = ("gridmap", *PEERS)


def run_peer(source: Path, partition: Callable[[PartitionProblem], Ints]) -> Row:
    """Partition every community by a peer and measure its grids like ours."""
    from gridmap.core.land.build import build_land
    from gridmap.formats.package.town import read_town

    town = read_town(source)
    land = build_land(town)
    problems = list(partition_problems(town, land))
    labels, figures = measure(lambda: [label_nodes(problem, partition) for problem in problems])
    households = np.bincount(land.cell_of_building, town.buildings.households, minlength=len(land.cells))
    parts: list[pd.DataFrame] = [
        dissolve_cells(land, problem, label[problem.node_of_cell], households.astype(np.float64))
        for problem, label in zip(problems, labels, strict=True)
    ]
    return {**figures, **measure_quality(gpd.GeoDataFrame(pd.concat(parts)), town)}


def label_nodes(problem: PartitionProblem, partition: Callable[[PartitionProblem], Ints]) -> Ints:
    """Return the grid of each node; a problem of one grid is not given to the peer."""
    return partition(problem) if problem.grid_count > 1 else np.zeros(len(problem.places), dtype=np.int64)


def dissolve_cells(land: Any, problem: PartitionProblem, labels: Ints, households: NDArray[np.float64]) -> pd.DataFrame:
    """Dissolve the cells of one part of a town into grids."""
    columns = {"households": households[problem.cells], "grid": labels}
    cells = gpd.GeoDataFrame(columns, geometry=land.cells[problem.cells])
    grids: pd.DataFrame = cells.dissolve("grid", aggfunc="sum", method="coverage")
    return grids


def measure_quality(grids: gpd.GeoDataFrame, town: Any) -> Row:
    """Measure polygons of grids: households, parts, compactness, and the share of inner borders on streets."""
    shapes, sums = grids.geometry.to_numpy(), grids.households
    borders = shapely.union_all(shapely.boundary(shapes))
    within = borders.difference(town.communities.boundary.union_all().buffer(BORDER_TOLERANCE_M))
    near = shapely.union_all(shapely.buffer(town.streets.geometry.to_numpy(), STREET_TOLERANCE_M))
    return {
        "grids": len(grids),
        "in_range_pct": float(100 * sums.between(MINIMUM, MAXIMUM).mean()),
        "minimum": int(sums.min()),
        "maximum": int(sums.max()),
        "in_parts": int((shapely.get_num_geometries(shapes) > 1).sum()),
        "polsby_popper": float((4 * np.pi * shapely.area(shapes) / shapely.length(shapes) ** 2).mean()),
        "cut_m": float(within.length),
        "on_street_pct": float(100 * within.intersection(near).length / max(within.length, 1e-9)),
    }


def run_child(method: str, town: str) -> None:
    """Measure one method on one town and print the figures."""
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        row = run_peer(Path(town), PEERS[method]) if method in PEERS else run_gridmap(Path(town), Path(folder))
    print(json.dumps(row))


def compare_methods(town: Path, runs: int) -> list[Row]:
    """Return the rows of all methods on one town."""
    return [
        {"town": town.stem, "method": method, **run_in_subprocesses(MODULE, ["--child", method, str(town)], runs)}
        for method in METHODS
    ]


def check_targets(rows: list[Row]) -> list[Row]:
    """Check gridmap's grids of each town."""
    found = []
    for own, peers in ((rows[i], rows[i + 1 : i + 3]) for i in range(0, len(rows), 3)):
        town, share = own["town"], own.get("in_range_pct")
        found.append(
            check_target(
                f"{town}: no grid out of range without a reason", own.get("unexplained"), own.get("unexplained") == 0
            )
        )
        best = max(row.get("in_range_pct", 0.0) for row in peers)
        found.append(check_target(f"{town}: at least {best:.1f} % in range as peers", share, (share or 0) >= best))
    return found


def town_file(town: str, folder: Path) -> Path:
    """Return the file of an argument: a number of households, or a path."""
    if not town.isdigit():
        return Path(town)
    from gridmap.services.files.demo_town import write_demo_town

    path = folder / f"{town} households.gpkg"
    write_demo_town(path, int(town), preset="town")
    return path


def has_households(town: Path) -> bool:
    """Return whether a town package has households."""
    return "households" in pyogrio.read_info(town, layer="buildings")["fields"]


def main() -> None:
    """Read the command line, measure, print the report."""
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
        run_child(*chosen.child)
        return
    usual = ["10000"] if chosen.quick else [str(HOUSEHOLDS), *map(str, filter(has_households, find_real_towns()))]
    with tempfile.TemporaryDirectory() as folder:
        towns = [town_file(town, Path(folder)) for town in chosen.towns or usual]
        rows = [row for town in towns for row in compare_methods(town, 1 if chosen.quick else chosen.runs)]
    print_report("partition", rows, check_targets(rows), as_json=chosen.json)


if __name__ == "__main__":
    main()
