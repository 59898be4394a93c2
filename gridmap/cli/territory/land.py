"""Commands of the owner for land that is built anew, and for mended boundaries."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gridmap.cli.options import HELP_TEXT, INPUT_PATH, output_options
from gridmap.cli.output import ExitCode, Output
from gridmap.cli.progress import progress_bar
from gridmap.cli.territory.buildings import community_options
from gridmap.core.caller import OWNER
from gridmap.core.errors import N_, Message

if TYPE_CHECKING:
    from gridmap.services.land.places import CommunityCodes

FIRST_LAND = N_("First land, built {created}.")
LATER_LAND = N_("Land that holds from {holds_from} on, built {created}. {note}")
ONLY_A_PREVIEW = N_("This is a preview: nothing was changed.")


@click.group(help=N_("Build the land of a community anew, mend its boundary, and list what that changed."))
@click.help_option(help=HELP_TEXT)
def land() -> None:
    """Group the commands for land."""


@land.command(help=N_("Build the land of a community anew; it holds from today on, and at most once a day."))
@community_options
@click.option(
    "--boundary",
    type=INPUT_PATH,
    metavar="FILE",
    help=N_("Mended boundary, WGS 84, as GeoJSON or WKT; the neighbours change with it."),
)
@click.option("--note", help=N_("Reason."))
@click.option("--preview", is_flag=True, help=N_("Say what would change, and change nothing."))
@output_options
def rebuild(out: Output, codes: CommunityCodes, boundary: Path | None, note: str | None, preview: bool) -> ExitCode:
    """Build land anew, or say what that would change."""
    from gridmap.services.land import boundaries, places
    from gridmap.services.land import rebuild as land_rebuild
    from gridmap.services.land.rebuild_report import describe_report
    from gridmap.services.operations.database import open_database

    shape = boundaries.read_boundary(boundary) if boundary else None
    with progress_bar(out.language) as progress:
        database = open_database(progress)
        with database.transaction() as session:
            community_id = places.get_community_id(session, OWNER, codes)
        request = land_rebuild.RebuildRequest(community_id, {community_id: shape} if shape else {}, note)
        if preview:
            report = land_rebuild.preview_rebuild(database, OWNER, request)
        else:
            report = land_rebuild.rebuild_in_transaction(database, OWNER, request, progress)
    values = report.as_json()
    out.print_text(*describe_report(values), *([Message(ONLY_A_PREVIEW)] if preview else []))
    out.print_json({**values, "preview": preview})
    return ExitCode.OK


@land.command(name="list", help=N_("List the lands of a community, with what each changed."))
@community_options
@output_options
def list_lands(out: Output, codes: CommunityCodes) -> ExitCode:
    """List the lands of a community."""
    from gridmap.services.land import history, places
    from gridmap.services.land.rebuild_report import describe_report
    from gridmap.services.operations.database import open_database

    with progress_bar(out.language) as progress, open_database(progress).transaction() as session:
        rows = history.list_lands(session, OWNER, places.get_community_id(session, OWNER, codes))
    for row in rows:
        values = {"holds_from": row.holds_from, "created": row.created_at.date(), "note": row.note or ""}
        out.print_text(Message(LATER_LAND if row.holds_from else FIRST_LAND, values))
        out.print_text(*(describe_report(row.report) if row.report else ()))
    listed = [{"holds_from": row.holds_from and row.holds_from.isoformat(), "report": row.report} for row in rows]
    out.print_json({"lands": listed})
    return ExitCode.OK
