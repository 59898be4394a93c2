"""Layer of a Shapefile, which consists of several files."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from gridmap.core.errors import N_, InputFault, InvalidInput
from gridmap.formats.encodings.dbf import (
    DbfHeader,
    declare_texts,
    has_cut_names,
    is_complete,
    iterate_texts,
    parse_header,
)
from gridmap.formats.encodings.detection import DeclaredEncoding, TextEncoding, choose_encoding
from gridmap.formats.encodings.names import LANGUAGE_DRIVERS
from gridmap.formats.readers.layer_source import (
    UNKNOWN_ENCODING,
    LayerSource,
    ReadOptions,
    encoding_notes,
    read_header,
)
from gridmap.formats.row_faults import FaultLocation, FaultTemplate, make_fault

SHAPEFILE_HEADER = b"\x00\x00\x27\x0a"
HEADER_BYTES, INDEX_ENTRY_BYTES, RECORD_HEADER_BYTES = 100, 8, 8
REQUIRED_COMPANIONS = (".dbf", ".shx")
COMPANIONS = (*REQUIRED_COMPANIONS, ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".qmd", ".qml", ".fbn", ".fbx", ".ain")

NOT_SHAPEFILE = FaultTemplate(N_("this is not a Shapefile"), advice=N_("export it again"))
COPY_ALL_FILES = N_("copy all files of the Shapefile")
TRUNCATED_TABLE = FaultTemplate(N_("the table of the Shapefile is incomplete"), advice=COPY_ALL_FILES)
TRUNCATED_SHAPES = FaultTemplate(N_("the file {companion} of the Shapefile is incomplete"), advice=COPY_ALL_FILES)
MISSING_COMPANION = FaultTemplate(N_("the file {companion} of the Shapefile is missing"), advice=COPY_ALL_FILES)
UNEQUAL_COUNTS = FaultTemplate(
    N_("the files of the Shapefile do not belong together: {shapes} shapes, {rows} rows"), advice=COPY_ALL_FILES
)


def inspect_shapefile(path: Path, location: FaultLocation, options: ReadOptions, workspace: Path) -> list[LayerSource]:
    """Check that a Shapefile is complete, and find the encoding of its texts.

    It is read from a copy where its table has letters in columns of numbers.

    Raises
    ------
    InvalidInput
        If a part is missing, incomplete or of another Shapefile, or the encoding is unknown.
    """
    companions = find_companions(path)
    missing = [Path(location.file).stem + suffix for suffix in REQUIRED_COMPANIONS if suffix not in companions]
    if missing:
        raise InvalidInput(
            make_fault(location, MISSING_COMPANION, placeholders={"companion": name}) for name in missing
        )
    if read_header(path, len(SHAPEFILE_HEADER)) != SHAPEFILE_HEADER:
        raise InvalidInput([make_fault(location, NOT_SHAPEFILE)])
    _check_lengths(path, companions[".shx"], location)
    source = _inspect_table(path, location, companions, options)
    return [replace(source, path=_path_with_texts(path, companions, workspace))]


def _path_with_texts(path: Path, companions: Mapping[str, Path], workspace: Path) -> Path:
    """Return a path whose table declares columns of numbers with other letters as texts: a copy, if there are any."""
    table = declare_texts(companions[".dbf"].read_bytes())
    if table is None:
        return path
    for suffix, companion in companions.items():
        if suffix != ".dbf":
            (workspace / f"layer{suffix}").symlink_to(companion.absolute())
    (workspace / "layer.dbf").write_bytes(table)
    return workspace / "layer.shp"


def find_companions(path: Path) -> dict[str, Path]:
    """Find the files of a Shapefile by their suffixes in lower case; no letter of its name is a wildcard."""
    stem = path.stem.lower()
    return {
        sibling.suffix.lower(): sibling
        for sibling in sorted(path.parent.iterdir())
        if sibling.stem.lower() == stem and sibling.is_file()
    }


def _check_lengths(path: Path, index_path: Path, location: FaultLocation) -> None:
    """Compare the lengths in the headers, and the end of the last shape, with the sizes of the files."""
    shapes_header, index = read_header(path, HEADER_BYTES), index_path.read_bytes()
    size = path.stat().st_size
    if len(index) < max(HEADER_BYTES, _declared_length(index)):
        raise InvalidInput([_truncated(location, index_path)])
    if len(shapes_header) < HEADER_BYTES or size < max(_declared_length(shapes_header), _end_of_last_shape(index)):
        raise InvalidInput([_truncated(location, path)])


def _truncated(location: FaultLocation, file: Path) -> InputFault:
    return make_fault(location, TRUNCATED_SHAPES, placeholders={"companion": Path(location.file).stem + file.suffix})


def _declared_length(header: bytes) -> int:
    return 2 * int.from_bytes(header[24:28], "big")


def _end_of_last_shape(index: bytes) -> int:
    if len(index) < HEADER_BYTES + INDEX_ENTRY_BYTES:
        return HEADER_BYTES
    offset, length = (2 * int.from_bytes(part, "big") for part in (index[-8:-4], index[-4:]))
    return offset + RECORD_HEADER_BYTES + length


def _inspect_table(
    path: Path, location: FaultLocation, companions: Mapping[str, Path], options: ReadOptions
) -> LayerSource:
    table = companions[".dbf"].read_bytes()
    header = parse_header(table)
    if header is None or not is_complete(table):
        raise InvalidInput([make_fault(location, TRUNCATED_TABLE)])
    shapes = (companions[".shx"].stat().st_size - HEADER_BYTES) // INDEX_ENTRY_BYTES
    if shapes != header.rows:
        raise InvalidInput([make_fault(location, UNEQUAL_COUNTS, placeholders={"shapes": shapes, "rows": header.rows})])
    declared = _declared_encodings(companions.get(".cpg"), header)
    encoding = choose_encoding(iterate_texts(table), declared, options.encoding)
    if encoding is None:
        raise InvalidInput([make_fault(location, UNKNOWN_ENCODING, value=declared[0].name if declared else None)])
    reads_bytes = encoding.codec != "utf-8" or has_cut_names(table, encoding.codec)  # GDAL decodes whole names only
    return _layer_source(path, location, encoding, reads_bytes=reads_bytes)


def _layer_source(path: Path, location: FaultLocation, encoding: TextEncoding, *, reads_bytes: bool) -> LayerSource:
    source = LayerSource(
        path,
        location.layer,
        location.file,
        driver="ESRI Shapefile",
        encoding=encoding,
        reads_bytes=reads_bytes,
    )
    return replace(source, notes=encoding_notes(location, encoding))


def _declared_encodings(code_page_file: Path | None, header: DbfHeader) -> list[DeclaredEncoding]:
    """Return what the .cpg file says, then the language id of the table."""
    declared = []
    if code_page_file is not None:
        name = code_page_file.read_bytes()[:100].decode("latin-1").strip("ï»¿ \t\r\n\0")
        declared += [DeclaredEncoding.named(".cpg", name)] if name else []
    if header.language_id in LANGUAGE_DRIVERS:
        codec = LANGUAGE_DRIVERS[header.language_id]
        declared.append(DeclaredEncoding(".dbf", f"0x{header.language_id:02X} ({codec})", codec))
    return declared
