"""Layers of the formats that GDAL reads whole: KML, FlatGeobuf, file geodatabase, MapInfo, DXF, OpenStreetMap."""

import re
import xml.parsers.expat
from dataclasses import replace
from pathlib import Path

import pyogrio

from gridmap.core.errors import N_, InputFault, InvalidInput
from gridmap.formats.encodings.dbf import iterate_texts
from gridmap.formats.encodings.detection import DeclaredEncoding, TextEncoding, choose_encoding
from gridmap.formats.readers.layer_source import (
    NOT_READABLE,
    READ_ERRORS,
    UNKNOWN_ENCODING,
    LayerSource,
    ReadOptions,
    encoding_notes,
    read_header,
)
from gridmap.formats.row_faults import FaultLocation, FaultTemplate, make_fault

MAPINFO_PARTS = {".tab": (".dat", ".map", ".id"), ".mif": (".mid",)}
MAP_BLOCK_BYTES = 512
AUTOCAD_2007 = 1021
CHARSET = re.compile(rb'(?i)(charset\s+"?)([\w-]+)')
NUMBER_COLUMN = re.compile(rb"(?im)^(\s+\S+\s+)(?:integer|largeint|smallint|float|decimal\s*\([^)\n]*\))(\s*)$")
NUMBER_FIELD = re.compile(rb"""(?i)(<SimpleField\b[^>]*\btype\s*=\s*["'])(?:u?int|u?short|float|double)(["'])""")
XML_DECLARATION = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([\w.-]+)["'][^>]*\?>""")

pyogrio.set_gdal_config_options({"DXF_ENCODING": "UTF-8"})  # all drawings are read from copies in UTF-8

TRUNCATED = FaultTemplate(N_("the file is incomplete: its end is missing"), advice=N_("copy or export it again"))
MISSING_PART = FaultTemplate(N_("its file {part} is missing"), advice=N_("copy all files of the layer"))
RASTER_TABLE = FaultTemplate(
    N_("this MapInfo table only shows a picture or other tables"), advice=N_("name the table with the shapes")
)


def list_gdal_layers(path: Path, location: FaultLocation, driver: str) -> list[LayerSource]:
    """List the layers of a file as GDAL names them.

    Raises
    ------
    InvalidInput
        If GDAL cannot open the file.
    """
    try:
        names = [str(name) for name, _ in pyogrio.list_layers(path)]
    except READ_ERRORS as error:
        reason = str(error).replace(str(path), path.name)
        raise InvalidInput([make_fault(location, NOT_READABLE, value=reason)]) from None
    return [LayerSource(path, name, location.file, driver=driver, stored_name=name) for name in names]


def inspect_kml(path: Path, location: FaultLocation, options: ReadOptions, workspace: Path) -> list[LayerSource]:
    """Find the layers of a KML or KMZ file; a text in another encoding is copied in UTF-8.

    Columns of numbers are declared as texts in a copy: GDAL would make 0 of a text in them.

    Raises
    ------
    InvalidInput
        If the text is cut off, or its encoding is unknown.
    """
    if read_header(path, 2) == b"PK":
        return list_gdal_layers(path, location, "LIBKML")
    content = path.read_bytes()
    declaration = XML_DECLARATION.search(content[:200])
    declared = [DeclaredEncoding.named("XML", declaration[1].decode() if declaration else "UTF-8")]
    encoding = choose_encoding(content.split(b"\n"), declared, options.encoding)
    if encoding is None:
        raise InvalidInput([make_fault(location, UNKNOWN_ENCODING)])
    if encoding.codec != "utf-8" or (declaration and declared[0].codec != "utf-8") or path.suffix.lower() != ".kml":
        text = XML_DECLARATION.sub(b"", content).decode(encoding.codec, errors="replace")
        content, path = text.encode("utf-8"), workspace / f"{path.stem}.kml"
        path.write_bytes(content)
    typed, content = content, NUMBER_FIELD.sub(rb"\1string\2", content)
    if content != typed:
        path = workspace / f"{path.stem}.kml"
        path.write_bytes(content)
    _require_whole_xml(content, location)
    notes = encoding_notes(location, encoding)
    return [replace(each, encoding=encoding, notes=notes) for each in list_gdal_layers(path, location, "LIBKML")]


def _require_whole_xml(content: bytes, location: FaultLocation) -> None:
    try:
        xml.parsers.expat.ParserCreate().Parse(content, True)
    except xml.parsers.expat.ExpatError as error:
        raise InvalidInput([make_fault(location, TRUNCATED, value=error)]) from None


