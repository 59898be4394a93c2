"""Grids drawn by hand: checked, and repaired, from file to file."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from gridmap.core.arrays import Shapes
from gridmap.core.check import DrawnGrids, check
from gridmap.core.check.figures import drawn_figures
from gridmap.core.check.people import held, main_grid
from gridmap.core.errors import N_, Message
from gridmap.core.land import Land, build_land
from gridmap.core.measures import measure
from gridmap.core.names import GridKind, Status
from gridmap.core.partition.divide import Settings
from gridmap.core.partition.profile import Profile
from gridmap.core.progress import Progress
from gridmap.core.repair import Repair, repair
from gridmap.core.repair_notes import with_notes
from gridmap.core.rules import BrokenPlanError, breaches
from gridmap.core.town import Town
from gridmap.formats.drawn import read_drawn
from gridmap.formats.faults import fault_layers, fault_table
from gridmap.formats.geopackage import write_layers
from gridmap.formats.repair import change_table, repair_layers
from gridmap.formats.result import result_layers
from gridmap.formats.town import read_town
from gridmap.services.coverage_report import CheckReport, RepairReport
from gridmap.services.findings import Findings
from gridmap.services.output import refuse_sources, write_report
from gridmap.services.report import Clock, PartitionReport
from gridmap.texts import say

READING, CHECKING = Message(N_("Reading the town")), Message(N_("Checking the grids"))
REPAIRING, WRITING = Message(N_("Repairing the grids")), Message(N_("Writing the result"))


def check_file(
    source: Path, target: Path, grids: Path | None, profile: Profile, language: str, progress: Progress
) -> CheckReport:
    """Find what is wrong with the grids that somebody drew, and write it with its report.

    Parameters
    ----------
    source : Path
        Town package. Its communities may overlap: that is found, too.
    target : Path
        GeoPackage to write; the report goes beside it, with the ending ``.json``.
    grids : Path or None
        Where the grids are, if not in the layer ``grids`` of the town package.
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
    refuse_sources(target, source, *([grids] if grids else []))
    clock = Clock()
    progress(READING, 0, 1)
    with clock.step("read"):
        town = read_town(source, communities_may_overlap=True)
        drawn = read_drawn(grids or source, town)
    progress(CHECKING, 0, 1)
    with clock.step("check"):
        findings = Findings(town, drawn, check(town, drawn, profile))
    progress(WRITING, 0, 1)
    with clock.step("write"):
        suggestions = [say(finding.suggestion, language) for finding in findings.found]
        faults = fault_table(town, drawn, findings.found, suggestions)
        as_drawn = drawn_figures(town, drawn, profile)
        write_layers(target, fault_layers(town, as_drawn, _drawn_in(town, drawn), faults, profile))
    report = CheckReport(findings, faults, profile, clock, language)
    write_report(target, report.as_json())
    progress(WRITING, 1, 1)
    return report


def _drawn_in(town: Town, drawn: DrawnGrids) -> Shapes:
    """Code or number of the grid that each building was drawn in, None for no grid."""
    names = np.array([*drawn.named(), None], dtype=object)
    return np.asarray(names[main_grid(held(town, drawn), len(town.buildings))])


def repair_file(
    source: Path, target: Path, grids: Path | None, settings: Settings, language: str, progress: Progress
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
    grids : Path or None
        Where the grids are, if not in the layer ``grids`` of the town package.
    settings : Settings
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
    BrokenPlanError
        If the result breaks a rule of the land; nothing is written.
    """
    refuse_sources(target, source, *([grids] if grids else []))
    clock = Clock()
    progress(READING, 0, 1)
    with clock.step("read"):
        town = read_town(source)
        drawn = read_drawn(grids or source, town)
    with clock.step("land"):
        land = build_land(town, progress)
    progress(REPAIRING, 0, 1)
    with clock.step("repair"):
        repaired = with_notes(repair(town, land, drawn, settings.profile), town, land, drawn)
        mended = _measured(town, land, repaired, settings.profile)
    progress(CHECKING, 0, 1)
    with clock.step("check"):
        before = Findings(town, drawn, check(town, drawn, settings.profile))
        after = _checked_again(town, repaired, mended, settings.profile)
    changes = change_table(town, drawn, repaired, [say(each, language) for each in repaired.changes["reason"]])
    progress(WRITING, 0, 1)
    with clock.step("write"):
        reasons = [say(reason, language) if reason else None for reason in mended["reason"]]
        layers = result_layers(town, land, repaired.plan, mended, reasons, settings)
        write_layers(target, {**layers, **repair_layers(town, drawn, changes)})
    division = PartitionReport(town, land, repaired.plan, mended, settings, clock, language)
    report = RepairReport(division, changes, repaired.changes["atom"].nunique(), before, after)
    write_report(target, report.as_json())
    progress(WRITING, 1, 1)
    return report


def _measured(town: Town, land: Land, repaired: Repair, profile: Profile) -> gpd.GeoDataFrame:
    """The repaired grids with figures and the codes they were drawn with; a grid out of range says why it is so."""
    grids = measure(town, land, repaired.plan, profile).assign(grid_code=repaired.codes)
    broken = breaches(town, land, repaired.plan, grids.geometry.to_numpy())
    if broken := [breach for breach in broken if breach.rule != "keeps_dedicated"]:
        raise BrokenPlanError("; ".join(map(str, broken)))
    reasons = [_reason(*row) for row in zip(grids["kind"], grids["status"], strict=True)]
    return grids.assign(reason=pd.Series(reasons, dtype=object))


def _reason(kind: str, status: str) -> Message | None:
    if kind == GridKind.DEDICATED:
        return Message(N_("dedicated land: the range does not apply"))
    if status == Status.IN_RANGE:
        return None
    return Message(N_("as it was drawn: a repair does not change sizes"))


def _checked_again(town: Town, repaired: Repair, grids: gpd.GeoDataFrame, profile: Profile) -> Findings:
    """What a check finds in the repaired grids."""
    sound = np.zeros(len(grids), dtype=np.bool_)
    codes = np.array(repaired.codes, dtype=object)
    drawn = DrawnGrids(grids.geometry.to_numpy(), sound, codes, repaired.plan.community)
    return Findings(town, drawn, check(town, drawn, profile))
