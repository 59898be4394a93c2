"""Files of a town package: which layers they hold, and the rows of one. Nothing is written beside them."""

import codecs
import os
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio

from gridmap.core.errors import N_, InputFault, InvalidInput
from gridmap.formats.readers.dbf import detect_encoding, is_complete, is_decodable
from gridmap.formats.row_faults import FaultLocation, FaultTemplate, make_fault

MAX_ROWS = 2_000_000
SQLITE_HEADER = b"SQLite format 3\x00"
SHAPEFILE_HEADER = b"\x00\x00\x27\x0a"
VECTOR_SUFFIXES = (".geojson", ".json", ".shp")

FILE_NOT_FOUND = FaultTemplate(
    N_("there is no such file or folder"), N_("a GeoPackage, or a folder of GeoJSON files or Shapefiles")
)
NOT_PERMITTED = FaultTemplate(N_("it may not be read"), advice=N_("ask its owner for permission to read it"))
EMPTY_FILE = FaultTemplate(N_("the file is empty"), advice=N_("export it again"))
NOT_GEOPACKAGE = FaultTemplate(
    N_("this is not a GeoPackage"),
    N_("a GeoPackage, or a folder of GeoJSON files or Shapefiles"),
    N_("export it again"),
)
DAMAGED = FaultTemplate(N_("the GeoPackage is damaged or incomplete"), advice=N_("copy or export it again"))
UNSAVED_CHANGES = FaultTemplate(
    N_("the GeoPackage has changes that are not saved into it"), advice=N_("close it in the other program")
)
NO_LAYERS = FaultTemplate(N_("there are no layers in it"), N_("the layers communities and buildings"))
DUPLICATE_LAYER = FaultTemplate(
    N_("two files hold the layer {layer}"), N_("one file a layer"), N_("remove one of {files}")
)
NOT_GEOJSON = FaultTemplate(N_("this is not GeoJSON"), N_("a GeoJSON text in UTF-8"), N_("export it again"))
NOT_SHAPEFILE = FaultTemplate(N_("this is not a Shapefile"), advice=N_("export it again"))
TRUNCATED_TABLE = FaultTemplate(
    N_("the table of the Shapefile is incomplete"), advice=N_("copy all files of the Shapefile")
)
MISSING_COMPANION = FaultTemplate(
    N_("the Shapefile is without its file {companion}"), advice=N_("copy all files of the Shapefile")
)
UNKNOWN_ENCODING = FaultTemplate(
    N_("its texts are in an unknown encoding"),
    N_("UTF-8; for Shapefiles also GB18030, or what a .cpg file says"),
    N_("export it again in UTF-8"),
)
NOT_READABLE = FaultTemplate(N_("the layer cannot be read"), advice=N_("export it again"))
LAYER_IS_VIEW = FaultTemplate(
    N_("the layer is a view or computed"), N_("a table of stored rows"), N_("export it as a layer of its own")
)
TOO_MANY_ROWS = FaultTemplate(N_("the layer has too many rows"), N_("at most {most} rows"), N_("divide the town"))


@dataclass(frozen=True)
class LayerSource:
    """Where a layer is stored: file, name within it, encoding of its texts, and whether it is a query, not rows."""

    path: Path
    layer: str
    encoding: str | None = None
    is_view: bool = False

    @property
    def location(self) -> FaultLocation:
        """The place to name in faults."""
        return FaultLocation(self.path.name, self.layer)


def find_layers(source: Path) -> tuple[dict[str, LayerSource], list[InputFault]]:
    """Find the layers of a package.

    Parameters
    ----------
    source : Path
        A GeoPackage, a folder with a GeoJSON file or Shapefile for each layer, or one such file.

    Returns
    -------
    layers : dict
        Where each layer is stored, by its name in lower case.
    faults : list of InputFault
        Single layers that cannot be used.

    Raises
    ------
    InvalidInput
        If there is nothing to read at all.
    """
    try:
        layers, faults = _find_in_folder(source) if source.is_dir() else _find_in_file(source)
    except PermissionError:
        raise InvalidInput([make_fault(FaultLocation(source.name), NOT_PERMITTED)]) from None
    if not layers and not faults:
        raise InvalidInput([make_fault(FaultLocation(source.name), NO_LAYERS)])
    return layers, faults