def inspect_mapinfo(path: Path, location: FaultLocation, options: ReadOptions, workspace: Path) -> list[LayerSource]:
    """Find the layer of a MapInfo table or interchange file, and the encoding of its texts.

    The texts are read as bytes from copies whose header names no encoding: many tables name Latin-1 and hold GBK.
    In an interchange file, columns of numbers are declared as texts: GDAL would make 0 of a text in them.

    Raises
    ------
    InvalidInput
        If a part is missing or cut off, or the encoding is unknown.
    """
    suffix = path.suffix.lower()
    parts = {each.suffix.lower(): each for each in path.parent.iterdir() if each.stem.lower() == path.stem.lower()}
    header = path.read_bytes()
    if suffix == ".tab" and not re.search(rb"(?i)type\s+native", header):
        raise InvalidInput([make_fault(location, RASTER_TABLE)])
    _check_parts(parts, location, suffix)
    texts_file = parts[".dat" if suffix == ".tab" else ".mid"]
    charset = CHARSET.search(header[:2000])
    declared = [DeclaredEncoding.named(path.suffix, charset[2].decode())] if charset else []
    texts = texts_file.read_bytes()
    values = iterate_texts(texts) if suffix == ".tab" else re.split(rb'[",\r\n]+', texts)
    encoding = choose_encoding(values, declared, options.encoding)
    if encoding is None:
        raise InvalidInput([make_fault(location, UNKNOWN_ENCODING)])
    for part in parts.values():
        (workspace / f"layer{part.suffix.lower()}").symlink_to(part.absolute())
    copy = workspace / f"layer{suffix}"
    copy.unlink()
    copy.write_bytes(CHARSET.sub(rb"\1Neutral", header) if suffix == ".tab" else _neutral_header(header))
    notes = encoding_notes(location, encoding)
    source = LayerSource(copy, location.layer, location.file, "MapInfo File", encoding, reads_bytes=True, notes=notes)
    return [source]


def _neutral_header(content: bytes) -> bytes:
    head, data, rest = content.partition(b"\nData")
    return CHARSET.sub(rb"\1Neutral", NUMBER_COLUMN.sub(rb"\1Char(254)\2", head), count=1) + data + rest


def _check_parts(parts: dict[str, Path], location: FaultLocation, suffix: str) -> None:
    missing = [part for part in MAPINFO_PARTS[suffix] if part not in parts and part != ".id"]
    if missing:
        raise InvalidInput(make_fault(location, MISSING_PART, placeholders={"part": part}) for part in missing)
    if suffix == ".tab" and parts[".map"].stat().st_size % MAP_BLOCK_BYTES:
        raise InvalidInput([make_fault(location, TRUNCATED)])


def inspect_dxf(path: Path, location: FaultLocation, options: ReadOptions, workspace: Path) -> list[LayerSource]:
    """Find the layers of a drawing: those of the CAD program, not the one that GDAL makes of all.

    It is read from a copy in UTF-8, whatever its header says.

    Raises
    ------
    InvalidInput
        If the drawing is cut off or cannot be read.
    """
    content = path.read_bytes()
    if content.rstrip()[-3:].upper() != b"EOF":
        raise InvalidInput([make_fault(location, TRUNCATED)])
    encoding = _drawing_encoding(content, location, options)
    path = workspace / "drawing.dxf"
    path.write_text(content.decode(encoding.codec, errors="replace"), "utf-8", newline="")
    notes = encoding_notes(location, encoding)
    entities = replace(list_gdal_layers(path, location, "DXF")[0], encoding=encoding, notes=notes)
    try:
        names = pyogrio.read_dataframe(path, columns=["Layer"], read_geometry=False)["Layer"]
    except READ_ERRORS as error:
        raise InvalidInput([_unreadable(location, path, error)]) from None
    return [replace(entities, layer=name, where=_layer_condition(name)) for name in sorted(set(names.dropna()))]


def _drawing_encoding(content: bytes, location: FaultLocation, options: ReadOptions) -> TextEncoding:
    """Choose the encoding: UTF-8 from AutoCAD 2007 on, before that the code page of the header."""
    version = re.search(rb"\$ACADVER\s+1\s+AC(\d+)", content)
    code_page = re.search(rb"\$DWGCODEPAGE\s+3\s+(\S+)", content)
    name = (
        "UTF-8" if version and int(version[1]) >= AUTOCAD_2007 else code_page[1].decode("latin-1") if code_page else ""
    )
    declared = [DeclaredEncoding.named("DXF", name)] if name else []
    encoding = choose_encoding(content.splitlines(), declared, options.encoding)
    if encoding is None:
        raise InvalidInput([make_fault(location, UNKNOWN_ENCODING, value=name or None)])
    return encoding


def _unreadable(location: FaultLocation, path: Path, error: Exception) -> InputFault:
    return make_fault(location, NOT_READABLE, value=str(error).replace(str(path), path.name))


def _layer_condition(name: str) -> str:
    quoted = name.replace("'", "''")
    return f"Layer = '{quoted}'"
