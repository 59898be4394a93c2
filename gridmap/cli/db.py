"""Commands for the database: start, stop, upgrade, back up and restore."""

from pathlib import Path

import click

from gridmap.cli.options import HELP_TEXT, output_options
from gridmap.cli.output import ExitCode, Output
from gridmap.cli.progress import progress_bar
from gridmap.core.errors import N_, Message

DATABASE_RUNNING = N_("The database is running: {url}")
DATABASE_STOPPED = N_("The database is not running.")
DATABASE_UPGRADED = N_("The database is up to date with this version of gridmap.")
BACKED_UP = N_("Backed up to {folder}. The backup contains the keys: keep it safe.")
BACKUP_RESTORED = N_(
    "Restored from {folder}. The previous data are kept as the database {previous} until the next restore."
)


@click.group(help=N_("Operate the database: start, stop, upgrade, back up, restore."))
@click.help_option(help=HELP_TEXT)
def db() -> None:
    """Group the commands for the database."""


@db.command(help=N_("Start the database; the first time, fetch PostGIS if the machine has none."))
@output_options
def start(out: Output) -> ExitCode:
    """Start the database."""
    from gridmap.services.operations.database import start_database

    with progress_bar(out.language) as progress:
        start_database(progress)
    return _report_status(out)


@db.command(help=N_("Stop the database; saved data are kept."))
@output_options
def stop(out: Output) -> ExitCode:
    """Stop our own server; a server that DATABASE_URL names is left alone."""
    from gridmap.services.operations.database import stop_database

    stop_database()
    return _report_status(out)


@db.command(help=N_("Fetch gridmap's own copy of PostGIS again, with its corrections, and start the database with it."))
@output_options
def renew(out: Output) -> ExitCode:
    """Renew our copy of PostGIS."""
    from gridmap.services.operations.database import renew_database

    with progress_bar(out.language) as progress:
        renew_database(progress)
    return _report_status(out)


@db.command(help=N_("Print whether the database is running, its location and size; exit code 1 if it is not running."))
@output_options
def status(out: Output) -> ExitCode:
    """Report the status of the database."""
    from gridmap.services.operations.database import describe_database

    _report_status(out)
    return ExitCode.OK if describe_database()["running"] else ExitCode.FAULTS


@db.command(help=N_("Print the URL of the database with its password, for other programs."))
@output_options
def url(out: Output) -> ExitCode:
    """Print the URL for the owner."""
    from gridmap.services.operations.database import database_url

    owner_url = database_url()
    out.print_text(Message("{url}", {"url": owner_url}))
    out.print_json({"url": owner_url})
    return ExitCode.OK


@db.command(help=N_("Upgrade the database to this version of gridmap; an up-to-date database is not changed."))
@output_options
def upgrade(out: Output) -> ExitCode:
    """Upgrade the database."""
    from gridmap.services.operations.database import upgrade_database

    with progress_bar(out.language) as progress:
        version = upgrade_database(progress)
    out.print_text(Message(DATABASE_UPGRADED))
    out.print_json({"schema": version})
    return ExitCode.OK


@db.command(help=N_("Back up the database and its keys into a new folder named by the time; the service may run."))
@click.argument("folder", required=False, type=click.Path(file_okay=False, path_type=Path))
@output_options
def backup(out: Output, folder: Path | None) -> ExitCode:
    """Back up the database."""
    from gridmap.services.operations.database import back_up_database

    new_backup = back_up_database(folder)
    out.print_text(Message(BACKED_UP, {"folder": new_backup}))
    out.print_json({"backup": str(new_backup)})
    return ExitCode.OK


@db.command(help=N_("Restore a backup; the database that it replaces is kept until the next restore."))
@click.argument("folder", type=click.Path(path_type=Path))
@output_options
def restore(out: Output, folder: Path) -> ExitCode:
    """Restore a backup."""
    from gridmap.services.operations.database import restore_database

    previous = restore_database(folder)
    out.print_text(Message(BACKUP_RESTORED, {"folder": folder, "previous": previous}))
    out.print_json({"restored": str(folder), "previous": previous})
    return ExitCode.OK


def _report_status(out: Output) -> ExitCode:
    """Report how the database is now."""
    from gridmap.services.operations.database import describe_database

    description = describe_database()
    running = Message(DATABASE_RUNNING, {"url": description["url"]}) if description["running"] else None
    out.print_text(running or Message(DATABASE_STOPPED))
    out.print_json(description)
    return ExitCode.OK
