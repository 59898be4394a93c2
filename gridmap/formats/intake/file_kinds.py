"""Kinds of files by their content, with the way to get those read that gridmap cannot read itself."""

import re
import zipfile
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from gridmap.core.errors import N_
from gridmap.formats.readers.layer_source import read_header

SNIFFED_BYTES = 4096


class Reader(StrEnum):
    """Reader for the files of a kind."""

    GEOPACKAGE = "GPKG"
    SHAPEFILE = "ESRI Shapefile"
    GEOJSON = "GeoJSON"
    KML = "LIBKML"
    FLATGEOBUF = "FlatGeobuf"
    FILE_GEODATABASE = "OpenFileGDB"
    MAPINFO = "MapInfo File"
    DXF = "DXF"
    OSM = "OSM"
    WORKBOOK = "workbook"
    DELIMITED_TEXT = "CSV"
    ZIP = "ZIP"


@dataclass(frozen=True)
class ForeignKind:
    """Kind of files that gridmap cannot read.

    Parameters
    ----------
    name : str
        What it is.
    advice : str
        Steps to get it read.
    is_data : bool
        True for files that may hold layers or lists; others, such as pictures next to the data, need no mention.
    """

    name: str
    advice: str
    is_data: bool = True


UNPACK = N_("unpack it (7-Zip, Bandizip: Extract here), and name the folder that results")
VIA_QGIS = N_(
    "open it in QGIS (Layer → Add Layer), then right-click each layer → Export → Save Features As → GeoPackage"
)
VIA_CAD = N_("in the CAD program: Save As → DXF (2007 or later, as text); outlines must be closed polylines")
VIA_WORD = N_("copy the table into Excel with its header row, and save it as an Excel workbook (.xlsx)")
VIA_EXCEL = N_("open it in Excel or WPS, then File → Save As → Excel workbook (.xlsx)")
VIA_ACCESS = N_("in ArcGIS: right-click the feature class → Data → Export Features, as a Shapefile or GeoPackage")
TRACE = N_("a picture has no shapes: place it in QGIS (Layer → Georeferencer), trace it, and save a GeoPackage")
NAME_SHP = N_("name the .shp file, or the folder with all files of the Shapefile")
NAME_DATA = N_("it holds styles and paths only: name the files with the data, or export its layers as a GeoPackage")
VIA_OVITAL = N_("in 奥维: select the objects → Export → KML, and name that file")
VIA_MAPGIS = N_("in MapGIS: convert it to a Shapefile (文件转换 → 输出 Shapefile)")
VIA_SUPERMAP = N_("in SuperMap: right-click the dataset → Export Dataset, as a Shapefile or GeoJSON")
UNKNOWN_ADVICE = N_(
    "export it as a GeoPackage from the program it comes from (QGIS: right-click the layer → Export → Save Features As)"
)

WORD = ForeignKind(N_("a Word document"), VIA_WORD)
PICTURE = ForeignKind(N_("a picture"), TRACE, is_data=False)
HTML = ForeignKind(N_("a web page, which some systems save as .xls"), VIA_EXCEL)
PROJECT = ForeignKind(N_("a project of QGIS or ArcGIS"), NAME_DATA, is_data=False)
ARCHIVE = ForeignKind(N_("an archive"), UNPACK)
UNKNOWN = ForeignKind(N_("a file of an unknown kind"), UNKNOWN_ADVICE)
GEODATA = ForeignKind(N_("geodata of another format"), VIA_QGIS)
PART_OF_SHAPEFILE = ForeignKind(N_("a part of a Shapefile"), NAME_SHP, is_data=False)
OTHER_JSON = ForeignKind(N_("a JSON text that is no GeoJSON"), VIA_QGIS, is_data=False)
PRESENTATION = ForeignKind(N_("a presentation"), TRACE)
OTHER_TEXT = ForeignKind(N_("a text"), VIA_EXCEL)

Kind = Reader | ForeignKind

