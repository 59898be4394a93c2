"""What all commands have in common: whom they answer, and in which language."""

import os
from collections.abc import Callable
from typing import Any

import click

from gridmap.cli.output import ExitCode
from gridmap.core.errors import N_
from gridmap.texts import LANGUAGES

HELP_TEXT = N_("Show this help.")


def output_options(command: Callable[..., ExitCode]) -> Callable[..., ExitCode]:
    """Hand a command its `Voice`, with the two options that choose it."""
    languages = click.Choice(LANGUAGES)
    language = click.option(
        "--language",
        type=languages,
        expose_value=False,
        help=N_("Language of all texts; else the terminal's, and Chinese on map pages."),
    )
    machine = click.option("--json", is_flag=True, expose_value=False, help=N_("Print one JSON object for machines."))
    helping = click.help_option(help=HELP_TEXT)
    return language(machine(helping(click.pass_obj(command))))


def range_options(command: Callable[..., ExitCode]) -> Callable[..., ExitCode]:
    """The range of a grid."""
    fewest = click.option(
        "--min", "minimum", type=int, default=300, show_default=True, help=N_("Fewest households of a grid.")
    )
    most = click.option(
        "--max", "maximum", type=int, default=500, show_default=True, help=N_("Most households of a grid.")
    )
    return fewest(most(command))


def build_profile(minimum: int, maximum: int, target: int | None = None) -> Any:
    """The rule for sizes; halfway is what an equal division of a range comes to."""
    from gridmap.core.plans.profile import Profile

    return Profile(minimum, maximum, (minimum + maximum) // 2 if target is None else target)


def count_processors() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0))
