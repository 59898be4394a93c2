"""Time and memory of checks of drawn grids, beside a plain overlay by geopandas.

Run with the development environment: .venv/bin/python -m tests.benchmarks.bench_checks [--quick] [--json] [GRIDS]
The grids are those of an invented town, grouped by METIS into about 400 households each, and copied side by side;
once valid, once with one in a hundred moved. The peer finds gaps (communities less the dissolved grids) and overlaps
(the grids overlaid with themselves) only; gridmap finds every kind of fault. Each measurement runs in its own process;
creating and reading the grids is not measured.
"""

import argparse
import json
import pickle
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from tests.benchmarks.harness.measure import Row, check_target, measure, print_report, run_in_subprocesses

MODULE = "tests.benchmarks.bench_checks"
GRID_COUNT, TOWN_HOUSEHOLDS, HOUSEHOLDS = 20_000, 250_000, 400
QUICK_GRIDS = 2_000
MAX_CPU_S = 5.0
"""CPU for 20,000 grids, proportionally less for fewer."""
CORRUPTION_INTERVAL = 100
"""Number of grids per corrupted one."""


def find_faults_by_gridmap(town: Any, drawn_grids: Any) -> dict[str, float]:
    """Return the area of gaps and overlaps by gridmap's check of all faults."""
    from gridmap.core.coverage.checks import check_grids
    from gridmap.core.plans.profile import Profile

    found = check_grids(town, drawn_grids, Profile())
    return {kind: sum(each.area_m2 for each in found if each.kind == kind) for kind in ("gap", "overlap")}


def find_faults_by_overlay(town: Any, drawn_grids: Any) -> dict[str, float]:
    """Return the area of gaps and overlaps by overlays."""
    grids = gpd.GeoDataFrame({"grid": np.arange(len(drawn_grids))}, geometry=drawn_grids.shapes, crs=town.crs)
    gaps = gpd.overlay(town.communities[["code", "geometry"]], grids.dissolve(), how="difference")
    both = gpd.overlay(grids, grids, how="intersection", keep_geom_type=True)
    return {"gap": float(gaps.area.sum()), "overlap": float(both.area[both["grid_1"] < both["grid_2"]].sum())}


METHODS: dict[str, Callable[[Any, Any], dict[str, float]]] = {
    "gridmap": find_faults_by_gridmap,
    "geopandas": find_faults_by_overlay,
}


def make_sound_grids(town: Any) -> Any:
    """Return valid grids of about `HOUSEHOLDS` households, none across a community's border."""
    from gridmap.core.labels import label_components
    from gridmap.core.land.build import build_land
    from gridmap.core.partition.atoms import build_atoms
    from gridmap.core.plans.measures import grid_polygons
    from gridmap.core.plans.plan import GridPlan
    from gridmap.core.plans.profile import CostWeights, Profile

    land = build_land(town)
    atoms = build_atoms(town, land, Profile(), CostWeights())
    group = np.empty(len(atoms.households), dtype=np.int64)
    for community in range(len(town.communities)):
        members = np.flatnonzero(atoms.community == community)
        group[members] = group_atoms(atoms.borders_among(members), atoms.households[members]) + (community << 32)
    same = group[atoms.borders.left] == group[atoms.borders.right]
    grid = label_components(len(group), atoms.borders.left[same], atoms.borders.right[same])
    grid = np.unique(grid, return_inverse=True)[1]
    return grid_polygons(GridPlan(grid[atoms.atom_of_cell], np.zeros(grid.max() + 1, dtype=np.int64), (), ()), land)


def group_atoms(borders: Any, households: Any) -> Any:
    """Group the atoms of a community into equal households with short borders."""
    import pymetis

    size = len(households)
    pairs = np.r_[borders.left, borders.right], np.r_[borders.right, borders.left]
    order = np.argsort(pairs[0], kind="stable")
    starts = np.r_[0, np.cumsum(np.bincount(pairs[0], minlength=size))]
    graph = pymetis.CSRAdjacency(starts, pairs[1][order])
    parts = max(1, round(households.sum() / HOUSEHOLDS))
    return np.array(pymetis.part_graph(parts, graph, vweights=households * 10 + 1)[1])


