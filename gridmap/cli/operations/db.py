"""Commands for the database: start, stop, check, upgrade, back up and restore."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gridmap.cli.options import HELP_TEXT, HOUR_HELP, HOUR_RANGE, INPUT_PATH, output_options
from gridmap.cli.output import ExitCode, Output
from gridmap.cli.progress import progress_bar
from gridmap.core.errors import N_, Message
from gridmap.texts import translate

if TYPE_CHECKING:
    from gridmap.services.operations.database_checks import DatabaseCheck

DATABASE_RUNNING = N_("The database is running: {url}")
DATABASE_STOPPED = N_("The database is not running.")
MONTHS_REPACKED = N_("The months of incidents are packed again.")
DATABASE_UPGRADED = N_("The database is up to date with this version of gridmap.")
BACKED_UP = N_("Backed up to {file}. It holds no keys: keep a copy of the folder secrets in another place.")
CHECK_HOLDS, CHECK_FAILS = N_("ok · {subject}"), N_("not · {subject}")
CHECK_FOUND, CHECK_ADVICE = N_("    found: {found}"), N_("    what to do: {advice}")
NOT_DUE = N_("The backup of the night has been made already, or another host is making it.")

NOTHING_ENTERED = N_("Nothing was entered.")
TIME = click.DateTime(("%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f%z", "%Y-%m-%dT%H:%M:%S%z"))


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


@db.command(
    help=N_("Check versions, rights, secrets and the settings of the server; exit code 1 if something does not hold.")
)
@output_options
def check(out: Output) -> ExitCode:
    """Check the database and its server."""
    from gridmap.services.operations.database import database_url
    from gridmap.services.operations.database_checks import check_database

    checks = check_database(database_url())
    for item in checks:
        out.print_text(*_check_lines(item))
    out.print_json({"checks": [_check_values(item, out.language) for item in checks]})
    return ExitCode.OK if all(item.holds for item in checks) else ExitCode.FAULTS


@db.command(help=N_("Upgrade the database to this version of gridmap; an up-to-date database is not changed."))
@click.option(
    "--new-secrets",
    is_flag=True,
    help=N_("Replace the secrets that the database knows by those of this host, and shut out hosts with the old ones."),
)
@output_options
def upgrade(out: Output, new_secrets: bool) -> ExitCode:
    """Upgrade the database."""
    from gridmap.services.operations.database import upgrade_database

    with progress_bar(out.language) as progress:
        version = upgrade_database(progress, new_secrets=new_secrets)
    out.print_text(Message(DATABASE_UPGRADED))
    out.print_json({"schema": version})
    return ExitCode.OK


@db.command(help=N_("Pack the months of incidents again from the rows of the incidents; the service may run."))
@output_options
def repack(out: Output) -> ExitCode:
    """Pack the months of incidents again."""
    from gridmap.services.operations.database import repack_incidents

    repack_incidents()
    out.print_text(Message(MONTHS_REPACKED))
    out.print_json({})
    return ExitCode.OK


@db.command(help=N_("Back up the database into a new file named by the time; the service may run."))
@click.argument("folder", required=False, type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--recipient",
    "recipients",
    multiple=True,
    help=N_("Recipient that the file is encrypted for; default: those of gridmap keys recipient."),
)
@click.option(
    "--scheduled",
    is_flag=True,
    help=N_("Only if the backup of the night is due; old backups in the folder are then deleted."),
)
@click.option("--hour", type=HOUR_RANGE, envvar="GRIDMAP_BACKUP_HOUR", default=3, show_default=True, help=HOUR_HELP)
@output_options
def backup(out: Output, folder: Path | None, recipients: tuple[str, ...], scheduled: bool, hour: int) -> ExitCode:
    """Back up the database."""
    from gridmap.services.operations import backups

    if scheduled:
        new_backup = backups.back_up_if_due(folder, hour)
    else:
        if not recipients and not backups.load_recipients().recipients:
            out.print_text(backups.CLEAR_TEXT_CONTENT)
        new_backup = backups.back_up(folder, recipients)
    out.print_text(Message(BACKED_UP, {"file": new_backup}) if new_backup else Message(NOT_DUE))
    out.print_json({"backup": str(new_backup) if new_backup else None})
    return ExitCode.OK


@db.command(help=N_("Restore a backup; the database that it replaces is kept until the next restore."))
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--identity", type=INPUT_PATH, help=N_("File with the identity that decrypts the backup."))
@output_options
def restore(out: Output, file: Path, identity: Path | None) -> ExitCode:
    """Restore a backup."""
    from gridmap.cli.operations.restore_report import restore_sentences, restore_values
    from gridmap.services.operations.restores import restore_database

    report = restore_database(file, identity)
    out.print_text(*restore_sentences(file, report))
    out.print_json(restore_values(file, report))
    return ExitCode.OK


@db.command(help=N_("Count what was entered since a time, by table; a way back to an older backup would lose it."))
@click.option("--since", type=TIME, required=True, help=N_("Time in UTC, such as 2026-11-28T17:30:00."))
@output_options
def entries(out: Output, since: datetime) -> ExitCode:
    """Count entries."""
    from gridmap.services.operations.database import count_entries_since

    counts = count_entries_since(since if since.tzinfo else since.replace(tzinfo=UTC))
    out.print_text(*(Message("{table}: {count}", {"table": name, "count": counts[name]}) for name in counts))
    out.print_text(*([] if counts else [Message(NOTHING_ENTERED)]))
    out.print_json({"entries": counts})
    return ExitCode.OK


def _report_status(out: Output) -> ExitCode:
    """Report how the database is now."""
    from gridmap.services.operations.backups import describe_backup_alarm
    from gridmap.services.operations.database import describe_database

    description = describe_database()
    running = Message(DATABASE_RUNNING, {"url": description["url"]}) if description["running"] else None
    alarm = describe_backup_alarm() if running else ()
    out.print_text(running or Message(DATABASE_STOPPED), *alarm)
    out.print_json({**description, "backup_alarm": [str(sentence) for sentence in alarm]} if running else description)
    return ExitCode.OK


def _check_lines(check: DatabaseCheck) -> Iterator[Message]:
    """Yield a check as a line, and below one that does not hold what was found and what to do."""
    if check.holds:
        yield Message(CHECK_HOLDS, {"subject": check.subject})
        return
    yield Message(CHECK_FAILS, {"subject": check.subject})
    if check.found:
        yield Message(CHECK_FOUND, {"found": check.found})
    if check.advice:
        yield Message(CHECK_ADVICE, {"advice": check.advice})


def _check_values(check: DatabaseCheck, language: str) -> dict[str, object]:
    advice = translate(check.advice, language) if check.advice and not check.holds else None
    return {
        "subject": translate(check.subject, language),
        "holds": check.holds,
        "found": check.found,
        "advice": advice,
    }
