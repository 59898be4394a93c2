"""Faults of people and buildings: who is in no grid, what is torn apart, which grids are too large or too small."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import shapely

from gridmap.core.array_types import BoolArray, FloatArray, GeometryArray, IntArray
from gridmap.core.coverage.drawn_grids import DrawnGrids, Finding
from gridmap.core.coverage.geometry import SLIVER_WIDTH_M
from gridmap.core.errors import N_, Message
from gridmap.core.land.community_of_building import MAX_OUTSIDE_M
from gridmap.core.land.town import Town
from gridmap.core.plans.profile import Profile
from gridmap.core.vocabulary import FindingKind, GridStatus, Severity

MIN_CUT_SHARE = 0.02
"""A building is cut where its second grid holds more of it than this: less is how footprints are digitised."""
MIN_CUT_M2 = 1.0
"""And more than this."""


def check_buildings(town: Town, drawn: DrawnGrids, community_of_grid: IntArray, profile: Profile) -> list[Finding]:
    """Everything wrong with buildings, courtyards and sizes of drawn grids.

    Parameters
    ----------
    town : Town
        Buildings with households.
    drawn : DrawnGrids
    community_of_grid : ndarray of int
        Community each grid belongs to, or -1.
    profile : Profile
        The range that sizes are measured by.

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
        *_find_code_faults(drawn, community_of_grid),
    ]


def building_shares(town: Town, drawn: DrawnGrids) -> pd.DataFrame:
    """How much of each building each grid holds.

    Parameters
    ----------
    town : Town
    drawn : DrawnGrids

    Returns
    -------
    DataFrame
        ``building``, ``grid``, ``share`` (of its area; a point is held whole, and so is what stands just
        outside its community), sorted by building, largest share first. Where a grid holds all of a building, those
        that hold a part as well are left out.
    """
    buildings = town.buildings.geometry.to_numpy()
    shapely.prepare(drawn.shapes)
    grid, building = shapely.STRtree(buildings).query(drawn.shapes, predicate="covers")
    crossing = np.flatnonzero(np.bincount(building, minlength=len(buildings)) == 0)
    torn, by = shapely.STRtree(drawn.shapes).query(buildings[crossing], predicate="intersects")
    share = np.concatenate([np.ones(len(building)), _share_within(buildings[crossing[torn]], drawn.shapes[by])])
    building, grid = np.concatenate([building, crossing[torn]]), np.concatenate([grid, by])
    table = pd.DataFrame({"building": building, "grid": grid, "share": share})
    table = pd.concat([table, _shares_of_buildings_outside(town, drawn, building[share > 0])])
    return table.sort_values(["building", "share", "grid"], ascending=[True, False, True], ignore_index=True)


def _shares_of_buildings_outside(town: Town, drawn: DrawnGrids, assigned_buildings: IntArray) -> pd.DataFrame:
    """Buildings just outside their community, which no grid can hold: the nearest grid has them whole."""
    free = np.flatnonzero(np.bincount(assigned_buildings, minlength=len(town.buildings)) == 0)
    shapes = town.buildings.geometry.to_numpy()[free]
    own = town.communities.geometry.to_numpy()[town.buildings["community"].to_numpy()[free]]
    outside = ~shapely.intersects(own, shapely.point_on_surface(shapes))
    tree = shapely.STRtree(drawn.shapes)
    found, grid = tree.query_nearest(shapes[outside], max_distance=MAX_OUTSIDE_M, all_matches=False)
    return pd.DataFrame({"building": free[outside][found], "grid": grid, "share": 1.0})


def _share_within(buildings: GeometryArray, grids: GeometryArray) -> FloatArray:
    """Share of each building's area that lies in its grid; within a hair of all or nothing that is quick to tell."""
    core = shapely.buffer(buildings, -SLIVER_WIDTH_M / 2, join_style="mitre")
    core = np.where(shapely.is_empty(core), buildings, core)
    share = shapely.covers(grids, core).astype(np.float64)
    torn = (share == 0) & shapely.intersects(grids, core)
    area = shapely.area(buildings[torn])
    inside = shapely.area(shapely.intersection(buildings[torn], grids[torn]))
    share[torn] = np.divide(inside, area, out=np.zeros_like(area), where=area > 0)
    return np.asarray(share)


