"""Layers of workbooks and of delimited texts: lists, and points by columns of coordinates."""

import csv
import io
import re
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import python_calamine
import shapely

from gridmap.core.errors import N_, InputFault, InvalidInput
from gridmap.formats.encodings.decoder import BadBytes
from gridmap.formats.encodings.detection import DeclaredEncoding, TextEncoding, accept_declared, choose_encoding
from gridmap.formats.readers.headers import fold_header
from gridmap.formats.readers.layer_source import (
    UNKNOWN_ENCODING,
    LayerSource,
    ReadOptions,
    bad_byte_notes,
    encoding_notes,
)
from gridmap.formats.row_faults import FaultLocation, FaultTemplate, make_fault

LONGITUDES = ("lon", "lng", "long", "longitude", "x", "经度", "东经", "x坐标", "横坐标", "lon_wgs84", "point_x")
LATITUDES = ("lat", "latitude", "y", "纬度", "北纬", "y坐标", "纵坐标", "lat_wgs84", "point_y")
MAX_TITLE_ROWS = 10
MAX_EXACT_NUMBER = 10**15
DEGREES = "EPSG:4490"
DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")

UNREADABLE_WORKBOOK = FaultTemplate(
    N_("the workbook is damaged, incomplete or protected by a password"),
    advice=N_("open it in Excel or WPS, and save it as an Excel workbook (.xlsx) without a password"),
)
OPEN_QUOTE = FaultTemplate(
    N_("the file is incomplete: quotation marks opened in row {line} are not closed"),
    advice=N_("copy or export it again"),
)
LONG_VALUE = FaultTemplate(
    N_("a value is longer than {letters} letters: a quotation mark is not closed, or it is no table"),
    advice=N_("open it as a table, look at its values, and save it as CSV"),
)
MAX_COLUMNS = 16_384
"""Columns of a worksheet of Excel, which a text is not to exceed."""
TOO_WIDE = FaultTemplate(
    N_("the table has {count} columns, more than {maximum}"), advice=N_("keep only the columns that are needed")
)
END_OF_DATA = "end of data"
"""Words of Python's reader where a quotation mark is not closed."""
LIST_WITHOUT_COORDINATES = FaultTemplate(
    N_("it is a list without coordinates; columns: {columns}"),
    N_("two columns of coordinates, such as 经度 and 纬度"),
)
ASSUMED_DEGREES = FaultTemplate(
    N_("points made from the columns {x} and {y}, in degrees; read as CGCS2000 ({crs})"),
    advice=N_("check that they do not come from an internet map, whose coordinates are shifted"),
)


class ParsedTable(NamedTuple):
    """Table of a sheet, with the number of the row of its header and of each of its rows, counted from 1."""

    table: pd.DataFrame
    header_row: int
    row_numbers: Sequence[int]


def read_workbook(path: Path, location: FaultLocation) -> list[LayerSource]:
    """Read every sheet of a workbook (xlsx, xls, xlsb, ods) that has rows.

    Parameters
    ----------
    path : Path
        The workbook.
    location : FaultLocation
        Name of the file to show.

    Raises
    ------
    InvalidInput
        If the workbook cannot be read.
    """
    try:
        workbook = _open_workbook(path)
        sheets = {name: workbook.get_sheet_by_name(name).to_python() for name in workbook.sheet_names}
    except (python_calamine.CalamineError, zipfile.BadZipFile, OSError, ValueError) as error:
        raise InvalidInput([make_fault(location, UNREADABLE_WORKBOOK, value=error)]) from None
    layers = []
    for name, rows in sheets.items():
        parsed = parse_table([[_plain_value(value) for value in row] for row in rows])
        if len(parsed.table.columns):
            layer = _table_layer(path, FaultLocation(location.file, name), "workbook", parsed.table)
            layers.append(replace(layer, header_row=parsed.header_row, row_numbers=parsed.row_numbers))
    return layers


def read_delimited_text(path: Path, location: FaultLocation, options: ReadOptions) -> list[LayerSource]:
    """Read a text with a row in each line, whose values are separated by commas, semicolons, tabs or bars.

    Raises
    ------
    InvalidInput
        If its encoding is unknown, quotation marks are not closed at its end, or it has too many columns.
    """
    content = path.read_bytes()
    encoding = _text_encoding(content, options)
    if encoding is None:
        raise InvalidInput([make_fault(location, UNKNOWN_ENCODING)])
    text = content.decode(encoding.codec, errors="replace").removeprefix("\ufeff")
    rows = _parse_rows(text, location)
    if (width := max(map(len, rows), default=0)) > MAX_COLUMNS:
        raise InvalidInput([make_fault(location, TOO_WIDE, placeholders={"count": width, "maximum": MAX_COLUMNS})])
    parsed = parse_table(rows)
    table = parsed.table
    notes = [*encoding_notes(location, encoding), *bad_byte_notes(location, _replaced_letters(table), encoding.label)]
    source = _table_layer(path, location, "CSV", table)
    source = replace(source, encoding=encoding, notes=(*notes, *source.notes))
    return [replace(source, header_row=parsed.header_row, row_numbers=parsed.row_numbers)]


