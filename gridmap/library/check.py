"""Check and repair of grids drawn by hand, as GeoDataFrames."""

from collections.abc import Collection
from typing import Unpack

import geopandas as gpd

from gridmap.core.coverage.checks import DrawnGrids, check_grids
from gridmap.core.coverage.drawn_measures import drawn_grid_table, grid_labels_of_buildings
from gridmap.core.coverage.dropped_grids import require_grids
from gridmap.core.coverage.moved_land import find_moved_land
from gridmap.core.coverage.repair import RepairedPlan, repair_grids
from gridmap.core.coverage.repair_notes import add_repair_notes
from gridmap.core.coverage.repaired_measures import measure_repaired
from gridmap.core.land.build import build_land
from gridmap.core.land.town import Town
from gridmap.core.partition.partition import PartitionSettings
from gridmap.core.plans.measures import grid_polygons
from gridmap.core.plans.profile import Profile
from gridmap.formats.package.drawn_grids import read_town_and_grids
from gridmap.formats.results.fault_layers import build_fault_layers, build_fault_table
from gridmap.formats.results.repair_layers import (
    ChangeTables,
    build_change_table,
    build_land_change_table,
    build_repair_layers,
)
from gridmap.formats.results.result_layers import build_result_layers
from gridmap.library.frames import TownOptions, open_frames
from gridmap.library.partition import (
    DEFAULT_PROFILE,
    assignment_series,
    building_grids,
    resolve_profile,
    warning_texts,
)
from gridmap.library.result import Check, Repair


def check(
    communities: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    grids: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame | None = None,
    *,
    profile: Profile | str = DEFAULT_PROFILE,
    **options: Unpack[TownOptions],
) -> Check:
    """Find the faults of grids drawn by hand: gaps, overlaps, buildings in no grid, sizes out of range.

    Parameters
    ----------
    communities, buildings, streets, **options
        As in `gridmap.partition`. Communities may overlap, which is a fault of its own.
    grids : GeoDataFrame
        Polygons in any CRS; ``grid_code``, ``name`` and ``community_code`` are read if they exist.
    profile : Profile or str
        Range of households that sizes are compared with.

    Returns
    -------
    Check
        ``faults``, the most severe first; ``is_sound``; ``explore()``.

    Raises
    ------
    InvalidInput
        If a layer cannot be used.

    Examples
    --------
    >>> import gridmap
    >>> from gridmap.demo.town import build_town
    >>> town = build_town(800)
    >>> plan = gridmap.partition(town.communities, town.buildings, town.streets)
    >>> gridmap.check(town.communities, town.buildings, plan.grids).is_sound
    True
    >>> gap = gridmap.check(town.communities, town.buildings, plan.grids.iloc[1:])
    >>> gap.is_sound, "gap" in set(gap.faults["kind"])
    (False, True)
    """
    layers = {"communities": communities, "buildings": buildings, "streets": streets, "grids": grids}
    opened = open_frames(layers, options)
    town, drawn = read_town_and_grids(opened, None, allow_overlaps=True)
    profile = resolve_profile(profile)
    findings = check_grids(town, drawn, profile)
    faults = build_fault_table(town, drawn, findings, [str(finding.suggestion) for finding in findings])
    labels = grid_labels_of_buildings(town, drawn)
    return Check(
        layers=build_fault_layers(town, drawn_grid_table(town, drawn, profile), labels, faults, profile),
        profile=profile,
        assignment=assignment_series(buildings, labels),
        warnings=warning_texts(town),
    )


def repair(
    communities: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    grids: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame | None = None,
    *,
    profile: Profile | str = DEFAULT_PROFILE,
    drop: Collection[str] = (),
    **options: Unpack[TownOptions],
) -> Repair:
    """Repair grids drawn by hand: codes are kept, every building gets one grid, and every change is listed.

    Parameters
    ----------
    communities, buildings, grids, streets, **options
        As in `check`.
    profile : Profile or str
        Its maximum decides which courtyards stay whole; a repair does not change sizes.
    drop : collection of str
        Codes of grids that may disappear.

    Returns
    -------
    Repair
        ``grids``, ``assignment`` and ``changes``.

    Raises
    ------
    InvalidInput
        If a layer cannot be used, or a grid would disappear that is not in `drop`.

    Examples
    --------
    >>> import gridmap
    >>> from gridmap.demo.town import build_town
    >>> town = build_town(800)
    >>> plan = gridmap.partition(town.communities, town.buildings, town.streets)
    >>> narrow = plan.grids.set_geometry(plan.grids.buffer(-0.3))
    >>> repaired = gridmap.repair(town.communities, town.buildings, narrow)
    >>> gridmap.check(town.communities, town.buildings, repaired.grids).is_sound
    True
    """
    layers = {"communities": communities, "buildings": buildings, "streets": streets, "grids": grids}
    opened = open_frames(layers, options)
    town, drawn = read_town_and_grids(opened, None)
    land, profile = build_land(town, drawn=drawn.shapes), resolve_profile(profile)
    repaired = add_repair_notes(repair_grids(town, land, drawn, profile), town, land, drawn)
    require_grids(drawn, repaired.drawn_grid_of_grid, drop, "grids")
    measured = measure_repaired(town, land, repaired, profile)
    settings = PartitionSettings(profile)
    result = build_result_layers(town, land, repaired.plan, measured, "en", settings)
    moved = find_moved_land(drawn, grid_polygons(repaired.plan, land), repaired.drawn_grid_of_grid)
    codes = building_grids(land, repaired.plan, measured["grid_code"].to_numpy())
    return Repair(
        layers={**result, **build_repair_layers(town, drawn, _change_tables(town, drawn, repaired, moved))},
        profile=profile,
        assignment=assignment_series(buildings, codes),
        warnings=warning_texts(town),
        notes=tuple(map(str, repaired.plan.notes)),
    )


def _change_tables(town: Town, drawn: DrawnGrids, repaired: RepairedPlan, moved: gpd.GeoDataFrame) -> ChangeTables:
    """List the buildings and the land that changed grid, with reasons in English."""
    buildings = build_change_table(town, drawn, repaired, [str(reason) for reason in repaired.changes["reason"]])
    land = build_land_change_table(town, drawn, repaired, moved, [str(reason) for reason in moved["reason"]])
    return ChangeTables(buildings, land)
