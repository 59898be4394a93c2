"""Commands. Each is one call of a service; the rest translates between a person or a machine and that call."""

import copy
import io
import os
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from gridmap.cli.accounts import account
from gridmap.cli.db import db
from gridmap.cli.keys import keys
from gridmap.cli.options import HELP_TEXT, build_profile, count_processors, output_options, range_options
from gridmap.cli.output import ExitCode, Output
from gridmap.cli.progress import progress_bar
from gridmap.cli.serve import serve
from gridmap.cli.towns import demo, load
from gridmap.config import set_kernel_cache
from gridmap.core.errors import N_, Message
from gridmap.texts import DEFAULT_LANGUAGE, translate

WRITTEN = N_("written: {file}")
OUTPUT_FILE = click.Path(dir_okay=False, path_type=Path)


def main() -> None:
    """Entry point of the console command."""
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    set_kernel_cache()
    code = run(sys.argv[1:])
    if code == ExitCode.INTERRUPTED:  # kernels may be at work in other threads, and nobody wants to wait for them
        os._exit(code)
    sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run one command; whatever happens, it ends in an exit code and a sentence."""
    voice = Output.from_arguments(arguments)
    spoken = translate_command(commands, voice.language)
    try:
        return spoken.main(list(arguments), "gridmap", standalone_mode=False, obj=voice) or ExitCode.OK
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - unknown trouble, too, is told with an id
        return voice.handle_error(error)


def translate_command(command: Any, language: str) -> Any:
    """A copy of a command or option whose help is in a language."""
    spoken = copy.copy(command)
    spoken.help = command.help and translate(command.help, language)
    if isinstance(command, click.Command):
        options = (one for one in command.params if isinstance(one, click.Option))
        arguments = [one for one in command.params if isinstance(one, click.Argument)]
        spoken.params = [*arguments, *(translate_command(option, language) for option in options)]
    if isinstance(command, click.Group):
        spoken.commands = {name: translate_command(each, language) for name, each in command.commands.items()}
    return spoken


def output_option(help_text: str) -> Callable[[Callable[..., ExitCode]], Callable[..., ExitCode]]:
    """Where a command writes to."""
    return click.option("-o", "--output", type=OUTPUT_FILE, required=True, help=help_text)


def grids_option(command: Callable[..., ExitCode]) -> Callable[..., ExitCode]:
    """Where the grids are that somebody drew."""
    meaning = N_("File with the grids; else the layer grids of the town package.")
    return click.option("--grids", type=click.Path(path_type=Path), help=meaning)(command)


@click.group(help=N_("Sound, gap-free grids of 300–500 households, on a map."))
@click.version_option(package_name="gridmap", help=N_("Print the version."))
@click.help_option(help=HELP_TEXT)
def commands() -> None:
    """Divide communities into grids."""


commands.add_command(db)
commands.add_command(account)
commands.add_command(keys)
commands.add_command(serve)
commands.add_command(load)
commands.add_command(demo)


@commands.command(help=N_("Divide the communities of a town package into grids of nearly equal households."))
@click.argument("town", type=click.Path(path_type=Path))
@output_option(N_("GeoPackage for the grids; the report is written beside it."))
@range_options
@click.option("--target", type=int, help=N_("Households to aim at; else halfway between the two."))
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help=N_("Same seed, same grids."))
@click.option(
    "--jobs", type=click.IntRange(min=1), help=N_("Communities divided at the same time; else all processors.")
)
@output_options
def partition(out: Output, town: Path, output: Path, seed: int, jobs: int | None, **sizes: Any) -> ExitCode:
    """Divide a town; exit 3 when a grid had to stay out of range."""
    from gridmap.core.partition.partition import PartitionSettings
    from gridmap.services.files.partition import partition_file

    with progress_bar(out.language) as progress:
        settings = PartitionSettings(build_profile(**sizes), seed=seed, jobs=jobs or count_processors())
        report = partition_file(town, output, settings, out.language, progress)
    out.print_text(*report.summary(), *report.exceptions, Message(WRITTEN, {"file": output}))
    out.print_json(report.as_json())
    return ExitCode.OUT_OF_RANGE if report.out_of_range else ExitCode.OK


@commands.command(help=N_("Find what is wrong with grids that somebody drew: gaps, overlaps, buildings left out."))
@click.argument("town", type=click.Path(path_type=Path))
@output_option(N_("GeoPackage for the faults; the report is written beside it."))
@grids_option
@range_options
@output_options
def check(out: Output, town: Path, output: Path, grids: Path | None, **sizes: Any) -> ExitCode:
    """Check grids; exit 1 when anything was found."""
    from gridmap.services.files.check import check_file

    with progress_bar(out.language) as progress:
        report = check_file(town, output, grids, build_profile(**sizes), out.language, progress)
    out.print_text(*report.summary(), Message(WRITTEN, {"file": output}))
    out.print_json(report.as_json())
    return ExitCode.OK if report.is_sound else ExitCode.FAULTS


@commands.command(help=N_("Turn grids that somebody drew into sound ones: codes are kept, every change is listed."))
@click.argument("town", type=click.Path(path_type=Path))
@output_option(N_("GeoPackage for the grids; the report is written beside it."))
@grids_option
@range_options
@output_options
def repair(out: Output, town: Path, output: Path, grids: Path | None, **sizes: Any) -> ExitCode:
    """Repair grids; exit 3 when one is out of range, since a repair changes no sizes."""
    from gridmap.core.partition.partition import PartitionSettings
    from gridmap.services.files.check import repair_file

    with progress_bar(out.language) as progress:
        report = repair_file(town, output, grids, PartitionSettings(build_profile(**sizes)), out.language, progress)
    out.print_text(*report.summary(), Message(WRITTEN, {"file": output}))
    out.print_json(report.as_json())
    return ExitCode.OUT_OF_RANGE if report.out_of_range else ExitCode.OK


@commands.command(name="map", help=N_("Draw the grids of a partition on a map page that opens without any network."))
@click.argument("result", type=click.Path(path_type=Path))
@output_option(N_("HTML page for the map."))
@output_options
def draw_map(out: Output, result: Path, output: Path) -> ExitCode:
    """Draw a map; its readers are not those of the terminal, so it opens in Chinese unless told otherwise."""
    from gridmap.services.files.map import write_map_file

    write_map_file(result, output, out.requested_language or DEFAULT_LANGUAGE)
    return report_written(out, "map", output)


@commands.command(help=N_("Fill in households that nobody counted: floor area over the gross area of a household."))
@click.argument("town", type=click.Path(path_type=Path))
@output_option(N_("GeoPackage for the town; the report is written beside it."))
@click.option(
    "--gross-area",
    type=(str, float),
    multiple=True,
    metavar="KIND M2",
    help=N_("Gross area of a household in a kind of building; may be repeated."),
)
@click.option(
    "--footprint-m2", type=float, help=N_("Footprint of a building that is a point; else points are refused.")
)
@click.option("--levels-default", type=float, help=N_("Levels where they are unknown; else those of the kind."))
@output_options
def estimate(out: Output, town: Path, output: Path, gross_area: Sequence[tuple[str, float]], **others: Any) -> ExitCode:
    """Estimate households."""
    from gridmap.services.files.estimate import estimate_file, read_assumptions

    stated = read_assumptions().with_overrides(dict(gross_area), others["footprint_m2"], others["levels_default"])
    report = estimate_file(town, output, stated)
    out.print_text(*report.summary(), Message(WRITTEN, {"file": output}))
    out.print_json(report.as_json())
    return ExitCode.OK


@commands.command(help=N_("Write an invented town package to try gridmap with."))
@output_option(N_("GeoPackage for the town."))
@click.option(
    "--preset",
    type=click.Choice(("town", "strip", "towers")),
    default="town",
    show_default=True,
    help=N_("Kind of place: a town, a strip along a river, towers alone."),
)
@click.option(
    "--households",
    type=click.IntRange(1, 1_000_000),
    help=N_("How many households; else as many as the preset has."),
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help=N_("Same seed, same town."))
@output_options
def demo_town(out: Output, output: Path, preset: str, households: int | None, seed: int) -> ExitCode:
    """Write an invented town."""
    from gridmap.services.files.demo_town import write_demo_town

    write_demo_town(output, households, seed, preset)
    return report_written(out, "town", output)


def report_written(out: Output, json_key: str, file: Path) -> ExitCode:
    """Say what was written."""
    out.print_text(Message(WRITTEN, {"file": file}))
    out.print_json({json_key: str(file)})
    return ExitCode.OK