def _open_workbook(path: Path) -> python_calamine.CalamineWorkbook:
    """Open a workbook; of an OpenDocument file that calamine refuses, without the line breaks between its cells."""
    try:
        return python_calamine.CalamineWorkbook.from_path(str(path))
    except python_calamine.CalamineError:
        if path.suffix.lower() != ".ods":
            raise
    packed = io.BytesIO()
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, re.sub(rb">\s+<(?=/?table:)", b"><", source.read(name)))
    packed.seek(0)
    return python_calamine.CalamineWorkbook.from_filelike(packed)


def make_table(rows: Sequence[Sequence[object]]) -> pd.DataFrame:
    """Make a table of rows: titles above the header are left out, and empty rows and columns.

    Examples
    --------
    >>> make_table([["东湖街道楼栋台账", ""], ["楼号", "户数"], ["1", 32], ["", ""]]).to_dict("records")
    [{'楼号': '1', '户数': 32}]
    """
    return parse_table(rows).table


def parse_table(rows: Sequence[Sequence[object]]) -> ParsedTable:
    """Make a table of rows, as `make_table`, and say which rows of the sheet it has.

    Examples
    --------
    >>> parsed = parse_table([["东湖街道楼栋台账", ""], ["楼号", "户数"], ["1", 32], ["", ""], ["2", 8]])
    >>> parsed.header_row, list(parsed.row_numbers)
    (2, [3, 5])
    """
    filled = [[None if value == "" else value for value in row] for row in rows]
    header = _find_header(filled)
    if header is None:
        return ParsedTable(pd.DataFrame(), 0, ())
    names = _unique_names(filled[header])
    numbered = enumerate(filled[header + 1 :], header + 2)
    body = [(number, row) for number, row in numbered if any(value is not None for value in row)]
    columns = {
        name: _uniform([row[i] if i < len(row) else None for _, row in body]) for i, name in enumerate(names) if name
    }
    return ParsedTable(pd.DataFrame(columns), header + 1, [number for number, _ in body])


def _uniform(values: Sequence[object]) -> pd.Series:
    """Return a column of one type: texts if some of its values are texts."""
    if any(isinstance(value, str) for value in values):
        return pd.Series([value if value is None else str(value) for value in values], dtype=object)
    return pd.Series(list(values), dtype="object").infer_objects()


def _find_header(rows: Sequence[Sequence[object]]) -> int | None:
    """Return the first row that is filled at least half as far as the widest of the first rows."""
    widths = [sum(value is not None for value in row) for row in rows[: 2 * MAX_TITLE_ROWS]]
    widest = max(widths, default=0)
    return next((i for i, width in enumerate(widths) if 2 * width > widest), None)


def _unique_names(header: Sequence[object]) -> list[str]:
    """Return names of columns: line breaks removed, columns of one name numbered, so that none of them is the first.

    Examples
    --------
    >>> _unique_names(["楼 号", "户数", "户数", None])
    ['楼号', '户数 (1)', '户数 (2)', '']
    """
    texts = ["" if value is None else str(value).strip() for value in header]
    names = [text if text.isascii() else re.sub(r"\s+", "", text) for text in texts]
    times, seen = Counter(names), Counter[str]()
    unique = []
    for name in names:
        seen[name] += 1
        unique.append(f"{name} ({seen[name]})" if name and times[name] > 1 else name)
    return unique


def _plain_value(value: object) -> object:
    """Return a cell as a text, number or time; whole numbers without decimals, and texts without blanks around them.

    Numbers from 10¹⁵ on stay decimal: Excel has rounded them to 15 digits.
    """
    if isinstance(value, float) and value.is_integer() and abs(value) < MAX_EXACT_NUMBER:
        return int(value)
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, (datetime, bool, int, float)):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time())  # the midnight that Excel means, and that a code is refused for
    return value.isoformat() if isinstance(value, time) else str(value)


def _text_encoding(content: bytes, options: ReadOptions) -> TextEncoding | None:
    """Choose the encoding by the byte order mark, else by the content."""
    marks = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
    if not options.encoding:
        for mark, codec in marks.items():
            if content.startswith(mark):
                return accept_declared(DeclaredEncoding("BOM", codec.upper(), codec))
        if b"\0" in content[:200]:
            codec = "utf-16-le" if content[1:2] == b"\0" else "utf-16-be"
            return accept_declared(DeclaredEncoding("NUL", codec.upper(), codec))
    return choose_encoding(re.split(rb'[",;\t|\r\n]+', content), (), options.encoding)