def _find_in_file(path: Path) -> tuple[dict[str, LayerSource], list[InputFault]]:
    if path.suffix.lower() not in VECTOR_SUFFIXES or not path.is_file():
        return _find_in_geopackage(path), []
    faults, stored = _inspect_vector_file(path)
    return ({stored.layer.lower(): stored} if stored else {}), faults


def _find_in_geopackage(path: Path) -> dict[str, LayerSource]:
    spot = FaultLocation(path.name)
    if not path.is_file():
        raise InvalidInput([make_fault(spot, FILE_NOT_FOUND, value=path.name)])
    start = _read_header(path, len(SQLITE_HEADER))
    if start != SQLITE_HEADER:
        raise InvalidInput([make_fault(spot, NOT_GEOPACKAGE if start else EMPTY_FILE)])
    journal = path.with_name(path.name + "-wal")
    if journal.exists() and journal.stat().st_size:
        raise InvalidInput([make_fault(spot, UNSAVED_CHANGES)])
    try:
        return {layer.layer.lower(): layer for layer in _list_tables(path)}
    except sqlite3.Error as error:
        raise InvalidInput([make_fault(spot, DAMAGED, value=error)]) from None


def _read_header(path: Path, length: int) -> bytes:
    with path.open("rb") as file:
        return file.read(length)


