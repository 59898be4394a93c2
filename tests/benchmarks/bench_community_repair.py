"""Repair of communities by gridmap and by shapely's coverage_clean, on faults injected into an invented town.

Run with the development environment: .venv/bin/python -m tests.benchmarks.bench_community_repair [--quick] [--json]
Narrow faults are gaps and overlaps of at most 1 m between communities, wide ones of at least 3 m: the first should
disappear, the second should stay for somebody to decide on. Nothing else should move. Each run injects up to eight
faults; the figures are sums over all runs.
"""

import argparse
from collections.abc import Callable
from typing import Any

import numpy as np
import shapely

from gridmap.core.array_types import GeometryArray
from gridmap.core.coverage.community_repair import mend_narrow_faults
from gridmap.demo import build_town
from tests.benchmarks.harness.measure import Row, check_target, measure, print_report
from tests.fixtures.corruptors import CorruptedGrids, cut_piece, grow_grid, shift_border

NARROW_M, WIDE_M = (0.2, 0.5, 0.9), (3.0, 10.0)
HOUSEHOLDS, RUNS, QUICK_RUNS, MAX_FAULTS = 60_000, 40, 6, 8
NEAR_M, NOISE_M2 = 0.05, 1.01

METHODS: dict[str, Callable[[GeometryArray], GeometryArray]] = {
    "gridmap": lambda shapes: mend_narrow_faults(shapes)[0],
    "coverage_clean": lambda shapes: np.asarray(shapely.coverage_clean(shapes, gap_width=1.0)),
    "coverage_clean without snapping": lambda shapes: np.asarray(
        shapely.coverage_clean(shapes, gap_width=1.0, snapping_distance=0.0)
    ),
    "coverage_clean, smaller area": lambda shapes: np.asarray(
        shapely.coverage_clean(shapes, gap_width=1.0, merge_strategy="min_area")
    ),
}


def read_communities() -> GeometryArray:
    """Return the communities of an invented town, near the origin."""
    communities = build_town(HOUSEHOLDS).communities.geometry.to_numpy()
    corner = shapely.total_bounds(communities)[:2]
    return np.asarray(shapely.transform(communities, lambda points: points - corner))


def inject(seed: int, sound: GeometryArray, sizes: tuple[float, ...]) -> tuple[GeometryArray, GeometryArray]:
    """Return communities with faults of given sizes, and the land that the faults touch."""
    rng, town = np.random.default_rng(seed), shapely.union_all(sound)
    grids = CorruptedGrids(tuple(sound), (town,), (0,) * len(sound))
    for _ in range(10 * MAX_FAULTS):
        corruptor = (cut_piece, shift_border, grow_grid)[rng.integers(3)]
        changed = corruptor(rng, grids, int(rng.integers(len(sound))), float(rng.choice(sizes)))
        if changed is not None and len(grids.corruptions) < MAX_FAULTS and _is_wanted(changed, sound, town, sizes):
            grids = changed
    touched = np.array([corruption.touched_area for corruption in grids.corruptions], dtype=object)
    return np.array(grids.shapes, dtype=object), touched


def _is_wanted(changed: CorruptedGrids, sound: GeometryArray, town: shapely.Geometry, sizes: tuple[float, ...]) -> bool:
    """Return whether the last fault lies between two communities, is narrow or wide, above noise, and alone."""
    *earlier, last = (corruption.touched_area for corruption in changed.corruptions)
    is_alone = not any(shapely.dwithin(last, each, 20.0) for each in earlier)
    is_between = np.count_nonzero(shapely.dwithin(sound, last, NEAR_M)) == 2 and last.distance(town.boundary) > 1
    parts = shapely.get_parts(last)
    is_narrow = shapely.is_empty(shapely.buffer(parts, -0.5))
    is_wanted = (is_narrow == (sizes is NARROW_M)) & (shapely.area(parts) > NOISE_M2)
    return bool(is_alone and is_between and is_wanted.all())


def measure_faults(shapes: GeometryArray, town: shapely.Geometry, touched: shapely.Geometry) -> tuple[float, float]:
    """Return square metres of gaps and of overlaps at the injected faults."""
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = first < second
    doubled = shapely.intersection(shapes[first[pairs]], shapes[second[pairs]])
    missing = (town - shapely.union_all(shapes)) & touched.buffer(NEAR_M)
    return float(missing.area), float(shapely.area(doubled).sum())


def measure_run(method: str, case: tuple[GeometryArray, GeometryArray], town: shapely.Geometry) -> Row:
    """Mend one case; return what is left, and the land that moved although no fault was there."""
    shapes, touched = case
    mended, figures = measure(lambda: METHODS[method](shapes))
    faults = shapely.union_all(touched)
    gaps, overlaps = measure_faults(mended, town, faults)
    moved = shapely.difference(shapely.symmetric_difference(shapes, mended), faults.buffer(NEAR_M))
    changed = sum(before != after for before, after in zip(_points(shapes), _points(mended), strict=True))
    others = {"other_land_m2": float(shapely.area(moved).sum()), "shapes_with_other_vertices": changed}
    return {"gaps_m2": gaps, "overlaps_m2": overlaps, **others, "cpu_s": figures["cpu_s"]}


def _points(shapes: GeometryArray) -> list[set[tuple[float, ...]]]:
    return [set(map(tuple, shapely.get_coordinates(shape).tolist())) for shape in shapes]


def compare(sizes: tuple[float, ...], runs: int, name: str) -> list[Row]:
    """Return a row for the injected faults and for each method."""
    sound = read_communities()
    town = shapely.union_all(sound)
    cases = [inject(seed, sound, sizes) for seed in range(runs)]
    before = [measure_faults(shapes, town, shapely.union_all(touched)) for shapes, touched in cases]
    gaps, overlaps = np.sum(before, axis=0).tolist()
    count = sum(len(touched) for _, touched in cases)
    rows: list[Row] = [{"faults": name, "method": "injected", "count": count, "gaps_m2": gaps, "overlaps_m2": overlaps}]
    for method in METHODS:
        runs_of_method = [measure_run(method, case, town) for case in cases]
        sums = {key: sum(run[key] for run in runs_of_method) for key in runs_of_method[0]}
        rows.append({"faults": name, "method": method, "count": count, **sums})
    return rows


def check_targets(narrow: list[Row], wide: list[Row]) -> list[Row]:
    """Check that narrow faults disappear, wide ones stay, and nothing else moves."""
    left = narrow[1]["gaps_m2"] + narrow[1]["overlaps_m2"]
    kept: Any = wide[1]["gaps_m2"] + wide[1]["overlaps_m2"]
    share = kept / (wide[0]["gaps_m2"] + wide[0]["overlaps_m2"])
    other = narrow[1]["other_land_m2"] + wide[1]["other_land_m2"]
    return [
        check_target("square metres of narrow faults left", left, left < 1.0),
        check_target("share of wide faults left", share, share > 0.99),
        check_target("square metres of other land moved", other, other < 1.0),
    ]


def main() -> None:
    """Read the command line, measure, print the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_RUNS} runs instead of {RUNS}")
    parser.add_argument("--json", action="store_true", help="one JSON object in the last line")
    chosen = parser.parse_args()
    runs = QUICK_RUNS if chosen.quick else RUNS
    narrow, wide = compare(NARROW_M, runs, "narrow"), compare(WIDE_M, runs, "wide")
    print_report("community repair", narrow + wide, check_targets(narrow, wide), as_json=chosen.json)


if __name__ == "__main__":
    main()
