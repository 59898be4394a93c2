"""The owner's commands for the keys of what is sealed in the database."""

from typing import Any

import click

from gridmap.cli.options import HELP, answering
from gridmap.cli.owner import database
from gridmap.cli.progress import shown
from gridmap.cli.voice import Exit, Voice
from gridmap.core.errors import N_, Message

SOUND = N_("Keys in {file}: {keys}. All {count} sealed values open.")
WRONG = N_("Of {count} sealed values {wrong} do not open: {first}")
HALFWAY = N_("A change of keys was interrupted: {keys}. gridmap keys rotate goes on with it.")
CHANGED = N_("The key is changed; the numbers of {count} residents are sealed anew. Keep a copy of {file}.")


@click.group(help=N_("Look after the keys of sealed numbers: change them, check that all opens."))
@click.help_option(help=HELP)
def keys() -> None:
    """Look after keys."""


@keys.command(help=N_("Open every sealed number and compare it with its mark; exit 1 when one does not open."))
@answering
def check(voice: Voice) -> Exit:
    """Check."""
    from gridmap.services import keys as using
    from gridmap.store.keys import path

    with database(voice).transaction() as session:
        state = using.check(session)
    count = sum(state.values.values())
    known: dict[str, Any] = {"file": str(path()), "keys": ", ".join(state.keys), "count": count}
    if state.wrong:
        voice.tell(Message(WRONG, {"count": count, "wrong": len(state.wrong), "first": ", ".join(state.wrong[:5])}))
    else:
        voice.tell(Message(SOUND if state.sound else HALFWAY, known))
    voice.give({**known, "keys": list(state.keys), "by_key": state.values, "wrong": list(state.wrong)})
    return Exit.FINE if state.sound else Exit.FAULTS


@keys.command(help=N_("Change the key: seal everything anew and drop the old one. What was interrupted goes on."))
@answering
def rotate(voice: Voice) -> Exit:
    """Change the key."""
    from gridmap.services import keys as using
    from gridmap.store.keys import path

    with shown(voice.language) as progress:
        done = using.rotate(database(voice), progress)
    voice.tell(Message(CHANGED, {"count": done, "file": str(path())}))
    voice.give({"residents": done, "file": str(path())})
    return Exit.FINE
