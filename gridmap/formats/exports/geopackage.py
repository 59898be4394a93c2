"""GeoPackages that QGIS opens as the pages show them: version 1.3, styles, titles of fields, texts of values."""

import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Literal

import geopandas as gpd
import pandas as pd
import pyogrio

from gridmap.core.errors import N_
from gridmap.formats.exports.frame import make_frame
from gridmap.formats.exports.layer_appearance import LayerAppearance, find_appearance
from gridmap.formats.exports.qgis_styles import write_style
from gridmap.formats.exports.table import Column, ExportDocument
from gridmap.texts import LANGUAGES, translate

VERSION: Literal["1.3"] = "1.3"
"""GDAL 3.6, that of Debian 12, warns of 1.4."""
STYLE_NAMES = {"zh_CN": "gridmap 中文", "en": "gridmap English"}
NOTE_LAYER = "notes"
NOTE_DESCRIPTION = LayerAppearance(N_("Notes"), [Column("subject", N_("Subject")), Column("text", N_("Text"))])
SCHEMA_EXTENSION = "http://www.geopackage.org/spec121/#extension_schema"
STYLE_TABLES = f"""
CREATE TABLE layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256),
    f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT,
    styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
    update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
INSERT INTO gpkg_contents (table_name, data_type, identifier, description) VALUES
    ('layer_styles', 'attributes', 'layer_styles', '');
CREATE TABLE IF NOT EXISTS gpkg_extensions (table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL,
    definition TEXT NOT NULL, scope TEXT NOT NULL, CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
CREATE TABLE gpkg_data_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT,
    description TEXT, mime_type TEXT, constraint_name TEXT, CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
    CONSTRAINT gdc_tn UNIQUE (table_name, name));
CREATE TABLE gpkg_data_column_constraints (constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, value TEXT,
    min NUMERIC, min_is_inclusive BOOLEAN, max NUMERIC, max_is_inclusive BOOLEAN, description TEXT,
    CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value));
INSERT INTO gpkg_extensions VALUES
    ('gpkg_data_columns', NULL, 'gpkg_schema', '{SCHEMA_EXTENSION}', 'read-write'),
    ('gpkg_data_column_constraints', NULL, 'gpkg_schema', '{SCHEMA_EXTENSION}', 'read-write');
"""  # noqa: S608 - the one value is the constant above


def write_geopackage(document: ExportDocument) -> bytes:
    """Return a table as a GeoPackage, with its notes as a second table.

    Parameters
    ----------
    document : ExportDocument
    """
    notes = pd.DataFrame(document.note_rows(), columns=["subject", "text"], dtype=object)
    layers = {document.table.key: make_frame(document.table), NOTE_LAYER: notes}
    descriptions = {**find_appearance(document.table), NOTE_LAYER: NOTE_DESCRIPTION}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.gpkg"
        append_layers(path, layers)
        add_styles(path, descriptions, document.language)
        return path.read_bytes()


def append_layers(path: Path, layers: Mapping[str, gpd.GeoDataFrame | pd.DataFrame]) -> None:
    """Add layers to a GeoPackage, which is made if there is none.

    Parameters
    ----------
    path : Path
    layers : mapping of str to GeoDataFrame or DataFrame
        In the order to write them; a DataFrame becomes a table without geometry.
    """
    for name, frame in layers.items():
        creation: dict[str, str] = {} if path.exists() else {"VERSION": VERSION}
        pyogrio.write_dataframe(frame, path, layer=name, driver="GPKG", append=path.exists(), **creation)


def add_styles(path: Path, descriptions: Mapping[str, LayerAppearance], language: str) -> None:
    """Add styles of QGIS, titles of fields and texts of values to a GeoPackage.

    Parameters
    ----------
    path : Path
    descriptions : mapping of str to LayerAppearance
        By the name of the layer; those of layers that the file does not have are left out.
    language : str
        Language of the default style and of the titles; each layer has a style in every language.
    """
    with closing(sqlite3.connect(path)) as database, database:
        columns = dict(_layer_columns(database))
        database.executescript(STYLE_TABLES)
        for name, description in descriptions.items():
            if name in columns:
                fields = [each for each in description.fields if each.key in columns[name]]
                present = LayerAppearance(description.title, fields, description.style)
                _insert_styles(database, name, present, language)
                _insert_titles(database, name, present, language)


def _layer_columns(database: sqlite3.Connection) -> Iterator[tuple[str, set[str]]]:
    for (name,) in database.execute("SELECT table_name FROM gpkg_contents").fetchall():
        yield name, {str(row[1]) for row in database.execute(f'PRAGMA table_info("{name}")')}


def _insert_styles(database: sqlite3.Connection, name: str, description: LayerAppearance, language: str) -> None:
    found = database.execute(
        "SELECT column_name, geometry_type_name FROM gpkg_geometry_columns WHERE table_name = ?", [name]
    ).fetchone()
    column, geometry = found or ("", "none")
    for each in LANGUAGES:
        qml = write_style(description, geometry_kind(geometry), each)
        values = name, column, STYLE_NAMES[each], qml, int(each == language), translate(description.title, each)
        database.execute(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName,"
            " styleQML, styleSLD, useAsDefault, description, owner) VALUES ('', '', ?, ?, ?, ?, '', ?, ?, '')",
            values,
        )


def geometry_kind(type_name: str) -> str:
    """Return the kind of shapes of a geometry type, or ``none``.

    Examples
    --------
    >>> [geometry_kind(name) for name in ("MULTIPOLYGON", "LINESTRING", "POINT", "GEOMETRY")]
    ['polygon', 'line', 'point', 'none']
    """
    kinds = {"POLYGON": "polygon", "LINESTRING": "line", "POINT": "point"}
    return kinds.get(type_name.upper().removeprefix("MULTI"), "none")


def _insert_titles(database: sqlite3.Connection, name: str, description: LayerAppearance, language: str) -> None:
    titles: set[str] = set()
    for column in description.fields:
        title = translate(column.title, language)
        alias = title if title not in titles else f"{title} ({column.key})"
        titles.add(alias)
        both = " / ".join(dict.fromkeys(translate(column.title, each) for each in LANGUAGES))
        constraint = f"{name}.{column.key}" if column.labels else None
        values = name, column.key, alias, alias, both, constraint
        database.execute("INSERT INTO gpkg_data_columns VALUES (?, ?, ?, ?, ?, NULL, ?)", values)
        for value, text in column.labels.items():
            row = constraint, value, translate(text, language)
            database.execute(
                "INSERT INTO gpkg_data_column_constraints VALUES (?, 'enum', ?, NULL, NULL, NULL, NULL, ?)", row
            )
