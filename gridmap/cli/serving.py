"""The command that runs the service."""

from contextlib import AbstractContextManager
from functools import partial
from typing import Any

import click

from gridmap.cli.options import answering
from gridmap.cli.progress import shown
from gridmap.cli.voice import Exit, Voice
from gridmap.core.errors import N_
from gridmap.core.progress import Progress


@click.command(help=N_("Run the service: database, web pages, and what keeps them alive. Ctrl-C stops it."))
@click.option("--host", default="127.0.0.1", show_default=True, help=N_("Address to listen at."))
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    envvar="GRIDMAP_PORT",
    default=8000,
    show_default=True,
    help=N_("Port to listen at; GRIDMAP_PORT says it, too."),
)
@click.option(
    "--processes", type=click.IntRange(1, 64), default=2, show_default=True, help=N_("Web processes side by side.")
)
@answering
def serve(voice: Voice, **options: Any) -> Exit:
    """Serve until told to stop."""
    from gridmap.serving.service import Service

    showing: partial[AbstractContextManager[Progress]] = partial(shown, voice.language)
    Service(**options).run(voice.tell_all, showing)
    return Exit.FINE
