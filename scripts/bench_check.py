#!/usr/bin/env python
"""Time and memory of checking drawn grids, beside a plain overlay by geopandas.

Run with the development environment: .venv/bin/python scripts/bench_check.py [--quick] [--json] [GRIDS]
The grids are those of an invented town, grouped by METIS of about 400 households each, laid out side by side until
there are as many as asked for; once sound, once with one in a hundred broken. The peer finds gaps (communities less the
dissolved grids) and overlaps (the grids laid over themselves), and nothing else; ours finds every kind of fault.
Each measurement is a process of its own; making and reading the grids is not measured.
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
from measured import Row, in_children, measured, target, tell

GRIDS, TOWN, HOUSEHOLDS = 20_000, 250_000, 400
QUICK = 2_000
SECONDS = 5.0
"""CPU for 20,000 grids; fewer are allowed as much as their share."""
BROKEN = 100
"""One grid in so many is broken."""


def own_faults(town: Any, drawn: Any) -> dict[str, float]:
    """Area of gaps and overlaps that gridmap finds, with every other fault."""
    from gridmap.core.check import check
    from gridmap.core.partition.profile import Profile

    found = check(town, drawn, Profile())
    return {kind: sum(each.area_m2 for each in found if each.kind == kind) for kind in ("gap", "overlap")}


def plain_faults(town: Any, drawn: Any) -> dict[str, float]:
    """Area of gaps and overlaps by overlays."""
    grids = gpd.GeoDataFrame({"grid": np.arange(len(drawn))}, geometry=drawn.shapes, crs=town.crs)
    gaps = gpd.overlay(town.communities[["code", "geometry"]], grids.dissolve(), how="difference")
    both = gpd.overlay(grids, grids, how="intersection", keep_geom_type=True)
    return {"gap": float(gaps.area.sum()), "overlap": float(both.area[both["grid_1"] < both["grid_2"]].sum())}


METHODS: dict[str, Callable[[Any, Any], dict[str, float]]] = {"gridmap": own_faults, "geopandas": plain_faults}


def sound_grids(town: Any) -> Any:
    """Grids of about `HOUSEHOLDS` households that share edges, none across a community's border."""
    from gridmap.core.land import build_land
    from gridmap.core.measures import outlines
    from gridmap.core.partition.atoms import gather_atoms
    from gridmap.core.partition.graph import components
    from gridmap.core.partition.profile import Profile, Weights
    from gridmap.core.plan import Plan

    land = build_land(town)
    atoms = gather_atoms(town, land, Profile(), Weights())
    group = np.empty(len(atoms.households), dtype=np.int64)
    for community in range(len(town.communities)):
        members = np.flatnonzero(atoms.community == community)
        group[members] = grouped(atoms.among(members), atoms.households[members]) + (community << 32)
    same = group[atoms.borders.left] == group[atoms.borders.right]
    grid = components(len(group), atoms.borders.left[same], atoms.borders.right[same])
    grid = np.unique(grid, return_inverse=True)[1]
    return outlines(Plan(grid[atoms.of_cell], np.zeros(grid.max() + 1, dtype=np.int64), (), ()), land)


def grouped(borders: Any, households: Any) -> Any:
    """Atoms of a community in groups of equal households with short borders."""
    import pymetis

    size = len(households)
    pairs = np.r_[borders.left, borders.right], np.r_[borders.right, borders.left]
    order = np.argsort(pairs[0], kind="stable")
    starts = np.r_[0, np.cumsum(np.bincount(pairs[0], minlength=size))]
    graph = pymetis.CSRAdjacency(starts, pairs[1][order])
    parts = max(1, round(households.sum() / HOUSEHOLDS))
    return np.array(pymetis.part_graph(parts, graph, vweights=households * 10 + 1)[1])


