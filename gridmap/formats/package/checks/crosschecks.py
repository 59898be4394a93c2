"""Checks across rows and layers: overlaps, and land or buildings in the wrong place."""

from collections.abc import Iterable

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from gridmap.core.array_types import IntArray
from gridmap.core.errors import N_
from gridmap.core.land.community_of_building import BuildingCommunities, find_building_communities
from gridmap.core.land.make_valid import MAX_CROSSINGS, count_crossings
from gridmap.core.land.town import Town
from gridmap.core.text_comparison import fold_text
from gridmap.formats.crs import swap_coordinates
from gridmap.formats.package.layer_reader import ParsedLayer
from gridmap.formats.row_faults import FaultTemplate, make_fault, make_row_faults

AREA_TOLERANCE_M2 = 1.0
MANY_CROSSINGS = 10_000
MAX_TOWN_EXTENT_M = 200_000.0
MAX_LAYER_DISTANCE_M = 1_000.0

TOWN_TOO_LARGE = FaultTemplate(
    N_("the communities extend over {extent} km"),
    N_("a town of at most 200 km"),
    N_("check the CRS, and look for a shape far away"),
)
NO_AREA = FaultTemplate(N_("the area is zero"), N_("at least 1 m²"), N_("redraw it, or delete the row; check the CRS"))
OVERLAPPING = FaultTemplate(
    N_("it overlaps {other} by {area} m²"), N_("shapes that share borders but no land"), N_("redraw the common border")
)
TOO_MANY_CROSSINGS = FaultTemplate(
    N_("its border crosses that of {other} too often to compare"), advice=N_("redraw the common border")
)
BUILDING_TOO_MANY_CROSSINGS = FaultTemplate(
    N_("the outline crosses the borders of communities too often to compare"), advice=N_("redraw the building")
)
BUILDING_OUTSIDE = FaultTemplate(
    N_("the building is {distance} m outside every community"),
    N_("at most 5 m outside"),
    N_("move it, delete it, or add its community"),
)
BUILDINGS_SWAPPED = FaultTemplate(
    N_("the buildings are outside every community, and inside once their two coordinates are swapped"),
    N_("coordinates in the order of the layer communities"),
    N_("swap the two"),
)
BUILDING_JUST_OUTSIDE = FaultTemplate(
    N_("the building is {distance} m outside every community and belongs to the nearest, {community}")
)
NOTHING_INSIDE = FaultTemplate(
    N_("nothing in the layer lies in a community; the nearest shape is {distance} m away"),
    advice=N_("check the CRS and the datum of the layer and of the communities"),
)
MAX_OUTSIDE_LAYER_M = 50.0
"""Distance within which a layer may lie outside all communities, as incidents on a border street do; datums are shifted
by more."""
LAYERS_ALONG_BORDERS = frozenset({"barriers", "railway"})
"""Layers that may well lie outside every community: rivers and rails often are the border."""
LAYER_FAR_AWAY = FaultTemplate(
    N_("nothing in the layer is near a community"),
    N_("shapes within 1 km of the communities"),
    N_("check the CRS and the order of the coordinates"),
)


def check_communities(communities: ParsedLayer, *, allow_overlaps: bool) -> None:
    """Check sizes and overlaps of communities, in metres."""
    communities.reject(NO_AREA, shapely.area(communities.shapes) < AREA_TOLERANCE_M2)
    if communities.valid_rows.empty:
        return
    west, south, east, north = communities.valid_rows.total_bounds
    extent = max(east - west, north - south)
    if extent > MAX_TOWN_EXTENT_M:
        communities.reject_all(TOWN_TOO_LARGE, extent=f"{extent / 1000:.0f}")
    check_overlaps(communities, allow_overlaps=allow_overlaps)


def check_overlaps(parsed: ParsedLayer, *, allow_overlaps: bool = False) -> None:
    """Check that no two polygons of a layer share more than 1 m² of land.

    With `allow_overlaps`, check only that their borders are simple enough to compare.
    """
    rows = np.flatnonzero(parsed.is_valid)
    shapes = parsed.shapes[rows]
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    names = parsed.frame[parsed.schema.columns[0].name].to_numpy()
    overlaps: dict[int, dict[str, str]] = {}
    tangles: dict[int, dict[str, str]] = {}
    allowance = MAX_CROSSINGS
    for i, j in zip(first[first > second], second[first > second], strict=True):
        row = int(rows[i])
        if row in overlaps or row in tangles:
            continue
        other = {"other": f"{names[rows[j]]} ({parsed.location.row_number(int(rows[j]))})"}
        crossings = count_crossings(shapes[i], shapes[j], max_crossings=allowance)
        allowance -= crossings if crossings > MANY_CROSSINGS else 0
        if allowance <= 0:
            tangles[row] = other
        elif not allow_overlaps and (area := shapely.intersection(shapes[i], shapes[j]).area) > AREA_TOLERANCE_M2:
            overlaps[row] = {**other, "area": f"{area:.0f}"}
    parsed.faults += make_row_faults(
        parsed.location, OVERLAPPING, list(overlaps), column="geometry", placeholders=overlaps.__getitem__
    )
    parsed.faults += make_row_faults(
        parsed.location, TOO_MANY_CROSSINGS, list(tangles), column="geometry", placeholders=tangles.__getitem__
    )
    parsed.is_valid[list(tangles)] = False


