"""Faults of buildings and households: unassigned and cut buildings, split courtyards, sizes and codes of grids."""

import math
from collections.abc import Iterator

import numpy as np
import pandas as pd
import shapely

from gridmap.core.array_types import BoolArray, FloatArray, GeometryArray, IntArray
from gridmap.core.coverage.drawn_grids import DrawnGrids, Finding
from gridmap.core.coverage.geometry import SLIVER_WIDTH_M
from gridmap.core.errors import N_, Message
from gridmap.core.land.community_of_building import MAX_OUTSIDE_M
from gridmap.core.land.footprints import part_small_overlaps, spread_stacks
from gridmap.core.land.town import Town
from gridmap.core.plans.measures import measure_radii
from gridmap.core.plans.norm import MIN_DEDICATED_SHARE
from gridmap.core.plans.profile import Profile
from gridmap.core.vocabulary import FindingKind, GridStatus, Severity

MIN_CUT_SHARE = 0.02
"""Minimum share of a cut building in its second grid; smaller shares come from imprecise footprints."""
MIN_CUT_M2 = 1.0
"""Minimum area of a cut building in its second grid."""
STACK_POINT_SHARE = 0.25
"""Share of the radius at which a building at the point of others is looked for: near the point, yet between borders."""


def check_buildings(town: Town, drawn: DrawnGrids, community_of_grid: IntArray, profile: Profile) -> list[Finding]:
    """Find all faults of buildings, courtyards, sizes and codes of drawn grids.

    Parameters
    ----------
    town : Town
        Buildings with households.
    drawn : DrawnGrids
    community_of_grid : ndarray of int
        Community of each grid, or -1.
    profile : Profile
        The norm for sizes.

    Returns
    -------
    list of Finding
    """
    shares = building_shares(town, drawn)
    grid = main_grid(shares, len(town.buildings))
    return [
        *_find_unassigned_buildings(town, grid),
        *_find_cut_buildings(town, drawn, shares, community_of_grid),
        *_find_split_courtyards(town, drawn, grid, profile),
        *_find_sizes_out_of_range(town, drawn, community_of_grid, grid, profile),
        *_find_wide_grids(town, drawn, community_of_grid, grid, profile),
        *_find_code_faults(drawn, community_of_grid),
    ]


def building_shares(town: Town, drawn: DrawnGrids) -> pd.DataFrame:
    """Return the share of each building in each grid.

    Parameters
    ----------
    town : Town
    drawn : DrawnGrids

    Returns
    -------
    DataFrame
        ``building``, ``grid``, ``share`` (of its area; 1 for points and for buildings just outside their community),
        sorted by building, the largest share first. If a grid contains all of a building, grids that contain a part of
        it are left out. Points at one place lie in their sectors.
    """
    buildings = _separate_stacks(town)
    shapely.prepare(drawn.shapes)
    grid, building = shapely.STRtree(buildings).query(drawn.shapes, predicate="covers")
    crossing = np.flatnonzero(np.bincount(building, minlength=len(buildings)) == 0)
    position, other_grid = shapely.STRtree(drawn.shapes).query(buildings[crossing], predicate="intersects")
    crossing = crossing[position]
    share = np.concatenate([np.ones(len(building)), _share_within(buildings[crossing], drawn.shapes[other_grid])])
    building, grid = np.concatenate([building, crossing]), np.concatenate([grid, other_grid])
    table = pd.DataFrame({"building": building, "grid": grid, "share": share})
    table = pd.concat([table, _shares_of_buildings_outside(town, drawn, building[share > 0])])
    return table.sort_values(["building", "share", "grid"], ascending=[True, False, True], ignore_index=True)


