"""Search for layers in files, folders and ZIP files, with a check of each file."""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from gridmap.core.errors import N_, InputFault, InvalidInput, Message
from gridmap.formats.intake.completeness import DOWNLOAD_SUFFIXES, FileStamp, require_finished
from gridmap.formats.intake.file_kinds import OTHER_TEXT, UNKNOWN, ForeignKind, Reader, recognise
from gridmap.formats.intake.zip_archive import unpack_zip
from gridmap.formats.readers.gdal_layers import inspect_dxf, inspect_kml, inspect_mapinfo, list_gdal_layers
from gridmap.formats.readers.geojson import inspect_geojson
from gridmap.formats.readers.geopackage import find_geopackage_layers
from gridmap.formats.readers.layer_source import EMPTY_FILE, LayerSource, ReadOptions
from gridmap.formats.readers.openstreetmap import inspect_openstreetmap
from gridmap.formats.readers.shapefile import COMPANIONS, inspect_shapefile
from gridmap.formats.readers.tables import read_delimited_text, read_workbook
from gridmap.formats.row_faults import FaultLocation, FaultTemplate, make_fault

MAX_DEPTH = 4
MAX_FILES = 2_000
KNOWN_LAYERS = frozenset(
    {
        "communities",
        "buildings",
        "streets",
        "barriers",
        "railway",
        "dedicated",
        "subdistrict",
        "grids",
        "incidents",
        "resident_groups",
        "shops",
    }
)
"""Names of the layers of a town package: the only layer of a file is called like the file unless it has one of them."""

IGNORED_SUFFIXES = (*COMPANIONS, ".dat", ".map", ".id", ".ind", ".mid", ".xml", ".lock", ".gpkg-shm", ".gpkg-wal")
IGNORED_NAMES = ("__macosx", "thumbs.db", "desktop.ini")
RESULT_LAYERS = frozenset({"profile", "communities", "buildings"})

NOT_PERMITTED = FaultTemplate(N_("it may not be read"), advice=N_("ask its owner for permission to read it"))
FOREIGN_FILE = FaultTemplate(N_("this is {kind}, which gridmap cannot read"), advice="{steps}")
TOO_MANY_FILES = FaultTemplate(
    N_("the folder holds too many files"),
    N_("at most {maximum} files"),
    N_("put the layers into a folder of their own"),
)
DUPLICATE_LAYER = FaultTemplate(
    N_("two files hold the layer {layer}"), N_("one file for each layer"), N_("remove one of {files}")
)


class Candidate(NamedTuple):
    """File that may hold layers, with its names to show, what the reader says, and a folder for copies."""

    path: Path
    location: FaultLocation
    options: ReadOptions
    workspace: Path


INSPECTIONS: Mapping[Reader, Callable[[Candidate], list[LayerSource]]] = {
    Reader.GEOPACKAGE: lambda file: find_geopackage_layers(file.path, file.location, file.workspace),
    Reader.SHAPEFILE: lambda file: inspect_shapefile(*file),
    Reader.GEOJSON: lambda file: inspect_geojson(*file),
    Reader.KML: lambda file: inspect_kml(*file),
    Reader.FLATGEOBUF: lambda file: list_gdal_layers(file.path, file.location, "FlatGeobuf"),
    Reader.FILE_GEODATABASE: lambda file: list_gdal_layers(file.path, file.location, "OpenFileGDB"),
    Reader.MAPINFO: lambda file: inspect_mapinfo(*file),
    Reader.DXF: lambda file: inspect_dxf(*file),
    Reader.OSM: lambda file: inspect_openstreetmap(file.path, file.location),
    Reader.WORKBOOK: lambda file: read_workbook(file.path, file.location),
    Reader.DELIMITED_TEXT: lambda file: read_delimited_text(file.path, file.location, file.options),
}