MAGIC: tuple[tuple[int, bytes, Kind], ...] = (
    (0, b"fgb\x03fgb", Reader.FLATGEOBUF),
    (0, b"!table", Reader.MAPINFO),
    (0, b"%PDF", ForeignKind(N_("a PDF document"), TRACE)),
    (0, b"AC10", ForeignKind(N_("an AutoCAD drawing (DWG)"), VIA_CAD)),
    (0, b"AutoCAD Binary DXF", ForeignKind(N_("a binary DXF drawing"), VIA_CAD)),
    (0, b"\xff\xd8\xff", PICTURE),
    (0, b"\x89PNG", PICTURE),
    (0, b"GIF8", PICTURE),
    (0, b"BM", PICTURE),
    (0, b"II*\0", PICTURE),
    (0, b"MM\0*", PICTURE),
    (8, b"WEBP", PICTURE),
    (0, b"Rar!\x1a\x07", ARCHIVE),
    (0, b"7z\xbc\xaf\x27\x1c", ARCHIVE),
    (0, b"\x1f\x8b", ARCHIVE),
    (0, b"BZh", ARCHIVE),
    (0, b"\xfd7zXZ\0", ARCHIVE),
    (257, b"ustar", ARCHIVE),
    (4, b"Standard Jet DB", ForeignKind(N_("an Access database or personal geodatabase (MDB)"), VIA_ACCESS)),
    (4, b"Standard ACE DB", ForeignKind(N_("an Access database (ACCDB)"), VIA_ACCESS)),
    (0, b"WMAP`D2", ForeignKind(N_("a MapGIS layer"), VIA_MAPGIS)),
    (0, b"EXP  0", GEODATA),
    (0, b"PAR1", GEODATA),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", UNKNOWN),
)
ROOT_ELEMENTS: dict[str, Kind] = {
    "kml": Reader.KML,
    "osm": Reader.OSM,
    "html": HTML,
    "qgis": PROJECT,
    "workbook": ForeignKind(N_("an old XML workbook of Excel"), VIA_EXCEL),
}
SUFFIXES: dict[str, Kind] = {
    ".csv": Reader.DELIMITED_TEXT,
    ".tsv": Reader.DELIMITED_TEXT,
    ".mif": Reader.MAPINFO,
    ".kml": Reader.KML,
    ".ovkml": Reader.KML,
    ".geojson": Reader.GEOJSON,
    ".geojsonl": Reader.GEOJSON,
    ".geojsons": Reader.GEOJSON,
    ".ndjson": Reader.GEOJSON,
    ".shp": Reader.SHAPEFILE,
    ".dbf": PART_OF_SHAPEFILE,
    ".shx": PART_OF_SHAPEFILE,
    ".prj": PART_OF_SHAPEFILE,
    ".cpg": PART_OF_SHAPEFILE,
    ".sbn": PART_OF_SHAPEFILE,
    ".mxd": PROJECT,
    ".aprx": PROJECT,
    ".lyr": PROJECT,
    ".ovobj": ForeignKind(N_("objects of 奥维互动地图"), VIA_OVITAL),
    ".udb": ForeignKind(N_("a SuperMap data source"), VIA_SUPERMAP),
    ".udd": ForeignKind(N_("a SuperMap data source"), VIA_SUPERMAP),
    ".udbx": ForeignKind(N_("a SuperMap data source"), VIA_SUPERMAP),
    ".dgn": GEODATA,
    ".gpx": GEODATA,
    ".gml": GEODATA,
    ".mbtiles": PICTURE,
}

DAMAGED_ZIPS: dict[str, Kind] = {
    ".xlsx": Reader.WORKBOOK,
    ".ods": Reader.WORKBOOK,
    ".kmz": Reader.KML,
    ".docx": WORD,
    ".pptx": PRESENTATION,
}
"""Kind of a ZIP file that is cut off, by its suffix."""