def _separate_stacks(town: Town) -> GeometryArray:
    """Return footprints, where buildings at one point are points in their sectors, near the centre."""
    shapes, community = town.buildings.geometry.to_numpy(), town.buildings["community"].to_numpy()
    spread = spread_stacks(shapes, community, town.communities.geometry.to_numpy())
    is_sector = np.flatnonzero((shapely.get_dimensions(shapes) == 0) & (shapely.get_dimensions(spread) == 2))
    centre = shapely.get_coordinates(shapely.get_point(shapely.get_exterior_ring(spread[is_sector]), 0))
    middle = shapely.get_coordinates(shapely.get_point(shapely.get_exterior_ring(spread[is_sector]), 2))
    separate = shapes.copy()
    separate[is_sector] = shapely.points(centre + STACK_POINT_SHARE * (middle - centre))
    return np.asarray(separate)


def _shares_of_buildings_outside(town: Town, drawn: DrawnGrids, assigned_buildings: IntArray) -> pd.DataFrame:
    """Return full shares in the nearest grid for buildings just outside their community."""
    unassigned = np.flatnonzero(np.bincount(assigned_buildings, minlength=len(town.buildings)) == 0)
    shapes = town.buildings.geometry.to_numpy()[unassigned]
    communities = town.communities.geometry.to_numpy()[town.buildings["community"].to_numpy()[unassigned]]
    is_outside = ~shapely.intersects(communities, shapely.point_on_surface(shapes))
    tree = shapely.STRtree(drawn.shapes)
    position, grid = tree.query_nearest(shapes[is_outside], max_distance=MAX_OUTSIDE_M, all_matches=False)
    return pd.DataFrame({"building": unassigned[is_outside][position], "grid": grid, "share": 1.0})


def _share_within(buildings: GeometryArray, grids: GeometryArray) -> FloatArray:
    """Return the share of the area of each building in its grid; slivers along the border of the grid are ignored."""
    core = shapely.buffer(buildings, -SLIVER_WIDTH_M / 2, join_style="mitre")
    core = np.where(shapely.is_empty(core), buildings, core)
    share = shapely.covers(grids, core).astype(np.float64)
    is_partial = (share == 0) & shapely.intersects(grids, core)
    area = shapely.area(buildings[is_partial])
    inner_area = shapely.area(shapely.intersection(buildings[is_partial], grids[is_partial]))
    share[is_partial] = np.divide(inner_area, area, out=np.zeros_like(area), where=area > 0)
    return np.asarray(share)


def main_grid(shares: pd.DataFrame, building_count: int) -> IntArray:
    """Return the grid that contains most of each building, -1 for none.

    Parameters
    ----------
    shares : DataFrame
        From `building_shares`.
    building_count : int
        Number of buildings.
    """
    first = shares[shares["share"] > 0].drop_duplicates("building")
    grid = np.full(building_count, -1, dtype=np.int64)
    grid[first["building"].to_numpy()] = first["grid"].to_numpy()
    return grid


def _find_unassigned_buildings(town: Town, grid_of_building: IntArray) -> Iterator[Finding]:
    text = N_("extend the nearest grid over it")
    for building in np.flatnonzero(grid_of_building < 0).tolist():
        yield _building_finding(town, building, FindingKind.UNASSIGNED_BUILDING, (), Message(text))


def _building_finding(
    town: Town, building: int, kind: FindingKind, grids: tuple[int, ...], suggestion: Message
) -> Finding:
    households = int(town.buildings["households"].iloc[building])
    severity = Severity.HIGH if households else Severity.MEDIUM
    community = int(town.buildings["community"].iloc[building])
    return Finding(kind, severity, town.buildings.geometry.iloc[building], suggestion, grids, community, households)


def _find_cut_buildings(
    town: Town, drawn: DrawnGrids, shares: pd.DataFrame, community_of_grid: IntArray
) -> Iterator[Finding]:
    """Find buildings crossed by a border within their community; overlaps of grids are reported as such instead.

    Land that two footprints share a little of belongs to neither: a border through it cuts no building.
    """
    community = town.buildings["community"].to_numpy()
    shares = shares[community[shares["building"]] == community_of_grid[shares["grid"]]]
    area = town.buildings.geometry.area.to_numpy()[shares["building"]]
    is_relevant = (shares["share"] > MIN_CUT_SHARE) & (shares["share"] * area > MIN_CUT_M2)
    partial = shares[is_relevant & (shares["share"] < 1 - MIN_CUT_SHARE)]
    partial = partial[_reaches_own_land(town, drawn, partial)]
    for building, rows in partial.groupby("building"):
        grids = tuple(rows["grid"].tolist())
        if len(grids) > 1 and rows["share"].sum() <= 1 + MIN_CUT_SHARE:
            advice = Message(N_("assign it to grid {grid}, which contains most of it"), {"grid": drawn.label(grids[0])})
            yield _building_finding(town, int(building), FindingKind.BUILDING_CUT, grids, advice)


