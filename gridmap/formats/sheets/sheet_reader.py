"""A sheet of a kind read from a file: the sheet that fits, its columns, and the values and problems of its rows."""

from dataclasses import dataclass
from datetime import date

from gridmap.core.errors import N_, InputFault, InvalidInput, Message
from gridmap.formats.intake.source_file import InputSource, OpenSource, open_source
from gridmap.formats.readers.column_choice import ColumnChoice
from gridmap.formats.readers.layer_rows import choose_layer_columns, read_all_columns
from gridmap.formats.readers.layer_source import LayerSource
from gridmap.formats.row_faults import FaultLocation, FaultTemplate, format_value, make_fault
from gridmap.formats.sheets.fields import SheetKind
from gridmap.formats.sheets.limits import check_limits
from gridmap.formats.sheets.shape_reader import read_shape_rows
from gridmap.formats.sheets.sheet_rows import SheetRows
from gridmap.formats.sheets.values import FieldValues, read_values

NO_SHEET = FaultTemplate(
    N_("no sheet has the columns of {kind}: {missing}"),
    N_("a sheet with a header row; found: {found}"),
    N_("name the columns with --column FIELD=HEADER, or fill in the template"),
)
SEVERAL_SHEETS = FaultTemplate(
    N_("several sheets may be {kind}: {sheets}"), N_("one sheet"), N_("name it with --sheet NAME")
)
UNKNOWN_SHEET = FaultTemplate(N_("there is no sheet {sheet}"), N_("one of: {found}"))
MIN_FIELDS = 2
"""Fields that a sheet must have at least to be recognised."""


@dataclass(frozen=True)
class SheetLayout:
    """A sheet of a file with its headers, for a person who chooses."""

    name: str
    headers: tuple[str, ...]


def list_layouts(source: InputSource) -> tuple[SheetLayout, ...]:
    """Return the sheets of a file with their headers. Files beyond the limits are refused before that."""
    check_limits(source.path)
    with open_source(source) as opened:
        return tuple(
            SheetLayout(layer.layer, choose_layer_columns(layer, {}).found) for layer in opened.layers.values()
        )


def read_sheet_file(source: InputSource, kind: SheetKind, today: date, sheet: str | None = None) -> SheetRows:
    """Read the rows of a kind from a file; see `read_sheet`. Files beyond the limits are refused before that."""
    check_limits(source.path)
    with open_source(source) as opened:
        return read_shape_rows(opened, kind, sheet) if kind.layer else read_sheet(opened, kind, today, sheet)


def read_sheet(opened: OpenSource, kind: SheetKind, today: date, sheet: str | None = None) -> SheetRows:
    """Read the rows of a kind from an open file.

    Parameters
    ----------
    opened : OpenSource
    kind : SheetKind
    today : date
    sheet : str, optional
        Name of the sheet; by default the one that fits.

    Raises
    ------
    InvalidInput
        If no sheet fits, or several do.
    """
    layer = _choose_sheet(opened, kind, sheet)
    choice = choose_layer_columns(layer, kind.synonyms)
    if faults := [*choice.faults.values(), *_missing_fields(layer, kind, choice)]:
        raise InvalidInput(faults)
    table = read_all_columns(layer)
    results = {
        each.name: read_values(each, table[choice.headers[each.name]], today)
        if each.name in choice.headers
        else FieldValues([each.default] * len(table), [])
        for each in kind.fields
    }
    problems = sorted((each for result in results.values() for each in result.problems), key=lambda each: each.row)
    values = {name: result.values for name, result in results.items()}
    return SheetRows(kind, layer, choice, values, tuple(problems), _text_notes(layer))


def _text_notes(layer: LayerSource) -> tuple[InputFault, ...]:
    """Return the notes on the texts of a file; that a list has no coordinates is as it should be."""
    return tuple(note for note in layer.notes if note.column or note.row)


def _choose_sheet(opened: OpenSource, kind: SheetKind, sheet: str | None) -> LayerSource:
    location = FaultLocation(opened.name)
    found = ", ".join(format_value(layer.layer) for layer in opened.layers.values()) or "–"
    if sheet is not None:
        named = [layer for layer in opened.layers.values() if layer.layer == sheet]
        if not named:
            raise InvalidInput([make_fault(location, UNKNOWN_SHEET, placeholders={"sheet": sheet, "found": found})])
        return named[0]
    fitting = [layer for layer in opened.layers.values() if _fits(layer, kind)]
    if len(fitting) > 1:
        names = ", ".join(layer.layer for layer in fitting)
        values = {"kind": Message(kind.title), "sheets": names}
        raise InvalidInput([make_fault(location, SEVERAL_SHEETS, placeholders=values)])
    if fitting:
        return fitting[0]
    if len(opened.layers) == 1:
        return next(iter(opened.layers.values()))  # the missing columns are named
    missing = "、".join(each.title for each in kind.fields if each.required) or "–"
    values = {"kind": Message(kind.title), "missing": missing, "found": found}
    raise InvalidInput([make_fault(location, NO_SHEET, placeholders=values)])


def _fits(layer: LayerSource, kind: SheetKind) -> bool:
    choice = choose_layer_columns(layer, kind.synonyms)
    known = {*choice.headers, *choice.faults}
    return len(known) >= MIN_FIELDS and all(each.name in known for each in kind.fields if each.required)


def _missing_fields(layer: LayerSource, kind: SheetKind, choice: ColumnChoice) -> list[InputFault]:
    missing = [each.title for each in kind.fields if each.required and each.name not in choice.headers]
    if not missing or any(each.name in choice.faults for each in kind.fields if each.required):
        return []
    found = ", ".join(map(format_value, choice.found)) or "–"
    values = {"kind": Message(kind.title), "missing": "、".join(missing), "found": found}
    return [make_fault(layer.location, NO_SHEET, placeholders=values)]
