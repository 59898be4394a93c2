"""Layers of an OpenStreetMap file: streets, buildings, railways, water and parks by their tags."""

from pathlib import Path

from gridmap.core.errors import InvalidInput
from gridmap.formats.readers.gdal_layers import TRUNCATED
from gridmap.formats.readers.layer_source import LayerSource, read_header
from gridmap.formats.row_faults import FaultLocation, make_fault

LENGTH_BYTES = 4
DATA_SIZE_TAG = 0x18
LAYERS: dict[str, tuple[str, str, dict[str, str]]] = {
    "streets": ("lines", "highway IS NOT NULL", {"highway": "kind"}),
    "railway": ("lines", "railway = 'rail'", {"railway": "kind"}),
    "barriers": ("lines", "waterway IN ('river', 'canal')", {"waterway": "kind"}),
    "buildings": ("multipolygons", "building IS NOT NULL AND building <> 'no'", {"building": "use"}),
    "dedicated": ("multipolygons", "leisure = 'park' AND name IS NOT NULL", {}),
}
"""Table of GDAL, condition and renamed columns of each layer."""


def inspect_openstreetmap(path: Path, location: FaultLocation) -> list[LayerSource]:
    """Return the layers of an OpenStreetMap extract (PBF or XML).

    Raises
    ------
    InvalidInput
        If the file is cut off.
    """
    is_text = read_header(path, 5).lstrip().startswith(b"<")
    if not (path.read_bytes().rstrip().endswith(b"</osm>") if is_text else _has_whole_blocks(path.read_bytes())):
        raise InvalidInput([make_fault(location, TRUNCATED)])
    return [
        LayerSource(path, name, location.file, driver="OSM", stored_name=table, where=where, renamed=renamed)
        for name, (table, where, renamed) in LAYERS.items()
    ]


def _has_whole_blocks(content: bytes) -> bool:
    """Follow the blocks of a PBF file, each with a length, a header that tells the size of its data, and the data."""
    position = 0
    while position < len(content):
        header_start = position + LENGTH_BYTES
        header_end = header_start + int.from_bytes(content[position:header_start], "big")
        size = _data_size(content[header_start:header_end])
        if header_end > len(content) or size is None:
            return False
        position = header_end + size
    return position == len(content)


def _data_size(header: bytes) -> int | None:
    """Return the field datasize of a BlobHeader: after its type, a string, and perhaps index data."""
    position = 0
    while position < len(header):
        tag, position = header[position], position + 1
        value, position = _varint(header, position)
        if tag == DATA_SIZE_TAG:
            return value
        position += value  # type and indexdata are strings, whose length this was
    return None


def _varint(content: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while position < len(content):
        byte, position = content[position], position + 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            break
        shift += 7
    return value, position
