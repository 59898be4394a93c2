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

from gridmap.core.errors import N_, BadInput, Fault
from gridmap.formats.dbase import decodes, encoding_of, is_whole
from gridmap.formats.findings import Flaw, Spot, fault

ROWS = 2_000_000
SQLITE = b"SQLite format 3\x00"
SHAPEFILE = b"\x00\x00\x27\x0a"
SUFFIXES = (".geojson", ".json", ".shp")

NOT_THERE = Flaw(N_("there is no such file or folder"), N_("a GeoPackage, or a folder of GeoJSON files or Shapefiles"))
UNREADABLE = Flaw(N_("it may not be read"), advice=N_("ask its owner for permission to read it"))
EMPTY_FILE = Flaw(N_("the file is empty"), advice=N_("export it again"))
NOT_GEOPACKAGE = Flaw(
    N_("this is not a GeoPackage"),
    N_("a GeoPackage, or a folder of GeoJSON files or Shapefiles"),
    N_("export it again"),
)
DAMAGED = Flaw(N_("the GeoPackage is damaged or incomplete"), advice=N_("copy or export it again"))
STILL_OPEN = Flaw(
    N_("the GeoPackage has changes that are not saved into it"), advice=N_("close it in the other program")
)
NO_LAYERS = Flaw(N_("there are no layers in it"), N_("the layers communities and buildings"))
TWO_FILES = Flaw(N_("two files hold the layer {layer}"), N_("one file a layer"), N_("remove one of {files}"))
NOT_GEOJSON = Flaw(N_("this is not GeoJSON"), N_("a GeoJSON text in UTF-8"), N_("export it again"))
NOT_SHAPEFILE = Flaw(N_("this is not a Shapefile"), advice=N_("export it again"))
CUT_TABLE = Flaw(N_("the table of the Shapefile is incomplete"), advice=N_("copy all files of the Shapefile"))
NO_COMPANION = Flaw(N_("the Shapefile is without its file {companion}"), advice=N_("copy all files of the Shapefile"))
NOT_TEXT = Flaw(
    N_("its texts are in an unknown encoding"),
    N_("UTF-8; for Shapefiles also GB18030, or what a .cpg file says"),
    N_("export it again in UTF-8"),
)
NOT_READABLE = Flaw(N_("the layer cannot be read"), advice=N_("export it again"))
COMPUTED = Flaw(
    N_("the layer is a view or computed"), N_("a table of stored rows"), N_("export it as a layer of its own")
)
TOO_LONG = Flaw(N_("the layer has too many rows"), N_("at most {most} rows"), N_("divide the town"))


@dataclass(frozen=True)
class Stored:
    """Where a layer is stored: file, name within it, encoding of its texts, and whether it is a query, not rows."""

    path: Path
    layer: str
    encoding: str | None = None
    computed: bool = False

    @property
    def spot(self) -> Spot:
        """The place to name in faults."""
        return Spot(self.path.name, self.layer)


def find_layers(source: Path) -> tuple[dict[str, Stored], list[Fault]]:
    """Find the layers of a package.

    Parameters
    ----------
    source : Path
        A GeoPackage, a folder with a GeoJSON file or Shapefile for each layer, or one such file.

    Returns
    -------
    layers : dict
        Where each layer is stored, by its name in lower case.
    faults : list of Fault
        Single layers that cannot be used.

    Raises
    ------
    BadInput
        If there is nothing to read at all.
    """
    try:
        layers, faults = _in_folder(source) if source.is_dir() else _in_single(source)
    except PermissionError:
        raise BadInput([fault(Spot(source.name), UNREADABLE)]) from None
    if not layers and not faults:
        raise BadInput([fault(Spot(source.name), NO_LAYERS)])
    return layers, faults


def _in_single(path: Path) -> tuple[dict[str, Stored], list[Fault]]:
    if path.suffix.lower() not in SUFFIXES or not path.is_file():
        return _in_geopackage(path), []
    faults, stored = _in_file(path)
    return ({stored.layer.lower(): stored} if stored else {}), faults


def _in_geopackage(path: Path) -> dict[str, Stored]:
    spot = Spot(path.name)
    if not path.is_file():
        raise BadInput([fault(spot, NOT_THERE, value=path.name)])
    start = _start(path, len(SQLITE))
    if start != SQLITE:
        raise BadInput([fault(spot, NOT_GEOPACKAGE if start else EMPTY_FILE)])
    journal = path.with_name(path.name + "-wal")
    if journal.exists() and journal.stat().st_size:
        raise BadInput([fault(spot, STILL_OPEN)])
    try:
        return {layer.layer.lower(): layer for layer in _tables(path)}
    except sqlite3.Error as error:
        raise BadInput([fault(spot, DAMAGED, value=error)]) from None


def _start(path: Path, length: int) -> bytes:
    with path.open("rb") as file:
        return file.read(length)


