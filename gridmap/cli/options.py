"""What all commands have in common: whom they answer, and in which language."""

from collections.abc import Callable

import click

from gridmap.cli.voice import Exit
from gridmap.core.errors import N_
from gridmap.texts import LANGUAGES

HELP = N_("Show this help.")


def answering(command: Callable[..., Exit]) -> Callable[..., Exit]:
    """Hand a command its `Voice`, with the two options that choose it."""
    languages = click.Choice(LANGUAGES)
    language = click.option(
        "--language",
        type=languages,
        expose_value=False,
        help=N_("Language of all texts; else the terminal's, and Chinese on map pages."),
    )
    machine = click.option("--json", is_flag=True, expose_value=False, help=N_("Print one JSON object for machines."))
    helping = click.help_option(help=HELP)
    return language(machine(helping(click.pass_obj(command))))
