"""Towns in which one column, or one shape, holds any value that its format can hold."""

import json
import shutil
import sqlite3
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely
from hypothesis import strategies as st

from gridmap.formats.package.layer_schemas import GRIDS, LAYERS
from gridmap.formats.package.town_extras import EXTRA_LAYERS
from tests.corpus.geopackage_files import open_database
from tests.fixtures.loaded_town import town_with_extras
from tests.fixtures.town_package import CRS, Layers, box, draw_grids, line, write_geopackage

SCHEMAS = (*LAYERS, *EXTRA_LAYERS, GRIDS)
COLUMNS = [(schema.name, column.name) for schema in SCHEMAS for column in schema.columns]
POINT_LAYERS = ("buildings", "incidents", "shops")
DECLARED_TYPES = ("TEXT", "INTEGER", "REAL", "BOOLEAN", "DATE", "DATETIME", "BLOB", "MEDIUMINT", "VARCHAR(9)")
FORMATS = ("gpkg", "geojson", "csv")
FORMAT_NAMES = st.sampled_from(FORMATS)
MAX_INTEGER = 2**63 - 1

ODD_TEXTS = (
    *(
        "",
        " ",
        "\0",
        "a\0b",
        "\x07",
        "\x1b[31m",
        "\ufeff",
        "\u202e",
        "\ud800",
        "a\udfff",
        "\U0010ffff",
        "�",
        "'",
        '"',
        "`;--",
    ),
    *(
        "nan",
        "NaN",
        "inf",
        "-Infinity",
        "1e400",
        "-0",
        "0x10",
        "1_000",
        "9" * 400,
        "1e309户",
        "٣",
        "²",
        "½",
        "Ⅷ",
        "１２",
        "1,20",
    ),
    *(
        "true",
        "是",
        "None",
        "{}",
        "[]",
        "a" * 10_000,
        "中" * 5_000,
        "甲/乙",
        "..",
        ".",
        "a\\b",
        "%00",
        "{0}",
        "{x}",
        "%s",
        "\r\n",
    ),
    *(
        "0001-01-01",
        "9999-12-31 23:59:59",
        "2026-02-30",
        "46082.5",
        "1772346600000",
        "20260301",
        "99999999",
        "1899-12-30",
    ),
    *(
        "2026-03-01T14:30+99:99",
        "3000-12-31T23:59:59-23:59",
        "1800-01-01T00:00:00+23:59",
        "2026年13月1日 下午14:30",
        "٢٠٢٦-٠٣-٠١",
    ),
    *("2026-W10-7", "2026-060", "24:00", "2026-03-01T24:00:00", "2026-03-01 14:30:60", "0.1" * 50, "1" * 5_000),
)


@dataclass(frozen=True)
class ColumnValues:
    """Values to put into the first rows of a column.

    Parameters
    ----------
    layer, column : str
    format : str
        One of `FORMATS`; layers of lines and polygons are never written as CSV.
    declared : str
        Type that a GeoPackage declares for the column.
    values : tuple
    """

    layer: str
    column: str
    format: str
    declared: str
    values: tuple[object, ...]


def scalars() -> st.SearchStrategy[object]:
    """Return any text, number or other value that some format can hold."""
    return st.one_of(
        st.sampled_from(ODD_TEXTS),
        st.text(st.characters(exclude_categories=()), max_size=30),
        st.floats(),
        st.integers(-(2**70), 2**70),
        st.booleans(),
        st.none(),
        st.binary(max_size=20),
        st.lists(st.integers(), max_size=3),
        st.dictionaries(st.text(max_size=3), st.none(), max_size=2),
    )


def column_values() -> st.SearchStrategy[ColumnValues]:
    """Return any values for any column in any format."""
    values = st.lists(scalars(), min_size=1, max_size=6).map(tuple)
    declared = st.sampled_from(DECLARED_TYPES)
    return st.sampled_from(COLUMNS).flatmap(
        lambda place: st.builds(ColumnValues, st.just(place[0]), st.just(place[1]), FORMAT_NAMES, declared, values)
    )


