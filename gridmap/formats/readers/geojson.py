"""Layer of a GeoJSON file: one object, or an object in each line."""

import codecs
import json
from dataclasses import replace
from pathlib import Path

from gridmap.core.errors import N_, InvalidInput
from gridmap.formats.encodings.detection import DeclaredEncoding, TextEncoding, accept_declared, choose_encoding
from gridmap.formats.readers.layer_source import (
    UNKNOWN_ENCODING,
    LayerSource,
    ReadOptions,
    encoding_notes,
)
from gridmap.formats.row_faults import FaultLocation, FaultTemplate, make_fault

RECORD_SEPARATOR = b"\x1e"
BYTE_ORDER_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}

NOT_GEOJSON = FaultTemplate(N_("this is not GeoJSON"), N_("a GeoJSON text in UTF-8"), N_("export it again"))
BROKEN_LINE = FaultTemplate(
    N_("line {line} of the file is not a whole GeoJSON object"), advice=N_("copy or export it again")
)


def inspect_geojson(path: Path, location: FaultLocation, options: ReadOptions, workspace: Path) -> list[LayerSource]:
    """Find the format and the encoding of a GeoJSON file.

    Parameters
    ----------
    path : Path
        The file.
    location : FaultLocation
        Names of file and layer: the layer is called like the file, whatever the file says.
    options : ReadOptions
        Encoding that the reader names.
    workspace : Path
        Folder for a copy in UTF-8, if the file is in another encoding.

    Raises
    ------
    InvalidInput
        If it is no GeoJSON, its last line is cut off, or its encoding is unknown.
    """
    content = path.read_bytes()
    encoding = _find_encoding(content, options)
    if encoding is None:
        raise InvalidInput([make_fault(location, UNKNOWN_ENCODING)])
    if encoding.codec != "utf-8":
        path, content = _write_in_utf8(path, content, encoding, workspace)
    text = content.removeprefix(codecs.BOM_UTF8).lstrip(RECORD_SEPARATOR + b" \t\r\n")
    if not text.startswith(b"{"):
        raise InvalidInput([make_fault(location, NOT_GEOJSON)])
    driver = "GeoJSONSeq" if _is_one_object_a_line(text) else "GeoJSON"
    if driver == "GeoJSONSeq":
        _check_lines(content, location)
    source = LayerSource(path, location.layer, location.file, driver=driver, encoding=encoding)
    return [replace(source, notes=encoding_notes(location, encoding))]


def _find_encoding(content: bytes, options: ReadOptions) -> TextEncoding | None:
    """Choose UTF-8 if the file is valid in it, as the standard wants, else by its byte order mark or texts."""
    for mark, codec in BYTE_ORDER_MARKS.items():
        if content.startswith(mark) and not options.encoding:
            return accept_declared(DeclaredEncoding("BOM", codec.upper(), codec))
    lines = content.split(b"\n") if content.count(b"\n") > 10 else content.split(b'"')
    return choose_encoding(lines, [DeclaredEncoding("GeoJSON", "UTF-8", "utf-8")], options.encoding)


def _write_in_utf8(path: Path, content: bytes, encoding: TextEncoding, workspace: Path) -> tuple[Path, bytes]:
    content = content.decode(encoding.codec, errors="replace").encode("utf-8")
    copy = workspace / path.name
    copy.write_bytes(content)
    return copy, content


def _is_one_object_a_line(text: bytes) -> bool:
    first, _, rest = text.partition(b"\n")
    return bool(rest.strip(RECORD_SEPARATOR + b" \t\r\n")) and _is_feature(first)


def _is_feature(line: bytes) -> bool:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and value.get("type") == "Feature"


def _check_lines(content: bytes, location: FaultLocation) -> None:
    """Refuse a file with a line that is no whole object: GDAL would leave it out without a word."""
    for number, line in enumerate(content.split(b"\n"), start=1):
        text = line.strip(RECORD_SEPARATOR + b" \t\r" + codecs.BOM_UTF8)
        if text and not _is_feature(text):
            raise InvalidInput([make_fault(location, BROKEN_LINE, placeholders={"line": number})])
