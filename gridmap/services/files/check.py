"""Check of grids drawn by hand, from file to file."""

from pathlib import Path

from gridmap.catalogues import COMMUNITY_GUIDELINE, find_profile
from gridmap.core.coverage.checks import check_grids
from gridmap.core.coverage.drawn_measures import drawn_grid_table, grid_labels_of_buildings
from gridmap.core.errors import N_, Message
from gridmap.core.plans.profile import Profile
from gridmap.core.progress import Progress
from gridmap.formats.intake.source_file import SourceLike, open_source
from gridmap.formats.package.drawn_grids import read_town_and_grids
from gridmap.formats.results.fault_layers import build_fault_layers, build_fault_table
from gridmap.formats.results.geopackage import write_layers
from gridmap.services.files.check_report import CheckReport
from gridmap.services.files.fault_texts import Findings
from gridmap.services.files.output import refuse_overwriting_sources, write_report
from gridmap.services.files.partition_report import Clock
from gridmap.texts import translate

READING, CHECKING, WRITING = map(Message, (N_("Reading the town"), N_("Checking the grids"), N_("Writing the result")))


def check_file(
    source: SourceLike, target: Path, grids_file: SourceLike | None, profile: Profile, language: str, progress: Progress
) -> CheckReport:
    """Find the faults of grids drawn by hand, and write them with a report.

    Parameters
    ----------
    source : Path or InputSource
        Town package. Its communities may overlap, which is reported as a fault.
    target : Path
        GeoPackage to write; the report is written beside it, with the suffix ``.json``.
    grids_file : Path, InputSource or None
        File with the grids, if they are not in the layer ``grids`` of the town package.
    profile : Profile
        Range of households that sizes are compared with.
    language : str
        Language of the suggestions in the files.
    progress : Progress
        Callback for every step.

    Returns
    -------
    CheckReport

    Raises
    ------
    InvalidInput
        If town or grids cannot be used or the files cannot be written. Nothing is left behind then.
    """
    refuse_overwriting_sources(target, source, *([grids_file] if grids_file else []))
    clock = Clock()
    progress(READING, 0, 1)
    with clock.step("read"), open_source(source) as opened:
        town, drawn = read_town_and_grids(opened, grids_file, allow_overlaps=True)
    progress(CHECKING, 0, 1)
    with clock.step("check"):
        findings = Findings(town, drawn, check_grids(town, drawn, profile))
    progress(WRITING, 0, 1)
    with clock.step("write"):
        suggestions = [translate(finding.suggestion, language) for finding in findings.items]
        faults = build_fault_table(town, drawn, findings.items, suggestions)
        grids = drawn_grid_table(town, drawn, profile)
        layers = build_fault_layers(town, grids, grid_labels_of_buildings(town, drawn), faults, profile)
        write_layers(target, layers, language)
    report = CheckReport(findings, faults, profile, clock, language, find_profile(COMMUNITY_GUIDELINE))
    write_report(target, report.as_json())
    progress(WRITING, 1, 1)
    return report
