"""Divide a town from file to file."""

from pathlib import Path

from gridmap.core.errors import N_, Message
from gridmap.core.land import build_land
from gridmap.core.measures import measure
from gridmap.core.partition.divide import Settings, divide
from gridmap.core.progress import Progress
from gridmap.core.rules import BrokenPlanError, breaches
from gridmap.formats.geopackage import write_layers
from gridmap.formats.result import result_layers
from gridmap.formats.town import read_town
from gridmap.services.output import refuse_sources, write_report
from gridmap.services.report import Clock, PartitionReport
from gridmap.texts import say


def partition_file(
    source: Path, target: Path, settings: Settings, language: str, progress: Progress
) -> PartitionReport:
    """Divide the communities of a town package and write the result with its report.

    Parameters
    ----------
    source : Path
        Town package.
    target : Path
        GeoPackage to write; the report goes beside it, with the ending ``.json``.
    settings : Settings
        Profile, weights, seed and jobs.
    language : str
        Language of the reasons in the files.
    progress : Progress
        Told of every step.

    Returns
    -------
    PartitionReport

    Raises
    ------
    BadInput
        If the town cannot be used or the files cannot be written; nothing is left behind then.
    BrokenPlanError
        If the plan breaks a rule of the land; nothing is written.
    """
    refuse_sources(target, source)
    clock = Clock()
    progress(Message(N_("Reading the town")), 0, 1)
    with clock.step("read"):
        town = read_town(source)
    progress(Message(N_("Reading the town")), 1, 1)
    with clock.step("land"):
        land = build_land(town, progress)
    with clock.step("partition"):
        plan = divide(town, land, settings, progress)
    with clock.step("measure"):
        grids = measure(town, land, plan, settings.profile)
        if broken := breaches(town, land, plan, grids.geometry.to_numpy()):
            raise BrokenPlanError("; ".join(map(str, broken)))
    progress(Message(N_("Writing the result")), 0, 1)
    with clock.step("write"):
        reasons = [say(reason, language) if reason else None for reason in grids["reason"]]
        write_layers(target, result_layers(town, land, plan, grids, reasons, settings))
    report = PartitionReport(town, land, plan, grids, settings, clock, language)
    write_report(target, report.as_json())
    progress(Message(N_("Writing the result")), 1, 1)
    return report
