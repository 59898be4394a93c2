"""Partition of a town, from file to file."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd

from gridmap.core.array_types import GeometryArray
from gridmap.core.errors import N_, InputFault, InvalidInput, Message
from gridmap.core.explanations.cures import find_cures
from gridmap.core.households.load import Load
from gridmap.core.land.build import LandCoverage, build_land
from gridmap.core.land.town import Town
from gridmap.core.partition.hierarchy import nest_town
from gridmap.core.partition.partition import PartitionSettings, partition_town
from gridmap.core.plans.feasibility import (
    CommunityLoad,
    GridNumbers,
    community_loads,
    find_contradiction,
    list_refusals,
    number_grids,
    profile_for_grids,
    require_possible_range,
)
from gridmap.core.plans.measures import measure_grids
from gridmap.core.plans.plan import GridPlan
from gridmap.core.plans.profile import Profile
from gridmap.core.plans.rules import find_violations, require_no_violations
from gridmap.core.progress import Progress
from gridmap.formats.intake.source_file import SourceLike, open_source
from gridmap.formats.package.town import read_town
from gridmap.formats.package.town_extras import read_resident_groups
from gridmap.formats.results.geopackage import write_layers
from gridmap.formats.results.result_layers import add_micro_grids, build_result_layers
from gridmap.services.files.output import refuse_overwriting_sources, write_report
from gridmap.services.files.partition_report import Clock, PartitionReport

NUMBERED = N_("{community}: {grids} grids for {households} households, {minimum} to {maximum} each")
SHARED = N_("{community}: {grids} of the {total} grids for {households} households, {minimum} to {maximum} each")


@dataclass(frozen=True)
class PartitionOptions:
    """Further choices of a partition.

    Parameters
    ----------
    grids : GridNumbers, optional
        Numbers of grids in place of the range of the profile; communities share a total by their households.
    micro : Profile, optional
        Range of the micro-grids into which each grid is partitioned again.
    load : Load, optional
        What is counted in place of households, for grids and micro-grids.
    """

    grids: GridNumbers | None = None
    micro: Profile | None = None
    load: Load | None = None


DEFAULT_OPTIONS = PartitionOptions()


def partition_file(
    source: SourceLike,
    target: Path,
    settings: PartitionSettings,
    language: str,
    progress: Progress,
    options: PartitionOptions = DEFAULT_OPTIONS,
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
    options : PartitionOptions
        A number of grids, micro-grids, and a load other than households.

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
    with clock.step("read"), open_source(source) as opened:
        town = read_town(opened, load=options.load)
        groups = read_resident_groups(opened, town)
    progress(Message(N_("Reading the town")), 1, 1)
    with clock.step("land"):
        land = build_land(town, progress)
    notes: list[Message] = []
    if options.grids is None:
        require_possible_range(town, land, settings.profile)
    else:
        settings, notes = apply_numbers(town, community_loads(town, land), options.grids, settings)
    with clock.step("partition"):
        plan = partition_town(town, land, settings, progress, groups)
        plan = replace(plan, notes=(*notes, *plan.notes))
    with clock.step("measure"):
        grids = judge_sizes(measure_grids(town, land, plan, settings.profile), plan, settings)
        require_no_violations(find_violations(town, land, plan, grids.geometry.to_numpy()))
    with clock.step("cures"):
        cures = {} if settings.own_profiles else find_cures(town, land, plan, settings)
    inner = None
    if options.micro is not None:
        with clock.step("micro_grids"):
            inner = _partition_grids(town, land, plan, grids, replace(settings, profile=options.micro, own_profiles=()))
    progress(Message(N_("Writing the result")), 0, 1)
    with clock.step("write"):
        layers = build_result_layers(town, land, plan, grids, language, settings)
        if inner is not None:
            layers = add_micro_grids(layers, inner.grids, inner.grid_of_building, language)
        write_layers(target, layers, language)
    micro_grids = inner.grids if inner else None
    report = PartitionReport(town, land, plan, grids, settings, clock, language, micro_grids, groups, cures)
    write_report(target, report.as_json())
    progress(Message(N_("Writing the result")), 1, 1)
    return report


@dataclass(frozen=True, eq=False)
class _MicroGrids:
    """Micro-grids with their measures, and the code of that of each building."""

    grids: gpd.GeoDataFrame
    grid_of_building: GeometryArray


def _partition_grids(
    town: Town, land: LandCoverage, plan: GridPlan, grids: gpd.GeoDataFrame, settings: PartitionSettings
) -> _MicroGrids:
    """Partition each grid again."""
    shapes, codes = grids.geometry.to_numpy(), grids["grid_code"].to_numpy()
    inner_town, inner_land = nest_town(town, land, plan, shapes, codes)
    inner = partition_town(inner_town, inner_land, settings)
    measured = measure_grids(inner_town, inner_land, inner, settings.profile)
    require_no_violations(find_violations(inner_town, inner_land, inner, measured.geometry.to_numpy()))
    own_codes = measured["grid_code"].to_numpy()
    return _MicroGrids(measured, own_codes[inner.grid_of_cell[land.cell_of_building]])


def apply_numbers(
    town: Town, loads: Sequence[CommunityLoad], numbers: GridNumbers, settings: PartitionSettings
) -> tuple[PartitionSettings, list[Message]]:
    """Return settings that lead to numbers of grids, with sentences on them.

    Raises
    ------
    InvalidInput
        If the numbers cannot be had, or the range does not fit the communities that keep it.
    """
    grids = number_grids(loads, list(town.communities["code"]), numbers)
    keeping = [load for load, each in zip(loads, grids, strict=True) if each is None]
    if refusals := list_refusals(keeping, settings.profile):
        raise InvalidInput(InputFault(reason) for reason in refusals)
    means = [(load.households, each) for load, each in zip(loads, grids, strict=True) if each]
    if numbers.total is not None:
        means = [(sum(each.households for each in loads), numbers.total)]
    contradictions = (find_contradiction(households, each, settings.profile) for households, each in means)
    numbered = number_profiles(loads, grids, settings)
    return numbered, [*filter(None, contradictions), *note_numbers(loads, grids, numbers.total, numbered)]


def number_profiles(
    loads: Sequence[CommunityLoad], grids: Sequence[int | None], settings: PartitionSettings
) -> PartitionSettings:
    """Return settings by which communities get a number of grids.

    Parameters
    ----------
    loads : sequence of CommunityLoad
        From `gridmap.core.plans.feasibility.community_loads`.
    grids : sequence of int or None
        From `gridmap.core.plans.feasibility.number_grids`.
    settings : PartitionSettings
        Their range holds for communities without a number. With several inhabited communities each has its own; that of
        the town contains them. The radius stays.

    Raises
    ------
    InvalidInput
        If a community has fewer households than grids.

    Examples
    --------
    >>> loads = [CommunityLoad("East", 2400), CommunityLoad("West", 900)]
    >>> numbered = number_profiles(loads, [5, 2], PartitionSettings())
    >>> [(each.minimum, each.maximum) for each in numbered.own_profiles], numbered.profile.maximum
    ([(401, 576), (360, 540)], 576)
    """
    radius_m = settings.profile.max_radius_m
    own = [
        settings.profile if each is None else replace(profile_for_grids(load.households, each), max_radius_m=radius_m)
        for load, each in zip(loads, grids, strict=True)
        if load.households or each
    ]
    if len(own) == 1:
        return replace(settings, profile=own[0])
    low, high = min(each.minimum for each in own), max(each.maximum for each in own)
    whole = Profile(low, high, sum(each.target for each in own) // len(own), radius_m)
    ranges = iter(own)
    profiles = (next(ranges) if load.households or each else whole for load, each in zip(loads, grids, strict=True))
    return replace(settings, profile=whole, own_profiles=tuple(profiles))


def note_numbers(
    loads: Sequence[CommunityLoad], grids: Sequence[int | None], total: int | None, settings: PartitionSettings
) -> list[Message]:
    """Return a sentence on each community with a number of grids; none where a single one has households."""
    if not settings.own_profiles:
        return []
    return [
        Message(
            NUMBERED if total is None else SHARED,
            {"community": load.name, "grids": each, "total": total, "households": load.households}
            | {"minimum": profile.minimum, "maximum": profile.maximum},
        )
        for load, each, profile in zip(loads, grids, settings.own_profiles, strict=True)
        if each
    ]


def judge_sizes(grids: gpd.GeoDataFrame, plan: GridPlan, settings: PartitionSettings) -> gpd.GeoDataFrame:
    """Return measured grids with their status against the range of their own community."""
    sizes = grids["load" if "load" in grids else "households"].tolist()
    profiles = map(settings.profile_of, plan.community.tolist())
    return grids.assign(status=[str(own.status(size)) for own, size in zip(profiles, sizes, strict=True)])
