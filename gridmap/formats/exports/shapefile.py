"""Shapefiles as ZIP: UTF-8 with ``.cpg``, CRS in ``.prj``, names of fields within ten bytes, a table of titles."""

import io
import tempfile
from collections.abc import Sequence
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pyogrio

from gridmap.core.errors import N_
from gridmap.formats.exports.csv_text import encode_rows
from gridmap.formats.exports.frame import make_frame
from gridmap.formats.exports.table import ExportDocument, Value
from gridmap.texts import translate

MAX_NAME_BYTES = 10
"""Bytes that dBASE III has for the name of a field."""
FIELD_TABLE_HEADER = (N_("Field"), N_("Title"), N_("Value"), N_("Meaning"))
KEY_FILE = "fields.csv"
NOTE_FILE = "notes.csv"


def write_shapefile(document: ExportDocument) -> bytes:
    """Return a ZIP file with the Shapefile, its table of fields and its notes.

    Parameters
    ----------
    document : ExportDocument
        With shapes.
    """
    table = document.table
    names = shorten_names([column.key for column in table.columns])
    frame = make_frame(table)
    frame.columns = [*names, "geometry"]
    content = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder, ZipFile(content, "w", ZIP_DEFLATED) as archive:
        pyogrio.write_dataframe(frame, Path(folder) / f"{table.key}.shp", driver="ESRI Shapefile", encoding="UTF-8")
        for part in sorted(Path(folder).iterdir()):
            archive.write(part, part.name)
        archive.writestr(KEY_FILE, encode_rows(_field_rows(document, names)))
        archive.writestr(NOTE_FILE, encode_rows(document.note_rows()))
    return content.getvalue()


def shorten_names(names: Sequence[str]) -> list[str]:
    """Return names of at most ten bytes in UTF-8, each once; no Chinese character is cut in two.

    Examples
    --------
    >>> shorten_names(["grid_code", "households_before", "households_after", "常住户数", "常住户籍"])
    ['grid_code', 'households', 'househol_2', '常住户', '常住_2']
    """
    found: list[str] = []
    for name in names:
        short, number = _cut_bytes(name, MAX_NAME_BYTES), 1
        while short.lower() in {each.lower() for each in found}:
            number += 1
            suffix = f"_{number}"
            short = _cut_bytes(name, MAX_NAME_BYTES - len(suffix)) + suffix
        found.append(short)
    return found


def _cut_bytes(text: str, size: int) -> str:
    return text.encode()[:size].decode(errors="ignore")


def _field_rows(document: ExportDocument, names: Sequence[str]) -> list[Sequence[Value]]:
    """Return the table of fields: short name, title, and the texts of coded values in rows of their own."""
    language = document.language
    rows: list[Sequence[Value]] = [[translate(each, language) for each in FIELD_TABLE_HEADER]]
    for name, column in zip(names, document.table.columns, strict=True):
        rows.append([name, translate(column.title, language), "", ""])
        rows += [[name, "", value, translate(text, language)] for value, text in column.labels.items()]
    return rows
