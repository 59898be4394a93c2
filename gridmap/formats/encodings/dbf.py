"""Structure of the DBF tables of Shapefiles: completeness, and the bytes of their texts."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

FIELD_BYTES = 32
HEADER_BYTES = 32
END_OF_FIELDS = 0x0D
DELETED = b"*"[0]
TEXT_TYPE = b"C"[0]
NUMBER_TYPES = b"NF"
NUMBER_BYTES = np.isin(np.arange(256), np.frombuffer(b"0123456789+-.eE* \0", dtype=np.uint8))
"""Bytes of numbers, of the stars of a number that does not fit, and of empty values."""


@dataclass(frozen=True)
class DbfHeader:
    """Header of a table.

    Parameters
    ----------
    rows : int
        Number of rows, deleted ones included.
    length : int
        Bytes of the header.
    row_length : int
        Bytes of a row.
    language_id : int
        Language driver id; 0 if there is none.
    """

    rows: int
    length: int
    row_length: int
    language_id: int

    @property
    def expected_size(self) -> int:
        """Return the size of a complete file, without the mark at its end."""
        return self.length + self.rows * self.row_length


def parse_header(table: bytes) -> DbfHeader | None:
    """Read the header of a table, or return None if there is no whole header.

    Examples
    --------
    >>> parse_header(b"") is None
    True
    """
    rows, length, row_length = (int.from_bytes(table[a:b], "little") for a, b in ((4, 8), (8, 10), (10, 12)))
    if length < HEADER_BYTES + 1 or len(table) < length or not row_length:
        return None
    return DbfHeader(rows, length, row_length, table[29])


def is_complete(table: bytes) -> bool:
    """Return whether a table is as long as its header says.

    Examples
    --------
    >>> is_complete(b"")
    False
    """
    header = parse_header(table)
    return header is not None and len(table) >= header.expected_size


def iterate_texts(table: bytes) -> Iterator[bytes]:
    """Yield names of columns and texts of rows, without blanks at their ends."""
    header = parse_header(table)
    if header is None:
        return
    names, spans = _text_columns(table, header)
    yield from names
    for start in range(header.length, min(len(table), header.expected_size), header.row_length):
        if table[start] != DELETED:
            yield from (table[start + first : start + last].rstrip(b" \0") for first, last in spans)


def has_cut_names(table: bytes, codec: str) -> bool:
    """Return whether the name of a column is no text: it was cut at ten bytes, within a letter.

    Examples
    --------
    >>> has_cut_names(b"", "utf-8")
    False
    """
    header = parse_header(table)
    names, _ = _text_columns(table, header) if header else ([], [])
    return any(name.decode(codec, errors="replace").encode(codec, errors="replace") != name for name in names)


def declare_texts(table: bytes) -> bytes | None:
    """Declare columns of numbers that hold other letters as columns of texts: GDAL makes 0 of ``abc`` and 1 of ``1,2``.

    Parameters
    ----------
    table : bytes
        A complete table.

    Returns
    -------
    bytes or None
        The table with other declarations; None if all its numbers are numbers.
    """
    header = parse_header(table)
    if header is None or not header.rows:
        return None
    rows = np.frombuffer(table, np.uint8, header.rows * header.row_length, header.length)
    cells = rows.reshape(header.rows, header.row_length)
    changed, position = bytearray(table), 1
    for start in _field_starts(table, header):
        kind, width = table[start + 11], _field_width(table, start)
        if kind in NUMBER_TYPES and not NUMBER_BYTES[cells[:, position : position + width]].all():
            changed[start + 11], changed[start + 17] = TEXT_TYPE, 0
        position += width
    return bytes(changed) if changed != table else None


def _field_starts(table: bytes, header: DbfHeader) -> Iterator[int]:
    for start in range(HEADER_BYTES, header.length - 1, FIELD_BYTES):
        if table[start] == END_OF_FIELDS:
            return
        yield start


def _field_width(table: bytes, start: int) -> int:
    """Return the bytes of a column; those of texts may be more than one byte can say."""
    is_text = table[start + 11] == TEXT_TYPE
    return table[start + 16] + (256 * table[start + 17] if is_text else 0)


def _text_columns(table: bytes, header: DbfHeader) -> tuple[list[bytes], list[tuple[int, int]]]:
    """Return the names of all columns, and where the texts begin and end within a row."""
    names, spans, position = [], [], 1
    for start in _field_starts(table, header):
        names.append(table[start : start + 11].split(b"\0")[0])
        width = _field_width(table, start)
        if table[start + 11] == TEXT_TYPE:
            spans.append((position, position + width))
        position += width
    return names, spans
