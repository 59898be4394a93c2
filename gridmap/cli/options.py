"""Options that several commands share."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gridmap.cli.output import ExitCode
from gridmap.core.errors import N_
from gridmap.texts import LANGUAGES

if TYPE_CHECKING:
    from gridmap.core.plans.profile import Profile

Command = Callable[..., ExitCode]
HELP_TEXT = N_("Show this help.")
DATE = click.DateTime(("%Y-%m-%d",))
INPUT_PATH = click.Path(path_type=Path)
OUTPUT_FILE = click.Path(dir_okay=False, path_type=Path)
HOUR_RANGE = click.IntRange(0, 23)
HOUR_HELP = N_("Hour of the office's time at which the backup of the night is due; also GRIDMAP_BACKUP_HOUR.")
PRESETS = ("town", "strip", "towers")
MAX_MEND_WIDTH_M = 5.0
"""Width of a lane: a wider strip between communities is land that somebody has to decide on."""
READING_OPTIONS = {
    "encoding": (
        "NAME",
        False,
        N_("Encoding of the texts, such as GBK; default: what the files say, checked against their texts."),
    ),
    "crs": (
        "CODE",
        True,
        N_("CRS of the coordinates, whatever the files say; LAYER=CODE for one layer; may be repeated."),
    ),
    "datum": (
        "DATUM",
        True,
        N_("Datum of the coordinates: wgs84, gcj02 or bd09; LAYER=DATUM for one layer; may be repeated."),
    ),
    "column": (
        "FIELD=HEADER",
        True,
        N_("Column to read as a field, such as households=户数; LAYER.FIELD=HEADER for one layer; may be repeated."),
    ),
}
"""Statements of a person about files: placeholder of the value, whether it may be repeated, and help."""


def output_options(command: Command) -> Command:
    """Pass a command its `Output`, with the two options that choose it."""
    language = click.option(
        "--language",
        type=click.Choice(LANGUAGES),
        expose_value=False,
        help=N_("Language of all texts; default: the language of the terminal, and Chinese for map pages."),
    )
    json = click.option("--json", is_flag=True, expose_value=False, help=N_("Print one JSON object for machines."))
    help_option = click.help_option(help=HELP_TEXT)
    return language(json(help_option(click.pass_obj(command))))


def output_option(help_text: str) -> Callable[[Command], Command]:
    """Add the option for the file to write."""
    return click.option("-o", "--output", type=OUTPUT_FILE, required=True, help=help_text)


def grids_option(command: Command) -> Command:
    """Add the option for the file with grids drawn by hand."""
    help_text = N_("File with the grids; default: the layer grids of the town package.")
    return click.option("--grids", type=INPUT_PATH, help=help_text)(command)


def reading_options(command: Command) -> Command:
    """Pass a command the mapping ``reading``: what the person says about the files, for `input_source`."""

    @wraps(command)
    def with_reading(*args: Any, **options: Any) -> ExitCode:
        return command(*args, reading={name: options.pop(name) for name in READING_OPTIONS}, **options)

    for name, (metavar, is_multiple, help_text) in reversed(READING_OPTIONS.items()):
        with_reading = click.option(f"--{name}", metavar=metavar, multiple=is_multiple, help=help_text)(with_reading)
    return with_reading


def town_reading_options(command: Command) -> Command:
    """Pass a command the mapping ``reading``, with the width up to which communities are mended."""

    @wraps(command)
    def with_width(*args: Any, reading: dict[str, Any], mend_width: float, **options: Any) -> ExitCode:
        return command(*args, reading={**reading, "mend_width_m": mend_width}, **options)

    width = click.option(
        "--mend-width",
        type=click.FloatRange(0, MAX_MEND_WIDTH_M),
        default=1.0,
        show_default=True,
        metavar="METRES",
        help=N_("Width up to which gaps and overlaps of communities are mended; 0 for none."),
    )
    return reading_options(width(with_width))


def range_options(command: Command) -> Command:
    """Add the options for the norm range of a grid: a profile by name, and its limits one by one."""
    profile_help = N_("Rule set by name, such as 300, 600 or 3000 (data/profiles.toml), or a TOML file of your own.")
    profile = click.option("--profile", metavar="NAME", help=profile_help)
    minimum_help = N_("Minimum households of a grid; default: that of the profile, 300.")
    maximum_help = N_("Maximum households of a grid; default: that of the profile, 500.")
    minimum = click.option("--min", "minimum", type=int, help=minimum_help)
    maximum = click.option("--max", "maximum", type=int, help=maximum_help)
    return profile(minimum(maximum(command)))


def seed_option(help_text: str) -> Callable[[Command], Command]:
    """Add the option for the seed of random numbers."""
    return click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help=help_text)


def preset_options(default: str) -> Callable[[Command], Command]:
    """Add the options for the preset and the seed of an invented town."""
    preset = click.option(
        "--preset",
        type=click.Choice(PRESETS),
        default=default,
        show_default=True,
        help=N_("Preset: a town, a strip along a river, or towers alone."),
    )
    seed = seed_option(N_("The same seed gives the same town."))
    return lambda command: preset(seed(command))


def build_profile(
    minimum: int | None = None, maximum: int | None = None, target: int | None = None, profile: str | None = None
) -> Profile:
    """Build the profile of a norm range: a named one, with other limits where they are given.

    Examples
    --------
    >>> build_profile(profile="600"), build_profile(200, profile="300")
    (Profile(minimum=480, maximum=720, target=600, max_radius_m=0.0), Profile(minimum=200, maximum=360, target=280, \
max_radius_m=0.0))
    """
    from gridmap.catalogues import find_profile
    from gridmap.core.plans.profile import Profile

    base = find_profile(profile) if profile else Profile()
    low = base.minimum if minimum is None else minimum
    high = base.maximum if maximum is None else maximum
    middle = base.target if minimum is maximum is None else (low + high) // 2
    return Profile(low, high, middle if target is None else target, base.max_radius_m)


def count_processors() -> int:
    """Count the processors that this process may use."""
    return len(os.sched_getaffinity(0))


def date_of(time: datetime | None) -> date | None:
    """Return the date of an optional time, as `DATE` parses it."""
    return time.date() if time else None
