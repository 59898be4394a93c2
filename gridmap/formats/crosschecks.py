"""What can only be seen with layers side by side: overlaps, land and buildings in the wrong place."""

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from gridmap.core.errors import N_
from gridmap.core.land.clean import CROSSINGS, count_crossings
from gridmap.core.land.placing import Placing, place_buildings
from gridmap.formats.draft import FLIPPED, OUT_OF_CRS, TURNED, Draft
from gridmap.formats.findings import Flaw, faults_at
from gridmap.formats.metric import centre, covers, swapped

NOISE_M2 = 1.0
TANGLE = 10_000
TOWN_M = 200_000.0
NULL_ISLAND = 0.5
DEGREES = 180.0
NEAR_M = 1_000.0

NULL_ISLAND_FLAW = Flaw(N_("the coordinates are all near 0, 0"), N_("coordinates of the town"), N_("check the export"))
ARE_DEGREES = Flaw(
    N_("the coordinates look like degrees, but {crs} is in metres"),
    N_("metres"),
    N_("set the CRS the data are really in"),
)
TOO_LARGE = Flaw(
    N_("the communities extend over {extent} km"),
    N_("a town of at most 200 km"),
    N_("check the CRS, and for a shape far away"),
)
NO_AREA = Flaw(N_("the area is nothing"), N_("at least 1 m²"), N_("redraw it, or take the row out; check the CRS"))
OVERLAP = Flaw(
    N_("it overlaps {other} by {area} m²"), N_("shapes that share borders and no land"), N_("redraw the common border")
)
TANGLED = Flaw(N_("its border crosses that of {other} too often to compare"), advice=N_("redraw the common border"))
TANGLED_BUILDING = Flaw(
    N_("the outline crosses the borders of communities too often to compare"), advice=N_("redraw the building")
)
FAR = Flaw(
    N_("the building is {distance} m outside every community"),
    N_("at most 5 m outside"),
    N_("move it, take it out, or add its community"),
)
FAR_TURNED = Flaw(
    N_("the buildings are outside every community, and inside once their two coordinates are swapped"),
    N_("coordinates in the order of the layer communities"),
    N_("swap the two"),
)
NEARBY = Flaw(N_("the building is {distance} m outside every community and belongs to the nearest, {community}"))
ELSEWHERE = Flaw(
    N_("nothing in the layer is near a community"),
    N_("shapes within 1 km of the communities"),
    N_("check the CRS and the order of the coordinates"),
)


def check_coordinates(communities: Draft) -> None:
    """Check in the file's own coordinates that the communities lie where their CRS is meant to be used."""
    layer = communities.usable
    if layer.empty:
        return
    crs = layer.crs
    reach = float(np.abs(layer.total_bounds).max())
    if crs.is_geographic and reach < NULL_ISLAND:
        communities.reject_all(NULL_ISLAND_FLAW)
    elif crs.is_projected and reach <= DEGREES:
        communities.reject_all(ARE_DEGREES, crs=crs.name)
    elif not covers(crs, centre(layer)):
        turned = TURNED if crs.is_geographic else FLIPPED
        fits = covers(crs, centre(swapped(layer)))
        communities.reject_all(turned if fits else OUT_OF_CRS, crs=crs.name)


def check_communities(communities: Draft, *, may_overlap: bool) -> None:
    """Check size and overlaps of communities, in metres."""
    communities.reject(NO_AREA, shapely.area(communities.shapes) < NOISE_M2)
    if communities.usable.empty:
        return
    west, south, east, north = communities.usable.total_bounds
    extent = max(east - west, north - south)
    if extent > TOWN_M:
        communities.reject_all(TOO_LARGE, extent=f"{extent / 1000:.0f}")
    check_overlaps(communities, allowed=may_overlap)


