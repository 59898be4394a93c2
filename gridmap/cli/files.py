"""Commands from file to file: partition, check, repair, map, estimate and invented towns."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gridmap.cli.options import (
    INPUT_PATH,
    build_profile,
    count_processors,
    grids_option,
    output_option,
    output_options,
    preset_options,
    range_options,
    reading_options,
    seed_option,
    town_reading_options,
)
from gridmap.cli.output import ExitCode, Output
from gridmap.cli.present_options import build_weights, present_options, refuse_with_present, refuse_without_present
from gridmap.cli.progress import progress_bar
from gridmap.core.errors import N_, Message
from gridmap.core.vocabulary import SearchEffort
from gridmap.texts import DEFAULT_LANGUAGE

if TYPE_CHECKING:
    from gridmap.core.partition.partition import PartitionSettings

WRITTEN = N_("written: {file}")
GRID = N_("grid {grid}")
GRIDS_OUTPUT = N_("GeoPackage for the grids; the report is written beside it.")


@click.command(help=N_("Partition the communities of a town package into grids of nearly equal households."))
@click.argument("town", type=INPUT_PATH)
@output_option(GRIDS_OUTPUT)
@range_options
@click.option("--target", type=int, help=N_("Target households of a grid; default: halfway between the two."))
@click.option(
    "--grids",
    metavar="[CODE=]N",
    multiple=True,
    help=N_(
        "Number of grids, in place of a range; communities share it by households. CODE=N is that of one community;"
        " may be repeated."
    ),
)
@click.option(
    "--micro", metavar="NAME", help=N_("Profile by which each grid is partitioned again into micro-grids, such as 100.")
)
@click.option(
    "--load",
    metavar="COLUMNS",
    help=N_("Sum of columns that counts in place of households, such as households+shops; 0.5*shops gives a weight."),
)
@click.option(
    "--group-weight",
    type=click.FloatRange(0, 100),
    help=N_("Additional cost of a metre of border within an estate, courtyard or resident group; default: 1."),
)
@seed_option(N_("The same seed gives the same grids."))
@click.option(
    "--effort",
    type=click.Choice([effort.value for effort in SearchEffort]),
    default=SearchEffort.DEFAULT.value,
    show_default=True,
    help=N_("Effort of the search: fast takes about half the time for slightly longer borders."),
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    help=N_("Communities partitioned at the same time; default: the number of processors."),
)
@present_options
@town_reading_options
@output_options
def partition(
    out: Output, town: Path, output: Path, reading: dict[str, Any], present: dict[str, Any], **sizes: Any
) -> ExitCode:
    """Partition a town; exit with 3 if a grid is out of range."""
    from gridmap.core.households.load import parse_load
    from gridmap.core.partition.partition import PartitionSettings
    from gridmap.core.plans.feasibility import parse_grid_numbers
    from gridmap.core.plans.profile import CostWeights
    from gridmap.services.files.inputs import input_source
    from gridmap.services.files.partition import PartitionOptions, partition_file

    grids, micro, load = sizes.pop("grids"), sizes.pop("micro"), sizes.pop("load")
    micro_profile = build_profile(profile=micro) if micro else None
    counted = parse_load(load) if load else None
    options = PartitionOptions(parse_grid_numbers(grids), micro_profile, counted)
    source, seed, jobs = input_source(town, **reading), sizes.pop("seed"), sizes.pop("jobs") or count_processors()
    effort = SearchEffort(sizes.pop("effort"))
    group_weight = sizes.pop("group_weight")
    weights = CostWeights() if group_weight is None else CostWeights(group=group_weight)
    settings = PartitionSettings(build_profile(**sizes), weights, seed, jobs, effort)
    if present["present"]:
        refuse_with_present({"grids": options.grids, "micro": micro, "group-weight": group_weight})
        return _partition_from_present(out, town, output, settings, reading, present | {"load": counted})
    refuse_without_present(present)
    with progress_bar(out.language) as progress:
        report = partition_file(source, output, settings, out.language, progress, options)
    out.print_text(*report.summary(), *report.exceptions, Message(WRITTEN, {"file": output}))
    out.print_warnings(report.town.warnings)
    out.print_json(report.as_json())
    return ExitCode.OUT_OF_RANGE if report.out_of_range else ExitCode.OK


def _partition_from_present(
    out: Output,
    town: Path,
    output: Path,
    settings: PartitionSettings,
    reading: dict[str, Any],
    present: dict[str, Any],
) -> ExitCode:
    """Partition a town from its grids of today."""
    from gridmap.core.repartition.repartition import RepartitionSettings
    from gridmap.services.files.inputs import input_source
    from gridmap.services.files.repartition import repartition_file
    from gridmap.services.files.repartition_report import RepartitionOptions

    wanted = RepartitionSettings(settings, build_weights(present), present["max_moved"])
    options = RepartitionOptions(wanted, frozenset(present["locked"]), present["alternatives"], present["load"])
    with progress_bar(out.language) as progress:
        sources = input_source(town, **reading), input_source(present["present"], **reading)
        report = repartition_file(sources[0], output, sources[1], options, out.language, progress)
    out.print_text(*report.summary(), *report.partition.exceptions, Message(WRITTEN, {"file": output}))
    out.print_warnings(report.partition.town.warnings)
    out.print_json(report.as_json())
    return ExitCode.OUT_OF_RANGE if report.partition.out_of_range else ExitCode.OK


@click.command(help=N_("Check grids drawn by hand for gaps, overlaps, buildings in no grid and other faults."))
@click.argument("town", type=INPUT_PATH)
@output_option(N_("GeoPackage for the faults; the report is written beside it."))
@grids_option
@range_options
@reading_options
@output_options
def check(out: Output, town: Path, output: Path, grids: Path | None, reading: dict[str, Any], **sizes: Any) -> ExitCode:
    """Check grids; exit with 1 if there are faults."""
    from gridmap.services.files.check import check_file
    from gridmap.services.files.inputs import input_source

    source, drawn = input_source(town, **reading), input_source(grids, **reading) if grids else None
    with progress_bar(out.language) as progress:
        report = check_file(source, output, drawn, build_profile(**sizes), out.language, progress)
    out.print_text(*report.summary(), Message(WRITTEN, {"file": output}))
    out.print_warnings(report.findings.town.warnings)
    out.print_json(report.as_json())
    return ExitCode.OK if report.is_sound else ExitCode.FAULTS


@click.command(help=N_("Repair grids drawn by hand: codes are kept, and every change is listed."))
@click.argument("town", type=INPUT_PATH)
@output_option(GRIDS_OUTPUT)
@grids_option
@click.option("--drop", multiple=True, metavar="CODE", help=N_("Code of a grid that may disappear; may be repeated."))
@range_options
@town_reading_options
@output_options
def repair(out: Output, town: Path, output: Path, grids: Path | None, reading: dict[str, Any], **rest: Any) -> ExitCode:
    """Repair grids; exit with 3 if a grid is out of range, since a repair does not change sizes."""
    from gridmap.services.files.inputs import input_source
    from gridmap.services.files.repair import RepairSettings, repair_file

    source, drawn = input_source(town, **reading), input_source(grids, **reading) if grids else None
    dropped = rest.pop("drop")
    settings = RepairSettings(build_profile(**rest), dropped)
    with progress_bar(out.language) as progress:
        report = repair_file(source, output, drawn, settings, out.language, progress)
    out.print_text(*report.summary(), Message(WRITTEN, {"file": output}))
    out.print_warnings(report.partition.town.warnings)
    out.print_json(report.as_json())
    return ExitCode.OUT_OF_RANGE if report.out_of_range else ExitCode.OK


@click.command(help=N_("Explain grids: what their borders follow, and which rule stops a better border."))
@click.argument("town", type=INPUT_PATH)
@click.argument("codes", nargs=-1, required=True, metavar="CODE...")
@grids_option
@range_options
@town_reading_options
@output_options
def explain(
    out: Output, town: Path, codes: tuple[str, ...], grids: Path | None, reading: dict[str, Any], **sizes: Any
) -> ExitCode:
    """Explain grids by their codes."""
    from gridmap.services.files.explain import open_explainer
    from gridmap.services.files.inputs import input_source

    source, drawn = input_source(town, **reading), input_source(grids, **reading) if grids else None
    explainer = open_explainer(source, drawn, build_profile(**sizes), out.language)
    explained = [explainer.explain(code) for code in codes]
    for each in explained:
        out.print_text(Message(GRID, {"grid": each.code}), *explainer.sentences(each))
    out.print_json({"grids": [explainer.as_json(each) for each in explained]})
    return ExitCode.OK


@click.command(name="map", help=N_("Draw the grids of a result on a map page that opens without a network."))
@click.argument("result", type=INPUT_PATH)
@output_option(N_("HTML page for the map."))
@output_options
def draw_map(out: Output, result: Path, output: Path) -> ExitCode:
    """Draw a map page, in Chinese unless --language is given: its readers are not those of the terminal."""
    from gridmap.services.files.map import write_map_file

    write_map_file(result, output, out.requested_language or DEFAULT_LANGUAGE)
    return _report_written(out, "map", output)


@click.command(help=N_("Estimate missing household counts: floor area divided by the gross area of a household."))
@click.argument("town", type=INPUT_PATH)
@output_option(N_("GeoPackage for the town; the report is written beside it."))
@click.option(
    "--gross-area",
    type=(str, float),
    multiple=True,
    metavar="KIND M2",
    help=N_("Gross area of a household in a kind of building; may be repeated."),
)
@click.option(
    "--footprint-m2", type=float, help=N_("Footprint of buildings that are points; without it, points are refused.")
)
@click.option("--levels-default", type=float, help=N_("Levels where they are unknown; default: those of the kind."))
@town_reading_options
@output_options
def estimate(out: Output, town: Path, output: Path, reading: dict[str, Any], **rest: Any) -> ExitCode:
    """Estimate households."""
    from gridmap.services.files.estimate import estimate_file, read_assumptions
    from gridmap.services.files.inputs import input_source

    gross_areas, footprint_m2, levels_default = rest["gross_area"], rest["footprint_m2"], rest["levels_default"]
    assumptions = read_assumptions().with_overrides(dict(gross_areas), footprint_m2, levels_default)
    report = estimate_file(input_source(town, **reading), output, assumptions)
    out.print_text(*report.summary(), Message(WRITTEN, {"file": output}))
    out.print_warnings(report.estimate.town.warnings)
    out.print_json(report.as_json())
    return ExitCode.OK


@click.command(name="inspect", help=N_("Say what a file, folder or ZIP file holds, and how it is read."))
@click.argument("source", type=INPUT_PATH)
@reading_options
@output_options
def inspect_input(out: Output, source: Path, reading: dict[str, Any]) -> ExitCode:
    """Describe an input; exit with 1 if a part of it cannot be read."""
    from gridmap.services.files.inputs import input_source
    from gridmap.services.files.inspection import inspect_source

    description = inspect_source(input_source(source, **reading))
    for layer in description.layers:
        out.print_text(*layer.sentences())
        out.print_faults(layer.warnings)
    out.print_faults(description.faults)
    out.print_json(description.as_json(out.language))
    return ExitCode.FAULTS if description.faults else ExitCode.OK


@click.command(help=N_("Write an invented town package for trying out gridmap."))
@output_option(N_("GeoPackage for the town."))
@preset_options("town")
@click.option(
    "--households",
    type=click.IntRange(1, 1_000_000),
    help=N_("Number of households; default: the number of the preset."),
)
@output_options
def demo_town(out: Output, output: Path, preset: str, households: int | None, seed: int) -> ExitCode:
    """Write an invented town."""
    from gridmap.services.files.demo_town import write_demo_town

    write_demo_town(output, households, seed, preset)
    return _report_written(out, "town", output)


def _report_written(out: Output, json_key: str, file: Path) -> ExitCode:
    out.print_text(Message(WRITTEN, {"file": file}))
    out.print_json({json_key: str(file)})
    return ExitCode.OK
