"""Repair of grids drawn by hand, from file to file."""

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np

from gridmap.core.coverage.checks import DrawnGrids, check_grids
from gridmap.core.coverage.dropped_grids import require_grids
from gridmap.core.coverage.moved_land import find_moved_land
from gridmap.core.coverage.repair import RepairedPlan, repair_grids
from gridmap.core.coverage.repair_notes import add_repair_notes
from gridmap.core.coverage.repaired_measures import measure_repaired
from gridmap.core.errors import N_, Message
from gridmap.core.land.build import build_land
from gridmap.core.land.town import Town
from gridmap.core.partition.partition import PartitionSettings
from gridmap.core.plans.measures import grid_polygons
from gridmap.core.plans.profile import Profile
from gridmap.core.progress import Progress
from gridmap.formats.intake.source_file import SourceLike, as_input, open_source
from gridmap.formats.package.drawn_grids import read_town_and_grids
from gridmap.formats.results.geopackage import write_layers
from gridmap.formats.results.repair_layers import (
    ChangeTables,
    build_change_table,
    build_land_change_table,
    build_repair_layers,
)
from gridmap.formats.results.result_layers import build_result_layers
from gridmap.services.files.check import CHECKING, READING, WRITING
from gridmap.services.files.check_report import RepairReport
from gridmap.services.files.fault_texts import Findings
from gridmap.services.files.output import refuse_overwriting_sources, write_report
from gridmap.services.files.partition_report import Clock, PartitionReport
from gridmap.texts import translate

REPAIRING = Message(N_("Repairing the grids"))


@dataclass(frozen=True)
class RepairSettings:
    """Settings of a repair.

    Parameters
    ----------
    profile : Profile
        Its maximum decides which courtyards stay whole, its range the status of the result.
    dropped : tuple of str
        Codes, otherwise names or numbers, of grids that may disappear.
    """

    profile: Profile
    dropped: tuple[str, ...] = ()


def repair_file(
    source: SourceLike,
    target: Path,
    grids_file: SourceLike | None,
    settings: RepairSettings,
    language: str,
    progress: Progress,
) -> RepairReport:
    """Repair grids drawn by hand into a valid partition, and write it with every change and a report.

    Dedicated land that was not drawn as a grid of its own stays in the surrounding grids and is noted: a repair
    corrects existing grids and draws no new ones.

    Parameters
    ----------
    source : Path or InputSource
        Town package.
    target : Path
        GeoPackage to write; the report is written beside it, with the suffix ``.json``.
    grids_file : Path, InputSource or None
        File with the grids, if they are not in the layer ``grids`` of the town package.
    settings : RepairSettings
    language : str
        Language of the reasons in the files.
    progress : Progress
        Callback for every step.

    Returns
    -------
    RepairReport

    Raises
    ------
    InvalidInput
        If town or grids cannot be used or the files cannot be written, if a grid would disappear that may
        not, or if a grid that may disappear does not exist. Nothing is left behind then.
    InvalidPlanError
        If the result violates a rule. Nothing is written then.
    """
    refuse_overwriting_sources(target, source, *([grids_file] if grids_file else []))
    clock = Clock()
    progress(READING, 0, 1)
    with clock.step("read"), open_source(source) as opened:
        town, drawn = read_town_and_grids(opened, grids_file)
    with clock.step("land"):
        land = build_land(town, progress, drawn.shapes)
    progress(REPAIRING, 0, 1)
    with clock.step("repair"):
        repaired = add_repair_notes(repair_grids(town, land, drawn, settings.profile), town, land, drawn)
        require_grids(drawn, repaired.drawn_grid_of_grid, settings.dropped, as_input(grids_file or source).path.name)
        moved = find_moved_land(drawn, grid_polygons(repaired.plan, land), repaired.drawn_grid_of_grid)
        grids = measure_repaired(town, land, repaired, settings.profile)
        if moved.empty and len(repaired.plan) == len(drawn):
            grids = grids.set_geometry(drawn.shapes[repaired.drawn_grid_of_grid], crs=town.crs)
    progress(CHECKING, 0, 1)
    with clock.step("check"):
        before = Findings(town, drawn, check_grids(town, drawn, settings.profile))
        after = _recheck(town, repaired, grids, settings.profile)
    changes = _list_changes(town, drawn, repaired, moved, language)
    progress(WRITING, 0, 1)
    with clock.step("write"):
        partition_settings = PartitionSettings(settings.profile)
        layers = build_result_layers(town, land, repaired.plan, grids, language, partition_settings)
        write_layers(target, {**layers, **build_repair_layers(town, drawn, changes)}, language)
    partition = PartitionReport(town, land, repaired.plan, grids, partition_settings, clock, language)
    report = RepairReport(partition, changes.joined(), repaired.changes["atom"].nunique(), before, after)
    write_report(target, report.as_json())
    progress(WRITING, 1, 1)
    return report


def _list_changes(
    town: Town, drawn: DrawnGrids, repaired: RepairedPlan, moved: gpd.GeoDataFrame, language: str
) -> ChangeTables:
    """List the buildings and the land that changed grid, with reasons in a language."""
    building_reasons = [translate(reason, language) for reason in repaired.changes["reason"]]
    land_reasons = [translate(reason, language) for reason in moved["reason"]]
    buildings = build_change_table(town, drawn, repaired, building_reasons)
    return ChangeTables(buildings, build_land_change_table(town, drawn, repaired, moved, land_reasons))


def _recheck(town: Town, repaired: RepairedPlan, grids: gpd.GeoDataFrame, profile: Profile) -> Findings:
    """Check the repaired grids."""
    is_repaired = np.zeros(len(grids), dtype=np.bool_)
    codes = np.array(repaired.codes, dtype=object)
    drawn = DrawnGrids(grids.geometry.to_numpy(), is_repaired, codes, repaired.plan.community)
    return Findings(town, drawn, check_grids(town, drawn, profile))
