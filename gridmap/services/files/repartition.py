"""Partition of a town from its grids of today, from file to file."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

import geopandas as gpd

from gridmap.core.coverage.repair import RepairedPlan, repair_grids
from gridmap.core.coverage.repair_notes import add_repair_notes
from gridmap.core.errors import N_, InputFault, InvalidInput, Message
from gridmap.core.land.build import LandCoverage, build_land
from gridmap.core.land.town import Town
from gridmap.core.partition.partition import PartitionSettings
from gridmap.core.plans.feasibility import require_possible_range
from gridmap.core.plans.measures import measure_grids
from gridmap.core.plans.plan import GridPlan
from gridmap.core.plans.rules import find_violations, require_no_violations
from gridmap.core.progress import Progress
from gridmap.core.repartition.alternatives import find_alternatives
from gridmap.core.repartition.moves import list_moves
from gridmap.core.repartition.present_plan import PresentPlan
from gridmap.core.repartition.town_search import Repartition, TownSearch
from gridmap.core.vocabulary import GridKind, GridStatus
from gridmap.formats.intake.source_file import SourceLike, as_input, open_source
from gridmap.formats.package.drawn_grids import read_town_and_grids
from gridmap.formats.package.town_extras import read_town_extras
from gridmap.formats.results.geopackage import write_layers
from gridmap.formats.results.repartition_layers import build_repartition_layers
from gridmap.formats.results.result_layers import build_result_layers
from gridmap.services.files.check import READING, WRITING
from gridmap.services.files.output import refuse_overwriting_sources, write_report
from gridmap.services.files.partition_report import Clock, PartitionReport
from gridmap.services.files.repair import REPAIRING
from gridmap.services.files.repartition_report import RepartitionOptions, RepartitionReport

UNKNOWN_GRID = N_("no grid is called {grid}")


def repartition_file(
    source: SourceLike,
    target: Path,
    present_file: SourceLike,
    options: RepartitionOptions,
    language: str,
    progress: Progress,
) -> RepartitionReport:
    """Bring the grids of today into the range with few moves, and write the result with every move and a report.

    A drawing with faults is repaired first.

    Parameters
    ----------
    source : Path or InputSource
        Town package.
    target : Path
        GeoPackage to write; the report is written beside it, with the suffix ``.json``.
    present_file : Path or InputSource
        File with the grids of today; may be the town package itself.
    options : RepartitionOptions
    language : str
        Language of the reasons in the files.
    progress : Progress
        Callback for every step.

    Returns
    -------
    RepartitionReport

    Raises
    ------
    InvalidInput
        If town or grids cannot be used, no grid has a locked code, no number of grids meets the range, or the files
        cannot be written. Nothing is left behind then.
    InvalidPlanError
        If the plan violates a rule. Nothing is written then.
    """
    refuse_overwriting_sources(target, source, present_file)
    clock, settings = Clock(), options.settings.partition
    progress(READING, 0, 1)
    with clock.step("read"), open_source(source) as opened:
        town, drawn = read_town_and_grids(opened, present_file, load=options.load)
        groups = read_town_extras(opened, town).resident_groups
    with clock.step("land"):
        land = build_land(town, progress, drawn.shapes)
    require_possible_range(town, land, settings.profile)
    progress(REPAIRING, 0, 1)
    with clock.step("repair"):
        repaired = add_repair_notes(repair_grids(town, land, drawn, settings.profile), town, land, drawn)
        present = _present_plan(repaired, options.locked, as_input(present_file).path.name)
    with clock.step("partition"):
        search = TownSearch(town, land, present, settings, groups)
        inner = options.settings
        plans = find_alternatives(search, inner.search(), options.alternatives, inner.max_moved, progress)
    with clock.step("measure"):
        today = _measure(town, land, repaired.plan, repaired.codes, settings)
        tables = [_measure(town, land, each.plan, each.codes, settings) for each in plans]
        _require_rules(town, land, plans, tables, present)
    notes = repaired.plan.notes
    plan = replace(plans[0].plan, notes=(*notes, *(note for note in plans[0].plan.notes if note not in notes)))
    report = RepartitionReport(
        PartitionReport(town, land, plan, tables[0], settings, clock, language),
        search.measure(present.grid_of_cell, present.codes, present.kind),
        [each.figures for each in plans],
        list_moves(town, land, present, plans[0]),
        int(((today["status"] != GridStatus.IN_RANGE) & (today["kind"] == GridKind.HOUSEHOLD)).sum()),
        len(repaired.changes),
        options,
    )
    progress(WRITING, 0, 1)
    with clock.step("write"):
        layers = build_result_layers(town, land, plan, tables[0], language, settings)
        write_layers(target, {**layers, **build_repartition_layers(town, report.moves, today, tables[1:])}, language)
    write_report(target, report.as_json())
    progress(WRITING, 1, 1)
    return report


def _present_plan(repaired: RepairedPlan, locked: Collection[str], file: str) -> PresentPlan:
    """Return the repaired grids as the grids of today; refuse locked codes that no grid has."""
    unknown = sorted(set(locked) - set(repaired.codes))
    if unknown:
        known = ", ".join(sorted(repaired.codes)[:3])
        advice = Message(N_("correct --locked; the codes are like {codes}"), {"codes": known})
        raise InvalidInput(
            InputFault(Message(UNKNOWN_GRID, {"grid": code}), file=file, layer="grids", advice=advice)
            for code in unknown
        )
    plan = repaired.plan
    return PresentPlan(plan.grid_of_cell, list(repaired.codes), plan.kind, frozenset(locked))


def _measure(
    town: Town, land: LandCoverage, plan: GridPlan, codes: Sequence[str], settings: PartitionSettings
) -> gpd.GeoDataFrame:
    return measure_grids(town, land, plan, settings.profile).assign(grid_code=list(codes))


def _require_rules(
    town: Town,
    land: LandCoverage,
    plans: Sequence[Repartition],
    tables: Sequence[gpd.GeoDataFrame],
    present: PresentPlan,
) -> None:
    """Require plans that keep the rules; a locked grid keeps the dedicated land that it has today."""
    for each, grids in zip(plans, tables, strict=True):
        violations = find_violations(town, land, each.plan, grids.geometry.to_numpy())
        require_no_violations(
            violation
            for violation in violations
            if violation.grid is None
            or violation.rule != "keeps_dedicated"
            or each.codes[violation.grid] not in present.locked
        )
