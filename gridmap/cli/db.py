"""The database: started and stopped, brought to this version, backed up and restored."""

from pathlib import Path

import click

from gridmap.cli.options import HELP_TEXT, output_options
from gridmap.cli.output import ExitCode, Output
from gridmap.cli.progress import progress_bar
from gridmap.core.errors import N_, Message

DATABASE_RUNNING = N_("The database runs: {url}")
DATABASE_STOPPED = N_("The database does not run.")
BACKUP_RESTORED = N_(
    "Restored from {folder}. What was there before is kept as the database {kept} until the next restore."
)


@click.group(help=N_("Look after the database: start, stop, bring to this version, back up, restore."))
@click.help_option(help=HELP_TEXT)
def db() -> None:
    """Look after the database."""


@db.command(help=N_("Start the database; the first time, fetch PostGIS if the machine has none."))
@output_options
def start(out: Output) -> ExitCode:
    """Start."""
    from gridmap.postgres import lifecycle

    with progress_bar(out.language) as progress:
        lifecycle.start(progress)
    return _report_status(out)


@db.command(help=N_("Stop the database; what has been saved stays."))
@output_options
def stop(out: Output) -> ExitCode:
    """Stop our own server; one of others is left alone."""
    from gridmap.postgres import lifecycle

    lifecycle.stop()
    return _report_status(out)


@db.command(help=N_("Fetch gridmap's own copy of PostGIS anew, with its corrections, and start the database with it."))
@output_options
def renew(out: Output) -> ExitCode:
    """Renew."""
    from gridmap.postgres import lifecycle

    with progress_bar(out.language) as progress:
        lifecycle.renew(progress)
    return _report_status(out)


@db.command(help=N_("Tell whether the database runs, where it is and how large; exit code 1 when it does not run."))
@output_options
def status(out: Output) -> ExitCode:
    """Tell."""
    from gridmap.postgres import lifecycle

    _report_status(out)
    return ExitCode.OK if lifecycle.status()["running"] else ExitCode.FAULTS


@db.command(help=N_("Print the address of the database with its password, for other programs."))
@output_options
def url(out: Output) -> ExitCode:
    """Print the owner's address."""
    from gridmap.postgres import lifecycle

    address = lifecycle.database_url()
    out.print_text(Message("{url}", {"url": address}))
    out.print_json({"url": address})
    return ExitCode.OK


@db.command(help=N_("Bring the database to this version of gridmap; nothing happens when it is there already."))
@output_options
def upgrade(out: Output) -> ExitCode:
    """Upgrade."""
    from gridmap.postgres import lifecycle
    from gridmap.store.migrations import fingerprint
    from gridmap.store.migrations import upgrade as migration_upgrade

    with progress_bar(out.language) as progress:
        migration_upgrade.upgrade(lifecycle.start(progress))
    out.print_text(Message(N_("The database is at this version of gridmap.")))
    out.print_json({"schema": fingerprint.latest_version()})
    return ExitCode.OK


@db.command(help=N_("Back up the database and its keys into a new folder, named by the time; the service may run."))
@click.argument("folder", required=False, type=click.Path(file_okay=False, path_type=Path))
@output_options
def backup(out: Output, folder: Path | None) -> ExitCode:
    """Back up."""
    from gridmap.postgres import lifecycle

    made = lifecycle.backup(folder)
    out.print_text(Message(N_("Backed up to {folder}. It holds the keys, too: keep it safe."), {"folder": made}))
    out.print_json({"backup": str(made)})
    return ExitCode.OK


@db.command(help=N_("Restore a backup; the database it replaces is kept until the next restore."))
@click.argument("folder", type=click.Path(path_type=Path))
@output_options
def restore(out: Output, folder: Path) -> ExitCode:
    """Restore."""
    from gridmap.postgres import lifecycle
    from gridmap.store.migrations import upgrade as upgrade_database  # brings Alembic

    kept = lifecycle.restore(folder, upgrade_database.upgrade)
    out.print_text(Message(BACKUP_RESTORED, {"folder": folder, "kept": kept}))
    out.print_json({"restored": str(folder), "kept": kept})
    return ExitCode.OK


def _report_status(out: Output) -> ExitCode:
    """Tell how the database is now."""
    from gridmap.postgres import lifecycle

    about = lifecycle.status()
    out.print_text(Message(DATABASE_RUNNING, {"url": about["url"]}) if about["running"] else Message(DATABASE_STOPPED))
    out.print_json(about)
    return ExitCode.OK
