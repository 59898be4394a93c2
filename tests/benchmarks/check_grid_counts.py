"""Counts by grid of the pages beside those of plain geopandas.

Run with the development environment: .venv/bin/python -m tests.benchmarks.check_grid_counts CODE [FILE] [--json]
The database (DATABASE_URL, or the private one) contains the subdistrict CODE. Buildings and incidents come from its
town package FILE, or without one from the database as points and polygons. geopandas uses no cells: a building is in
the grid with most of its area, an incident in the grid of its building, or else in the grid at its position. The
queries of the overview and of a grid's page are both compared with it. The exit code is 1 if a count differs.
"""

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from gridmap.postgres import lifecycle
from gridmap.services.grids import in_force
from gridmap.store.queries.grids import grid_details, incident_counts
from gridmap.store.queries.grids.date_range import DateRange
from gridmap.store.queries.grids.grid_details import GridDay
from gridmap.store.schema import Subdistrict
from gridmap.store.session import Database
from tests.benchmarks.harness.measure import Row, check_target, print_report
from tests.fixtures.callers import caller_of

EARLIEST_DATE = date(1900, 1, 1)
GRIDS = (
    "SELECT g.code, r.geometry FROM revision_grid r JOIN grid g ON g.id = r.grid_id"
    " JOIN adoption a ON a.revision_id = r.revision_id AND a.valid @> today()"
    " JOIN subdistrict s ON s.id = g.subdistrict_id AND s.code = '{code}'"
)
BUILDINGS = (
    "SELECT b.code, b.geometry, h.households FROM building b JOIN household_count h ON h.building_id = b.id"
    " AND h.kind = 'resident' JOIN subdistrict s ON s.id = b.subdistrict_id AND s.code = '{code}'"
)
INCIDENTS = (
    "SELECT i.geometry, i.closed_at IS NULL AS open FROM incident i"
    " JOIN subdistrict s ON s.id = i.subdistrict_id AND s.code = '{code}'"
)


def read_database_layer(url: str, query: str, code: str, crs: object = None) -> gpd.GeoDataFrame:
    """Return rows with their geometry in metres."""
    rows = gpd.read_postgis(query.format(code=code.replace("'", "''")), create_engine(url), geom_col="geometry")
    return rows.to_crs(crs or rows.estimate_utm_crs())


def count_by_geopandas(
    grids: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, incidents: gpd.GeoDataFrame
) -> pd.DataFrame:
    """Return households, buildings, incidents and open incidents by grid code."""
    homes = buildings.reset_index(drop=True).assign(grid=grid_of_buildings(buildings, grids).to_numpy())
    inside = incidents.sjoin(homes[["geometry", "grid"]], predicate="intersects")
    known = inside[~inside.index.duplicated()]["grid"]
    outside = incidents[~incidents.index.isin(known.index)].sjoin(grids, predicate="intersects")
    placed = pd.concat([known, outside[~outside.index.duplicated()]["code"]])
    still_open = placed[placed.index.isin(incidents.index[incidents["open"]])]
    counts: pd.DataFrame = homes.groupby("grid").agg(households=("households", "sum"), buildings=("households", "size"))
    happened = {"incidents": placed.value_counts(), "open_incidents": still_open.value_counts()}
    table: pd.DataFrame = counts.reindex(grids["code"]).assign(**happened).fillna(0).astype(int)
    return table


def grid_of_buildings(buildings: gpd.GeoDataFrame, grids: gpd.GeoDataFrame) -> pd.Series:
    """Return the code of the grid with most of the area of each building."""
    pairs = buildings.reset_index(drop=True)[["geometry"]].sjoin(grids, predicate="intersects")
    shapes = grids.set_index("code").geometry.reindex(pairs["code"])
    most = pairs.geometry.intersection(shapes.set_axis(pairs.index), align=False).area if len(pairs) else 0
    ordered = pairs.assign(most=most).sort_values("most", ascending=False, kind="stable")
    codes: pd.Series = ordered[~ordered.index.duplicated()]["code"].reindex(range(len(buildings)))
    return codes


