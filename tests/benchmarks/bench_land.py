"""Time, memory and validity of the land, beside momepy's enclosed tessellation with libpysal's contiguity.

Run with the development environment: .venv/bin/python -m tests.benchmarks.bench_land [--quick] [--json] [TOWN.gpkg ...]
Towns are a number of households, for an invented town, or files; without any 60000 and the real town vologda.
Each measurement is a process of its own, after a hamlet to load the libraries; reading the town and judging the cells
are not measured.
"""

import argparse
import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from tests.benchmarks.harness.measure import (
    Row,
    check_target,
    find_real_towns,
    measure,
    print_report,
    run_in_subprocesses,
)

MODULE = "tests.benchmarks.bench_land"
HOUSEHOLDS, HAMLET_HOUSEHOLDS = "60000", "300"
MIN_SPEEDUP = 5.0
SLIVER_M2, SLIVER_M = 1.0, 0.25
Cells = Any


def gridmap_cells(town: Any) -> Cells:
    """Build the cells of gridmap; their borders are part of the land."""
    from gridmap.core.land.build import build_land

    return build_land(town).cells


def momepy_cells(town: Any) -> Cells:
    """Build the cells of momepy with their contiguity."""
    import momepy
    from libpysal.graph import Graph

    lines = town.barriers.boundary.where(town.barriers.geom_type.str.endswith("Polygon"), town.barriers.geometry)
    borders = [line for line in (town.communities.boundary, town.dedicated.boundary, lines) if len(line)]
    limit = town.communities.dissolve()
    enclosures = momepy.enclosures(town.streets, limit=limit, additional_barriers=borders, clip=True)
    cells = momepy.enclosed_tessellation(polygon_footprints(town), enclosures, n_jobs=1)
    Graph.build_contiguity(cells.reset_index(drop=True), rook=True)
    return cells.geometry.to_numpy()


def polygon_footprints(town: Any) -> Any:
    """Return buildings that momepy accepts: points become small squares."""
    shapes = town.buildings.geometry
    return shapes.where(shapes.geom_type != "Point", shapes.buffer(3, cap_style="square"))


METHODS: dict[str, Callable[[Any], Cells]] = {"gridmap": gridmap_cells, "momepy": momepy_cells}


def load_town(town: str) -> Any:
    """Return the town of an argument: a number of households, or a file."""
    if town.isdigit():
        from gridmap.demo import build_town

        return build_town(int(town))
    from gridmap.formats.package.town import read_town

    return read_town(Path(town))


def check_cells(cells: Cells, town: Any) -> Row:
    """Measure overlaps, gaps and slivers of cells against the communities."""
    areas, union = shapely.area(cells), shapely.union_all(cells)
    whole = town.communities.union_all()
    wide = 2 * areas / np.maximum(shapely.length(cells), 1e-9)
    return {
        "cells": len(cells),
        "valid": bool(shapely.coverage_is_valid(cells)),
        "overlap_m2": float(areas.sum() - union.area),
        "gap_m2": float(whole.difference(union).area),
        "outside_m2": float(union.difference(whole).area),
        "slivers": int(((areas < SLIVER_M2) | (wide < SLIVER_M)).sum()),
    }


def run_child(method: str, town: str) -> None:
    """Measure one method on one town and print the figures."""
    warnings.simplefilter("ignore")
    METHODS[method](load_town(HAMLET_HOUSEHOLDS))
    loaded = load_town(town)
    cells, figures = measure(lambda: METHODS[method](loaded))
    print(json.dumps({**figures, **check_cells(cells, loaded)}))


def compare_methods(town: str, runs: int) -> list[Row]:
    """Return the rows of both methods on one town, the peer's with its CPU time over ours."""
    name = f"{town} households" if town.isdigit() else Path(town).stem
    rows = [
        {"town": name, "method": method, **run_in_subprocesses(MODULE, ["--child", method, town], runs)}
        for method in METHODS
    ]
    if all("cpu_s" in row for row in rows):
        rows[1]["ratio"] = rows[1]["cpu_s"] / rows[0]["cpu_s"]
    return rows


def check_targets(rows: list[Row]) -> list[Row]:
    """Check that cells are valid everywhere, and the speed on invented towns."""
    found = []
    for own, peer in zip(rows[::2], rows[1::2], strict=True):
        town, ratio = own["town"], peer.get("ratio")
        if town.endswith("households"):
            text = f"{town}: CPU seconds of momepy at least {MIN_SPEEDUP:g} times ours"
            found.append(check_target(text, ratio, (ratio or 0.0) >= MIN_SPEEDUP))
        found.append(check_target(f"{town}: a valid coverage", own.get("valid"), own.get("valid", False)))
        found.append(check_target(f"{town}: no slivers", own.get("slivers"), own.get("slivers") == 0))
    return found


def main() -> None:
    """Read the command line, measure, print the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("towns", nargs="*", metavar="TOWN", help="households of an invented town, or a town package")
    parser.add_argument("--runs", type=int, default=3, help="runs of each measurement, of which the median counts")
    parser.add_argument("--quick", action="store_true", help="one run, and no real town unless named")
    parser.add_argument("--json", action="store_true", help="one JSON object in the last line")
    parser.add_argument("--child", nargs=2, metavar=("METHOD", "TOWN"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.child:
        run_child(*chosen.child)
        return
    usual = [HOUSEHOLDS, *([] if chosen.quick else map(str, find_real_towns(["vologda"])))]
    rows = [row for town in chosen.towns or usual for row in compare_methods(town, 1 if chosen.quick else chosen.runs)]
    print_report("land", rows, check_targets(rows), as_json=chosen.json)


if __name__ == "__main__":
    main()
