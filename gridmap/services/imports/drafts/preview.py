"""Preview of an import as a value: what was recognised, faults, differences and contradictions, with persons masked."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import TypeAdapter

from gridmap.core.errors import InputFault, Message
from gridmap.core.vocabulary import DifferenceKind
from gridmap.formats.encodings.detection import PLAIN_UTF8
from gridmap.formats.readers.headers import MatchKind
from gridmap.formats.sheets.fields import SheetField, SheetKind
from gridmap.formats.sheets.sheet_reader import SheetLayout
from gridmap.services.imports.drafts.contradictions import RowContradiction, list_contradictions
from gridmap.services.imports.drafts.fault_notes import FaultGroup, FaultNote, StoredMessage, group_faults
from gridmap.services.imports.drafts.masked_cells import mask_cell
from gridmap.services.imports.drafts.preview_map import PreviewShape, list_preview_shapes
from gridmap.services.imports.sheets.plan import Difference
from gridmap.services.imports.sheets.run import ImportPreview, title_of_field
from gridmap.store.message_json import message_from_json, message_to_json
from gridmap.store.queries.imports.row_titles import list_row_titles

MAX_SHOWN_FAULTS = 200
MAX_SHOWN_ROWS = 20


@dataclass(frozen=True)
class ShownRow:
    """A row of the sheet, or of the database where it no longer appears, with its cells for people."""

    row: int | None
    cells: list[str | StoredMessage]

    @property
    def shown_cells(self) -> list[str | Message]:
        """Return the cells; those that are no data are messages, for the reader's language."""
        return [each if isinstance(each, str) else message_from_json(each) for each in self.cells]


@dataclass(frozen=True)
class ColumnNote:
    """Field of the kind with the header that it is read from, and whether a person has chosen that."""

    field: str
    title: str
    required: bool
    header: str | None
    is_chosen: bool = False


@dataclass(frozen=True)
class DraftPreview:
    """Effect of an import as its page shows it.

    Parameters
    ----------
    columns : list of ColumnNote
    headers : list of str
        All headers of the sheet.
    sheets : list of str
        Names of the sheets that were found.
    file_faults : list of FaultNote
        Why the file cannot be read; then nothing else is known.
    file_format, encoding, sheet : str
    evidence : mapping
        Message that says how the encoding was found.
    header_row, rows : int
    counts : mapping
        Rows by difference, and those that are faulty.
    faults : list of FaultNote
        The first ones.
    fault_groups : list of FaultGroup
        All of them by reason.
    warnings : int
        Rows with warnings only.
    samples : mapping
        The first rows of each difference.
    is_repeated : bool
    can_end_gone : bool
    contradictions : list of RowContradiction
        The first ones, with both values.
    contradiction_keys : list of str
        All rows that contradict another source, as `RowKey` names them.
    shapes : list of PreviewShape
        Rows with a place, for the map.
    crs : str
        CRS that the shapes of a layer were read in.
    """

    columns: list[ColumnNote] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)
    sheets: list[str] = field(default_factory=list)
    file_faults: list[FaultNote] = field(default_factory=list)
    file_format: str = ""
    encoding: str = ""
    evidence: StoredMessage | None = None
    sheet: str = ""
    header_row: int = 0
    rows: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    faults: list[FaultNote] = field(default_factory=list)
    fault_groups: list[FaultGroup] = field(default_factory=list)
    warnings: int = 0
    samples: dict[str, list[ShownRow]] = field(default_factory=dict)
    is_repeated: bool = False
    can_end_gone: bool = False
    contradictions: list[RowContradiction] = field(default_factory=list)
    shapes: list[PreviewShape] = field(default_factory=list)
    contradiction_keys: list[str] = field(default_factory=list)
    crs: str = ""

    @property
    def is_readable(self) -> bool:
        """Return whether the file could be read."""
        return not self.file_faults

    @property
    def changes(self) -> int:
        """Return the number of rows that an import would write."""
        return self.counts.get(DifferenceKind.NEW, 0) + self.counts.get(DifferenceKind.CHANGED, 0)

    @property
    def encoding_evidence(self) -> Message | None:
        """Return how the encoding was found."""
        return message_from_json(self.evidence) if self.evidence else None

    def to_json(self) -> bytes:
        """Return the preview as JSON, for a stored file."""
        return _ADAPTER.dump_json(self)


_ADAPTER: TypeAdapter[DraftPreview] = TypeAdapter(DraftPreview)


def preview_from_json(content: bytes) -> DraftPreview:
    """Return the preview that `DraftPreview.to_json` has written."""
    return _ADAPTER.validate_json(content)


def describe_unreadable(kind: SheetKind, faults: Iterable[InputFault], layouts: Sequence[SheetLayout]) -> DraftPreview:
    """Return the preview of a file that cannot be read as the kind, with the columns that a person may choose from."""
    notes = [FaultNote(None, False, [message_to_json(each) for each in _fault_messages(fault)]) for fault in faults]
    headers = list(dict.fromkeys(header for layout in layouts for header in layout.headers))
    columns = [ColumnNote(each.name, each.title, each.required, None) for each in kind.fields]
    return DraftPreview(columns, headers, [layout.name for layout in layouts], notes)


