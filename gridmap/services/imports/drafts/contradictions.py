"""Contradictions of sources side by side: the present value with its source, and that of the sheet; persons masked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gridmap.core.privacy.masking import mask_name, mask_number
from gridmap.formats.sheets.fields import SheetField
from gridmap.services.accounts.encryption_keys import load_key_ring
from gridmap.services.imports.drafts.masked_cells import mask_cell
from gridmap.services.imports.sheets.plan import Difference, RowKey
from gridmap.services.imports.sheets.run import ImportPreview, title_of_field
from gridmap.store.queries.imports.present_values import list_present_values
from gridmap.store.queries.imports.row_titles import list_row_titles
from gridmap.store.queries.journal.changes import FieldSources, load_field_sources

MAX_SHOWN = 300
"""Contradictions that are shown one by one; a decision about all covers the others, too."""
PLACE_COLUMNS = ("household_id",)
"""Columns whose value is a place, which a sheet tells by the fields of an address."""
PLACE_FIELDS = ("building_code", "estate", "building", "address", "unit", "door")


@dataclass(frozen=True)
class FieldContradiction:
    """A field with the present value and that of the sheet, each masked where it is of a person.

    Parameters
    ----------
    title : str
        Chinese header.
    present, offered : str
    source : str
        Origin of the present value.
    as_of : str
        Day that the source describes.
    """

    title: str
    present: str
    offered: str
    source: str = ""
    as_of: str = ""


@dataclass(frozen=True)
class RowContradiction:
    """A row of the sheet that contradicts another source.

    Parameters
    ----------
    row : int
        Row of the sheet.
    title : str
        Door, or name of the place or worker.
    fields : list of FieldContradiction
    key : str
        The present row, by which it is decided, as `RowKey` names it; empty in previews of former releases, which an
        import reads anew.
    """

    row: int
    title: str
    fields: list[FieldContradiction] = field(default_factory=list)
    key: str = ""


@dataclass(frozen=True, eq=False)
class _StoredRows:
    """Rows of one table that contradict the sheet: their titles, the sources of their fields, and their values."""

    titles: Mapping[int, str]
    sources: FieldSources
    present: Mapping[tuple[int, str], str]


def list_contradictions(preview: ImportPreview) -> list[RowContradiction]:
    """Return the first contradictions of a prepared import."""
    found = preview.plan.list_contradictions()[:MAX_SHOWN]
    stored = {table: _load_rows(preview, table, found) for table in {key.table for key, _ in found}}
    return [_contradiction(preview, key, each, stored[key.table]) for key, each in found]


def _load_rows(preview: ImportPreview, table: str, found: Sequence[tuple[RowKey, Difference]]) -> _StoredRows:
    session, caller = preview.context.session, preview.context.caller
    own = [(key.row_id, each.fields) for key, each in found if key.table == table]
    ids = [row_id for row_id, _ in own]
    columns = {_column_of(preview, table, name) for _, names in own for name in names}
    return _StoredRows(
        list_row_titles(session, caller, table, ids),
        load_field_sources(session, table, ids),
        _present_values(preview, table, ids, columns),
    )


def _contradiction(
    preview: ImportPreview, key: RowKey, difference: Difference, stored: _StoredRows
) -> RowContradiction:
    row, title = difference.row or 0, stored.titles.get(key.row_id, "")
    fields = []
    for name in difference.fields:
        column = _column_of(preview, key.table, name)
        origin = stored.sources.get(key.row_id, column)
        fields.append(
            FieldContradiction(
                title_of_field(preview.request.kind, name),
                title if name in PLACE_COLUMNS else stored.present.get((key.row_id, column), "–"),
                _offered(preview, row, name),
                origin.source if origin else "",
                origin.as_of.isoformat() if origin else "",
            )
        )
    return RowContradiction(preview.rows.row_number(row), title or "–", fields, str(key))


def _column_of(preview: ImportPreview, table: str, name: str) -> str:
    """Return the column of a table that a field stands for."""
    return preview.plan.value_columns.get(table, name)


def _offered(preview: ImportPreview, row: int, column: str) -> str:
    """Return what the sheet says about a column."""
    if column in PLACE_COLUMNS:
        return " ".join(filter(None, (_cell(preview, row, name) for name in PLACE_FIELDS)))
    name = {"grids": "grid"}.get(column, column.removesuffix("_encrypted"))
    return _cell(preview, row, name) or "–"


def _cell(preview: ImportPreview, row: int, name: str) -> str:
    sheet_field = _field_of(preview, name)
    values = preview.rows.values.get(name)
    return mask_cell(sheet_field, values[row]) if sheet_field and values is not None else ""


def _field_of(preview: ImportPreview, name: str) -> SheetField | None:
    return next((each for each in preview.request.kind.fields if each.name == name), None)


def _present_values(
    preview: ImportPreview, table: str, ids: Sequence[int], columns: set[str]
) -> dict[tuple[int, str], str]:
    """Return the present values of columns for people, by row and column."""
    context = preview.context
    stored = list_present_values(context.session, context.caller, table, ids, sorted(columns))
    return {
        (row_id, name): _shown(preview, name, value)
        for row_id, values in stored.items()
        for name, value in values.items()
        if value is not None
    }


def _shown(preview: ImportPreview, column: str, value: object) -> str:
    if isinstance(value, bytes | memoryview):
        return mask_number(load_key_ring(preview.context.session).decrypt(bytes(value)))
    sheet_field = _field_of(preview, column)
    if sheet_field is None:
        return str(value)
    return mask_name(str(value)) if sheet_field.is_personal else mask_cell(sheet_field, value)
