"""Commands that fill the database with a town: one's own, or an invented one."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from gridmap.cli.options import build_profile, count_processors, output_options, range_options
from gridmap.cli.output import ExitCode, Output
from gridmap.cli.progress import progress_bar
from gridmap.core.errors import N_
from gridmap.core.progress import Progress

DATE = click.DateTime(("%Y-%m-%d",))


@click.command(help=N_("Load a town package into the database, divide its communities and put the plans in force."))
@click.argument("town", type=click.Path(path_type=Path))
@click.option("--code", help=N_("Code of the subdistrict: 9 digits, or one of your own; else the name of the file."))
@click.option("--name", help=N_("Name of the subdistrict; else the name of the file."))
@range_options
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help=N_("Same seed, same grids."))
@click.option("--adopt", type=DATE, metavar="DATE", help=N_("First day on which the plans are in force; else today."))
@click.option(
    "--as-of",
    type=DATE,
    metavar="DATE",
    help=N_("Day that the package speaks of; else today, or the day of --adopt if that is earlier."),
)
@click.option("--no-partition", is_flag=True, help=N_("Load the town and leave it undivided."))
@output_options
def load(out: Output, town: Path, code: str | None, name: str | None, no_partition: bool, **rest: Any) -> ExitCode:
    """Load a town; exit 3 when a grid had to stay out of range."""
    from gridmap.services.imports.town import LoadOptions, load_town_file
    from gridmap.store.writes.towns import SubdistrictInfo

    today = date.today()  # noqa: DTZ011 - the day of whoever sits at the terminal
    adopted = _date_of(rest["adopt"]) or today
    identity = SubdistrictInfo(
        code or town.stem, name or town.stem, town.name, _date_of(rest["as_of"]) or min(adopted, today)
    )
    settings = None if no_partition else _partition_settings(rest["minimum"], rest["maximum"], rest["seed"])
    with progress_bar(out.language) as progress:
        report = load_town_file(_open_database(progress), town, identity, LoadOptions(settings, adopted), progress)
    out.print_text(*report.summary())
    out.print_json(report.as_json())
    return ExitCode.OUT_OF_RANGE if report.out_of_range else ExitCode.OK


@click.command(help=N_("Fill the database with an invented subdistrict: people, workers, incidents, accounts."))
@click.option(
    "--preset",
    type=click.Choice(("strip", "towers", "town")),
    default="strip",
    show_default=True,
    help=N_("Kind of place: a strip along a river, towers alone, a town."),
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help=N_("Same seed, same town."))
@output_options
def demo(out: Output, preset: str, seed: int) -> ExitCode:
    """Load the demo; where it is loaded, say who may sign in."""
    from gridmap.services.imports.demo import load_demo

    with progress_bar(out.language) as progress:
        report = load_demo(_open_database(progress), preset, seed, progress)
    out.print_text(*report.summary())
    out.print_json(report.as_json())
    return ExitCode.OK


def _partition_settings(minimum: int, maximum: int, seed: int) -> Any:
    from gridmap.core.partition.partition import PartitionSettings

    return PartitionSettings(build_profile(minimum, maximum), seed=seed, jobs=count_processors())


def _date_of(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _open_database(progress: Progress) -> Any:
    """The database as its owner has it, running and at the schema of this version."""
    from gridmap.postgres import lifecycle
    from gridmap.store.migrations import ensure
    from gridmap.store.session import Database

    url = lifecycle.start(progress)
    ensure.ensure_upgraded(url)
    return Database(url, trusted=True)
