#!/usr/bin/env python
"""How near demo towns come to real ones: households, buildings, streets, levels.

Run with the development environment: .venv/bin/python scripts/bench_towns.py [--quick] [--json]
Real towns are those in GRIDMAP_TOWNS; without any, the demo towns are measured alone.
"""

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from measured import Row, real_towns, target, tell

from gridmap.core.errors import BadInput
from gridmap.formats.town import read_town
from gridmap.services.towns import write_demo_town

DEMOS = (("strip", None), ("towers", None), ("town", 15_000), ("town", 60_000))
LONGEST_S = 10.0


def main() -> None:
    """Measure demo towns, then real ones."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="no town of 60,000 households, no real ones")
    parser.add_argument("--json", action="store_true", help="one JSON object in the last line")
    chosen = parser.parse_args()
    rows = [demo(*each) for each in (DEMOS[:-1] if chosen.quick else DEMOS)]
    if not chosen.quick:
        rows += [row for path in real_towns() if (row := real(path))]
    tell("towns", rows, targets(rows), as_json=chosen.json)


def demo(preset: str, households: int | None) -> Row:
    """Figures of a demo town, with the seconds it takes to write."""
    with tempfile.TemporaryDirectory() as folder:
        path, start = Path(folder) / "town.gpkg", time.perf_counter()
        write_demo_town(path, households, 0, preset)
        seconds = time.perf_counter() - start
        return {"town": f"demo {preset}", **figures(read_town(path)), "seconds": seconds}


def real(path: Path) -> Row | None:
    """Figures of a real town; nothing of one without households."""
    try:
        return {"town": path.stem, **figures(read_town(path))}
    except BadInput as bad:
        print(f"left out: {path.stem}: {bad.faults[0].problem}")
        return None


def figures(town: Any) -> Row:
    """What a town is like; NaN where it does not say."""
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


def targets(rows: list[Row]) -> list[Row]:
    """What the towns have to show: quick to make, and the figures of the published places."""
    slowest = max(row["seconds"] for row in rows if "seconds" in row)
    strip, towers = rows[0]["hectares"] / 100, rows[1]["hectares"] / 100
    return [
        target(f"seconds for the slowest demo town at most {LONGEST_S:g}", slowest, slowest <= LONGEST_S),
        target("the strip has 6.8 km²", strip, abs(strip - 6.8) < 0.15),
        target("the towers have 0.05 km²", towers, abs(towers - 0.05) < 0.002),
    ]


if __name__ == "__main__":
    main()
