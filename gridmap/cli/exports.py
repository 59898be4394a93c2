"""Commands of exports: a plan or a subdistrict as a file, and back."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gridmap.cli.options import HELP_TEXT, INPUT_PATH, OUTPUT_FILE, output_options
from gridmap.cli.output import ExitCode, Output
from gridmap.cli.territory.buildings import community_options
from gridmap.core.errors import N_, Message, NotPossible

if TYPE_CHECKING:
    from gridmap.services.exports.whole_file import WholeCopy
    from gridmap.services.land.places import CommunityCodes

PLAN_WRITTEN = N_("The plan is in {file}: {plan}, revision {number}, of {community}.")
WHOLE_WRITTEN = N_("The subdistrict {code} is in {file}: {rows} rows of {tables} tables.")
SHEET_WRITTEN = N_("The sheet is in {file}: {rows} rows of import {run}.")
SHEET_MASKED = N_("Names and numbers of persons are masked: with --recipient they leave in clear, encrypted.")
SHEET_LEFT_OUT = N_("Left out: {count} incidents about persons. With --recipient they leave, encrypted.")
WHICH_IMPORT = N_("Name the import: --run NUMBER, or --subdistrict, --kind and --source for the newest one.")
WHOLE_LOADED = N_(
    "The subdistrict {code} is loaded: {rows} rows of {tables} tables. Its accounts have no passwords yet: give them by"
    " gridmap account password NAME."
)
NORM_ENTERED = N_("The norm of the file is entered for the community: {minimum} to {maximum} households.")
NORM_DIFFERS = N_(
    "The database has a norm for the community, which holds; that of the file was {minimum} to {maximum}."
)
PLAN_LOADED = N_("Loaded: {plan}, revision {number}, of {community}. It is not in force before it is approved.")


@click.group(help=N_("Write a plan or a whole subdistrict to a file, without loss."))
@click.help_option(help=HELP_TEXT)
def export() -> None:
    """Group the commands of exports."""


@export.command("plan", help=N_("Write a revision of a community's plan to a GeoPackage that QGIS shows in colours."))
@community_options
@click.argument("target", metavar="FILE", type=OUTPUT_FILE)
@click.option("--revision", type=click.IntRange(min=1), help=N_("Number of the revision; default: the one in force."))
@output_options
def export_plan(out: Output, codes: CommunityCodes, target: Path, revision: int | None) -> ExitCode:
    """Write a plan."""
    from gridmap.services.exports.plan_file import export_plan_of_community
    from gridmap.services.operations.database import open_database

    written = export_plan_of_community(open_database(), codes, revision, target, out.language)
    values = {"file": str(target), "plan": written.plan, "number": written.number, "community": written.community_code}
    out.print_text(Message(PLAN_WRITTEN, values))
    out.print_json(values)
    return ExitCode.OK


@export.command("sheet", help=N_("Write an imported sheet as its rows are stored today, in its own headers and order."))
@click.argument("target", metavar="FILE", type=OUTPUT_FILE)
@click.option("--run", "run_id", type=int, metavar="NUMBER", help=N_("Number of the import."))
@click.option("--subdistrict", default="", metavar="CODE", help=N_("Code of the subdistrict."))
@click.option("--kind", default="", help=N_("Kind of the sheet."))
@click.option("--source", default="", help=N_("Register or office it came from."))
@click.option("--changed-only", is_flag=True, help=N_("Write only the rows that were changed since."))
@click.option("--recipient", "recipients", multiple=True, help=N_("Recipient that the file is encrypted for."))
@output_options
def export_imported_sheet(out: Output, target: Path, **options: Any) -> ExitCode:
    """Write an imported sheet."""
    from gridmap.services.exports.sheet_file import SheetChoice, export_sheet
    from gridmap.services.operations.database import open_database

    choice = SheetChoice(*(options[name] for name in ("run_id", "subdistrict", "kind", "source")))
    if choice.run_id is None and not (choice.subdistrict_code and choice.kind and choice.source):
        raise NotPossible(Message(WHICH_IMPORT))
    with closing(open_database()) as database, database.transaction() as session:
        written = export_sheet(session, choice, target, options["recipients"], changed_only=options["changed_only"])
    values = {"file": str(target), "rows": written.rows, "run": written.run_id}
    out.print_text(Message(SHEET_WRITTEN, values))
    out.print_text(*([Message(SHEET_MASKED)] if written.masked else []))
    out.print_text(*([Message(SHEET_LEFT_OUT, {"count": written.left_out})] if written.left_out else []))
    out.print_json({**values, "left_out": written.left_out, "masked": written.masked})
    return ExitCode.OK


@export.command("whole", help=N_("Write a whole subdistrict, persons included, to an encrypted file."))
@click.option("--subdistrict", required=True, metavar="CODE", help=N_("Code of the subdistrict."))
@click.argument("target", metavar="FILE", type=OUTPUT_FILE)
@click.option(
    "--recipient",
    "recipients",
    multiple=True,
    help=N_("Recipient that the file is encrypted for; default: those of gridmap keys recipient."),
)
@output_options
def export_whole_subdistrict(out: Output, subdistrict: str, target: Path, recipients: tuple[str, ...]) -> ExitCode:
    """Write a whole subdistrict."""
    from gridmap.services.exports.whole_file import export_whole
    from gridmap.services.operations.database import open_database

    written = export_whole(open_database(), subdistrict, target, recipients)
    _print_copy(out, WHOLE_WRITTEN, target, written)
    return ExitCode.OK


@click.command("load-whole", help=N_("Load an exported subdistrict into another database."))
@click.argument("source", metavar="FILE", type=INPUT_PATH)
@click.option("--identity", type=INPUT_PATH, help=N_("File with the identity that decrypts it."))
@output_options
def load_whole_subdistrict(out: Output, source: Path, identity: Path | None) -> ExitCode:
    """Load a whole subdistrict."""
    from gridmap.services.exports.whole_file import load_whole
    from gridmap.services.operations.database import open_database

    loaded = load_whole(open_database(), source, identity)
    _print_copy(out, WHOLE_LOADED, source, loaded)
    return ExitCode.OK


def _print_copy(out: Output, sentence: str, file: Path, copied: WholeCopy) -> None:
    values = {"file": str(file), "code": copied.code, "rows": sum(copied.rows.values()), "tables": len(copied.rows)}
    out.print_text(Message(sentence, values))
    out.print_json({**values, "tables": dict(copied.rows)})


@click.command("load-plan", help=N_("Load an exported plan into a database that does not have its community."))
@click.argument("source", metavar="FILE", type=INPUT_PATH)
@output_options
def load_plan(out: Output, source: Path) -> ExitCode:
    """Load an exported plan."""
    from gridmap.services.exports.plan_file import load_plan_file
    from gridmap.services.operations.database import open_database

    loaded = load_plan_file(open_database(), source)
    values = {"plan": loaded.plan, "number": loaded.number, "community": loaded.community_code}
    out.print_text(Message(PLAN_LOADED, values))
    if loaded.norm:
        limits = {"minimum": loaded.norm.minimum, "maximum": loaded.norm.maximum}
        out.print_text(Message(NORM_ENTERED if loaded.is_norm_entered else NORM_DIFFERS, limits))
    out.print_json({**values, "norm_entered": loaded.is_norm_entered})
    return ExitCode.OK