def _tables(path: Path) -> list[Stored]:
    """Layers of a GeoPackage; raises sqlite3.Error for a damaged file and BadInput for what is no GeoPackage."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
        verdict = database.execute("PRAGMA quick_check(1)").fetchone()[0]
        if verdict != "ok":
            raise sqlite3.DatabaseError(verdict)
        tables = dict(database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall())
        if "gpkg_contents" not in tables or "gpkg_geometry_columns" not in tables:
            raise BadInput([fault(Spot(path.name), NOT_GEOPACKAGE)])
        names = [name for (name,) in database.execute("SELECT table_name FROM gpkg_contents ORDER BY table_name")]
    rows = {name for name, sql in tables.items() if not str(sql).upper().startswith("CREATE VIRTUAL")}
    return [Stored(path, str(name), computed=name not in rows) for name in names]


def _in_folder(folder: Path) -> tuple[dict[str, Stored], list[Fault]]:
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    layers: dict[str, Stored] = {}
    faults: list[Fault] = []
    for path in paths:
        name = path.stem.lower()
        found, stored = _in_file(path)
        faults += found
        if name in layers and stored:
            both = f"{layers[name].path.name}, {path.name}"
            faults.append(fault(Spot(path.name, name), TWO_FILES, named={"layer": name, "files": both}))
        elif stored:
            layers[name] = stored
    return layers, faults


def _in_file(path: Path) -> tuple[list[Fault], Stored | None]:
    spot = Spot(path.name, path.stem)
    if not os.access(path, os.R_OK):
        return [fault(spot, UNREADABLE)], None
    if not path.stat().st_size:
        return [fault(spot, EMPTY_FILE)], None
    return _shapefile(path, spot) if path.suffix.lower() == ".shp" else _geojson(path, spot)


def _geojson(path: Path, spot: Spot) -> tuple[list[Fault], Stored | None]:
    content = path.read_bytes()
    if not content.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"{"):
        return [fault(spot, NOT_GEOJSON)], None
    if not decodes([content], "utf-8"):
        return [fault(spot, NOT_TEXT)], None
    return [], Stored(path, path.stem)


def _shapefile(path: Path, spot: Spot) -> tuple[list[Fault], Stored | None]:
    companions = {sibling.suffix.lower(): sibling for sibling in path.parent.glob(f"{path.stem}.*")}
    missing = [suffix for suffix in (".dbf", ".shx") if suffix not in companions]
    if missing:
        return [fault(spot, NO_COMPANION, named={"companion": path.stem + suffix}) for suffix in missing], None
    if _start(path, len(SHAPEFILE)) != SHAPEFILE:
        return [fault(spot, NOT_SHAPEFILE)], None
    table = companions[".dbf"].read_bytes()
    if not is_whole(table):
        return [fault(spot, CUT_TABLE)], None
    declared = companions[".cpg"].read_text("latin-1").strip() if ".cpg" in companions else None
    encoding = encoding_of(table, declared)
    return ([], Stored(path, path.stem, encoding)) if encoding else ([fault(spot, NOT_TEXT, value=declared)], None)


def read_stored(stored: Stored, columns: Sequence[str]) -> gpd.GeoDataFrame:
    """Read the rows of a layer.

    Parameters
    ----------
    stored : Stored
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
    BadInput
        If the layer cannot be read, is too long or has no geometry.
    """
    if stored.computed:
        raise BadInput([fault(stored.spot, COMPUTED)])
    try:
        return _read(stored, columns)
    except UnicodeDecodeError:
        raise BadInput([fault(stored.spot, NOT_TEXT)]) from None
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, RuntimeError, ValueError) as error:
        reason = str(error).replace(str(stored.path), stored.path.name)
        raise BadInput([fault(stored.spot, NOT_READABLE, value=reason)]) from None


def _read(stored: Stored, columns: Sequence[str]) -> gpd.GeoDataFrame:
    options = {"IMMUTABLE": "YES"} if stored.path.suffix not in SUFFIXES else {}
    about = pyogrio.read_info(stored.path, layer=stored.layer, encoding=stored.encoding, **options)
    _limit(stored, about["features"])
    names = _spellings([*about["fields"], about["fid_column"]], columns)
    with np.errstate(invalid="ignore"):
        frame = pyogrio.read_dataframe(
            stored.path,
            layer=stored.layer,
            encoding=stored.encoding,
            columns=[name for name in names if name != about["fid_column"]],
            fid_as_index=about["fid_column"] in names,
            max_features=ROWS + 1,
            on_invalid="ignore",
            **options,
        )
    _limit(stored, len(frame))
    if about["fid_column"] in names:
        frame = frame.reset_index(names=about["fid_column"])
    if not isinstance(frame, gpd.GeoDataFrame):
        frame = gpd.GeoDataFrame(frame, geometry=[None] * len(frame))
    frame = frame.rename(columns=names).reset_index(drop=True)
    frame.attrs["found"] = list(about["fields"])
    return frame


def _limit(stored: Stored, rows: int) -> None:
    if rows > ROWS:
        raise BadInput([fault(stored.spot, TOO_LONG, named={"most": ROWS})])


def _spellings(found: Iterable[str], columns: Sequence[str]) -> dict[str, str]:
    """Columns of the file that are meant, each with the name that it is known by."""
    known = {column[:10]: column for column in columns} | {column: column for column in columns}
    meant: dict[str, str] = {}
    for name in found:
        column = known.get(name.strip().lower())
        if column and column not in meant.values():
            meant[name] = column
    return meant