def check_overlaps(draft: Draft, *, allowed: bool = False) -> None:
    """Check that the polygons of a layer share less than 1 m² of land, or that at least they can be compared."""
    rows = np.flatnonzero(draft.sound)
    shapes = draft.shapes[rows]
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    names = draft.frame[draft.layer.columns[0].name].to_numpy()
    overlaps: dict[int, dict[str, str]] = {}
    tangles: dict[int, dict[str, str]] = {}
    allowance = CROSSINGS
    for i, j in zip(first[first > second], second[first > second], strict=True):
        row = int(rows[i])
        if row in overlaps or row in tangles:
            continue
        told = {"other": f"{names[rows[j]]} ({rows[j] + 1})"}
        crossings = count_crossings(shapes[i], shapes[j], limit=allowance)
        allowance -= crossings if crossings > TANGLE else 0
        if allowance <= 0:
            tangles[row] = told
        elif not allowed and (area := shapely.intersection(shapes[i], shapes[j]).area) > NOISE_M2:
            overlaps[row] = {**told, "area": f"{area:.0f}"}
    draft.faults += faults_at(draft.spot, OVERLAP, list(overlaps), column="geometry", named=overlaps.__getitem__)
    draft.faults += faults_at(draft.spot, TANGLED, list(tangles), column="geometry", named=tangles.__getitem__)
    draft.sound[list(tangles)] = False


def place(buildings: Draft, communities: Draft, turned: gpd.GeoDataFrame | None) -> NDArray[np.int64]:
    """Position of the community of each building; -1 where it has none.

    Parameters
    ----------
    buildings, communities : Draft
        In metres. Nothing is placed while a community's shape is faulty: its buildings would seem to be lost.
    turned : GeoDataFrame or None
        The usable buildings in metres with their file's coordinates swapped, where that makes sense.
    """
    position = np.full(len(buildings.frame), -1, dtype=np.int64)
    if communities.usable.empty or not communities.sound.all() or buildings.usable.empty:
        return position
    lands = communities.shapes
    _reject_tangled(buildings, lands)
    rows = np.flatnonzero(buildings.sound)
    placing = place_buildings(buildings.shapes[rows], lands)
    if placing.lost.all() and turned is not None and not place_buildings(turned.geometry.to_numpy(), lands).lost.any():
        buildings.reject_all(FAR_TURNED)
        return position
    _tell_outside(buildings, communities, rows, placing)
    position[rows] = placing.community
    return position


def _reject_tangled(buildings: Draft, lands: NDArray[np.object_]) -> None:
    """Reject buildings whose outlines cross borders so often that finding their larger share could take minutes."""
    shapes = buildings.shapes.copy()
    shapes[~buildings.sound] = None
    building, land = shapely.STRtree(lands).query(shapes, predicate="intersects")
    size = shapely.get_num_coordinates(shapes)
    work = size[building].astype(np.int64) * shapely.get_num_coordinates(lands)[land]
    across = (np.bincount(building, minlength=len(shapes))[building] > 1) & (work > TANGLE)
    tangled = np.zeros(len(shapes), dtype=bool)
    allowance = CROSSINGS
    for i, j in zip(building[across], land[across], strict=True):
        usual = 3 * int(size[i])
        more = max(0, count_crossings(shapes[i], lands[j], limit=TANGLE + usual) - usual)
        allowance -= more if more < TANGLE else 0
        tangled[i] |= more >= TANGLE or (more > 0 and allowance <= 0)
    buildings.reject(TANGLED_BUILDING, tangled)


def _tell_outside(buildings: Draft, communities: Draft, rows: NDArray[np.intp], placing: Placing) -> None:
    distance = dict(zip(rows, placing.outside_m, strict=True))
    names = communities.frame["name"].to_numpy()
    home = dict(zip(rows, names[placing.community], strict=True))
    near = (placing.outside_m > 0) & ~placing.lost

    def named(row: int) -> dict[str, str]:
        return {"distance": f"{distance[row]:.1f}", "community": str(home[row])}

    buildings.faults += faults_at(buildings.spot, FAR, rows[placing.lost], column="geometry", named=named)
    buildings.warnings += faults_at(buildings.spot, NEARBY, rows[near], column="geometry", named=named)


def check_nearby(draft: Draft, communities: gpd.GeoDataFrame) -> None:
    """Check that a layer of lines or land is not elsewhere altogether."""
    if draft.usable.empty or communities.empty:
        return
    around = shapely.box(*communities.total_bounds).buffer(NEAR_M)
    if not shapely.intersects(draft.usable.geometry.to_numpy(), around).any():
        draft.reject_all(ELSEWHERE)


def turn(layer: gpd.GeoDataFrame, crs: CRS) -> gpd.GeoDataFrame | None:
    """A layer with its coordinates swapped, in metres; None where the swapped ones are nowhere."""
    moved = swapped(layer).to_crs(crs) if len(layer) else layer
    return moved if len(moved) and np.isfinite(moved.total_bounds).all() else None