@cache
def full_town() -> Layers:
    """Return a town with every layer that is read."""
    town = town_with_extras()
    outline = {"name": ["水果湖街道"]}
    return {
        **town,
        "railway": gpd.GeoDataFrame({"kind": ["rail"]}, geometry=[line((390, -20), (390, 220))], crs=CRS),
        "subdistrict": gpd.GeoDataFrame(outline, geometry=[box(0, 0, 400, 200)], crs=CRS),
        "grids": draw_grids(grid_code=["g1", "g2", "g3"]),
    }


def write_values(folder: Path, case: ColumnValues) -> Path:
    """Write the town with the values of a case."""
    if case.format == "geojson":
        return _write_geojson(folder, case)
    if case.format == "csv" and case.layer in POINT_LAYERS:
        return _write_csv(folder, case)
    return _write_geopackage(folder, case)


@cache
def _package() -> bytes:
    """Return the GeoPackage of the town."""
    with tempfile.TemporaryDirectory() as folder:
        return write_geopackage(full_town(), Path(folder) / "town.gpkg").read_bytes()


def _write_geopackage(folder: Path, case: ColumnValues) -> Path:
    path = folder / "town.gpkg"
    path.write_bytes(_package())
    with closing(open_database(path)) as database:
        if case.column in full_town()[case.layer]:
            database.execute(f'ALTER TABLE {case.layer} DROP COLUMN "{case.column}"')
        database.execute(f'ALTER TABLE {case.layer} ADD COLUMN "{case.column}" {case.declared}')
        for fid, value in enumerate(case.values, start=1):
            _store(database, case, fid, value)
    return path


def _store(database: sqlite3.Connection, case: ColumnValues, fid: int, value: object) -> None:
    """Store a value; a lone surrogate as the bytes that programs write for it, nested values as JSON."""
    statement = f'UPDATE {case.layer} SET "{case.column}" = ? WHERE fid = ?'
    if isinstance(value, str):
        statement = statement.replace("?", "CAST(? AS TEXT)", 1)
        value = value.encode("utf-8", "surrogatepass")
    elif isinstance(value, (list, dict)) or (isinstance(value, int) and abs(value) > MAX_INTEGER):
        value = json.dumps(value)
    database.execute(statement, (value, fid))


@cache
def _features(layer: str) -> str:
    return str(full_town()[layer].to_crs(4326).to_json(drop_id=True))


def _write_geojson(folder: Path, case: ColumnValues) -> Path:
    target = folder / "town"
    target.mkdir()
    for layer in full_town():
        content = json.loads(_features(layer))
        if layer == case.layer:
            for feature, value in zip(content["features"], case.values, strict=False):
                feature["properties"][case.column] = _plain(value)
        (target / f"{layer}.geojson").write_text(json.dumps(content), "utf-8")
    return target


def _plain(value: object) -> object:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _write_csv(folder: Path, case: ColumnValues) -> Path:
    target = folder / "town"
    target.mkdir()
    rest = {name: frame for name, frame in full_town().items() if name != case.layer}
    write_geopackage(rest, target / "rest.gpkg")
    frame = full_town()[case.layer].to_crs(4326)
    places = shapely.get_coordinates(shapely.centroid(frame.geometry.to_numpy()))
    table = pd.DataFrame(frame.drop(columns="geometry")).astype(object).assign(lon=places[:, 0], lat=places[:, 1])
    column = list(table[case.column]) if case.column in table else [None] * len(table)
    for position, value in enumerate(case.values[: len(column)]):
        column[position] = _plain(value)
    text = table.assign(**{case.column: pd.Series(column, dtype=object)}).to_csv(index=False)
    (target / f"{case.layer}.csv").write_bytes(text.encode("utf-8", "surrogatepass"))
    return target


def write_shapes(folder: Path, layer: str, shapes: Sequence[shapely.Geometry | None]) -> Path:
    """Write the town with other shapes in the first rows of a layer."""
    town = full_town()
    replaced = list(town[layer].geometry)
    replaced[: len(shapes)] = shapes[: len(replaced)]
    layers = {**town, layer: town[layer].set_geometry(gpd.GeoSeries(replaced, crs=CRS))}
    path = folder / "town.gpkg"
    for name, frame in layers.items():
        pyogrio.write_dataframe(frame, path, layer=name, driver="GPKG", append=path.exists(), geometry_type="Unknown")
    return path


def empty_folder(folder: Path) -> Path:
    """Return the folder without what an earlier example left."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder
