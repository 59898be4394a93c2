"""The form of a sheet: its name, headers and their fields, so that rows go out as they came in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from gridmap.formats.exports.csv_text import encode_rows
from gridmap.formats.exports.table import Value
from gridmap.formats.exports.workbook import Sheet, make_workbook
from gridmap.formats.sheets.fields import FieldType, SheetField, SheetKind
from gridmap.formats.sheets.sheet_rows import SheetRows

WORKBOOK, DELIMITED_TEXT = ".xlsx", ".csv"


@dataclass(frozen=True)
class SheetForm:
    """Form of a sheet.

    Parameters
    ----------
    sheet : str
        Name of the sheet.
    headers : tuple of str
        All headers in their order, also those of columns that are not read.
    fields : mapping of str to str
        Header of each field.
    suffix : str
        ``.csv`` for delimited texts, else ``.xlsx``.
    """

    sheet: str
    headers: tuple[str, ...]
    fields: Mapping[str, str]
    suffix: str = WORKBOOK

    def to_json(self) -> dict[str, object]:
        """Return the form as values for JSON."""
        return {
            "sheet": self.sheet,
            "headers": list(self.headers),
            "fields": dict(self.fields),
            "suffix": self.suffix,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, object]) -> "SheetForm":
        """Return the form of `to_json`.

        Examples
        --------
        >>> form = SheetForm("商户", ("店名", "备注"), {"name": "店名"})
        >>> SheetForm.from_json(form.to_json()) == form
        True
        """
        headers, fields = values["headers"], values["fields"]
        assert isinstance(headers, list)
        assert isinstance(fields, dict)
        return cls(str(values["sheet"]), tuple(map(str, headers)), fields, str(values["suffix"]))


def make_form(rows: SheetRows) -> SheetForm:
    """Return the form of a sheet that was read."""
    suffix = DELIMITED_TEXT if rows.layer.driver == "CSV" else WORKBOOK
    return SheetForm(rows.layer.layer, rows.choice.found, dict(rows.choice.headers), suffix)


def write_form(form: SheetForm, kind: SheetKind, records: Iterable[Mapping[str, object]], suffix: str) -> bytes:
    """Return a file with the headers of a form and one row for each record.

    Parameters
    ----------
    form : SheetForm
    kind : SheetKind
    records : iterable of mapping
        Values by field, as they are stored; columns that are no fields stay empty.
    suffix : str
        ``.csv`` or ``.xlsx``.
    """
    field_of = {header: name for name, header in form.fields.items()}
    fields = {each.name: each for each in kind.fields}
    columns = [fields.get(field_of.get(header, "")) for header in form.headers]
    rows = [[None if each is None else _cell(each, record.get(each.name)) for each in columns] for record in records]
    if suffix == DELIMITED_TEXT:
        return encode_rows([list(form.headers), *rows])
    return make_workbook([Sheet(form.sheet, form.headers, rows)])


def _cell(field: SheetField, value: object) -> Value:
    """Return a value as people write it in a sheet: words for kinds and flags, and whole numbers whole."""
    if value is None:
        return None
    if field.field_type is FieldType.FLAG:
        return "是" if value else "否"
    if field.field_type is FieldType.KIND:
        return _first_spelling(field, str(value))
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, (int, float, date, datetime)) else str(value)


def _first_spelling(field: SheetField, word: str) -> str:
    spellings: Sequence[str] = [spelling for spelling, each in field.kinds.items() if each == word]
    return spellings[0] if spellings else word
