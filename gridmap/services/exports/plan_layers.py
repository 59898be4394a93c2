"""Layers of a plan in a file: their names, and codes in place of keys."""

from collections import Counter
from collections.abc import Mapping, Sequence

from gridmap.core.table_rows import TableRows

LAYER_NAMES = {
    "subdistrict": "subdistricts",
    "community": "communities",
    "street": "streets",
    "barrier": "barriers",
    "dedicated_land": "dedicated",
    "building": "buildings",
    "cell": "cells",
    "revision_grid": "grids",
    "revision_street": "given_streets",
}
"""Layers whose names differ from those of their tables: they are those of a town package and of results."""


def label_keys(name: str, tables: Mapping[str, TableRows]) -> dict[str, Sequence[object]]:
    """Return codes and names that readers want in place of keys, by column."""
    codes = _lookup(tables["grid"], "code")
    if name in ("revision_grid", "assignment", "revision_street"):
        return {"grid_code": [codes.get(key) for key in tables[name].values("grid_id")]}
    grid_of_cell = dict(
        zip(tables["assignment"].values("cell_id"), tables["assignment"].values("grid_id"), strict=True)
    )
    if name == "cell":
        return {"grid_code": [codes.get(grid_of_cell.get(key)) for key in tables["cell"].values("id")]}
    return _building_labels(tables, codes, grid_of_cell) if name == "building" else {}


def _building_labels(
    tables: Mapping[str, TableRows],
    codes: Mapping[str | None, str | None],
    grid_of_cell: Mapping[str | None, str | None],
) -> dict[str, Sequence[object]]:
    buildings, links = tables["building"], tables["building_cell"]
    cell_of = dict(zip(links.values("building_id"), links.values("cell_id"), strict=True))
    names = {table: _lookup(tables[table], "name") for table in ("estate", "courtyard")}
    households = _newest_counts(tables["household_count"])
    keys = buildings.values("id")
    return {
        "building_id": buildings.values("code"),
        "households": [households.get(str(key)) for key in keys],
        "grid_code": [codes.get(grid_of_cell.get(cell_of.get(key))) for key in keys],
        **{table: [names[table].get(key) for key in buildings.values(f"{table}_id")] for table in names},
    }


def _newest_counts(counts: TableRows) -> Counter[str]:
    """Return the newest number of households that live in each building."""
    wanted = [counts.values(name) for name in ("as_of", "building_id", "kind", "households")]
    rows = sorted(row for row in zip(*wanted, strict=True) if row[2] == "resident")
    return Counter({str(building): int(str(number)) for _, building, _, number in rows})


def _lookup(rows: TableRows, column: str) -> dict[str | None, str | None]:
    return dict(zip(rows.values("id"), rows.values(column), strict=True))
