"""Commands that load a town into the database: a town package, or an invented town."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gridmap.cli.options import (
    DATE,
    INPUT_PATH,
    build_profile,
    count_processors,
    date_of,
    output_options,
    preset_options,
    range_options,
    seed_option,
    town_reading_options,
)
from gridmap.cli.output import ExitCode, Output
from gridmap.cli.progress import progress_bar
from gridmap.core.errors import N_

if TYPE_CHECKING:
    from gridmap.services.imports.load_report import LoadOptions

NORM_SOURCE_HELP = N_("Document that prescribes --min and --max: they become the norm. Without it they are a trial.")


@click.command(help=N_("Load a town package into the database, partition its communities and adopt the plans."))
@click.argument("town", type=INPUT_PATH)
@click.option("--code", help=N_("Code of the subdistrict: 9 digits, or a code of your own; default: the file name."))
@click.option("--name", help=N_("Name of the subdistrict; default: the file name."))
@range_options
@seed_option(N_("The same seed gives the same grids."))
@click.option("--adopt", type=DATE, metavar="DATE", help=N_("Effective date of the plans; default: today."))
@click.option(
    "--as-of",
    type=DATE,
    metavar="DATE",
    help=N_("Reference date of the package; default: today, or the date of --adopt if that is earlier."),
)
@click.option("--norm-source", metavar="DOCUMENT", help=NORM_SOURCE_HELP)
@click.option("--norm-date", type=DATE, metavar="DATE", help=N_("Date of that document; default: the reference date."))
@click.option("--no-partition", is_flag=True, help=N_("Load the town without partitioning it."))
@town_reading_options
@output_options
def load(out: Output, town: Path, code: str | None, name: str | None, as_of: datetime | None, **rest: Any) -> ExitCode:
    """Load a town; exit with 3 if a grid is out of range."""
    from gridmap.services.files.inputs import input_source
    from gridmap.services.imports.town import describe_subdistrict, load_town_file
    from gridmap.services.operations.database import open_database

    today = date.today()  # noqa: DTZ011 - the day of the person at the terminal
    effective_date = date_of(rest["adopt"]) or today
    identity = describe_subdistrict(town, code, name, date_of(as_of) or min(effective_date, today))
    options, source = _load_options(effective_date, identity.as_of, rest), input_source(town, **rest["reading"])
    with progress_bar(out.language) as progress:
        report = load_town_file(open_database(progress), source, identity, options, progress)
    out.print_text(*report.summary())
    out.print_warnings(report.loaded.warnings)
    out.print_json(report.as_json())
    return ExitCode.OUT_OF_RANGE if report.out_of_range else ExitCode.OK


@click.command(help=N_("Load an invented subdistrict into the database: residents, workers, incidents, accounts."))
@preset_options("strip")
@output_options
def demo(out: Output, preset: str, seed: int) -> ExitCode:
    """Load the demo; if it is loaded already, list its accounts."""
    from gridmap.services.imports.demo import load_demo
    from gridmap.services.operations.database import open_database

    with progress_bar(out.language) as progress:
        report = load_demo(open_database(progress), preset, seed, progress)
    out.print_text(*report.summary())
    out.print_json(report.as_json())
    return ExitCode.OK


def _load_options(effective_date: date, as_of: date, options: dict[str, Any]) -> LoadOptions:
    from gridmap.core.partition.partition import PartitionSettings
    from gridmap.core.plans.norm import Norm
    from gridmap.services.imports.load_report import LoadOptions
    from gridmap.services.norms.changes import NormChange

    profile, norm = build_profile(options["minimum"], options["maximum"], profile=options["profile"]), None
    if options["norm_source"] is not None:
        source_date = date_of(options["norm_date"]) or as_of
        range_of_norm = Norm(profile.minimum, profile.maximum, max_radius_m=int(profile.max_radius_m))
        norm = NormChange(range_of_norm, options["norm_source"], source_date, effective_date)
    settings = PartitionSettings(profile, seed=options["seed"], jobs=count_processors())
    return LoadOptions(None if options["no_partition"] else settings, effective_date, norm=norm)
