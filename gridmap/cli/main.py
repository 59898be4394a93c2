"""The command group, and the run of one command."""

import copy
import io
import os
import sys
import warnings
from collections.abc import Sequence
from typing import TypeVar

import click

from gridmap.cli.accounts import account
from gridmap.cli.exports import export, load_plan, load_whole_subdistrict
from gridmap.cli.files import check, demo_town, draw_map, estimate, explain, inspect_input, partition, repair
from gridmap.cli.imports import import_sheet
from gridmap.cli.jobs import jobs
from gridmap.cli.operations.db import db
from gridmap.cli.operations.installation import rollback, uninstall, upgrade
from gridmap.cli.operations.keys import keys
from gridmap.cli.operations.serve import serve, web
from gridmap.cli.operations.service import service
from gridmap.cli.options import HELP_TEXT
from gridmap.cli.output import ExitCode, Output
from gridmap.cli.territory.buildings import building
from gridmap.cli.territory.land import land
from gridmap.cli.territory.norms import norm
from gridmap.cli.territory.subdistricts import subdistrict
from gridmap.cli.towns import demo, load
from gridmap.config import require_scram, set_kernel_cache
from gridmap.core.errors import N_
from gridmap.environment import check_variables
from gridmap.texts import translate

Translatable = TypeVar("Translatable", bound=click.Command | click.Option)
COMMANDS = (
    *(partition, check, repair, explain, draw_map, estimate, inspect_input, demo_town),
    *(load, load_plan, load_whole_subdistrict, import_sheet, demo, subdistrict, norm, building, land, export),
    *(serve, web, jobs, db, account, keys, service, upgrade, rollback, uninstall),
)


def main() -> None:
    """Run the console command."""
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    set_kernel_cache()
    require_scram()
    code = run(sys.argv[1:])
    if code == ExitCode.INTERRUPTED:  # kernels may still run in other threads, and nobody wants to wait for them
        os._exit(code)
    sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run one command; every error ends in a sentence and an exit code."""
    out = Output.from_arguments(arguments)
    command = translate_command(commands, out.language)
    try:
        return command.main(list(arguments), "gridmap", standalone_mode=False, obj=out) or ExitCode.OK
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - unexpected errors are reported with an id
        return out.handle_error(error)


def translate_command(command: Translatable, language: str) -> Translatable:
    """Copy a command or option with its help in a language."""
    translated = copy.copy(command)
    translated.help = command.help and translate(command.help, language)
    if isinstance(translated, click.Command):
        options = (parameter for parameter in translated.params if isinstance(parameter, click.Option))
        arguments = [parameter for parameter in translated.params if isinstance(parameter, click.Argument)]
        translated.params = [*arguments, *(translate_command(option, language) for option in options)]
    if isinstance(translated, click.Group):
        members = translated.commands.items()
        translated.commands = {name: translate_command(member, language) for name, member in members}
    return translated


@click.group(help=N_("Valid, gap-free grids of 300–500 households, on a map."))
@click.version_option(package_name="gridmap", help=N_("Print the version."))
@click.help_option(help=HELP_TEXT)
def commands() -> None:
    """Check the environment before any command."""
    check_variables()


for _command in COMMANDS:
    commands.add_command(_command)