def count_by_database(url: str, code: str) -> tuple[pd.DataFrame, pd.DataFrame, int]:
    """Return the counts of the overview, those of the pages of grids, and the number of incidents in no grid."""
    with Database(url, trusted=True).transaction() as session:
        home = session.scalars(select(Subdistrict.id).where(Subdistrict.code == code)).one()
        day = in_force.resolve_day(session, home)
        grids = in_force.list_grids(session, caller_of(session), day)
        counts = incident_counts.count_by_grid(session, caller_of(session), day, DateRange(EARLIEST_DATE, day.date))
        incidents = {grid_id: sum(periods.current.values()) for grid_id, periods in counts.items()}
        listed = {grid.code: count_listed(session, GridDay(day, grid.id)) for grid in grids}
    rows = {grid.code: (grid.households.number, grid.buildings, incidents.get(grid.id, 0)) for grid in grids}
    overview = pd.DataFrame.from_dict(rows, orient="index", columns=["households", "buildings", "incidents"])
    page = pd.DataFrame.from_dict(listed, orient="index", columns=["households", "buildings", "open_incidents"])
    return overview, page, incidents.get(None, 0)


def count_listed(session: Session, grid_on_day: GridDay) -> Sequence[int]:
    """Return households, buildings and open incidents as listed on the page of a grid."""
    buildings = grid_details.list_buildings(session, caller_of(session), grid_on_day)
    households = sum(row.households or 0 for row in buildings)
    return households, len(buildings), len(grid_details.list_open_incidents(session, caller_of(session), grid_on_day))


def read_file_layer(path: Path, layer: str, crs: object) -> gpd.GeoDataFrame:
    """Return a layer of a town package in metres; without closing times, incidents are closed."""
    rows = gpd.read_file(path, layer=layer).to_crs(crs)
    return rows.assign(open=rows["closed_at"].isna() if "closed_at" in rows else False)


def compare_counts(expected: pd.DataFrame, stored: pd.DataFrame) -> list[str]:
    """Return a line for each grid whose counts differ."""
    both = expected[stored.columns].align(stored)
    one, other = (table.fillna(-1).astype(int) for table in both)
    different = one.index[(one != other).any(axis=1)]
    return [f"{code} {one.loc[code].to_dict()} {other.loc[code].to_dict()}" for code in different]


def main() -> None:
    """Read the command line and compare the counts of a subdistrict."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("code", help="code of a subdistrict that is in the database")
    parser.add_argument("file", nargs="?", type=Path, help="the town package it was loaded from")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    url = lifecycle.database_url()
    grids = read_database_layer(url, GRIDS, options.code)
    if options.file:
        buildings, incidents = (read_file_layer(options.file, layer, grids.crs) for layer in ("buildings", "incidents"))
    else:
        buildings, incidents = (
            read_database_layer(url, query, options.code, grids.crs) for query in (BUILDINGS, INCIDENTS)
        )
    report_differences(
        options.code, count_by_geopandas(grids, buildings, incidents), len(incidents), as_json=options.json
    )


def report_differences(code: str, expected: pd.DataFrame, incidents: int, *, as_json: bool) -> None:
    """Print the differences from the database and exit, with 1 if there are any."""
    overview, page, in_no_grid = count_by_database(lifecycle.database_url(), code)
    sums = {str(name): int(total) for name, total in expected.sum().items()}
    unlike = {"overview": compare_counts(expected, overview), "page of a grid": compare_counts(expected, page)}
    lost = incidents - in_no_grid - sums["incidents"]
    targets = [
        check_target(f"{name}: counts equal to plain geopandas", len(found), not found)
        for name, found in unlike.items()
    ]
    targets.append(check_target("incidents that are neither in a grid nor in none", lost, not lost))
    row: Row = {"code": code, "grids": len(expected), **sums, "in_no_grid": in_no_grid, "in_file": incidents}
    print_report("check_counts", [row], targets, as_json=as_json)
    for line in (*unlike["overview"], *unlike["page of a grid"]):
        print(line, file=sys.stderr)
    sys.exit(not all(each["met"] for each in targets))


if __name__ == "__main__":
    main()
