"""Exports of the tables on pages: the file, its name, its notes, and its entry in the audit."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from gridmap.core.errors import N_, Message, NotFound
from gridmap.formats.exports.files import FORMATS, FileFormat
from gridmap.formats.exports.layer_style import LayerStyle, ValueStyle, make_status_style
from gridmap.formats.exports.table import Column, ExportDocument, ExportTable, Value
from gridmap.store.writes import audit as audit_writes
from gridmap.texts import translate

__all__ = [
    "FORMATS",
    "Column",
    "ExportOrigin",
    "ExportPlaces",
    "ExportTable",
    "ExportedFile",
    "FileFormat",
    "LayerStyle",
    "Value",
    "ValueStyle",
    "export_table",
    "make_status_style",
    "parse_shapes",
    "write_table",
]

SOURCE, PLACE, DAY = N_("Source"), N_("Place"), N_("Day")
FILTERS, EXPORTED_BY, EXPORTED_AT, ROWS = N_("Filters"), N_("Exported by"), N_("Exported at"), N_("Rows")
DISCLOSURE, CSV_RULE = N_("Small counts"), N_("Texts in CSV")
DISCLOSURE_NOTE = N_(
    "Counts of people or incidents that the page does not show to your role are empty here, too, or stand as <5."
)
CSV_NOTE = N_(
    "In CSV, a text that begins with = + - @, a tab or an apostrophe has one apostrophe before it. It is taken away "
    "when the file is read back."
)
PROGRAM = N_("gridmap, as shown on the page {page}")
UNSAFE_NAME_LETTERS = str.maketrans(dict.fromkeys('\\/:*?"<>|\n\r\t', "_"))


@dataclass(frozen=True)
class ExportPlaces:
    """Places that an exported table is about, for the audit.

    Parameters
    ----------
    name : str
        Name of the place, for the file.
    subdistrict_ids : sequence of int
    community_id : int, optional
        Where the table is about one community.
    """

    name: str
    subdistrict_ids: Sequence[int]
    community_id: int | None = None


@dataclass(frozen=True)
class ExportOrigin:
    """Origin of an exported table, for its notes.

    Parameters
    ----------
    places : ExportPlaces
    exported_by : str
        Name of the person, with the role.
    exported_at : datetime
    language : str
    day : date, optional
        Day that the rows are of.
    notes : sequence of pairs
        Further notes, such as filters and norm.
    address : str, optional
        Network address of the request, for the audit.
    """

    places: ExportPlaces
    exported_by: str
    exported_at: datetime
    language: str
    day: date | None = None
    notes: Sequence[tuple[str, str | Message]] = field(default_factory=tuple)
    address: str | None = None


@dataclass(frozen=True)
class ExportedFile:
    """A file to hand out.

    Parameters
    ----------
    name : str
        In the language of the reader, with place and date.
    ascii_name : str
        For programs that know no other letters.
    media_type : str
    content : bytes
    """

    name: str
    ascii_name: str
    media_type: str
    content: bytes


def export_table(session: Session, table: ExportTable, format_name: str, origin: ExportOrigin) -> ExportedFile:
    """Write a table as a file and record in the audit that it left the service.

    Parameters
    ----------
    session : Session
    table : ExportTable
        With the rows that the page shows to the transaction's account.
    format_name : str
        Key of `FORMATS`.
    origin : ExportOrigin

    Raises
    ------
    NotFound
        If there is no such format, or it needs shapes and the table has none.
    """
    file = write_table(table, format_name, origin)
    details: dict[str, object] = {"page": f"{table.key}.{FORMATS[format_name].suffix}", "rows": len(table.rows)}
    places = origin.places
    audit_writes.record_table_export(session, places.subdistrict_ids, places.community_id, details, origin.address)
    return file


def write_table(table: ExportTable, format_name: str, origin: ExportOrigin) -> ExportedFile:
    """Write a table as a file, for exports that write their own entry in the audit.

    Raises
    ------
    NotFound
        As `export_table`.
    """
    file_format = FORMATS.get(format_name)
    if file_format is None or (file_format.needs_shapes and table.shapes is None):
        raise NotFound(format_name)
    document = ExportDocument(table, _make_notes(table, origin), origin.language)
    ascii_name = f"{table.key}-{_file_day(origin)}.{file_format.suffix}"
    name = _file_name(table, file_format, origin)
    return ExportedFile(name, ascii_name, file_format.media_type, file_format.write(document))


def parse_shapes(shapes: Sequence[str | None]) -> Sequence[BaseGeometry | None]:
    """Return GeoJSON geometries as shapes.

    Examples
    --------
    >>> parse_shapes(['{"type":"Point","coordinates":[114.1,30.5]}', None])
    [<POINT (114.1 30.5)>, None]
    """
    return [shape and shapely.from_geojson(shape) for shape in shapes]


def _make_notes(table: ExportTable, origin: ExportOrigin) -> list[tuple[str, str | Message]]:
    title = table.title if isinstance(table.title, Message) else Message(table.title)
    day: list[tuple[str, str | Message]] = [(DAY, origin.day.isoformat())] if origin.day else []
    return [
        (SOURCE, Message(PROGRAM, {"page": title})),
        (PLACE, origin.places.name),
        *day,
        *origin.notes,
        (ROWS, str(len(table.rows))),
        (EXPORTED_BY, origin.exported_by),
        (EXPORTED_AT, f"{origin.exported_at:%Y-%m-%d %H:%M:%S}"),
        (DISCLOSURE, DISCLOSURE_NOTE),
        (CSV_RULE, CSV_NOTE),
    ]


def _file_day(origin: ExportOrigin) -> date:
    return origin.day or origin.exported_at.date()


def _file_name(table: ExportTable, file_format: FileFormat, origin: ExportOrigin) -> str:
    title = translate(table.title, origin.language)
    name = f"{origin.places.name}-{title}-{_file_day(origin)}"
    return f"{name.translate(UNSAFE_NAME_LETTERS).strip('. ')}.{file_format.suffix}"
