"""Structure of the DBF tables of Shapefiles: completeness, and the bytes of their texts."""

from collections.abc import Iterator
from dataclasses import dataclass

FIELD_BYTES = 32
HEADER_BYTES = 32
END_OF_FIELDS = 0x0D
DELETED = b"*"[0]
TEXT_TYPE = b"C"[0]


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


def _text_columns(table: bytes, header: DbfHeader) -> tuple[list[bytes], list[tuple[int, int]]]:
    """Return the names of all columns, and where the texts begin and end within a row."""
    names, spans, position = [], [], 1
    for start in range(HEADER_BYTES, header.length - 1, FIELD_BYTES):
        if table[start] == END_OF_FIELDS:
            break
        names.append(table[start : start + 11].split(b"\0")[0])
        kind, width, decimals = table[start + 11], table[start + 16], table[start + 17]
        width += 256 * decimals if kind == TEXT_TYPE else 0
        if kind == TEXT_TYPE:
            spans.append((position, position + width))
        position += width
    return names, spans
