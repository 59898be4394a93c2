"""Commands of the owner for subdistricts that begin without a file."""

from __future__ import annotations

import click

from gridmap.cli.options import HELP_TEXT, output_options
from gridmap.cli.output import ExitCode, Output
from gridmap.cli.progress import progress_bar
from gridmap.core.errors import N_, Message

CREATED = N_(
    "Subdistrict {code} ({name}) is created with {communities} communities, all without a boundary. A planner of the "
    "whole subdistrict draws them under Plans › The first day: "
    "gridmap account add NAME --role planner --subdistrict {code}"
)


@click.group(help=N_("Manage subdistricts that begin without a town package."))
@click.help_option(help=HELP_TEXT)
def subdistrict() -> None:
    """Group the commands for subdistricts."""


@subdistrict.command(help=N_("Create a subdistrict with nothing but names; its planner draws the rest in the browser."))
@click.argument("code")
@click.argument("name")
@click.option(
    "--community",
    "communities",
    multiple=True,
    required=True,
    metavar="CODE=NAME",
    help=N_("A community, such as 420106001001=水果湖社区; once for each."),
)
@output_options
def create(out: Output, code: str, name: str, communities: tuple[str, ...]) -> ExitCode:
    """Create a subdistrict."""
    from gridmap.services.operations.database import open_database
    from gridmap.services.tracing.subdistricts import create_subdistrict, parse_communities, parse_place

    place, parts = parse_place(code, name, "CODE"), parse_communities(communities)
    with progress_bar(out.language) as progress, open_database(progress).transaction() as session:
        subdistrict_id = create_subdistrict(session, place, parts)
    values = {"code": place.code, "name": place.name, "communities": len(parts)}
    out.print_text(Message(CREATED, values))
    out.print_json({**values, "id": subdistrict_id})
    return ExitCode.OK