def tile_town(town: Any, shapes: Any, count: int) -> tuple[Any, Any]:
    """Copy a town and its grids side by side until there are at least `count` grids."""
    west, _, east, _ = town.communities.total_bounds
    steps = np.arange(-(-count // len(shapes))) * (east - west + 1_000)
    tiled = {name: repeat_layer(getattr(town, name), steps) for name in ("communities", "buildings", "dedicated")}
    tiled["buildings"]["community"] += np.repeat(np.arange(len(steps)) * len(town.communities), len(town.buildings))
    return replace(town, subdistrict=None, **tiled), np.concatenate([shifted_east(shapes, step) for step in steps])


def repeat_layer(layer: Any, steps: Any) -> Any:
    """Return a layer repeated once for each step to the east."""
    rows = pd.concat([layer] * len(steps), ignore_index=True)
    return rows.set_geometry(
        np.concatenate([shifted_east(layer.geometry.to_numpy(), step) for step in steps]), crs=layer.crs
    )


def shifted_east(shapes: Any, step: float) -> Any:
    """Return shapes moved to the east."""
    return shapely.transform(shapes, lambda xy: xy + np.array([step, 0.0]))


def corrupt_some(shapes: Any) -> Any:
    """Move one grid in a hundred by 3 m, so that it overlaps some neighbours and leaves gaps to others."""
    broken = shapes.copy()
    broken[::CORRUPTION_INTERVAL] = shifted_east(shapes[::CORRUPTION_INTERVAL], 3.0)
    return broken


def write_cases(count: int, folder: Path) -> list[str]:
    """Write a sound and a broken drawing and return their files."""
    from gridmap.core.coverage.checks import DrawnGrids
    from gridmap.demo import build_town

    town = build_town(min(TOWN_HOUSEHOLDS, count * HOUSEHOLDS))
    town, sound = tile_town(town, make_sound_grids(town), count)
    files = []
    for name, shapes in (("sound", sound), ("broken", corrupt_some(sound))):
        codes = np.array([f"{number:06d}" for number in range(len(shapes))], dtype=object)
        drawn = DrawnGrids(shapes, np.zeros(len(shapes), np.bool_), codes, np.full(len(shapes), -1))
        files.append(str(folder / f"{name}.pickle"))
        Path(files[-1]).write_bytes(pickle.dumps((town, drawn)))
    return files


def run_child(method: str, path: str) -> None:
    """Measure one method on one drawing and print the figures."""
    warnings.simplefilter("ignore")
    town, drawn = pickle.loads(Path(path).read_bytes())
    found, figures = measure(lambda: METHODS[method](town, drawn))
    areas = {f"{kind}_m2": area for kind, area in found.items()}
    print(json.dumps({"grids": len(drawn), "buildings": len(town.buildings), **figures, **areas}))


def compare_methods(path: str, runs: int) -> list[Row]:
    """Return the rows of both methods on one drawing, the peer's with its CPU time over ours."""
    name = Path(path).stem
    rows = [
        {"drawing": name, "method": each, **run_in_subprocesses(MODULE, ["--child", each, path], runs)}
        for each in METHODS
    ]
    if all("cpu_s" in row for row in rows):
        rows[1]["ratio"] = rows[1]["cpu_s"] / rows[0]["cpu_s"]
    return rows


def check_targets(rows: list[Row], count: int) -> list[Row]:
    """Check the speed on both drawings, false alarms on the sound one, and areas on the broken one."""
    allowed = MAX_CPU_S * max(count, 1_000) / GRID_COUNT
    found = [
        check_target(
            f"{row['drawing']}: at most {allowed:g} s of CPU", row.get("cpu_s"), row.get("cpu_s", np.inf) <= allowed
        )
        for row in rows[::2]
    ]
    sound = None if "gap_m2" not in rows[0] else rows[0]["gap_m2"] + rows[0]["overlap_m2"]
    found.append(check_target("sound: square metres of gaps and overlaps", sound, sound == 0))
    for kind in ("gap_m2", "overlap_m2"):
        share = rows[2][kind] / rows[3][kind] if all(row.get(kind) for row in rows[2:]) else None
        found.append(check_target(f"broken: {kind} within 1 % of the overlay's", share, abs((share or 0) - 1) < 0.01))
    return found


def main() -> None:
    """Read the command line, measure, print the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "grids", nargs="?", type=int, help=f"how many grids; {GRID_COUNT}, or {QUICK_GRIDS} with --quick"
    )
    parser.add_argument("--runs", type=int, default=3, help="runs of each measurement, of which the median counts")
    parser.add_argument("--quick", action="store_true", help=f"one run, {QUICK_GRIDS} grids")
    parser.add_argument("--json", action="store_true", help="one JSON object in the last line")
    parser.add_argument("--child", nargs=2, metavar=("METHOD", "FILE"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.child:
        run_child(*chosen.child)
        return
    count = chosen.grids or (QUICK_GRIDS if chosen.quick else GRID_COUNT)
    with tempfile.TemporaryDirectory() as folder:
        files = write_cases(count, Path(folder))
        rows = [row for path in files for row in compare_methods(path, 1 if chosen.quick else chosen.runs)]
    print_report("check", rows, check_targets(rows, count), as_json=chosen.json)


if __name__ == "__main__":
    main()
