"""Command that imports sheets of people and places into a subdistrict, or undoes an import."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gridmap.cli.options import DATE, INPUT_PATH, OUTPUT_FILE, date_of, output_options
from gridmap.cli.output import ExitCode, Output
from gridmap.core.errors import N_, Message, NotFound, NotPossible
from gridmap.core.vocabulary import DifferenceKind

if TYPE_CHECKING:
    from gridmap.services.imports.sheets.files import SheetKind
    from gridmap.services.imports.sheets.run import AppliedImport, ImportPreview, ImportRequest

KINDS = (
    *("resident-groups", "workers", "buildings", "dwellings", "residents", "shops", "organisations", "facilities"),
    *("household-counts", "incident-categories", "incidents"),
)
GROUP_COUNTS = "service-group-counts"
"""Kind whose columns are the service groups of a subdistrict."""
LAYER_KINDS = ("grids", "streets", "communities")
"""Kinds whose rows have shapes; they have no template."""
DIFFERENCES = {
    DifferenceKind.NEW: N_("new: {count}"),
    DifferenceKind.CHANGED: N_("changed: {count}"),
    DifferenceKind.CONTRADICTION: N_("contradicting another source: {count}"),
    DifferenceKind.UNCHANGED: N_("unchanged: {count}"),
    DifferenceKind.GONE: N_("no longer in the sheet: {count}"),
}
RECOGNISED = N_("{file}, sheet {sheet}: {count} rows, header in row {header}")
COLUMN = N_("{header} → {field}")
FAULTY = N_("rows with faults: {count}")
ROW = N_("row {row}: {reason}")
MORE_ROWS = N_("and {count} more rows")
WRITTEN = N_("written: {file}")
SAME_FILE = N_("This file has been imported before.")
ONLY_SHOWN = N_("Nothing was written: add --apply to import it.")
APPLIED = N_("Imported. To take it back: gridmap import --undo {run}")
UNDONE = N_("Import {run} has been undone.")
RUN = N_("{run}  {day}  {kind}  {source}, {file}: {new} new, {changed} changed")
NO_SUBDISTRICT = N_("There is no subdistrict with the code {code}.")
NEEDS_SUBDISTRICT = N_("--subdistrict is needed: the columns are the service groups of the subdistrict")
NO_IMPORT = N_("There is no import {run}.")
MISSING_OPTIONS = N_("--kind, --subdistrict and a file are needed")
MAX_SHOWN = 20


@click.command(
    "import",
    help=N_(
        "Import a sheet of people or places, or a layer, into a subdistrict, show what it would change, or undo it."
    ),
)
@click.argument("file", type=INPUT_PATH, required=False)
@click.option(
    "--kind", type=click.Choice((*KINDS, GROUP_COUNTS, *LAYER_KINDS)), help=N_("Kind of the sheet, or of the layer.")
)
@click.option("--subdistrict", metavar="CODE", help=N_("Code of the subdistrict."))
@click.option("--source", help=N_("Register or office it comes from, the same every month; default: the file name."))
@click.option("--as-of", type=DATE, metavar="DATE", help=N_("Day that the sheet describes; default: today."))
@click.option(
    "--column", multiple=True, metavar="FIELD=HEADER", help=N_("Column to read as a field; remembered for the source.")
)
@click.option("--encoding", metavar="NAME", help=N_("Encoding of a CSV file; default: what its texts say."))
@click.option("--sheet", metavar="NAME", help=N_("Sheet of the workbook; default: the one that fits."))
@click.option(
    "--coordinates",
    metavar="CHOICE",
    help=N_(
        "Coordinates of a layer: wgs84, gcj02, bd09, a code such as EPSG:4547, or file for what the file says;"
        " remembered for the source."
    ),
)
@click.option("--errors", type=OUTPUT_FILE, help=N_("File for the sheet with the column 错误原因."))
@click.option("--apply", is_flag=True, help=N_("Import it; without it, what it would change is only shown."))
@click.option("--good-rows", is_flag=True, help=N_("Import the rows without faults, and leave the others out."))
@click.option("--end-gone", is_flag=True, help=N_("End what no longer appears in the sheet, from its day on."))
@click.option("--take-contradictions", is_flag=True, help=N_("Take its values also where another source differs."))
@click.option(
    "--template",
    type=click.Choice((*KINDS, GROUP_COUNTS)),
    help=N_("Write the template of a kind to FILE instead; that of service groups needs --subdistrict."),
)
@click.option("--undo", type=int, metavar="NUMBER", help=N_("Undo an import by its number instead."))
@click.option("--list", "lists", is_flag=True, help=N_("List the imports of the subdistrict instead."))
@output_options
def import_sheet(out: Output, file: Path | None, **options: Any) -> ExitCode:
    """Import a sheet; exit with 1 if rows have faults."""
    if options["template"] and file:
        return _write_template(out, options["template"], file, options["subdistrict"])
    if options["undo"] is not None:
        return _undo(out, options["undo"])
    if options["lists"] and options["subdistrict"]:
        return _list(out, options["subdistrict"])
    if not (file and options["kind"] and options["subdistrict"]):
        raise NotPossible(Message(MISSING_OPTIONS))
    return _import(out, file, options)


def _write_template(out: Output, kind: str, file: Path, subdistrict: str | None) -> ExitCode:
    from gridmap.services.imports.sheets.files import get_sheet_kind, write_template

    if kind == GROUP_COUNTS and not subdistrict:
        raise NotPossible(Message(NEEDS_SUBDISTRICT))
    found = _load_kind(subdistrict, kind, in_use_only=True) if subdistrict else get_sheet_kind(kind)
    write_template(found, file, out.language)
    out.print_text(Message(WRITTEN, {"file": file}))
    out.print_json({"written": str(file)})
    return ExitCode.OK


def _load_kind(code: str, name: str, *, in_use_only: bool = False) -> SheetKind:
    """Return a kind with the columns that it has in a subdistrict."""
    from gridmap.core.caller import OWNER
    from gridmap.services.imports.sheets.files import load_sheet_kind
    from gridmap.services.operations.database import open_database

    with closing(open_database()) as database, database.transaction() as session:
        try:
            return load_sheet_kind(session, OWNER, code, name, in_use_only=in_use_only)
        except NotFound:
            raise NotPossible(Message(NO_SUBDISTRICT, {"code": code})) from None


def _undo(out: Output, run_id: int) -> ExitCode:
    from gridmap.core.caller import OWNER
    from gridmap.services.imports.sheets.undo import undo_import
    from gridmap.services.operations.database import open_database

    with closing(open_database()) as database, database.transaction() as session:
        try:
            undo_import(session, OWNER, run_id)
        except NotFound:
            raise NotPossible(Message(NO_IMPORT, {"run": run_id})) from None
    out.print_text(Message(UNDONE, {"run": run_id}))
    out.print_json({"undone": run_id})
    return ExitCode.OK


def _list(out: Output, code: str) -> ExitCode:
    from gridmap.core.caller import OWNER
    from gridmap.services.imports.sheets.run import list_imports
    from gridmap.services.operations.database import open_database

    with closing(open_database()) as database, database.transaction() as session:
        try:
            runs = list_imports(session, OWNER, code)
        except NotFound:
            raise NotPossible(Message(NO_SUBDISTRICT, {"code": code})) from None
    for run in runs:
        values = {"run": run.id, "day": run.as_of, "kind": run.kind, "source": run.source, "file": run.file_name}
        out.print_text(Message(RUN, {**values, "new": run.counts["new"], "changed": run.counts["changed"]}))
    out.print_json({"imports": [{"id": run.id, "kind": run.kind, "counts": dict(run.counts)} for run in runs]})
    return ExitCode.OK


def _import(out: Output, file: Path, options: dict[str, Any]) -> ExitCode:
    from gridmap.core.caller import OWNER
    from gridmap.services.imports.sheets.run import apply_import, prepare_import
    from gridmap.services.operations.database import open_database

    request, applied = _request(file, options), None
    with closing(open_database()) as database, database.transaction() as session:
        try:
            preview = prepare_import(session, OWNER, request)
        except NotFound:
            raise NotPossible(Message(NO_SUBDISTRICT, {"code": request.subdistrict_code})) from None
        _show(out, preview)
        if options["errors"] and preview.problems:
            _write_errors(out, preview, options["errors"])
        if options["apply"]:
            applied = apply_import(preview, good_rows_only=options["good_rows"], end_gone=options["end_gone"])
    out.print_text(*_outcome(applied, request))
    out.print_json({"import": applied.run_id if applied else None, "counts": preview.counts()})
    return ExitCode.FAULTS if preview.bad_rows else ExitCode.OK


def _outcome(applied: AppliedImport | None, request: ImportRequest) -> list[Message]:
    """Return the sentences about what was done, with what to do next."""
    if applied is None:
        return [Message(ONLY_SHOWN)]
    texts = [request.kind.no_undo or APPLIED, request.kind.next_step]
    return [Message(text, {"run": applied.run_id}) for text in texts if text]


def _request(file: Path, options: dict[str, Any]) -> ImportRequest:
    from gridmap.services.imports.sheets.files import read_coordinates, read_header_statements
    from gridmap.services.imports.sheets.run import ImportRequest

    kind = _load_kind(options["subdistrict"], options["kind"])
    headers = read_header_statements(kind, options["column"])
    as_of: datetime | None = options["as_of"]
    return ImportRequest(
        file,
        kind,
        options["subdistrict"],
        options["source"] or file.stem,
        date_of(as_of),
        headers,
        options["encoding"],
        options["sheet"],
        read_coordinates(options["coordinates"]),
        takes_contradictions=options["take_contradictions"],
        isolated=True,
    )


def _show(out: Output, preview: ImportPreview) -> None:
    """Print what was recognised, the faults of rows, and the differences."""
    rows = preview.rows
    values = {"file": preview.request.path.name, "sheet": rows.layer.layer, "count": len(rows)}
    out.print_text(Message(RECOGNISED, {**values, "header": rows.layer.header_row}))
    fields = rows.choice.headers.items()
    titles = ((header, preview.request.kind.title_of(name)) for name, header in fields)
    out.print_text(*(Message(COLUMN, {"header": header, "field": title}) for header, title in titles))
    if preview.is_repeated:
        out.print_text(Message(SAME_FILE))
    reasons = preview.reasons(out.language)
    listed = list(reasons.items())[:MAX_SHOWN]
    out.print_text(*(Message(ROW, {"row": row, "reason": reason}) for row, reason in listed))
    if len(reasons) > MAX_SHOWN:
        out.print_text(Message(MORE_ROWS, {"count": len(reasons) - MAX_SHOWN}))
    counts = preview.counts()
    out.print_text(*(Message(text, {"count": counts[kind]}) for kind, text in DIFFERENCES.items()))
    out.print_text(Message(FAULTY, {"count": counts["faulty"]}))


def _write_errors(out: Output, preview: ImportPreview, file: Path) -> None:
    from gridmap.services.imports.sheets.files import write_marked_sheet

    out.print_text(Message(WRITTEN, {"file": write_marked_sheet(preview, file, out.language)}))
