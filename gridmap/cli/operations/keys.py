"""Commands of the owner for the keys that encrypt numbers in the database, and for those of backups."""

from collections.abc import Sequence
from pathlib import Path

import click

from gridmap.cli.options import HELP_TEXT, OUTPUT_FILE, output_options
from gridmap.cli.output import ExitCode, Output
from gridmap.cli.progress import progress_bar
from gridmap.core.caller import OWNER
from gridmap.core.errors import N_, Message, NotPossible

KEYS_VALID = N_("Keys in {file}: {keys}. All {count} encrypted values can be decrypted.")
KEYS_INVALID = N_("{unreadable} of {count} encrypted values cannot be decrypted: {first}")
ROTATION_INTERRUPTED = N_("A key rotation was interrupted: {keys}. gridmap keys rotate continues it.")
KEY_ROTATED = N_("The key is rotated; the numbers of {count} residents are encrypted again. Keep a copy of {file}.")
IDENTITY_WRITTEN = N_(
    "The identity is in {file}. Move it off this machine, for example to two memory sticks in two safes: without it"
    " nobody can restore the backups, and with it everybody can read them."
)
RECIPIENTS = N_("Backups are encrypted for: {recipients}")
CLEAR_TEXT_CHOSEN = N_("Backups are made in clear text.")
NOTHING_CHOSEN = N_("No recipient of backups is chosen: gridmap makes none by itself, and others are in clear text.")
MAX_LISTED_VALUES = 5
SECRET_REPLACED = N_("The secret {name} is replaced. Keep a copy of {file}.")
ROTATED_SECRETS = ("app-password", "auth-password", "jobs-password", "cookie-secret", "pepper")


@click.group(help=N_("Manage the keys of encrypted numbers, and the recipients of backups."))
@click.help_option(help=HELP_TEXT)
def keys() -> None:
    """Group the commands for keys."""


@keys.command(
    help=N_(
        "Decrypt every encrypted number, compare it with its keyed hash, and look for the pepper of every password; "
        "exit code 1 if one fails."
    )
)
@output_options
def check(out: Output) -> ExitCode:
    """Check the keys."""
    from gridmap.services.accounts.encryption_keys import check_keys, key_file
    from gridmap.services.accounts.pepper import find_missing_peppers
    from gridmap.services.operations.database import open_database

    with progress_bar(out.language) as progress, open_database(progress).transaction() as session:
        result, pepper_faults = check_keys(session, OWNER), find_missing_peppers(session)
    values = {
        "file": str(key_file()),
        "keys": ", ".join(result.key_ids),
        "count": sum(result.values_by_key.values()),
        "unreadable": len(result.unreadable),
        "first": ", ".join(result.unreadable[:MAX_LISTED_VALUES]),
    }
    sound = KEYS_VALID if result.is_sound else ROTATION_INTERRUPTED
    for message in (Message(KEYS_INVALID if result.unreadable else sound, values), *pepper_faults):
        out.print_text(message)
    out.print_json(
        {
            "file": values["file"],
            "keys": list(result.key_ids),
            "count": values["count"],
            "by_key": result.values_by_key,
            "unreadable": list(result.unreadable),
            "peppers": [str(fault) for fault in pepper_faults],
        }
    )
    return ExitCode.OK if result.is_sound and not pepper_faults else ExitCode.FAULTS


@keys.command(
    help=N_(
        "Rotate the key: encrypt everything with a new key and delete the old one; continues an interrupted rotation."
    )
)
@output_options
def rotate(out: Output) -> ExitCode:
    """Rotate the key."""
    from gridmap.services.accounts.encryption_keys import key_file, rotate_keys
    from gridmap.services.operations.database import open_database

    with progress_bar(out.language) as progress:
        count = rotate_keys(open_database(progress), progress)
    out.print_text(Message(KEY_ROTATED, {"count": count, "file": str(key_file())}))
    out.print_json({"residents": count, "file": str(key_file())})
    return ExitCode.OK


@keys.command(help=N_("Print or choose the recipients of backups: whoever has their identity can restore them."))
@click.argument("recipients", nargs=-1, metavar="[RECIPIENT]...")
@click.option("--new", "identity_file", type=OUTPUT_FILE, help=N_("Create a key pair and write its identity to FILE."))
@click.option("--clear-text", is_flag=True, help=N_("Make backups in clear text, also the scheduled ones."))
@output_options
def recipient(out: Output, recipients: tuple[str, ...], identity_file: Path | None, clear_text: bool) -> ExitCode:
    """Print or choose the recipients of backups."""
    from gridmap.services.operations import backups

    if sum(map(bool, (recipients, identity_file, clear_text))) > 1:
        raise NotPossible(Message(N_("Choose one of the three: recipients, --new or --clear-text.")))
    if identity_file:
        backups.create_recipient(identity_file)
        out.print_text(Message(IDENTITY_WRITTEN, {"file": identity_file}))
    elif recipients or clear_text:
        backups.save_recipients(recipients, clear_text=clear_text)
    chosen = backups.load_recipients()
    out.print_text(*_describe_recipients(chosen.recipients, clear_text=chosen.clear_text))
    out.print_json({"recipients": list(chosen.recipients), "clear_text": chosen.clear_text})
    return ExitCode.OK


def _describe_recipients(recipients: Sequence[str], *, clear_text: bool) -> list[Message]:
    if recipients:
        return [Message(RECIPIENTS, {"recipients": ", ".join(recipients)})]
    return [Message(CLEAR_TEXT_CHOSEN if clear_text else NOTHING_CHOSEN)]


@keys.command(
    help=N_("Replace a password of the application's logins, the key of cookies, or the pepper; pages stay available.")
)
@click.argument("name", type=click.Choice(ROTATED_SECRETS))
@output_options
def replace(out: Output, name: str) -> ExitCode:
    """Replace a secret."""
    from gridmap.secret_files import Secret, secret_place
    from gridmap.services.accounts.secret_rotation import rotate_secret
    from gridmap.services.operations.database import start_database

    with progress_bar(out.language) as progress:
        rotate_secret(start_database(progress), Secret(name))
    values = {"name": name, "file": secret_place(name)}
    out.print_text(Message(SECRET_REPLACED, values))
    out.print_json(values)
    return ExitCode.OK
