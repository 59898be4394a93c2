"""A sheet that was imported, out again: in its own headers, order and sheet, whole or its changed rows only."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyrage
from sqlalchemy.orm import Session

from gridmap.catalogues import load_incident_categories
from gridmap.core.caller import OWNER
from gridmap.core.errors import N_, Message, NotPossible
from gridmap.core.privacy.masking import mask_name, mask_number
from gridmap.core.vocabulary import AccessClass
from gridmap.formats.results.atomic_file import replace_file
from gridmap.formats.sheets.group_columns import COLUMN_PREFIX, make_count_kind
from gridmap.formats.sheets.kinds import SHEET_KINDS
from gridmap.formats.sheets.sheet_form import DELIMITED_TEXT, WORKBOOK, SheetForm, write_form
from gridmap.formats.sheets.territory_kinds import GROUP_COUNTS
from gridmap.postgres.backups.backup_keys import parse_recipients
from gridmap.services.accounts.audit import AuditEntry, record_entry
from gridmap.services.accounts.encryption_keys import load_key_ring
from gridmap.store.key_ring import KeyRing
from gridmap.store.queries.imports.places import find_subdistrict
from gridmap.store.queries.imports.runs import ImportForm, find_import_form, get_import_form
from gridmap.store.queries.imports.sheet_values import list_changed_ids, list_sheet_values
from gridmap.store.queries.people.service_groups import list_groups

ENCRYPTED = ".age"
NO_RUN = N_("There is no such import, or it has been undone.")
NO_SHEET = N_("This import was a layer of shapes, which is no sheet: gridmap export plan writes shapes.")
NO_FORM = N_("This import was made by an earlier version, which did not keep its form: import the sheet once more.")
WRONG_SUFFIX = N_("{file}: name it .xlsx or .csv; a file for a recipient .xlsx.age or .csv.age.")
NUMBERS = ("id_number", "phone")
MASKED_KINDS = ("residents", GROUP_COUNTS.name)
"""Kinds that tell about persons: a file in clear has their names and numbers masked, and no service groups."""


@dataclass(frozen=True)
class SheetChoice:
    """The import whose rows go out: by number, or the newest one of a subdistrict, a kind and a source."""

    run_id: int | None = None
    subdistrict_code: str = ""
    kind: str = ""
    source: str = ""


@dataclass(frozen=True)
class WrittenSheet:
    """A sheet that was written.

    Parameters
    ----------
    run_id : int
    kind : str
    rows : int
    left_out : int
        Incidents about persons, which leave encrypted only.
    masked : bool
        Whether names and numbers of persons are masked, and service groups left out.
    """

    run_id: int
    kind: str
    rows: int
    left_out: int
    masked: bool


def export_sheet(
    session: Session, choice: SheetChoice, target: Path, recipients: Sequence[str] = (), *, changed_only: bool = False
) -> WrittenSheet:
    """Write the rows of an import as they are stored today, in the form in which they came in.

    Without a recipient, names and numbers of residents are masked; service groups, their counts by building and
    incidents about persons are left out. Columns that are no fields go out empty: their values were never stored.

    Parameters
    ----------
    session : Session
        Of the owner.
    choice : SheetChoice
    target : Path
        File to write, ``.xlsx`` or ``.csv``, with ``.age`` for a recipient; an existing one is replaced.
    recipients : sequence of str
        Recipients (``age1…``) that the file is encrypted for.
    changed_only : bool
        Whether only rows that were changed since go out.

    Raises
    ------
    NotPossible
        If there is no such import, it was no sheet or has no form, or the target has another suffix.
    InvalidInput
        If a recipient or the target cannot be used.
    """
    keys = parse_recipients(recipients)
    suffix = _check_suffix(target, encrypted=bool(keys))
    run = _find_run(session, choice)
    row_ids = list(run.row_ids)
    if changed_only:
        changed = list_changed_ids(session, run.kind, row_ids, run.change_set_id)
        row_ids = [each for each in row_ids if each in changed]
    records = _name_main_categories(list_sheet_values(session, run.kind, row_ids))
    shown = records if keys else _leave_out_persons(records)
    masked = run.kind in MASKED_KINDS and not keys
    ring = load_key_ring(session) if run.kind == "residents" else None
    values = [_show_record(record, ring, masked=masked) for record in _spread_groups(shown, masked=masked)]
    kind = SHEET_KINDS[run.kind]
    if kind is GROUP_COUNTS:
        kind = make_count_kind(each.group for each in list_groups(session, OWNER, run.subdistrict_id))
    content = write_form(SheetForm.from_json(run.form), kind, values, suffix)
    details = {"page": "sheet", "kind": run.kind, "rows": len(shown), "masked": masked, "encrypted": bool(keys)}
    entry = AuditEntry("export", "import_run", run.id, subdistrict_id=run.subdistrict_id, details=details)
    record_entry(session, entry)
    with replace_file(target, target.suffix) as temporary:
        temporary.write_bytes(pyrage.encrypt(content, keys) if keys else content)
        temporary.chmod(0o600)
    return WrittenSheet(run.id, run.kind, len(shown), len(records) - len(shown), masked)


def _check_suffix(target: Path, *, encrypted: bool) -> str:
    """Return the suffix of the sheet within the file."""
    inner = Path(target.stem) if encrypted else target
    is_right = target.suffix.lower() == ENCRYPTED if encrypted else True
    if not is_right or inner.suffix.lower() not in {WORKBOOK, DELIMITED_TEXT}:
        raise NotPossible(Message(WRONG_SUFFIX, {"file": target.name}))
    return inner.suffix.lower()


def _find_run(session: Session, choice: SheetChoice) -> ImportForm:
    if choice.run_id is not None:
        run = get_import_form(session, OWNER, choice.run_id)
    else:
        subdistrict_id = find_subdistrict(session, OWNER, choice.subdistrict_code) or 0
        run = find_import_form(session, OWNER, subdistrict_id, choice.kind, choice.source)
    if run is None:
        raise NotPossible(Message(NO_RUN))
    kind = SHEET_KINDS.get(run.kind)
    if kind is None or kind.layer:
        raise NotPossible(Message(NO_SHEET))
    if not run.form:
        raise NotPossible(Message(NO_FORM))
    return run


def _name_main_categories(records: Sequence[dict[str, object]]) -> list[dict[str, object]]:
    """Return the records, with the names of main categories in place of their keys."""
    main = load_incident_categories().main_categories
    return [
        {**each, "main_category": main[str(each["main_category"])][0]} if each.get("main_category") in main else each
        for each in records
    ]


def _leave_out_persons(records: Sequence[dict[str, object]]) -> list[dict[str, object]]:
    """Return the records but incidents of another class than ordinary."""
    classes = {None, AccessClass.ORDINARY.value}
    return [each for each in records if "number" not in each or each["access_class"] in classes]


def _spread_groups(records: Sequence[dict[str, object]], *, masked: bool) -> Iterator[dict[str, object]]:
    """Yield the records, with the counts of service groups as values of their columns."""
    for record in records:
        counts = record.get("group_counts")
        shown = counts if isinstance(counts, dict) and not masked else {}
        yield {**record, **{f"{COLUMN_PREFIX}{key}": count for key, count in shown.items()}}


def _show_record(record: Mapping[str, object], ring: KeyRing | None, *, masked: bool) -> dict[str, object]:
    """Return the values of a row as they go out: numbers decrypted; masked where the file is in clear."""
    shown = dict(record)
    if ring is None:
        return shown
    for name in NUMBERS:
        value = record[name]
        number = ring.decrypt(bytes(value)) if isinstance(value, (bytes, memoryview)) else None
        shown[name] = mask_number(number) if number and masked else number
    if masked:
        shown["name"] = mask_name(str(record["name"]))
        shown["service_groups"] = None
    return shown
