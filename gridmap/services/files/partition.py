"""Partition of a town, from file to file."""

from pathlib import Path

from gridmap.core.errors import N_, Message
from gridmap.core.land.build import build_land
from gridmap.core.partition.partition import PartitionSettings, partition_town
from gridmap.core.plans.feasibility import require_possible_range
from gridmap.core.plans.measures import measure_grids
from gridmap.core.plans.rules import find_violations, require_no_violations
from gridmap.core.progress import Progress
from gridmap.formats.intake.source_file import SourceLike
from gridmap.formats.package.town import read_town
from gridmap.formats.results.geopackage import write_layers
from gridmap.formats.results.result_layers import build_result_layers
from gridmap.services.files.output import refuse_overwriting_sources, write_report
from gridmap.services.files.partition_report import Clock, PartitionReport


def partition_file(
    source: SourceLike, target: Path, settings: PartitionSettings, language: str, progress: Progress
) -> PartitionReport:
    """Partition the communities of a town package into grids, and write the result with a report.

    Parameters
    ----------
    source : Path or InputSource
        Town package.
    target : Path
        GeoPackage to write; the report is written beside it, with the suffix ``.json``.
    settings : PartitionSettings
        Profile, weights, seed and jobs.
    language : str
        Language of the reasons in the files.
    progress : Progress
        Callback for every step.

    Returns
    -------
    PartitionReport

    Raises
    ------
    InvalidInput
        If the town cannot be used, no number of grids meets the range, or the files cannot be written. Nothing is left
        behind then.
    InvalidPlanError
        If the plan violates a rule. Nothing is written then.
    """
    refuse_overwriting_sources(target, source)
    clock = Clock()
    progress(Message(N_("Reading the town")), 0, 1)
    with clock.step("read"):
        town = read_town(source)
    progress(Message(N_("Reading the town")), 1, 1)
    with clock.step("land"):
        land = build_land(town, progress)
    require_possible_range(town, land, settings.profile)
    with clock.step("partition"):
        plan = partition_town(town, land, settings, progress)
    with clock.step("measure"):
        grids = measure_grids(town, land, plan, settings.profile)
        require_no_violations(find_violations(town, land, plan, grids.geometry.to_numpy()))
    progress(Message(N_("Writing the result")), 0, 1)
    with clock.step("write"):
        write_layers(target, build_result_layers(town, land, plan, grids, language, settings), language)
    report = PartitionReport(town, land, plan, grids, settings, clock, language)
    write_report(target, report.as_json())
    progress(Message(N_("Writing the result")), 1, 1)
    return report