def main_grid(shares: pd.DataFrame, building_count: int) -> IntArray:
    """The grid that holds most of each building, -1 where none holds any.

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
    """Buildings that a border within their community runs through; where grids overlap, that is the fault instead."""
    community = town.buildings["community"].to_numpy()
    shares = shares[community[shares["building"]] == community_of_grid[shares["grid"]]]
    area = town.buildings.geometry.area.to_numpy()[shares["building"]]
    real = (shares["share"] > MIN_CUT_SHARE) & (shares["share"] * area > MIN_CUT_M2)
    torn = shares[real & (shares["share"] < 1 - MIN_CUT_SHARE)]
    for building, rows in torn.groupby("building"):
        grids = tuple(rows["grid"].tolist())
        if len(grids) > 1 and rows["share"].sum() <= 1 + MIN_CUT_SHARE:
            advice = Message(N_("leave it to grid {grid}, which holds most of it"), {"grid": drawn.label(grids[0])})
            yield _building_finding(town, int(building), FindingKind.BUILDING_CUT, grids, advice)


def _find_split_courtyards(
    town: Town, drawn: DrawnGrids, grid_of_building: IntArray, profile: Profile
) -> Iterator[Finding]:
    """Courtyards that fit a grid but lie in several; dedicated land and parts of a community may divide them."""
    frame = pd.DataFrame(town.buildings[["community", "courtyard", "households"]]).assign(grid=grid_of_building)
    frame = frame.reset_index(drop=True).dropna(subset="courtyard")
    frame["yard"] = frame.groupby(["community", "courtyard"]).ngroup()
    frame = frame[
        (grid_of_building[frame.index] >= 0) & ~flag_dedicated_grids(town, drawn)[grid_of_building[frame.index]]
    ]
    yards = frame.groupby("yard").agg(grids=("grid", "nunique"), households=("households", "sum"))
    several = yards.index[(yards["grids"] > 1) & (yards["households"] <= profile.maximum)]
    for yard, rows in frame[frame["yard"].isin(several)].groupby("yard"):
        total, where = int(yards["households"][yard]), int(rows["community"].iloc[0])
        if _is_in_one_part(town, rows.index.to_numpy(), where):
            shares = rows.groupby("grid")["households"].sum()
            grids: list[int] = shares.sort_values(ascending=False, kind="stable").index.tolist()
            outline = shapely.union_all(_footprint_polygons(town.buildings.geometry.to_numpy()[rows.index]))
            text = N_("leave courtyard {courtyard} whole to grid {grid}")
            advice = Message(text, {"courtyard": rows["courtyard"].iloc[0], "grid": drawn.label(grids[0])})
            yield Finding(FindingKind.COURTYARD_SPLIT, Severity.MEDIUM, outline, advice, tuple(grids), where, total)


def _is_in_one_part(town: Town, buildings: IntArray, community: int) -> bool:
    """Whether buildings stand in one part of their community."""
    parts = shapely.STRtree(shapely.get_parts(town.communities.geometry.iloc[community]))
    return len(np.unique(parts.nearest(shapely.point_on_surface(town.buildings.geometry.to_numpy()[buildings])))) == 1


def _footprint_polygons(shapes: GeometryArray) -> GeometryArray:
    """Polygons of footprints; a point stands as a small square."""
    points = shapely.get_dimensions(shapes) == 0
    return np.asarray(shapely.get_parts(np.where(points, shapely.buffer(shapes, 1.0, cap_style="square"), shapes)))


def _find_sizes_out_of_range(
    town: Town, drawn: DrawnGrids, community_of_grid: IntArray, grid_of_building: IntArray, profile: Profile
) -> Iterator[Finding]:
    inside = grid_of_building >= 0
    households = np.bincount(
        grid_of_building[inside], town.buildings["households"].to_numpy()[inside], len(drawn)
    ).astype(np.int64)
    dedicated = flag_dedicated_grids(town, drawn)
    for number, count in enumerate(households.tolist()):
        status = profile.status(count)
        if status is GridStatus.IN_RANGE or dedicated[number]:
            continue
        kind, text = _size_suggestion(count, status)
        values = {"households": count, "minimum": profile.minimum, "maximum": profile.maximum}
        severity = Severity.LOW if kind is FindingKind.EMPTY_GRID else Severity.MEDIUM
        shape, community = drawn.shapes[number], int(community_of_grid[number])
        yield Finding(kind, severity, shape, Message(text, values), (number,), community, count)


def _size_suggestion(households: int, status: GridStatus) -> tuple[FindingKind, str]:
    if households == 0:
        return FindingKind.EMPTY_GRID, N_("join it to a neighbour, or declare it dedicated land")
    if status is GridStatus.OVER:
        return FindingKind.OVERSIZE, N_("{households} households, more than {maximum}: divide it")
    return FindingKind.UNDERSIZE, N_("{households} households, fewer than {minimum}: join it to a neighbour")


def flag_dedicated_grids(town: Town, drawn: DrawnGrids) -> BoolArray:
    """Grids that are dedicated land: no range applies to them.

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
    alike = (ratio > MIN_DEDICATED_SHARE) & (ratio < 1 / MIN_DEDICATED_SHARE)
    grid, land = grid[alike], land[alike]
    joint = shapely.area(shapely.intersection(drawn.shapes[grid], lands[land]))
    either: FloatArray = shapely.area(drawn.shapes[grid]) + shapely.area(lands[land]) - joint
    same = np.zeros(len(drawn), dtype=np.bool_)
    same[grid[joint > MIN_DEDICATED_SHARE * either]] = True
    return same


MIN_DEDICATED_SHARE = 0.9
"""A grid that shares this much with dedicated land, of what the two cover together, is its grid."""


def _find_code_faults(drawn: DrawnGrids, community_of_grid: IntArray) -> Iterator[Finding]:
    """Grids without a code, and codes given twice."""
    known: dict[str, int] = {}
    for number, code in enumerate(drawn.codes):
        where = drawn.shapes[number], int(community_of_grid[number])
        if not code:
            advice = Message(N_("give it a code"))
            yield Finding(FindingKind.MISSING_CODE, Severity.LOW, where[0], advice, (number,), where[1])
        elif code in known:
            advice = Message(N_("code {code} is given twice: give one of them another"), {"code": code})
            yield Finding(FindingKind.DUPLICATE, Severity.MEDIUM, where[0], advice, (known[code], number), where[1])
        else:
            known[code] = number