def _reaches_own_land(town: Town, drawn: DrawnGrids, shares: pd.DataFrame) -> BoolArray:
    """Return whether grids contain a part of buildings that these share with no other in a small overlap."""
    shapes, community = town.buildings.geometry.to_numpy(), town.buildings["community"].to_numpy()
    building = shares["building"].to_numpy()
    near = np.unique(np.r_[building, shapely.STRtree(shapes).query(shapes[building], predicate="intersects")[1]])
    own = shapes.copy()
    own[near] = part_small_overlaps(shapes[near], community[near])
    inner_area = shapely.area(shapely.intersection(own[building], drawn.shapes[shares["grid"].to_numpy()]))
    return np.asarray(inner_area > np.maximum(MIN_CUT_M2, MIN_CUT_SHARE * shapely.area(shapes[building])))


def _find_split_courtyards(
    town: Town, drawn: DrawnGrids, grid_of_building: IntArray, profile: Profile
) -> Iterator[Finding]:
    """Find courtyards in several grids that would fit into one, except across dedicated land or community parts."""
    identified = town.courtyards
    table = pd.DataFrame(town.buildings[["community", "households"]]).reset_index(drop=True)
    table = table.assign(grid=grid_of_building, key=identified.of_building)
    table = table[table["key"] >= 0]
    grid = grid_of_building[table.index]
    table = table[(grid >= 0) & ~flag_dedicated_grids(town, drawn)[grid]]
    courtyards = table.groupby("key").agg(grids=("grid", "nunique"), households=("households", "sum"))
    split = courtyards.index[(courtyards["grids"] > 1) & (courtyards["households"] <= profile.maximum)]
    for key, rows in table[table["key"].isin(split)].groupby("key"):
        households, community = int(courtyards["households"][key]), int(rows["community"].iloc[0])
        if _is_in_one_part(town, rows.index.to_numpy(), community):
            shares = rows.groupby("grid")["households"].sum()
            grids: list[int] = shares.sort_values(ascending=False, kind="stable").index.tolist()
            outline = shapely.union_all(_footprint_polygons(town.buildings.geometry.to_numpy()[rows.index]))
            text = N_("assign all of courtyard {courtyard} to grid {grid}")
            advice = Message(
                text, {"courtyard": identified.names[int(rows["key"].iloc[0])], "grid": drawn.label(grids[0])}
            )
            kind = FindingKind.COURTYARD_SPLIT
            yield Finding(kind, Severity.MEDIUM, outline, advice, tuple(grids), community, households)


def _is_in_one_part(town: Town, buildings: IntArray, community: int) -> bool:
    """Return whether buildings are in one part of their community."""
    parts = shapely.STRtree(shapely.get_parts(town.communities.geometry.iloc[community]))
    return len(np.unique(parts.nearest(shapely.point_on_surface(town.buildings.geometry.to_numpy()[buildings])))) == 1


def _footprint_polygons(shapes: GeometryArray) -> GeometryArray:
    """Return the polygons of footprints; a point becomes a small square."""
    points = shapely.get_dimensions(shapes) == 0
    return np.asarray(shapely.get_parts(np.where(points, shapely.buffer(shapes, 1.0, cap_style="square"), shapes)))


