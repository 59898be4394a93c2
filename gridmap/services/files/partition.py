"""Partition of a town, from file to file."""

from pathlib import Path

import numpy as np

from gridmap.core.errors import N_, InputFault, InvalidInput, Message
from gridmap.core.land.build import LandCoverage, build_land
from gridmap.core.land.town import Town
from gridmap.core.partition.partition import PartitionSettings, partition_town
from gridmap.core.plans.feasibility import CommunityLoad, list_refusals
from gridmap.core.plans.measures import measure_grids
from gridmap.core.plans.profile import Profile
from gridmap.core.plans.rules import find_violations, require_no_violations
from gridmap.core.progress import Progress
from gridmap.formats.intake.source_file import SourceLike
from gridmap.formats.package.town import read_town
from gridmap.formats.results.geopackage import write_layers
from gridmap.formats.results.result_layers import build_result_layers
from gridmap.services.files.output import refuse_overwriting_sources, write_report
from gridmap.services.files.partition_report import Clock, PartitionReport
from gridmap.texts import translate


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
        reasons = [translate(reason, language) if reason else None for reason in grids["reason"]]
        write_layers(target, build_result_layers(town, land, plan, grids, reasons, settings), language)
    report = PartitionReport(town, land, plan, grids, settings, clock, language)
    write_report(target, report.as_json())
    progress(Message(N_("Writing the result")), 1, 1)
    return report


def require_possible_range(town: Town, land: LandCoverage, profile: Profile) -> None:
    """Refuse a range that no number of grids meets in most of a town, before the long work.

    Raises
    ------
    InvalidInput
        With the ranges that would do.
    """
    cells, households = land.cell_of_building, town.buildings["households"].to_numpy(dtype=np.int64)
    in_grids = np.where(land.dedicated[cells] < 0, households, 0)
    totals = np.bincount(land.community[cells], in_grids, minlength=len(town.communities)).astype(np.int64)
    loads = [CommunityLoad(*load) for load in zip(town.communities["name"], totals.tolist(), strict=True)]
    if refusals := list_refusals(loads, profile):
        raise InvalidInput(InputFault(reason) for reason in refusals)
