"""Tables of Shapefiles: completeness, and encoding of their texts."""

import sys
from collections.abc import Iterable, Sequence

CHINESE_ENCODINGS = {"gbk", "gb2312", "gb18030", "936", "cp936", "ansi 936", "oem 936"}


def is_complete(table: bytes) -> bool:
    """Return whether a table is as long as its header says.

    Examples
    --------
    >>> is_complete(b"")
    False
    """
    rows, header, width = (int.from_bytes(table[start:end], "little") for start, end in ((4, 8), (8, 10), (10, 12)))
    return len(table) >= (header + rows * width if header else sys.maxsize)


def detect_encoding(table: bytes, declared: str | None) -> str | None:
    """Find the encoding of a table's texts.

    Parameters
    ----------
    table : bytes
        Content of the .dbf file.
    declared : str or None
        Encoding that the .cpg file names. Without one, UTF-8 is tried and then GB18030, which includes GBK and GB 2312:
        texts in these are hardly ever valid in UTF-8.

    Returns
    -------
    str or None
        Python's name of an encoding that every row can be decoded with.

    Examples
    --------
    >>> detect_encoding(b"", "936")
    'gb18030'
    """
    if declared and declared.lower() in CHINESE_ENCODINGS:
        candidates = ["gb18030"]
    elif declared:
        candidates = [f"cp{declared}" if declared.isdigit() else declared]
    else:
        candidates = ["utf-8", "gb18030"]
    records = _split_records(table)
    return next((name for name in candidates if is_decodable(records, name)), None)


def _split_records(table: bytes) -> Sequence[bytes]:
    header, width = int.from_bytes(table[8:10], "little"), max(1, int.from_bytes(table[10:12], "little"))
    return [table[start : start + width] for start in range(header, len(table) - 1, width)]


def is_decodable(texts: Iterable[bytes], encoding: str) -> bool:
    """Return whether all texts can be decoded with an encoding.

    Examples
    --------
    >>> is_decodable(["社区".encode("gbk")], "utf-8")
    False
    """
    try:
        for text in texts:
            text.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return False
    return True
