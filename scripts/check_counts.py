#!/usr/bin/env python
"""Counts per grid: what the database says beside what plain geopandas finds.

Run with the development environment: .venv/bin/python scripts/check_counts.py CODE [FILE] [--json]
The database (DATABASE_URL, or gridmap's own) holds the subdistrict CODE; buildings and incidents are taken from the
town package FILE it was loaded from, or without one from the database as mere points and polygons. geopandas knows
nothing of cells: a building is in the grid that holds most of it, an incident in the grid of the building it is in, or
else in the grid it lies in. Exit code 1 if a single count differs.
"""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd
import pandas as pd
from measured import Row, target, tell
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from gridmap.core.names import HouseholdKind
from gridmap.store import cluster, figures
from gridmap.store.session import Database

ALWAYS = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
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
    "SELECT i.id, i.geometry FROM incident i JOIN subdistrict s ON s.id = i.subdistrict_id AND s.code = '{code}'"
)


def from_database(url: str, query: str, code: str, crs: object = None) -> gpd.GeoDataFrame:
    """Rows with a geometry, in metres."""
    rows = gpd.read_postgis(query.format(code=code.replace("'", "''")), create_engine(url), geom_col="geometry")
    return rows.to_crs(crs or rows.estimate_utm_crs())


def by_geopandas(grids: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, incidents: gpd.GeoDataFrame) -> pd.DataFrame:
    """Households, buildings and incidents by the code of the grid."""
    homes = buildings.reset_index(drop=True).assign(grid=grid_of(buildings, grids).to_numpy())
    inside = incidents.sjoin(homes[["geometry", "grid"]], predicate="intersects")
    known = inside[~inside.index.duplicated()]["grid"]
    outside = incidents[~incidents.index.isin(known.index)].sjoin(grids, predicate="intersects")
    placed = pd.concat([known, outside[~outside.index.duplicated()]["code"]])
    counts: pd.DataFrame = homes.groupby("grid").agg(households=("households", "sum"), buildings=("households", "size"))
    table: pd.DataFrame = counts.assign(incidents=placed.value_counts()).reindex(grids["code"]).fillna(0).astype(int)
    return table


def grid_of(buildings: gpd.GeoDataFrame, grids: gpd.GeoDataFrame) -> pd.Series:
    """Code of the grid that holds most of each building."""
    pairs = buildings.reset_index(drop=True)[["geometry"]].sjoin(grids, predicate="intersects")
    shapes = grids.set_index("code").geometry.reindex(pairs["code"])
    most = pairs.geometry.intersection(shapes.set_axis(pairs.index), align=False).area if len(pairs) else 0
    ordered = pairs.assign(most=most).sort_values("most", ascending=False, kind="stable")
    codes: pd.Series = ordered[~ordered.index.duplicated()]["code"].reindex(range(len(buildings)))
    return codes


def by_database(url: str, code: str) -> pd.DataFrame:
    """The same as the database has it."""
    with Database(url, trusted=True).transaction() as session:
        home = session.execute(text("SELECT id, today() FROM subdistrict WHERE code = :code"), {"code": code}).one()
        found = figures.by_grid(session, home[0], home[1], *ALWAYS).values()
        unlinked = _unlinked(session, home[0])
    rows = {
        each.code: (each.households.get(HouseholdKind.RESIDENT, 0), each.buildings, each.incidents) for each in found
    }
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["households", "buildings", "incidents"])
    table.attrs["incidents_in_no_grid"] = unlinked
    return table


def _unlinked(session: Session, home: int) -> int:
    query = text("SELECT count(*) FROM incident WHERE subdistrict_id = :home AND cell_id IS NULL")
    return int(session.scalar(query, {"home": home}) or 0)


def main() -> None:
    """Compare, tell, and fail if anything differs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("code", help="code of a subdistrict that is in the database")
    parser.add_argument("file", nargs="?", type=Path, help="the town package it was loaded from")
    parser.add_argument("--json", action="store_true", help="print JSON")
    told = parser.parse_args()
    url = cluster.url()
    grids = from_database(url, GRIDS, told.code)
    if told.file:
        buildings = gpd.read_file(told.file, layer="buildings").to_crs(grids.crs)
        incidents = gpd.read_file(told.file, layer="incidents").to_crs(grids.crs)
    else:
        buildings, incidents = (from_database(url, query, told.code, grids.crs) for query in (BUILDINGS, INCIDENTS))
    plain, stored = by_geopandas(grids, buildings, incidents), by_database(url, told.code)
    differing = plain[(plain != stored.reindex(plain.index)).any(axis=1)].index
    row: Row = {"code": told.code, "grids": len(plain), "differing": len(differing)}
    row |= {str(name): int(total) for name, total in plain.sum().items()}
    row |= {str(name): value for name, value in stored.attrs.items()} | {"incidents_in_file": len(incidents)}
    equal = target("counts per grid in SQL equal to plain geopandas", len(differing), met=differing.empty)
    tell("check_counts", [row], [equal], as_json=told.json)
    for code in differing:
        print(code, plain.loc[code].to_dict(), stored.loc[code].to_dict(), file=sys.stderr)
    sys.exit(bool(len(differing)))


if __name__ == "__main__":
    main()
