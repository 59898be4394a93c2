"""The owner's commands for the keys of what is sealed in the database."""

from typing import Any

import click

from gridmap.cli.options import HELP_TEXT, output_options
from gridmap.cli.output import ExitCode, Output
from gridmap.cli.owner_database import open_database
from gridmap.cli.progress import progress_bar
from gridmap.core.caller import OWNER
from gridmap.core.errors import N_, Message

KEYS_VALID = N_("Keys in {file}: {keys}. All {count} sealed values open.")
KEYS_INVALID = N_("Of {count} sealed values {wrong} do not open: {first}")
ROTATION_INTERRUPTED = N_("A change of keys was interrupted: {keys}. gridmap keys rotate goes on with it.")
KEY_ROTATED = N_("The key is changed; the numbers of {count} residents are sealed anew. Keep a copy of {file}.")


@click.group(help=N_("Look after the keys of sealed numbers: change them, check that all opens."))
@click.help_option(help=HELP_TEXT)
def keys() -> None:
    """Look after keys."""


@keys.command(help=N_("Open every sealed number and compare it with its mark; exit 1 when one does not open."))
@output_options
def check(out: Output) -> ExitCode:
    """Check."""
    from gridmap.services.accounts import encryption_keys as using
    from gridmap.store.key_ring import key_file_path

    with open_database(out).transaction() as session:
        state = using.check_keys(session, OWNER)
    count = sum(state.values_by_key.values())
    known: dict[str, Any] = {"file": str(key_file_path()), "keys": ", ".join(state.key_ids), "count": count}
    if state.unreadable:
        out.print_text(
            Message(
                KEYS_INVALID, {"count": count, "wrong": len(state.unreadable), "first": ", ".join(state.unreadable[:5])}
            )
        )
    else:
        out.print_text(Message(KEYS_VALID if state.is_sound else ROTATION_INTERRUPTED, known))
    out.print_json(
        {**known, "keys": list(state.key_ids), "by_key": state.values_by_key, "wrong": list(state.unreadable)}
    )
    return ExitCode.OK if state.is_sound else ExitCode.FAULTS


@keys.command(help=N_("Change the key: seal everything anew and drop the old one. What was interrupted goes on."))
@output_options
def rotate(out: Output) -> ExitCode:
    """Change the key."""
    from gridmap.services.accounts import encryption_keys as using
    from gridmap.store.key_ring import key_file_path

    with progress_bar(out.language) as progress:
        done = using.rotate_keys(open_database(out), progress)
    out.print_text(Message(KEY_ROTATED, {"count": done, "file": str(key_file_path())}))
    out.print_json({"residents": done, "file": str(key_file_path())})
    return ExitCode.OK