def _find_sizes_out_of_range(
    town: Town, drawn: DrawnGrids, community_of_grid: IntArray, grid_of_building: IntArray, profile: Profile
) -> Iterator[Finding]:
    is_assigned = grid_of_building >= 0
    households = np.bincount(
        grid_of_building[is_assigned], town.buildings["households"].to_numpy()[is_assigned], len(drawn)
    ).astype(np.int64)
    is_dedicated = flag_dedicated_grids(town, drawn)
    for number, count in enumerate(households.tolist()):
        status = profile.status(count)
        if status is GridStatus.IN_RANGE or is_dedicated[number]:
            continue
        kind, text = _size_suggestion(count, status)
        values = {"households": count, "minimum": profile.minimum, "maximum": profile.maximum}
        severity = Severity.LOW if kind is FindingKind.EMPTY_GRID else Severity.MEDIUM
        shape, community = drawn.shapes[number], int(community_of_grid[number])
        yield Finding(kind, severity, shape, Message(text, values), (number,), community, count)


def _find_wide_grids(
    town: Town, drawn: DrawnGrids, community_of_grid: IntArray, grid_of_building: IntArray, profile: Profile
) -> Iterator[Finding]:
    inhabited = (grid_of_building >= 0) & (town.buildings["households"].to_numpy() > 0)
    homes, grid = town.buildings.geometry.to_numpy()[inhabited], grid_of_building[inhabited]
    radii = measure_radii(drawn.shapes, homes, grid)
    is_dedicated = flag_dedicated_grids(town, drawn)
    limit = profile.max_radius_m or math.inf
    for number in np.flatnonzero((radii > limit) & ~is_dedicated).tolist():
        values = {"radius": math.ceil(radii[number]), "maximum": int(profile.max_radius_m)}
        text = N_("a home is {radius} m from its centre, more than {maximum} m: split it, or give homes to a neighbour")
        community = int(community_of_grid[number])
        yield Finding(
            FindingKind.TOO_WIDE, Severity.MEDIUM, drawn.shapes[number], Message(text, values), (number,), community
        )


def _size_suggestion(households: int, status: GridStatus) -> tuple[FindingKind, str]:
    if households == 0:
        return FindingKind.EMPTY_GRID, N_("merge it with a neighbour, or declare it dedicated land")
    if status is GridStatus.OVER:
        return FindingKind.OVERSIZE, N_("{households} households, more than {maximum}: split it")
    return FindingKind.UNDERSIZE, N_("{households} households, fewer than {minimum}: merge it with a neighbour")


def flag_dedicated_grids(town: Town, drawn: DrawnGrids) -> BoolArray:
    """Return whether each grid is dedicated land, to which the norm does not apply.

    Parameters
    ----------
    town : Town
    drawn : DrawnGrids

    Returns
    -------
    ndarray of bool
    """
    lands = town.dedicated.geometry.to_numpy()
    grid, land = shapely.STRtree(lands).query(drawn.shapes, predicate="intersects")
    ratio = shapely.area(drawn.shapes[grid]) / shapely.area(lands[land])
    is_similar = (ratio > MIN_DEDICATED_SHARE) & (ratio < 1 / MIN_DEDICATED_SHARE)
    grid, land = grid[is_similar], land[is_similar]
    shared_area = shapely.area(shapely.intersection(drawn.shapes[grid], lands[land]))
    union_area: FloatArray = shapely.area(drawn.shapes[grid]) + shapely.area(lands[land]) - shared_area
    is_dedicated = np.zeros(len(drawn), dtype=np.bool_)
    is_dedicated[grid[shared_area > MIN_DEDICATED_SHARE * union_area]] = True
    return is_dedicated


def _find_code_faults(drawn: DrawnGrids, community_of_grid: IntArray) -> Iterator[Finding]:
    """Find grids without a code and repeated codes."""
    grid_by_code: dict[str, int] = {}
    for number, code in enumerate(drawn.codes):
        shape, community = drawn.shapes[number], int(community_of_grid[number])
        if not code:
            advice = Message(N_("give it a code"))
            yield Finding(FindingKind.MISSING_CODE, Severity.LOW, shape, advice, (number,), community)
        elif code in grid_by_code:
            advice = Message(N_("code {code} is used twice: change one of them"), {"code": code})
            grids = (grid_by_code[code], number)
            yield Finding(FindingKind.DUPLICATE, Severity.MEDIUM, shape, advice, grids, community)
        else:
            grid_by_code[code] = number