@dataclass(eq=False)
class LayerSearch:
    """Search in progress.

    Parameters
    ----------
    options : ReadOptions
        What the reader says about the files.
    workspace : Path
        Private folder for copies.
    layers : dict of str to LayerSource
        Layers found, by their names in lower case.
    faults : list of InputFault
        Layers that cannot be used.
    foreign : list of InputFault
        Files that gridmap cannot read, with the way to get them read.
    stamps : list of FileStamp
        Files as they were before they were read.
    """

    options: ReadOptions
    workspace: Path
    layers: dict[str, LayerSource] = field(default_factory=dict)
    faults: list[InputFault] = field(default_factory=list)
    foreign: list[InputFault] = field(default_factory=list)
    stamps: list[FileStamp] = field(default_factory=list)
    file_count: int = 0

    def add(self, path: Path, name: str) -> None:
        """Add the layers of the file, folder or ZIP file that the reader named; its faults are raised."""
        if path.is_dir() and recognise(path) is not Reader.FILE_GEODATABASE:
            self._add_folder(path, "", 0)
        else:
            self._add_file(path, name, 0)

    def _add_folder(self, folder: Path, prefix: str, depth: int) -> None:
        for path in sorted(folder.iterdir()):
            if not _is_ignored(path):
                self._add_member(path, prefix + path.name, depth)

    def _add_member(self, path: Path, name: str, depth: int) -> None:
        """Add a file or folder within a folder; its faults are collected."""
        self.file_count += 1
        if self.file_count > MAX_FILES:
            raise InvalidInput([make_fault(FaultLocation(name), TOO_MANY_FILES, placeholders={"maximum": MAX_FILES})])
        if path.is_dir() and recognise(path) is not Reader.FILE_GEODATABASE:
            if depth < MAX_DEPTH:
                self._add_folder(path, f"{name}/", depth + 1)
            return
        try:
            self._add_file(path, name, depth + 1)
        except InvalidInput as error:
            self.faults += error.faults

    def _add_file(self, path: Path, name: str, depth: int) -> None:
        location = FaultLocation(name, Path(name).stem if depth else "")
        _require_readable(path, location)
        kind = recognise(path)
        if isinstance(kind, ForeignKind):
            self._add_foreign(kind, location, depth)
        elif kind is Reader.ZIP:
            self.stamps.append(FileStamp.of(path))
            self._add_folder(unpack_zip(path, name, self._new_folder()), f"{name}/" if depth else "", depth + 1)
        else:
            self._add_layers(path, kind, name, depth)

    def _add_foreign(self, kind: ForeignKind, location: FaultLocation, depth: int) -> None:
        """Refuse a file of another kind, or note it if it lies in a folder."""
        values = {"kind": Message(kind.name), "steps": Message(kind.advice)}
        fault = make_fault(location, FOREIGN_FILE, placeholders=values)
        if not depth:
            raise InvalidInput([fault])
        if kind.is_data and kind not in (UNKNOWN, OTHER_TEXT):
            self.foreign.append(fault)

    def _add_layers(self, path: Path, kind: Reader, name: str, depth: int) -> None:
        self.stamps += [FileStamp.of(each) for each in _files_of(path)]
        has_names = kind is Reader.GEOPACKAGE and not depth
        location = FaultLocation(name, "" if has_names else Path(name).stem)
        candidate = Candidate(self._plain_path(path, kind), location, self.options, self._new_folder())
        found = INSPECTIONS[kind](candidate)
        if depth and {source.layer for source in found} >= RESULT_LAYERS:
            return  # the result of an earlier command
        if depth and len(found) == 1 and found[0].layer.lower() not in KNOWN_LAYERS:
            found = [replace(found[0], layer=location.layer)]
        for source in found:
            self._add_layer(source)

    def _add_layer(self, source: LayerSource) -> None:
        key = source.layer.lower()
        if key in self.layers:
            files = f"{self.layers[key].location.file}, {source.location.file}"
            placeholders = {"layer": key, "files": files}
            self.faults.append(make_fault(source.location, DUPLICATE_LAYER, placeholders=placeholders))
        else:
            self.layers[key] = source

    def _new_folder(self) -> Path:
        folder = self.workspace / str(len(list(self.workspace.iterdir())))
        folder.mkdir()
        return folder

    def _plain_path(self, path: Path, kind: Reader) -> Path:
        """Return a path that GDAL takes as it is: for some names, a link in the private folder."""
        suffix = path.suffix
        if kind is Reader.GEOPACKAGE and suffix.lower() != ".gpkg":
            suffix = ".gpkg"
        if is_plain_path(path) and suffix == path.suffix:
            return path
        folder = self._new_folder()
        for sibling in _files_beside(path):
            rest = sibling.name[len(path.name) :] if sibling.name.startswith(path.name) else None
            end = sibling.suffix if rest is None else suffix + rest
            (folder / f"source{end}").symlink_to(sibling.absolute())
        return folder / f"source{suffix}"


def is_plain_path(path: Path) -> bool:
    """Return whether GDAL takes a path as it is: no letter in it has a meaning of its own.

    Examples
    --------
    >>> is_plain_path(Path("/data/网格[终稿] (2).gpkg")), is_plain_path(Path("/data/a!b.gpkg"))
    (True, False)
    """
    return re.search(r"[!%#?\n\r\t\\]|\.zip|://|^/vsi", str(path)) is None


def _is_ignored(path: Path) -> bool:
    name = path.name.lower()
    if name.endswith(DOWNLOAD_SUFFIXES):
        return False
    return name.startswith((".", "~$")) or name in IGNORED_NAMES or name.endswith(IGNORED_SUFFIXES)


def _require_readable(path: Path, location: FaultLocation) -> None:
    if not os.access(path, os.R_OK):
        raise InvalidInput([make_fault(location, NOT_PERMITTED)])
    require_finished(path, location.file)
    if path.is_file() and not path.stat().st_size:
        raise InvalidInput([make_fault(location, EMPTY_FILE)])


def _files_of(path: Path) -> Iterator[Path]:
    """Yield the files that a layer consists of."""
    if path.is_dir():
        yield from (each for each in path.iterdir() if each.suffix.lower().startswith((".gdbtable", ".gdbtablx")))
    elif path.suffix.lower() in (".shp", ".tab", ".mif"):
        yield from (each for each in _files_beside(path) if each.is_file())
    else:
        yield path


def _files_beside(path: Path) -> list[Path]:
    """Return a file with those of the same name and another suffix."""
    starts = (f"{path.stem}.", f"{path.name}-")
    return [each for each in path.parent.iterdir() if each == path or each.name.startswith(starts)]
