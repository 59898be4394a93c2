"""GeoPackages with copies of tables: layers that QGIS shows, from which every row comes back without loss."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from gridmap.core.errors import N_, InvalidInput
from gridmap.core.table_rows import ColumnKind, TableRows
from gridmap.formats.exports.geopackage import add_styles, append_layers
from gridmap.formats.exports.layer_appearance import LayerAppearance
from gridmap.formats.row_faults import FaultLocation, FaultTemplate, make_fault

FORMAT = "gridmap-plan-1"
MANIFEST = "gridmap_copy"
"""Table that says which columns of a layer are those of a database table; all others are for readers only."""
CRS = "EPSG:4326"
SRID = 4326
ENVELOPE_BYTES = (0, 32, 48, 48, 64)
NO_COPY = FaultTemplate(
    N_("this file is no plan that gridmap exported"), advice=N_("use a file of gridmap export plan")
)
DAMAGED = FaultTemplate(N_("the layer {layer} lacks what an exported plan has"), advice=N_("export the plan again"))


@dataclass(frozen=True, eq=False)
class CopiedLayer:
    """A layer with the rows of a table, and columns that only readers need.

    Parameters
    ----------
    name : str
    rows : TableRows
    labels : mapping of str to sequence
        Further columns, by their names: codes and names in place of keys.
    """

    name: str
    rows: TableRows
    labels: Mapping[str, Sequence[object]] = field(default_factory=dict)


def write_copy(
    path: Path, layers: Sequence[CopiedLayer], appearances: Mapping[str, LayerAppearance], facts: Mapping[str, str],
    language: str,
) -> None:  # fmt: skip
    """Write layers with copies of tables to a new GeoPackage.

    Parameters
    ----------
    path : Path
    layers : sequence of CopiedLayer
        Tables before those that refer to them.
    appearances : mapping of str to LayerAppearance
    facts : mapping of str to str
        Facts about the export: program, schema, who and when.
    language : str
    """
    entries = [(layer.name, layer.rows.name, json.dumps(list(layer.rows.columns))) for layer in layers]
    entries += [(FORMAT, name, json.dumps(value, ensure_ascii=False)) for name, value in facts.items()]
    manifest = pd.DataFrame(entries, columns=["layer", "name", "content"], dtype=object)
    append_layers(path, {**{layer.name: _make_layer(layer) for layer in layers}, MANIFEST: manifest})
    add_styles(path, appearances, language)


def read_copy(path: Path) -> tuple[list[TableRows], dict[str, str]]:
    """Read the tables of a GeoPackage that `write_copy` wrote, in their order, and the facts about the export.

    Raises
    ------
    InvalidInput
        If the file is another one, or lacks a layer or a column.
    """
    uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(uri, uri=True)) as database:
            entries = database.execute(f"SELECT layer, name, content FROM {MANIFEST} ORDER BY rowid").fetchall()  # noqa: S608 - the one value is a constant
            facts = {name: str(json.loads(content)) for layer, name, content in entries if layer == FORMAT}
            tables = [_read_layer(database, path, *entry) for entry in entries if entry[0] != FORMAT]
    except (sqlite3.Error, ValueError, TypeError):
        raise InvalidInput([make_fault(FaultLocation(path.name), NO_COPY)]) from None
    return tables, facts


def _make_layer(layer: CopiedLayer) -> gpd.GeoDataFrame | pd.DataFrame:
    rows = layer.rows
    columns: dict[str, object] = {}
    shapes = None
    for name, kind in zip(rows.columns, rows.kinds, strict=True):
        values = rows.values(name)
        if kind is ColumnKind.GEOMETRY:
            shapes = [value and shapely.from_wkb(bytes.fromhex(value)) for value in values]
        else:
            columns[name] = _make_column(kind, values)
    columns |= {name: pd.Series(list(values), dtype=object) for name, values in layer.labels.items()}
    if shapes is None:
        return pd.DataFrame(columns)
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS)


def _make_column(kind: ColumnKind, values: Sequence[str | None]) -> pd.Series:
    if kind is ColumnKind.INTEGER:
        return pd.Series([None if value is None else int(value) for value in values], dtype="Int64")
    if kind is ColumnKind.NUMBER:
        return pd.Series([None if value is None else float(value) for value in values], dtype="float64")
    if kind is ColumnKind.BOOLEAN:
        return pd.Series([None if value is None else value == "true" for value in values], dtype="boolean")
    return pd.Series(list(values), dtype=object)


def _read_layer(database: sqlite3.Connection, path: Path, layer: str, table: str, content: str) -> TableRows:
    """Return the rows of a layer; SQL names only columns that the layer has."""
    info = {str(row[1]): str(row[2]).upper() for row in database.execute("SELECT * FROM pragma_table_info(?)", [layer])}
    columns = [str(name) for name in json.loads(content)]
    stored = [_stored_name(name, info) for name in columns]
    if not info or None in stored:
        raise InvalidInput([make_fault(FaultLocation(path.name, layer), DAMAGED, placeholders={"layer": layer})])
    kinds = [_kind_of(info[str(name)]) for name in stored]
    names = ", ".join('"' + str(name).replace('"', '""') + '"' for name in stored)
    found = database.execute(f'SELECT {names} FROM "{layer}" ORDER BY rowid')  # noqa: S608 - names that the file has
    rows = [[_text(kind, value) for kind, value in zip(kinds, row, strict=True)] for row in found]
    return TableRows(table, columns, kinds, rows)


def _stored_name(name: str, info: Mapping[str, str]) -> str | None:
    """Return the column of a layer that holds a column of the table; GDAL calls every geometry ``geom``."""
    return name if name in info else "geom" if name == "geometry" and "geom" in info else None


def _kind_of(declared: str) -> ColumnKind:
    if declared.startswith(("MEDIUMINT", "INTEGER", "INT", "TINYINT", "SMALLINT")):
        return ColumnKind.INTEGER
    if declared in ("REAL", "DOUBLE", "FLOAT"):
        return ColumnKind.NUMBER
    if declared == "BOOLEAN":
        return ColumnKind.BOOLEAN
    return ColumnKind.TEXT if declared.startswith("TEXT") else ColumnKind.GEOMETRY


def _text(kind: ColumnKind, value: object) -> str | None:
    if value is None:
        return None
    if kind is ColumnKind.GEOMETRY and isinstance(value, bytes):
        return _ewkb(value)
    if kind is ColumnKind.BOOLEAN:
        return "true" if value else "false"
    return repr(value) if isinstance(value, float) else str(value)


def _ewkb(blob: bytes) -> str:
    """Return a geometry of a GeoPackage as PostGIS writes it: hexadecimal EWKB with its SRID."""
    start = 8 + ENVELOPE_BYTES[blob[3] >> 1 & 7]
    shape = shapely.set_srid(shapely.from_wkb(blob[start:]), SRID)
    return str(shapely.to_wkb(shape, hex=True, include_srid=True, byte_order=1)).lower()