def split_delimiter(text: str) -> tuple[str, str]:
    r"""Return the rows of a delimited text, without the line that names its delimiter, and the delimiter.

    Examples
    --------
    >>> split_delimiter("a;b\n1;2"), split_delimiter("sep=|\na|b")
    (('a;b\n1;2', ';'), ('a|b', '|'))
    """
    first_line = text.lstrip().partition("\n")[0]
    if match := re.match(r"sep=(.)", first_line):
        return text.lstrip().partition("\n")[2], match[1]
    return text, max(",;\t|", key=first_line.count)


def _parse_rows(text: str, location: FaultLocation) -> list[list[str]]:
    text, delimiter = split_delimiter(text)
    try:
        return _split_values(text, delimiter)
    except csv.Error as error:
        if END_OF_DATA in str(error):
            fault = make_fault(location, OPEN_QUOTE, placeholders={"line": _line_of_open_quote(text)})
        else:
            fault = make_fault(location, LONG_VALUE, placeholders={"letters": csv.field_size_limit()})
        raise InvalidInput([fault]) from None


def _split_values(text: str, delimiter: str) -> list[list[str]]:
    try:
        return _read_rows(text, delimiter, strict=True)
    except csv.Error as error:
        if END_OF_DATA in str(error):
            raise
        return _read_rows(text, delimiter, strict=False)  # letters after a quotation mark, as spreadsheets accept


def _read_rows(text: str, delimiter: str, *, strict: bool) -> list[list[str]]:
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict)
    return [[*map(str.strip, row)] for row in rows]


def _line_of_open_quote(text: str) -> int:
    """Return the line of the last quotation mark, which opens what is not closed."""
    return text.count("\n", 0, text.rindex('"')) + 1


def _replaced_letters(table: pd.DataFrame) -> Iterator[BadBytes]:
    for name in table.columns:
        rows = [row for row, value in enumerate(table[name]) if isinstance(value, str) and "\ufffd" in value]
        if rows:
            yield BadBytes(str(name), np.array(rows, dtype=np.intp))


def _table_layer(path: Path, location: FaultLocation, driver: str, table: pd.DataFrame) -> LayerSource:
    """Make a layer of a table: of points if it has columns of coordinates."""
    found = _coordinate_columns(table)
    if found is None:
        columns = ", ".join(map(str, table.columns))
        note = make_fault(location, LIST_WITHOUT_COORDINATES, placeholders={"columns": columns})
        return LayerSource(path, location.layer, location.file, driver, table=table, notes=(note,))
    x, y = (_numbers(table[name]) for name in found)
    points = shapely.points(x, y)
    points[~(np.isfinite(x) & np.isfinite(y))] = None
    are_degrees = _are_degrees(x, y)
    notes: tuple[InputFault, ...] = ()
    if are_degrees:
        values: Mapping[str, object] = {"x": found[0], "y": found[1], "crs": DEGREES}
        notes = (make_fault(location, ASSUMED_DEGREES, placeholders=values),)
    frame = gpd.GeoDataFrame(table, geometry=points, crs=DEGREES if are_degrees else None)
    return LayerSource(path, location.layer, location.file, driver, table=frame, notes=notes)


def _coordinate_columns(table: pd.DataFrame) -> tuple[str, str] | None:
    """Return the columns of east and north coordinates, if there is one of each."""
    folded = {fold_header(str(name)): str(name) for name in table.columns}
    x = next((folded[name] for name in map(fold_header, LONGITUDES) if name in folded), None)
    y = next((folded[name] for name in map(fold_header, LATITUDES) if name in folded), None)
    return (x, y) if x and y else None


def _numbers(column: pd.Series) -> Any:  # a numpy array, which pandas does not type
    """Return the coordinates of a column; a comma in each of its texts is a decimal comma."""
    plain = [unicodedata.normalize("NFKC", each).strip("°EN 度") if isinstance(each, str) else each for each in column]
    texts = [each for each in plain if isinstance(each, str)]
    if texts and all(DECIMAL_COMMA.fullmatch(each) for each in texts):
        plain = [each.replace(",", ".") if isinstance(each, str) else each for each in plain]
    return pd.to_numeric(pd.Series(plain, dtype=object), errors="coerce").to_numpy(dtype=float)


def _are_degrees(x: Any, y: Any) -> bool:
    known = np.isfinite(x) & np.isfinite(y)
    return bool(known.any() and (np.abs(x[known]) <= 180).all() and (np.abs(y[known]) <= 180).all())