def laid_out(town: Any, shapes: Any, count: int) -> tuple[Any, Any]:
    """Copies of a town and its grids side by side, until there are `count` grids or a few more."""
    west, _, east, _ = town.communities.total_bounds
    steps = np.arange(-(-count // len(shapes))) * (east - west + 1_000)
    tiled = {name: copies(getattr(town, name), steps) for name in ("communities", "buildings", "dedicated")}
    tiled["buildings"]["community"] += np.repeat(np.arange(len(steps)) * len(town.communities), len(town.buildings))
    return replace(town, subdistrict=None, **tiled), np.concatenate([beside(shapes, step) for step in steps])


def copies(layer: Any, steps: Any) -> Any:
    """A layer, once for each step to the east."""
    rows = pd.concat([layer] * len(steps), ignore_index=True)
    return rows.set_geometry(np.concatenate([beside(layer.geometry.to_numpy(), step) for step in steps]), crs=layer.crs)


def beside(shapes: Any, step: float) -> Any:
    """Shapes moved to the east."""
    return shapely.transform(shapes, lambda xy: xy + np.array([step, 0.0]))


def break_some(shapes: Any) -> Any:
    """One grid in a hundred drawn 3 m beside its place: it overlaps some neighbours and leaves gaps to others."""
    broken = shapes.copy()
    broken[::BROKEN] = beside(shapes[::BROKEN], 3.0)
    return broken


def write_cases(count: int, folder: Path) -> list[str]:
    """Files of a sound and a broken drawing."""
    from gridmap.core.check import DrawnGrids
    from gridmap.core.demo import build_town

    town = build_town(min(TOWN, count * HOUSEHOLDS))
    town, sound = laid_out(town, sound_grids(town), count)
    files = []
    for name, shapes in (("sound", sound), ("broken", break_some(sound))):
        codes = np.array([f"{number:06d}" for number in range(len(shapes))], dtype=object)
        drawn = DrawnGrids(shapes, np.zeros(len(shapes), np.bool_), codes, np.full(len(shapes), -1))
        files.append(str(folder / f"{name}.pickle"))
        Path(files[-1]).write_bytes(pickle.dumps((town, drawn)))
    return files


def child(method: str, path: str) -> None:
    """Measure one method on one drawing and print the figures."""
    warnings.simplefilter("ignore")
    town, drawn = pickle.loads(Path(path).read_bytes())  # noqa: S301 - our own file, written above
    found, figures = measured(lambda: METHODS[method](town, drawn))
    areas = {f"{kind}_m2": area for kind, area in found.items()}
    print(json.dumps({"grids": len(drawn), "buildings": len(town.buildings), **figures, **areas}))


def compare(path: str, runs: int) -> list[Row]:
    """Rows of both methods on one drawing, the peer's with its CPU time over ours."""
    name = Path(path).stem
    rows = [
        {"drawing": name, "method": each, **in_children(__file__, ["--child", each, path], runs)} for each in METHODS
    ]
    if all("cpu_s" in row for row in rows):
        rows[1]["ratio"] = rows[1]["cpu_s"] / rows[0]["cpu_s"]
    return rows


def targets(rows: list[Row], count: int) -> list[Row]:
    """What the rows have to show: speed on both drawings, no fault of land invented, none missed."""
    allowed = SECONDS * max(count, 1_000) / GRIDS
    found = [
        target(f"{row['drawing']}: at most {allowed:g} s of CPU", row.get("cpu_s"), row.get("cpu_s", np.inf) <= allowed)
        for row in rows[::2]
    ]
    sound = None if "gap_m2" not in rows[0] else rows[0]["gap_m2"] + rows[0]["overlap_m2"]
    found.append(target("sound: square metres of gaps and overlaps", sound, sound == 0))
    for kind in ("gap_m2", "overlap_m2"):
        share = rows[2][kind] / rows[3][kind] if all(row.get(kind) for row in rows[2:]) else None
        found.append(target(f"broken: {kind} within 1 % of the overlay's", share, abs((share or 0) - 1) < 0.01))
    return found


def main() -> None:
    """Read the command line, measure, tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("grids", nargs="?", type=int, help=f"how many grids; {GRIDS}, or {QUICK} with --quick")
    parser.add_argument("--runs", type=int, default=3, help="runs of each measurement, of which the median counts")
    parser.add_argument("--quick", action="store_true", help=f"one run, {QUICK} grids")
    parser.add_argument("--json", action="store_true", help="one JSON object in the last line")
    parser.add_argument("--child", nargs=2, metavar=("METHOD", "FILE"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.child:
        child(*chosen.child)
        return
    count = chosen.grids or (QUICK if chosen.quick else GRIDS)
    with tempfile.TemporaryDirectory() as folder:
        files = write_cases(count, Path(folder))
        rows = [row for path in files for row in compare(path, 1 if chosen.quick else chosen.runs)]
    tell("check", rows, targets(rows, count), as_json=chosen.json)


if __name__ == "__main__":
    main()