def recognise(path: Path) -> Kind:
    """Recognise what a file or folder is: by its content, and by its suffix only where that does not tell.

    Examples
    --------
    >>> recognise(Path("town.gdb")) is UNKNOWN
    True
    """
    if path.is_dir():
        return Reader.FILE_GEODATABASE if any(path.glob("*.gdbtable")) else UNKNOWN
    head = read_header(path, SNIFFED_BYTES) if path.is_file() else b""
    suffix = path.suffix.lower()
    if suffix == ".shp":
        return Reader.SHAPEFILE
    return _by_container(path, head, suffix) or _by_magic(head) or _by_text(head, suffix) or UNKNOWN


def _by_container(path: Path, head: bytes, suffix: str) -> Kind | None:
    if head.startswith(b"SQLite format 3\0"):
        return SUFFIXES[suffix] if suffix in (".udbx", ".mbtiles") else Reader.GEOPACKAGE
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _kind_of_zip(path, suffix)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _kind_of_compound_file(path)
    return Reader.OSM if b"OSMHeader" in head[:32] else None


def _kind_of_zip(path: Path, suffix: str) -> Kind:
    """Tell office documents, KMZ and projects from ZIP files of data; a damaged one counts by its suffix."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = {name.lower() for name in archive.namelist()}
            mimetype = archive.read("mimetype") if "mimetype" in names else b""
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return DAMAGED_ZIPS.get(suffix, Reader.ZIP)
    if any(name.startswith("xl/") for name in names) or b"spreadsheet" in mimetype:
        return Reader.WORKBOOK
    if any(name.startswith("word/") for name in names) or b"opendocument.text" in mimetype:
        return WORD
    if any(name.startswith("ppt/") for name in names) or b"presentation" in mimetype:
        return PRESENTATION
    if any(name.endswith(".qgs") for name in names) and suffix == ".qgz":
        return PROJECT
    return Reader.KML if suffix in (".kmz", ".ovkmz") else Reader.ZIP


def _kind_of_compound_file(path: Path) -> Kind:
    """Tell the documents of old Office programs by the names of their streams."""
    content = path.read_bytes()
    streams = {name: name.encode("utf-16-le") in content for name in ("Workbook", "Book", "WordDocument", "PowerPoint")}
    if streams["Workbook"] or streams["Book"]:
        return Reader.WORKBOOK
    return WORD if streams["WordDocument"] else PRESENTATION if streams["PowerPoint"] else UNKNOWN


def _by_magic(head: bytes) -> Kind | None:
    matches = (kind for start, magic, kind in MAGIC if head[start : start + len(magic)] == magic)
    return next(matches, None)


def _by_text(head: bytes, suffix: str) -> Kind | None:
    text = _decode_head(head).lstrip("\ufeff\x1e \t\r\n")
    if text.startswith("<"):
        return _by_root_element(text) or SUFFIXES.get(suffix)
    if re.match(r"0\s*\r?\n\s*SECTION|999\s*\r?\n", text):
        return Reader.DXF
    if re.match(r"(?i)version\s+\d+\s*\r?\n\s*(charset|delimiter)", text):
        return Reader.MAPINFO
    if text.startswith(("{", "[")):
        return _kind_of_json(text, suffix)
    if suffix == ".txt" and re.search(r"[,;\t|]", text):
        return Reader.DELIMITED_TEXT
    return SUFFIXES.get(suffix) or (OTHER_TEXT if text and "".join(text.split()).isprintable() else None)


def _decode_head(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", errors="ignore")
    return head.decode("utf-8-sig", errors="ignore")


def _by_root_element(text: str) -> Kind | None:
    match = re.search(r"<(?:\w+:)?([a-zA-Z]\w*)", re.sub(r"(?s)<[?!].*?>", "", text))
    return ROOT_ELEMENTS.get(match[1].lower()) if match else None


def _kind_of_json(text: str, suffix: str) -> Kind:
    """Take a .geojson file for what it says it is, and other JSON only if it has the words of GeoJSON."""
    has_words = re.search(r'"(FeatureCollection|Feature|features|Topology|geometries|rings)"', text)
    return Reader.GEOJSON if suffix in SUFFIXES or has_words else OTHER_JSON
