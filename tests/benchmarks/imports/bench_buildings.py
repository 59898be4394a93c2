"""Load of 100,000 buildings with all checks, compared with `geopandas.to_postgis` of the same layer.

Run with the development environment: .venv/bin/python -m tests.benchmarks.imports.bench_buildings [--buildings N]
A town package is read, checked and written: communities, streets, buildings, household counts, cells and statistical
areas. The peer reads the layer of the buildings by GeoPandas and writes it to a table without keys or checks; both
write into the same database, in one run. Land, which the peer does not build, is listed apart.
"""

from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from gridmap.core.land.build import build_land
from gridmap.formats.package.town import read_town
from gridmap.store.session import Database
from gridmap.store.statistical_areas import create_missing_areas
from gridmap.store.writes.towns import SubdistrictInfo, insert_town
from tests.benchmarks.harness.measure import Row, check_target
from tests.benchmarks.imports.command import ImportBenchmark, cpu_s

CRS = "EPSG:4547"
EAST_M, NORTH_M = 500_000.0, 3_375_000.0
BUILDINGS_PER_COMMUNITY, SIDE_M, STEP_M = 2_000, 12.0, 22.0
COLUMNS = 40
"""Buildings in a row of a community."""
IDENTITY = SubdistrictInfo("bench", "bench", "bench", date(2026, 3, 1))


def write_town(path: Path, count: int) -> None:
    """Write communities side by side, a street between each two, and rows of buildings."""
    width, height = COLUMNS * STEP_M, BUILDINGS_PER_COMMUNITY / COLUMNS * STEP_M
    communities = -(-count // BUILDINGS_PER_COMMUNITY)
    west = EAST_M + width * np.arange(communities)
    outlines = shapely.box(west, NORTH_M, west + width, NORTH_M + height)
    codes = [f"420106001{n:03d}" for n in range(communities)]
    frame = gpd.GeoDataFrame({"code": codes, "name": codes}, geometry=outlines, crs=CRS)
    frame.to_file(path, layer="communities")
    lines = [shapely.LineString([(x, NORTH_M), (x, NORTH_M + height)]) for x in west[1:]]
    gpd.GeoDataFrame({"name": [f"street {n}" for n in range(len(lines))]}, geometry=lines, crs=CRS).to_file(
        path, layer="streets"
    )
    _make_buildings(count, west).to_file(path, layer="buildings")


def _make_buildings(count: int, west: Any) -> gpd.GeoDataFrame:
    number = np.arange(count)
    community, place = number // BUILDINGS_PER_COMMUNITY, number % BUILDINGS_PER_COMMUNITY
    x = west[community] + 5 + STEP_M * (place % COLUMNS)
    y = NORTH_M + 5 + STEP_M * (place // COLUMNS)
    columns = {
        "building_id": [f"b{n}" for n in number],
        "households": 10 + number % 50,
        "levels": 1 + number % 30,
        "estate": [f"estate {n}" for n in number // 50],
        "name": [f"{n % 50 + 1}号楼" for n in number],
        "address": [f"人民路{n}号" for n in number],
    }
    return gpd.GeoDataFrame(columns, geometry=shapely.box(x, y, x + SIDE_M, y + SIDE_M), crs=CRS)


def load_buildings(database: Database, path: Path) -> Row:
    """Read, check and write the town; return the CPU seconds of each step."""
    with database.transaction() as session:
        driver = session.connection().connection.driver_connection
        begun = cpu_s(driver)
        town = read_town(path, require_datum=True)
        read = cpu_s(driver)
        land = build_land(town)
        built = cpu_s(driver)
        insert_town(session, town, land, IDENTITY)
        create_missing_areas(session.connection())
        session.flush()
        stored = cpu_s(driver)
    steps = {"read_and_check_cpu_s": read - begun, "land_cpu_s": built - read, "write_cpu_s": stored - built}
    return {"rows": len(town.buildings), **steps}


def write_by_peer(database: Database, path: Path) -> float:
    """Read the buildings by GeoPandas, write them by `to_postgis`, and return the CPU seconds."""
    with database.engine.begin() as connection:
        driver = connection.connection.driver_connection
        begun = cpu_s(driver)
        gpd.read_file(path, layer="buildings").to_crs(4326).to_postgis("peer_building", connection)
        return cpu_s(driver) - begun


def measure_load(database: Database, folder: Path, count: int) -> Row:
    """Load the same buildings both ways."""
    write_town(path := folder / "town.gpkg", count)
    write_town(small := folder / "small.gpkg", min(count, 4_000))
    build_land(read_town(small, require_datum=True))  # compiles what is compiled once
    peer = write_by_peer(database, path)
    row = load_buildings(database, path)
    without_land = row["read_and_check_cpu_s"] + row["write_cpu_s"]
    return {**row, "to_postgis_cpu_s": peer, "ratio": peer / without_land}


def check(row: Row) -> list[Row]:
    """Compare the ratio with its target."""
    return [check_target("load at least 0.3 as fast as to_postgis", row["ratio"], row["ratio"] >= 0.3)]


if __name__ == "__main__":
    ImportBenchmark("buildings", "buildings", 100_000, 4_000, measure_load, check).main()
