"""Estimated households beside counted ones, by building, by grid and in total.

Run with the development environment: .venv/bin/python -m tests.benchmarks.bench_estimate [--quick] [--json]
The counts of real towns are removed, estimated and compared; grids are partitioned by the estimates. Parameters are
fitted on other towns (cross-validation): the footprint of a point in Singapore on two towns for the other three and
the reverse, the gross area of a house on each half of Olemps for the other half.
"""

import argparse
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
from scipy.optimize import brentq

from gridmap.core.households.estimate import estimate_households
from gridmap.core.land.build import build_land
from gridmap.core.land.town import Town, add_household_ranges
from gridmap.core.partition.partition import PartitionSettings, partition_town
from gridmap.core.plans.measures import measure_grids
from gridmap.core.progress import ignore_progress
from gridmap.formats.package.town import read_town
from gridmap.services.files.estimate import estimate_totals, read_assumptions
from tests.benchmarks.harness.measure import Row, check_target, find_real_towns, print_report

POINT_TOWNS = (("singapore_amk", "singapore_tp"), ("singapore_tap", "singapore_ct", "singapore_qt"))
QUICK_POINT_TOWNS = (("singapore_tp",), ("singapore_ct",))
FitFunction = Callable[[float], Town]


def without_households(town: Town) -> Town:
    """Return the town without its households."""
    return replace(town, buildings=add_household_ranges(town.buildings.assign(households=np.nan)))


def select_buildings(town: Town, rows: Any) -> Town:
    """Return the town with some of its buildings."""
    return replace(town, buildings=gpd.GeoDataFrame(town.buildings[rows].reset_index(drop=True)))


def count_households(towns: Iterable[Town]) -> int:
    """Return the number of households of towns."""
    return sum(int(town.buildings["households"].sum()) for town in towns)


def with_footprint(town: Town, footprint_m2: float, levels: bool = True) -> Town:
    """Estimate points with a footprint, with their levels or without."""
    told = town.buildings["levels"] if levels else np.nan
    blank = without_households(replace(town, buildings=town.buildings.assign(levels=told)))
    return estimate_households(blank, read_assumptions().with_overrides({}, footprint_m2=footprint_m2)).town


def with_house(town: Town, gross_area_m2: float) -> Town:
    """Estimate footprints with a gross area of a house."""
    return estimate_households(
        without_households(town), read_assumptions().with_overrides({"house": gross_area_m2})
    ).town


def fit_parameter(
    estimate_with: Callable[[Town, float], Town], towns: Sequence[Town], bounds: tuple[float, float]
) -> float:
    """Return the parameter with which the estimated total of towns equals the counted one."""
    want = count_households(towns)
    return float(
        brentq(lambda number: count_households(estimate_with(town, number) for town in towns) - want, *bounds, xtol=0.5)
    )


def error_rates(estimated: Any, expected: Any, low: Any, high: Any) -> Row:
    """Return errors where counts or estimates are above zero, and how often the range contains the count."""
    some = (estimated > 0) | (expected > 0)
    off = np.abs(estimated - expected)[some] / np.maximum(expected, 1)[some]
    inside = (np.floor(low) <= expected) & (expected <= np.ceil(high))
    return {
        "n": int(some.sum()),
        "median_off_%": 100 * float(np.median(off)),
        "within_25_%": 100 * float((off <= 0.25).mean()),
        "in_range_%": 100 * float(inside[some].mean()),
    }


def compare_town(name: str, assumption: str, town: Town, estimated_town: Town) -> Row:
    """Return the row of a town: errors by building, by grid and in total."""
    want = town.buildings["households"].to_numpy()
    columns = ["households", "households_low", "households_high"]
    land = build_land(estimated_town)
    plan = partition_town(estimated_town, land, PartitionSettings(jobs=1), ignore_progress)
    grids = measure_grids(estimated_town, land, plan, PartitionSettings().profile)
    by_grid = np.bincount(plan.grid_of_cell[land.cell_of_building], want, len(plan))
    total = estimate_totals(estimated_town)
    return {
        "town": name,
        "stated": assumption,
        **_with_prefix("building", error_rates(*_error_arguments(estimated_town.buildings[columns], want))),
        **_with_prefix("grid", error_rates(*_error_arguments(grids[columns], by_grid))),
        "total_off_%": 100 * (total["households"] / want.sum() - 1),
        "total_in_range": bool(total["households_low"] <= want.sum() <= total["households_high"]),
    }


def _error_arguments(columns: Any, expected: Any) -> tuple[Any, Any, Any, Any]:
    got, low, high = columns.to_numpy().T
    return got, expected, low, high


def _with_prefix(prefix: str, figures: Row) -> Row:
    return {f"{prefix}_{name}": figure for name, figure in figures.items()}


def point_rows(groups: Sequence[Sequence[str]]) -> Iterator[Row]:
    """Yield rows of towns of points, each group with the footprint fitted on the other."""
    towns = [{path.stem: read_town(path) for path in find_real_towns(group)} for group in groups]
    for fit, test in (towns, towns[::-1]):
        if not fit:
            continue
        footprint = fit_parameter(with_footprint, list(fit.values()), (100.0, 5000.0))
        for name, town in test.items():
            yield compare_town(name, f"footprint {footprint:.0f} m²", town, with_footprint(town, footprint))
            unknown = with_footprint(town, footprint, levels=False)
            yield compare_town(name, f"footprint {footprint:.0f} m², no levels", town, unknown)


def footprint_rows() -> Iterator[Row]:
    """Yield rows of Olemps, each half with the gross area of a house fitted on the other."""
    for path in find_real_towns(["olemps"]):
        town = read_town(path)
        east = town.buildings.centroid.x > town.buildings.centroid.x.median()
        for name, test in (("olemps east", east), ("olemps west", ~east)):
            gross = fit_parameter(with_house, [select_buildings(town, ~test)], (100.0, 900.0))
            half = select_buildings(town, test)
            yield compare_town(name, f"house {gross:.0f} m²", half, with_house(half, gross))


def check_targets(rows: Sequence[Row]) -> list[Row]:
    """Check that the range contains the count in about four cases of five."""
    grids = sum(row["grid_n"] for row in rows)
    held = sum(row["grid_n"] * row["grid_in_range_%"] for row in rows) / max(grids, 1)
    return [
        check_target("share of grids whose range holds the count, 70 to 95 %", held, 70 <= held <= 95),
        check_target("every total within its range", sum(row["total_in_range"] for row in rows), _all_in_range(rows)),
    ]


def _all_in_range(rows: Sequence[Row]) -> bool:
    return bool(rows) and all(row["total_in_range"] for row in rows)


def main() -> None:
    """Read the command line, measure, print the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="the smallest towns of points only")
    parser.add_argument("--json", action="store_true", help="one JSON object in the last line")
    chosen = parser.parse_args()
    rows = list(point_rows(QUICK_POINT_TOWNS)) if chosen.quick else [*point_rows(POINT_TOWNS), *footprint_rows()]
    print_report("estimate", rows, check_targets(rows), as_json=chosen.json)


if __name__ == "__main__":
    main()
