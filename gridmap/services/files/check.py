"""Grids drawn by hand: checked, and repaired, from file to file."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from gridmap.core.array_types import GeometryArray
from gridmap.core.coverage.checks import DrawnGrids, check_grids
from gridmap.core.coverage.drawn_measures import drawn_grid_table
from gridmap.core.coverage.people_checks import building_shares, main_grid
from gridmap.core.coverage.repair import RepairedPlan, repair_grids
from gridmap.core.coverage.repair_notes import add_repair_notes
from gridmap.core.errors import N_, Message
from gridmap.core.land.build import LandCoverage, build_land
from gridmap.core.land.town import Town
from gridmap.core.partition.partition import PartitionSettings
from gridmap.core.plans.measures import measure_grids
from gridmap.core.plans.profile import Profile
from gridmap.core.plans.rules import find_violations, require_no_violations
from gridmap.core.progress import Progress
from gridmap.core.vocabulary import GridKind, GridStatus
from gridmap.formats.package.drawn_grids import read_drawn_grids
from gridmap.formats.package.town import read_town
from gridmap.formats.results.fault_layers import build_fault_layers, build_fault_table
from gridmap.formats.results.geopackage import write_layers
from gridmap.formats.results.repair_layers import build_change_table, build_repair_layers
from gridmap.formats.results.result_layers import build_result_layers
from gridmap.services.files.check_report import CheckReport, RepairReport
from gridmap.services.files.fault_texts import Findings
from gridmap.services.files.output import refuse_overwriting_sources, write_report
from gridmap.services.files.partition_report import Clock, PartitionReport
from gridmap.texts import translate

READING, CHECKING = Message(N_("Reading the town")), Message(N_("Checking the grids"))
REPAIRING, WRITING = Message(N_("Repairing the grids")), Message(N_("Writing the result"))


def check_file(
    source: Path, target: Path, grids_file: Path | None, profile: Profile, language: str, progress: Progress
) -> CheckReport:
    """Find what is wrong with the grids that somebody drew, and write it with its report.

    Parameters
    ----------
    source : Path
        Town package. Its communities may overlap: that is found, too.
    target : Path
        GeoPackage to write; the report goes beside it, with the ending ``.json``.
    grids_file : Path or None
        Where the grids are, if not in the layer ``grids_file`` of the town package.
    profile : Profile
        The range that sizes are measured by.
    language : str
        Language of the suggestions in the files.
    progress : Progress
        Told of every step.

    Returns
    -------
    CheckReport

    Raises
    ------
    BadInput
        If town or grids cannot be used or the files cannot be written; nothing is left behind then.
    """
    refuse_overwriting_sources(target, source, *([grids_file] if grids_file else []))
    clock = Clock()
    progress(READING, 0, 1)
    with clock.step("read"):
        town = read_town(source, allow_overlaps=True)
        drawn = read_drawn_grids(grids_file or source, town)
    progress(CHECKING, 0, 1)
    with clock.step("check"):
        findings = Findings(town, drawn, check_grids(town, drawn, profile))
    progress(WRITING, 0, 1)
    with clock.step("write"):
        suggestions = [translate(finding.suggestion, language) for finding in findings.items]
        faults = build_fault_table(town, drawn, findings.items, suggestions)
        as_drawn = drawn_grid_table(town, drawn, profile)
        write_layers(target, build_fault_layers(town, as_drawn, _drawn_grid_names(town, drawn), faults, profile))
    report = CheckReport(findings, faults, profile, clock, language)
    write_report(target, report.as_json())
    progress(WRITING, 1, 1)
    return report


def _drawn_grid_names(town: Town, drawn: DrawnGrids) -> GeometryArray:
    """Code or number of the grid that each building was drawn in, None for no grid."""
    names = np.array([*drawn.labels(), None], dtype=object)
    return np.asarray(names[main_grid(building_shares(town, drawn), len(town.buildings))])


def repair_file(
    source: Path, target: Path, grids_file: Path | None, settings: PartitionSettings, language: str, progress: Progress
) -> RepairReport:
    """Turn grids that somebody drew into a sound division, and write it with every change and its report.

    Dedicated land that a drawing takes no notice of stays in the grids that hold it, and is noted: a repair mends what
    was drawn and does not draw new grids.

    Parameters
    ----------
    source : Path
        Town package.
    target : Path
        GeoPackage to write; the report goes beside it, with the ending ``.json``.
    grids_file : Path or None
        Where the grids are, if not in the layer ``grids_file`` of the town package.
    settings : PartitionSettings
        Only its profile matters: the maximum decides which courtyards stay whole.
    language : str
        Language of the reasons in the files.
    progress : Progress
        Told of every step.

    Returns
    -------
    RepairReport

    Raises
    ------
    BadInput
        If town or grids cannot be used or the files cannot be written; nothing is left behind then.
    InvalidPlanError
        If the result breaks a rule of the land; nothing is written.
    """
    refuse_overwriting_sources(target, source, *([grids_file] if grids_file else []))
    clock = Clock()
    progress(READING, 0, 1)
    with clock.step("read"):
        town = read_town(source)
        drawn = read_drawn_grids(grids_file or source, town)
    with clock.step("land"):
        land = build_land(town, progress)
    progress(REPAIRING, 0, 1)
    with clock.step("repair"):
        repaired = add_repair_notes(repair_grids(town, land, drawn, settings.profile), town, land, drawn)
        mended = _measure_repaired(town, land, repaired, settings.profile)
    progress(CHECKING, 0, 1)
    with clock.step("check"):
        before = Findings(town, drawn, check_grids(town, drawn, settings.profile))
        after = _recheck(town, repaired, mended, settings.profile)
    changes = build_change_table(
        town, drawn, repaired, [translate(each, language) for each in repaired.changes["reason"]]
    )
    progress(WRITING, 0, 1)
    with clock.step("write"):
        reasons = [translate(reason, language) if reason else None for reason in mended["reason"]]
        layers = build_result_layers(town, land, repaired.plan, mended, reasons, settings)
        write_layers(target, {**layers, **build_repair_layers(town, drawn, changes)})
    division = PartitionReport(town, land, repaired.plan, mended, settings, clock, language)
    report = RepairReport(division, changes, repaired.changes["atom"].nunique(), before, after)
    write_report(target, report.as_json())
    progress(WRITING, 1, 1)
    return report


def _measure_repaired(town: Town, land: LandCoverage, repaired: RepairedPlan, profile: Profile) -> gpd.GeoDataFrame:
    """The repaired grids with figures and the codes they were drawn with; a grid out of range says why it is so."""
    grids = measure_grids(town, land, repaired.plan, profile).assign(grid_code=repaired.codes)
    violations = find_violations(town, land, repaired.plan, grids.geometry.to_numpy())
    require_no_violations(violation for violation in violations if violation.rule != "keeps_dedicated")
    reasons = [_status_reason(*row) for row in zip(grids["kind"], grids["status"], strict=True)]
    return grids.assign(reason=pd.Series(reasons, dtype=object))


def _status_reason(kind: str, status: str) -> Message | None:
    if kind == GridKind.DEDICATED:
        return Message(N_("dedicated land: the range does not apply"))
    if status == GridStatus.IN_RANGE:
        return None
    return Message(N_("as it was drawn: a repair does not change sizes"))


def _recheck(town: Town, repaired: RepairedPlan, grids: gpd.GeoDataFrame, profile: Profile) -> Findings:
    """What a check finds in the repaired grids."""
    sound = np.zeros(len(grids), dtype=np.bool_)
    codes = np.array(repaired.codes, dtype=object)
    drawn = DrawnGrids(grids.geometry.to_numpy(), sound, codes, repaired.plan.community)
    return Findings(town, drawn, check_grids(town, drawn, profile))
