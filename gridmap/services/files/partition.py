"""Partition of a town, from file to file."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd

from gridmap.core.array_types import GeometryArray
from gridmap.core.errors import N_, Message
from gridmap.core.explanations.cures import find_cures
from gridmap.core.households.load import Load
from gridmap.core.land.build import LandCoverage, build_land
from gridmap.core.land.town import Town
from gridmap.core.partition.hierarchy import nest_town
from gridmap.core.partition.partition import PartitionSettings, partition_town
from gridmap.core.plans.feasibility import (
    CommunityLoad,
    community_loads,
    find_contradiction,
    profile_for_grids,
    require_possible_range,
    share_grids,
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

SHARED = N_("{community}: {grids} of the {total} grids for {households} households, {minimum} to {maximum} each")


@dataclass(frozen=True)
class PartitionOptions:
    """Further choices of a partition.

    Parameters
    ----------
    grids : int, optional
        Number of grids of the town, in place of the range of the profile; communities share it by their households.
    micro : Profile, optional
        Range of the micro-grids into which each grid is partitioned again.
    load : Load, optional
        What is counted in place of households, for grids and micro-grids.
    """

    grids: int | None = None
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
        loads = community_loads(town, land)
        notes.extend(
            filter(None, [find_contradiction(sum(each.households for each in loads), options.grids, settings.profile)])
        )
        settings = share_number(loads, options.grids, settings)
        notes.extend(note_shares(loads, options.grids, settings))
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


def share_number(loads: Sequence[CommunityLoad], grids: int, settings: PartitionSettings) -> PartitionSettings:
    """Return settings that lead to a number of grids.

    Parameters
    ----------
    loads : sequence of CommunityLoad
        From `gridmap.core.plans.feasibility.community_loads`.
    grids : int
    settings : PartitionSettings
        Their range is replaced. With several inhabited communities each has its own; that of the town contains them.

    Raises
    ------
    InvalidInput
        If there are fewer grids than inhabited communities, or more than households.

    Examples
    --------
    >>> loads = [CommunityLoad("East", 2400), CommunityLoad("West", 900)]
    >>> shared = share_number(loads, 7, PartitionSettings())
    >>> [(each.minimum, each.maximum) for each in shared.own_profiles], shared.profile.maximum
    ([(401, 576), (360, 540)], 576)
    """
    shares = share_grids([each.households for each in loads], grids)
    made = [
        profile_for_grids(load.households, share) if share else None for load, share in zip(loads, shares, strict=True)
    ]
    own = [each for each in made if each]
    if len(own) == 1:
        return replace(settings, profile=own[0])
    low, high = min(each.minimum for each in own), max(each.maximum for each in own)
    whole = Profile(low, high, sum(each.households for each in loads) // grids)
    return replace(settings, profile=whole, own_profiles=tuple(each or whole for each in made))


def note_shares(loads: Sequence[CommunityLoad], grids: int, settings: PartitionSettings) -> list[Message]:
    """Return a sentence on the grids of each community; none where a single one has households."""
    if not settings.own_profiles:
        return []
    shares = share_grids([each.households for each in loads], grids)
    return [
        Message(
            SHARED,
            {"community": load.name, "grids": share, "total": grids, "households": load.households}
            | {"minimum": profile.minimum, "maximum": profile.maximum},
        )
        for load, share, profile in zip(loads, shares, settings.own_profiles, strict=True)
        if share
    ]


def judge_sizes(grids: gpd.GeoDataFrame, plan: GridPlan, settings: PartitionSettings) -> gpd.GeoDataFrame:
    """Return measured grids with their status against the range of their own community."""
    sizes = grids["load" if "load" in grids else "households"].tolist()
    profiles = map(settings.profile_of, plan.community.tolist())
    return grids.assign(status=[str(own.status(size)) for own, size in zip(profiles, sizes, strict=True)])
