"""Tables to export: typed columns with titles in the reader's language, rows, and shapes where there are some."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from shapely.geometry.base import BaseGeometry

from gridmap.core.errors import Message
from gridmap.formats.exports.layer_style import LayerStyle
from gridmap.texts import translate

Value = str | int | float | date | datetime | None


@dataclass(frozen=True)
class Column:
    """A column of an exported table.

    Parameters
    ----------
    key : str
        Name of the field in files of layers, plain ASCII: ``grid_code``.
    title : str
        English title, which is translated.
    labels : mapping of str to str
        English texts of coded values, which are translated; layers store the codes and name the texts beside them.
    """

    key: str
    title: str
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class ExportTable:
    """A table as a page shows it.

    Parameters
    ----------
    key : str
        Name of the layer, plain ASCII: ``grids``.
    title : str or Message
        Title of the sheet.
    columns : sequence of Column
    rows : sequence of sequences of Value
        One value for each column.
    shapes : sequence of geometries or None, optional
        One for each row, in longitude and latitude (CGCS2000, which differs from WGS 84 by centimetres).
    style : LayerStyle, optional
        Colours and labels of the shapes in QGIS.
    """

    key: str
    title: str | Message
    columns: Sequence[Column]
    rows: Sequence[Sequence[Value]]
    shapes: Sequence[BaseGeometry | None] | None = None
    style: LayerStyle | None = None

    def header(self, language: str) -> list[str]:
        """Return the titles of the columns in a language."""
        return [translate(column.title, language) for column in self.columns]

    def label_rows(self, language: str) -> list[list[Value]]:
        """Return the rows with texts in place of coded values.

        Examples
        --------
        >>> status = Column("status", "Status", {"over": "over"})
        >>> ExportTable("grids", "Grids", [status], [["over"], [None]]).label_rows("zh_CN")
        [['偏多'], [None]]
        """
        labels = [{key: translate(text, language) for key, text in each.labels.items()} for each in self.columns]
        return [[_label(value, texts) for value, texts in zip(row, labels, strict=True)] for row in self.rows]


@dataclass(frozen=True, eq=False)
class ExportDocument:
    """A table with the sentences that say where it comes from.

    Parameters
    ----------
    table : ExportTable
    notes : sequence of pairs of str or Message
        Subject and text: source, day, norm, filters, who exported it and when, how numbers are disclosed.
    language : str
        Language of titles, labels and notes.
    """

    table: ExportTable
    notes: Sequence[tuple[str, str | Message]]
    language: str

    def note_rows(self) -> list[tuple[str, str]]:
        """Return the notes in the language of the document."""
        return [(translate(subject, self.language), translate(text, self.language)) for subject, text in self.notes]


def _label(value: Value, texts: Mapping[str, str]) -> Value:
    return texts.get(value, value) if isinstance(value, str) else value