def describe_preview(preview: ImportPreview) -> DraftPreview:
    """Return what the page of a draft shows of a prepared import."""
    rows, layer = preview.rows, preview.rows.layer
    faults = list(_row_faults(preview))
    wrong = [each for each in faults if not each.is_warning]
    return DraftPreview(
        columns=_columns(preview),
        headers=list(rows.choice.found),
        sheets=[layer.layer],
        file_format=layer.driver,
        encoding=layer.encoding.label if layer.driver == "CSV" else "",
        evidence=message_to_json(layer.encoding.evidence) if layer.encoding != PLAIN_UTF8 else None,
        sheet=layer.layer,
        header_row=layer.header_row,
        rows=len(rows),
        counts=preview.counts(),
        faults=[*wrong, *(each for each in faults if each.is_warning)][:MAX_SHOWN_FAULTS],
        fault_groups=list(group_faults(faults)),
        warnings=len(faults) - len(wrong),
        samples={kind.value: _sample(preview, kind) for kind in DifferenceKind},
        is_repeated=preview.is_repeated,
        can_end_gone=preview.plan.end_gone is not None,
        contradictions=list_contradictions(preview),
        shapes=list_preview_shapes(preview),
        crs=rows.crs,
        contradiction_keys=[str(key) for key, _ in preview.plan.list_contradictions()],
    )


def fingerprint_preview(preview: ImportPreview) -> str:
    """Return the hash of the differences and faults; a contradiction that is decided counts as one."""
    taken = preview.context.taken_keys
    digest = hashlib.sha256()
    for each in preview.plan.differences:
        kind, key = each.kind, str(preview.plan.key_of(each))
        if kind is DifferenceKind.CHANGED and key in taken:
            kind = DifferenceKind.CONTRADICTION
        digest.update(f"{kind} {each.row} {key};".encode())
    digest.update(" ".join(map(str, sorted(preview.bad_rows))).encode())
    return digest.hexdigest()


def _fault_messages(fault: InputFault) -> Iterator[Message]:
    """Yield the problem and what was expected; advice about options of commands is left out."""
    yield fault.problem
    yield from (each for each in (fault.expected, fault.advice) if each and "--" not in each.template)


def _columns(preview: ImportPreview) -> list[ColumnNote]:
    choice = preview.rows.choice
    return [
        ColumnNote(
            each.name,
            each.title,
            each.required,
            choice.headers.get(each.name),
            choice.kinds.get(each.name) is MatchKind.STATED,
        )
        for each in preview.request.kind.fields
    ]


def _row_faults(preview: ImportPreview) -> Iterator[FaultNote]:
    """Yield the problems of each row in the order of the sheet."""
    by_row: dict[int, list[StoredMessage]] = {}
    for each in preview.problems:
        stored = by_row.setdefault(each.row, [])
        if (message := message_to_json(each.message)) not in stored:
            stored.append(message)
    bad = preview.bad_rows
    for row, messages in by_row.items():
        yield FaultNote(preview.rows.row_number(row), row not in bad, messages)


def shown_fields(preview: ImportPreview) -> list[SheetField]:
    """Return the fields of the sheet that are read from a column."""
    return [each for each in preview.request.kind.fields if each.name in preview.rows.choice.headers]


def _sample(preview: ImportPreview, kind: DifferenceKind) -> list[ShownRow]:
    """Return the first rows of a difference."""
    found = [each for each in preview.plan.differences if each.kind is kind][:MAX_SHOWN_ROWS]
    if kind is DifferenceKind.GONE:
        return _gone_rows(preview, found)
    return [_shown_row(preview, each) for each in found]


def _shown_row(preview: ImportPreview, difference: Difference) -> ShownRow:
    assert difference.row is not None, "only rows that no longer appear have none"
    values = preview.rows.values
    cells = [_show_cell(each, values[each.name][difference.row]) for each in shown_fields(preview)]
    changed = "、".join(title_of_field(preview.request.kind, name) for name in difference.fields)
    return ShownRow(preview.rows.row_number(difference.row), [*cells, changed])


def _show_cell(sheet_field: SheetField, value: object) -> str | StoredMessage:
    """Return a value for people, masked where it is of a person; a word of the code as a message."""
    label = sheet_field.labels.get(str(value))
    return message_to_json(Message(label)) if label else mask_cell(sheet_field, value)


def _gone_rows(preview: ImportPreview, differences: Sequence[Difference]) -> list[ShownRow]:
    context = preview.context
    ids = [each.row_id for each in differences if each.row_id is not None]
    titles: Mapping[int, str] = list_row_titles(context.session, context.caller, preview.plan.table, ids)
    return [ShownRow(None, [titles.get(row_id) or "–"]) for row_id in ids]
