"""Commands of exports: a plan as a file, and back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gridmap.cli.buildings import community_options
from gridmap.cli.options import HELP_TEXT, INPUT_PATH, OUTPUT_FILE, output_options
from gridmap.cli.output import ExitCode, Output
from gridmap.core.errors import N_, Message

if TYPE_CHECKING:
    from gridmap.services.land.places import CommunityCodes

PLAN_WRITTEN = N_("The plan is in {file}: {plan}, revision {number}, of {community}.")
PLAN_LOADED = N_("Loaded: {plan}, revision {number}, of {community}. It is not in force before it is approved.")


@click.group(help=N_("Write a plan to a file, whole and without loss."))
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
    out.print_json(values)
    return ExitCode.OK
