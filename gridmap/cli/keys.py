"""Commands of the owner for the keys that encrypt numbers in the database."""

import click

from gridmap.cli.options import HELP_TEXT, output_options
from gridmap.cli.output import ExitCode, Output
from gridmap.cli.progress import progress_bar
from gridmap.core.caller import OWNER
from gridmap.core.errors import N_, Message

KEYS_VALID = N_("Keys in {file}: {keys}. All {count} encrypted values can be decrypted.")
KEYS_INVALID = N_("{unreadable} of {count} encrypted values cannot be decrypted: {first}")
ROTATION_INTERRUPTED = N_("A key rotation was interrupted: {keys}. gridmap keys rotate continues it.")
KEY_ROTATED = N_("The key is rotated; the numbers of {count} residents are encrypted again. Keep a copy of {file}.")
MAX_LISTED_VALUES = 5


@click.group(help=N_("Manage the keys of encrypted numbers: check and rotate them."))
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