def assign_communities(
    buildings: ParsedLayer, communities: ParsedLayer, as_read: gpd.GeoDataFrame | None
) -> NDArray[np.int64]:
    """Return the position of each building's community, -1 for none.

    Parameters
    ----------
    buildings, communities : ParsedLayer
        In metres. If the shape of a community is faulty, no building is assigned: its buildings would seem to be
        outside.
    as_read : GeoDataFrame or None
        The valid buildings in the CRS of their file, whose coordinates may be swapped.
    """
    position = np.full(len(buildings.frame), -1, dtype=np.int64)
    if communities.valid_rows.empty or not communities.is_valid.all() or buildings.valid_rows.empty:
        return position
    _reject_crossing_buildings(buildings, communities.shapes)
    rows = np.flatnonzero(buildings.is_valid)
    located = find_building_communities(buildings.shapes[rows], communities.shapes)
    if located.too_far.all() and _fit_if_swapped(as_read, communities):
        buildings.reject_all(BUILDINGS_SWAPPED)
        return position
    _report_buildings_outside(buildings, communities, rows, located)
    position[rows] = located.community
    return position


def _fit_if_swapped(as_read: gpd.GeoDataFrame | None, communities: ParsedLayer) -> bool:
    """Return whether all buildings are in communities once their two coordinates are swapped."""
    swapped = None if as_read is None else _swap_and_project(as_read, communities.frame.crs)
    if swapped is None:
        return False
    return not find_building_communities(swapped.geometry.to_numpy(), communities.shapes).too_far.any()


def _swap_and_project(layer: gpd.GeoDataFrame, crs: CRS) -> gpd.GeoDataFrame | None:
    """Return a layer with its coordinates swapped, in metres; None if these are not on Earth."""
    swapped = swap_coordinates(layer).to_crs(crs) if len(layer) else layer
    return swapped if len(swapped) and np.isfinite(swapped.total_bounds).all() else None


def _reject_crossing_buildings(buildings: ParsedLayer, community_shapes: NDArray[np.object_]) -> None:
    """Reject buildings that cross borders so often that finding their community could take minutes."""
    shapes = buildings.shapes.copy()
    shapes[~buildings.is_valid] = None
    building, land = shapely.STRtree(community_shapes).query(shapes, predicate="intersects")
    size = shapely.get_num_coordinates(shapes)
    work = size[building].astype(np.int64) * shapely.get_num_coordinates(community_shapes)[land]
    across = (np.bincount(building, minlength=len(shapes))[building] > 1) & (work > MANY_CROSSINGS)
    rejected = np.zeros(len(shapes), dtype=bool)
    allowance = MAX_CROSSINGS
    for i, j in zip(building[across], land[across], strict=True):
        usual = 3 * int(size[i])
        excess = max(0, count_crossings(shapes[i], community_shapes[j], max_crossings=MANY_CROSSINGS + usual) - usual)
        allowance -= excess if excess < MANY_CROSSINGS else 0
        rejected[i] |= excess >= MANY_CROSSINGS or (excess > 0 and allowance <= 0)
    buildings.reject(BUILDING_TOO_MANY_CROSSINGS, rejected)


def _report_buildings_outside(
    buildings: ParsedLayer, communities: ParsedLayer, rows: NDArray[np.intp], located: BuildingCommunities
) -> None:
    distance = dict(zip(rows, located.outside_m, strict=True))
    names = communities.frame["name"].to_numpy()
    community = dict(zip(rows, names[located.community], strict=True))
    near = (located.outside_m > 0) & ~located.too_far

    def placeholders(row: int) -> dict[str, str]:
        return {"distance": f"{distance[row]:.1f}", "community": str(community[row])}

    buildings.faults += make_row_faults(
        buildings.location, BUILDING_OUTSIDE, rows[located.too_far], column="geometry", placeholders=placeholders
    )
    buildings.warnings += make_row_faults(
        buildings.location, BUILDING_JUST_OUTSIDE, rows[near], column="geometry", placeholders=placeholders
    )


def community_positions(codes: Iterable[object], town: Town) -> IntArray:
    """Return the position of the community of each code, or name that only one has; -1 for missing and unknown ones."""
    names = town.communities["name"].map(fold_text).reset_index(drop=True)
    by_name = {name: position for position, name in names.drop_duplicates(keep=False).items()}
    positions = by_name | {fold_text(code): position for position, code in enumerate(town.communities["code"])}
    folded = (fold_text(code) if isinstance(code, str) else None for code in codes)
    return np.array([-1 if code is None else positions.get(code, -1) for code in folded], dtype=np.int64)


def check_nearby(parsed: ParsedLayer, communities: gpd.GeoDataFrame) -> None:
    """Check that at least one shape of a layer is near a community, and warn if none lies in one."""
    if parsed.valid_rows.empty or communities.empty:
        return
    shapes = parsed.valid_rows.geometry.to_numpy()
    surroundings = shapely.box(*communities.total_bounds).buffer(MAX_LAYER_DISTANCE_M)
    if not shapely.intersects(shapes, surroundings).any():
        parsed.reject_all(LAYER_FAR_AWAY)
    elif parsed.schema.name not in LAYERS_ALONG_BORDERS:
        _warn_outside(parsed, shapely.STRtree(communities.geometry.to_numpy()))


def _warn_outside(parsed: ParsedLayer, communities: shapely.STRtree) -> None:
    """Warn of a layer that lies outside all communities."""
    shapes = parsed.valid_rows.geometry.to_numpy()
    if len(communities.query(shapes, predicate="dwithin", distance=MAX_OUTSIDE_LAYER_M)[0]) == 0:
        nearest_m = round(float(communities.query_nearest(shapes, return_distance=True)[1].min()))
        named = {"distance": nearest_m}
        parsed.warnings.append(make_fault(parsed.location, NOTHING_INSIDE, column="geometry", placeholders=named))
