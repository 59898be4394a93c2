"""Demo towns beside real ones: households, buildings, streets, levels.

Run with the development environment: .venv/bin/python -m tests.benchmarks.bench_demo_towns [--quick] [--json]
Real towns are those in GRIDMAP_TOWNS; without any, the demo towns are measured alone.
"""

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from gridmap.core.errors import InvalidInput
from gridmap.formats.package.town import read_town
from gridmap.services.files.demo_town import write_demo_town
from tests.benchmarks.harness.measure import Row, check_target, find_real_towns, print_report

DEMO_TOWNS = (("strip", None), ("towers", None), ("town", 15_000), ("town", 60_000))
MAX_WRITE_S = 10.0


def main() -> None:
    """Measure demo towns, then real ones."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="no town of 60,000 households, no real ones")
    parser.add_argument("--json", action="store_true", help="one JSON object in the last line")
    chosen = parser.parse_args()
    rows = [measure_demo_town(*each) for each in (DEMO_TOWNS[:-1] if chosen.quick else DEMO_TOWNS)]
    if not chosen.quick:
        rows += [row for path in find_real_towns() if (row := measure_real_town(path))]
    print_report("towns", rows, check_targets(rows), as_json=chosen.json)


def measure_demo_town(preset: str, households: int | None) -> Row:
    """Return the figures of a demo town, with the seconds to write it."""
    with tempfile.TemporaryDirectory() as folder:
        path, start = Path(folder) / "town.gpkg", time.perf_counter()
        write_demo_town(path, households, 0, preset)
        seconds = time.perf_counter() - start
        return {"town": f"demo {preset}", **town_figures(read_town(path)), "seconds": seconds}


def measure_real_town(path: Path) -> Row | None:
    """Return the figures of a real town, or None if it has no households."""
    try:
        return {"town": path.stem, **town_figures(read_town(path))}
    except InvalidInput as bad:
        print(f"left out: {path.stem}: {bad.faults[0].problem}")
        return None


def town_figures(town: Any) -> Row:
    """Return the figures of a town; NaN for missing data."""
    buildings, hectares = town.buildings, float(town.communities.area.sum()) / 1e4
    lived_in = buildings[buildings["households"] > 0]
    quartiles = np.quantile(lived_in["households"], [0.25, 0.5, 0.75])
    streets = shapely.intersection(town.streets.geometry.to_numpy(), shapely.union_all(town.communities.geometry))
    footprints = buildings.area[buildings.area > 0]
    return {
        "households": int(buildings["households"].sum()),
        "hectares": hectares,
        "households/ha": float(buildings["households"].sum()) / hectares,
        "households a building": "–".join(f"{quartile:g}" for quartile in quartiles),
        "buildings/ha": len(buildings) / hectares,
        "streets m/ha": float(shapely.length(streets).sum()) / hectares,
        "footprint m²": float(footprints.median()) if len(footprints) else float("nan"),
        "built up %": 100 * float(footprints.sum()) / 1e4 / hectares,
        "levels": float(buildings["levels"].median()),
        "without households %": 100 * float((buildings["households"] == 0).mean()),
    }


def check_targets(rows: list[Row]) -> list[Row]:
    """Check the time to write, and the areas of the published places."""
    slowest = max(row["seconds"] for row in rows if "seconds" in row)
    strip, towers = rows[0]["hectares"] / 100, rows[1]["hectares"] / 100
    return [
        check_target(f"seconds for the slowest demo town at most {MAX_WRITE_S:g}", slowest, slowest <= MAX_WRITE_S),
        check_target("the strip has 6.8 km²", strip, abs(strip - 6.8) < 0.15),
        check_target("the towers have 0.05 km²", towers, abs(towers - 0.05) < 0.002),
    ]


if __name__ == "__main__":
    main()
