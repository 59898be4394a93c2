"""Options of a partition from the grids of today."""

from functools import wraps
from typing import Any

import click

from gridmap.cli.options import INPUT_PATH, Command
from gridmap.cli.output import ExitCode
from gridmap.core.errors import N_, Message, NotPossible
from gridmap.core.repartition.figures import DEFAULT_ALTERNATIVES, MAX_ALTERNATIVES, RepartitionWeights

DEFAULT_WEIGHTS = RepartitionWeights()
DEFAULTS: dict[str, object] = {
    "max_moved": None,
    "locked": (),
    "alternatives": DEFAULT_ALTERNATIVES,
    "cut_weight": DEFAULT_WEIGHTS.cut,
    "border_weight": DEFAULT_WEIGHTS.border_m,
}
OPTIONS: dict[str, dict[str, Any]] = {
    "present": {
        "type": INPUT_PATH,
        "help": N_("File with the grids of today: as few households as possible get another grid."),
    },
    "max-moved": {
        "type": click.IntRange(min=0),
        "metavar": "N",
        "help": N_("Households that may get another grid, at most; default: as many as the range needs."),
    },
    "locked": {
        "multiple": True,
        "metavar": "CODE",
        "help": N_("Code of a grid that stays exactly as it is; may be repeated."),
    },
    "alternatives": {
        "type": click.IntRange(1, MAX_ALTERNATIVES),
        "default": DEFAULT_ALTERNATIVES,
        "show_default": True,
        "metavar": "N",
        "help": N_("Plans to compare, at most: the first moves the least, others have shorter borders."),
    },
    "cut-weight": {
        "type": click.FloatRange(min=0),
        "default": DEFAULT_WEIGHTS.cut,
        "show_default": True,
        "help": N_("Moved households that an estate, courtyard or resident group newly cut is worth."),
    },
    "border-weight": {
        "type": click.FloatRange(min=0, min_open=True),
        "default": DEFAULT_WEIGHTS.border_m,
        "show_default": True,
        "help": N_("Moved households that a metre of border between buildings is worth."),
    },
}


def present_options(command: Command) -> Command:
    """Pass a command the mapping ``present`` with the options about the grids of today."""

    @wraps(command)
    def with_present(*args: Any, **options: Any) -> ExitCode:
        present = {name: options.pop(name) for name in ("present", *DEFAULTS)}
        return command(*args, present=present, **options)

    for name, option in reversed(OPTIONS.items()):
        with_present = click.option(f"--{name}", **option)(with_present)
    return with_present


def refuse_without_present(present: dict[str, Any]) -> None:
    """Refuse options about the grids of today where there are none.

    Raises
    ------
    NotPossible
        With the name of the first such option.
    """
    for name, default in DEFAULTS.items():
        if present[name] != default:
            text = N_("--{option} is for a partition from today's grids: name their file with --present.")
            raise NotPossible(Message(text, {"option": name.replace("_", "-")}))


def refuse_with_present(options: dict[str, object]) -> None:
    """Refuse options of a partition from scratch that are given beside the grids of today.

    Raises
    ------
    NotPossible
        With the name of the first such option.
    """
    for name, value in options.items():
        if value is not None:
            text = N_("--{option} is for a partition from scratch: leave it out, or leave out --present.")
            raise NotPossible(Message(text, {"option": name}))


def build_weights(present: dict[str, Any]) -> RepartitionWeights:
    """Build the weights of what changes."""
    return RepartitionWeights(present["cut_weight"], present["border_weight"])