def _list_tables(path: Path) -> list[LayerSource]:
    """Layers of a GeoPackage; raises sqlite3.Error for a damaged file and BadInput for what is no GeoPackage."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
        verdict = database.execute("PRAGMA quick_check(1)").fetchone()[0]
        if verdict != "ok":
            raise sqlite3.DatabaseError(verdict)
        tables = dict(database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall())
        if "gpkg_contents" not in tables or "gpkg_geometry_columns" not in tables:
            raise InvalidInput([make_fault(FaultLocation(path.name), NOT_GEOPACKAGE)])
        names = [name for (name,) in database.execute("SELECT table_name FROM gpkg_contents ORDER BY table_name")]
    rows = {name for name, sql in tables.items() if not str(sql).upper().startswith("CREATE VIRTUAL")}
    return [LayerSource(path, str(name), is_view=name not in rows) for name in names]


def _find_in_folder(folder: Path) -> tuple[dict[str, LayerSource], list[InputFault]]:
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in VECTOR_SUFFIXES)
    layers: dict[str, LayerSource] = {}
    faults: list[InputFault] = []
    for path in paths:
        name = path.stem.lower()
        found, stored = _inspect_vector_file(path)
        faults += found
        if name in layers and stored:
            both = f"{layers[name].path.name}, {path.name}"
            faults.append(
                make_fault(FaultLocation(path.name, name), DUPLICATE_LAYER, placeholders={"layer": name, "files": both})
            )
        elif stored:
            layers[name] = stored
    return layers, faults


def _inspect_vector_file(path: Path) -> tuple[list[InputFault], LayerSource | None]:
    spot = FaultLocation(path.name, path.stem)
    if not os.access(path, os.R_OK):
        return [make_fault(spot, NOT_PERMITTED)], None
    if not path.stat().st_size:
        return [make_fault(spot, EMPTY_FILE)], None
    return _inspect_shapefile(path, spot) if path.suffix.lower() == ".shp" else _inspect_geojson(path, spot)


def _inspect_geojson(path: Path, location: FaultLocation) -> tuple[list[InputFault], LayerSource | None]:
    content = path.read_bytes()
    if not content.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"{"):
        return [make_fault(location, NOT_GEOJSON)], None
    if not is_decodable([content], "utf-8"):
        return [make_fault(location, UNKNOWN_ENCODING)], None
    return [], LayerSource(path, path.stem)


def _inspect_shapefile(path: Path, location: FaultLocation) -> tuple[list[InputFault], LayerSource | None]:
    companions = {sibling.suffix.lower(): sibling for sibling in path.parent.glob(f"{path.stem}.*")}
    missing = [suffix for suffix in (".dbf", ".shx") if suffix not in companions]
    if missing:
        return [
            make_fault(location, MISSING_COMPANION, placeholders={"companion": path.stem + suffix})
            for suffix in missing
        ], None
    if _read_header(path, len(SHAPEFILE_HEADER)) != SHAPEFILE_HEADER:
        return [make_fault(location, NOT_SHAPEFILE)], None
    table = companions[".dbf"].read_bytes()
    if not is_complete(table):
        return [make_fault(location, TRUNCATED_TABLE)], None
    declared = companions[".cpg"].read_text("latin-1").strip() if ".cpg" in companions else None
    encoding = detect_encoding(table, declared)
    return (
        ([], LayerSource(path, path.stem, encoding))
        if encoding
        else ([make_fault(location, UNKNOWN_ENCODING, value=declared)], None)
    )


def read_source(layer_source: LayerSource, columns: Sequence[str]) -> gpd.GeoDataFrame:
    """Read the rows of a layer.

    Parameters
    ----------
    layer_source : LayerSource
        Where it is.
    columns : sequence of str
        Columns to read where they exist, under these names; a spelling in other case or cut to ten letters is found.

    Returns
    -------
    GeoDataFrame
        Rows in the order of the file; geometries that are no geometries are None. ``attrs["found"]`` lists all columns
        of the file.

    Raises
    ------
    InvalidInput
        If the layer cannot be read, is too long or has no geometry.
    """
    if layer_source.is_view:
        raise InvalidInput([make_fault(layer_source.location, LAYER_IS_VIEW)])
    try:
        return _read_frame(layer_source, columns)
    except UnicodeDecodeError:
        raise InvalidInput([make_fault(layer_source.location, UNKNOWN_ENCODING)]) from None
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, RuntimeError, ValueError) as error:
        reason = str(error).replace(str(layer_source.path), layer_source.path.name)
        raise InvalidInput([make_fault(layer_source.location, NOT_READABLE, value=reason)]) from None


def _read_frame(layer_source: LayerSource, columns: Sequence[str]) -> gpd.GeoDataFrame:
    options = {"IMMUTABLE": "YES"} if layer_source.path.suffix not in VECTOR_SUFFIXES else {}
    about = pyogrio.read_info(layer_source.path, layer=layer_source.layer, encoding=layer_source.encoding, **options)
    _check_row_count(layer_source, about["features"])
    names = _match_columns([*about["fields"], about["fid_column"]], columns)
    with np.errstate(invalid="ignore"):
        frame = pyogrio.read_dataframe(
            layer_source.path,
            layer=layer_source.layer,
            encoding=layer_source.encoding,
            columns=[name for name in names if name != about["fid_column"]],
            fid_as_index=about["fid_column"] in names,
            max_features=MAX_ROWS + 1,
            on_invalid="ignore",
            **options,
        )
    _check_row_count(layer_source, len(frame))
    if about["fid_column"] in names:
        frame = frame.reset_index(names=about["fid_column"])
    if not isinstance(frame, gpd.GeoDataFrame):
        frame = gpd.GeoDataFrame(frame, geometry=[None] * len(frame))
    frame = frame.rename(columns=names).reset_index(drop=True)
    frame.attrs["found"] = list(about["fields"])
    return frame


def _check_row_count(layer_source: LayerSource, rows: int) -> None:
    if rows > MAX_ROWS:
        raise InvalidInput([make_fault(layer_source.location, TOO_MANY_ROWS, placeholders={"most": MAX_ROWS})])


def _match_columns(file_columns: Iterable[str], columns: Sequence[str]) -> dict[str, str]:
    """Columns of the file that are meant, each with the name that it is known by."""
    known = {column[:10]: column for column in columns} | {column: column for column in columns}
    meant: dict[str, str] = {}
    for name in file_columns:
        column = known.get(name.strip().lower())
        if column and column not in meant.values():
            meant[name] = column
    return meant
