"""Templates of sheets: Chinese headers, notes, examples, and lists of the words that a cell may have."""

import io

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from gridmap.core.errors import N_
from gridmap.formats.sheets.fields import FieldType, SheetField, SheetKind
from gridmap.texts import DEFAULT_LANGUAGE, translate

NOTES_SHEET = N_("Notes")
NOTE_HEADERS = (N_("Column"), N_("Required"), N_("Note"), N_("Example"))
YES, NO = N_("yes"), N_("no")
TEXT_TYPES = (FieldType.TEXT, FieldType.CODE, FieldType.ID_NUMBER, FieldType.PHONE)
LIST_ROWS = 100_000
"""Rows with a list of choices: more than any sheet of an office has."""
COLUMN_WIDTH = 16
WIDE_COLUMN = 30


def make_template(kind: SheetKind, language: str = DEFAULT_LANGUAGE) -> bytes:
    """Return an Excel workbook to fill in: a sheet with headers, and a sheet with notes and examples.

    Parameters
    ----------
    kind : SheetKind
    language : str
        Language of the notes; the headers are Chinese.

    Notes
    -----
    Columns of texts have the format of texts, so that Excel keeps leading zeros and all 18 digits.
    """
    content = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(content, options) as workbook:
        bold = workbook.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        required = workbook.add_format({"bold": True, "bottom": 1, "bg_color": "#FFF2CC"})
        text = workbook.add_format({"num_format": "@"})
        wrapped = workbook.add_format({"text_wrap": True, "valign": "top"})
        sheet = workbook.add_worksheet(kind.sheet_title)
        for column, field in enumerate(kind.fields):
            sheet.set_column(column, column, COLUMN_WIDTH, text if field.field_type in TEXT_TYPES else None)
            sheet.write_string(0, column, field.title, required if field.required else bold)
            _add_choices(sheet, column, field)
        sheet.freeze_panes(1, 0)
        notes = workbook.add_worksheet(translate(NOTES_SHEET, language))
        notes.set_column(0, 3, WIDE_COLUMN)
        for column, header in enumerate(NOTE_HEADERS):
            notes.write_string(0, column, translate(header, language), bold)
        for row, field in enumerate(kind.fields, 1):
            for column, cell in enumerate(_note_row(field, language)):
                notes.write_string(row, column, cell, wrapped)
    return content.getvalue()


def _note_row(field: SheetField, language: str) -> list[str]:
    required = translate(YES if field.required else NO, language)
    return [field.title, required, translate(field.note, language) if field.note else "", field.example]


def _add_choices(sheet: Worksheet, column: int, field: SheetField) -> None:
    choices = ["是", "否"] if field.field_type is FieldType.FLAG else field.choices
    if choices:
        sheet.data_validation(1, column, LIST_ROWS, column, {"validate": "list", "source": choices})
