"""Footprints of buildings: clipped to their community, parted or grouped where they overlap, put in an enclosure."""

from dataclasses import dataclass

import numpy as np
import shapely

from gridmap.core.array_types import BoolArray, GeometryArray, IntArray
from gridmap.core.labels import heaviest_labels, label_components
from gridmap.core.land.enclosures import Enclosures
from gridmap.core.land.town import Town

SAME_POINT_TOLERANCE_M = 0.05
"""Points this near each other are the same point."""
MAX_OVERLAP_SHARE = 0.003
"""Share of the smaller footprint up to which an overlap is rounding, and remains as it is drawn."""
MAX_PARTED_SHARE = 0.05
"""Share of the smaller footprint up to which an overlap is parted along the middle: half a metre of a terraced house
10 m wide, about how exactly footprints are traced from imagery. More than that is one building above another."""
STACK_ARC_M, STACK_RADIUS_M = 1.0, (0.2, 5.0)
"""Buildings at one point become sectors of a disc: length of an arc, and least and largest radius. The disc is small
against a street, so that the point stays where it was, and large against millimetres, to which lines are rounded."""
MIN_OWN_SHARE = 0.5
"""Share of its area that a footprint must keep when all its overlaps are taken off, or it is not parted."""
CLEARANCE_M = 1.5
"""With this much room around a footprint, no border between samples `OUTLINE_SPACING_M` apart ever meets it."""


@dataclass(frozen=True, eq=False)
class Footprints:
    """Footprints on the land.

    Parameters
    ----------
    shapes : ndarray of Point, Polygon or MultiPolygon, metres
        One per building, within its community. Land that two share a little of is left out of both, so that the line
        half-way between them divides it.
    label : ndarray of int
        Number of the cell of each building; buildings that cannot be separated share one.
    enclosure_of_label : ndarray of int, one per label
        Enclosure that holds most of the cell's buildings.
    needs_outline : ndarray of bool
        Whether the outline itself must become a line: another building is near, a barrier meets it, or it has parts.
    """

    shapes: GeometryArray
    label: IntArray
    enclosure_of_label: IntArray
    needs_outline: BoolArray


def place_footprints(town: Town, enclosures: Enclosures) -> Footprints:
    """Place the buildings of a town on its land.

    Parameters
    ----------
    town : Town
        Layers in metres.
    enclosures : Enclosures
        Its land, from `build_enclosures`.

    Returns
    -------
    Footprints

    Examples
    --------
    >>> from gridmap.core.land.barriers import collect_barriers
    >>> from gridmap.core.land.enclosures import build_enclosures
    >>> from gridmap.demo.town import build_town
    >>> town = build_town(500)
    >>> footprints = place_footprints(town, build_enclosures(town, collect_barriers(town)))
    >>> len(footprints.shapes) == len(town.buildings)
    True
    """
    community = town.buildings["community"].to_numpy()
    shapes = _clip_footprints(town.buildings.geometry.to_numpy(), community, town.communities.geometry.to_numpy())
    shapes = part_small_overlaps(shapes, community)
    shapes = spread_stacks(shapes, community, town.communities.geometry.to_numpy())
    label = _label_overlapping(shapes, community)
    enclosure_of_label = _find_label_enclosures(shapes, label, community, enclosures)
    return Footprints(shapes, label, enclosure_of_label, _flag_needed_outlines(shapes, label, enclosures))


def _clip_footprints(shapes: GeometryArray, community: IntArray, communities: GeometryArray) -> GeometryArray:
    """Clip footprints to the part of the community that holds most of them; one outside becomes a point inside."""
    parts, community_of_part = shapely.get_parts(communities, return_index=True)
    shapely.prepare(parts)
    building, part = shapely.STRtree(parts).query(shapes, predicate="intersects")
    is_own = community[building] == community_of_part[part]
    building, part = building[is_own], part[is_own]
    inside = shapely.contains_properly(parts[part], shapes[building])
    inner_shapes = shapes[building].copy()
    inner_shapes[~inside] = shapely.intersection(shapes[building[~inside]], parts[part[~inside]])
    order = np.lexsort((-part, shapely.area(inner_shapes), building))  # the largest is assigned last and remains
    clipped = np.full(len(shapes), None, dtype=object)
    clipped[building[order]] = _remove_fragments(inner_shapes[order])
    outside = np.flatnonzero(shapely.is_missing(clipped) | shapely.is_empty(clipped))
    clipped[outside] = _nearest_points_inside(shapes[outside], communities[community[outside]])
    return clipped


def _remove_fragments(shapes: GeometryArray) -> GeometryArray:
    """Remove the points, lines and tiny polygons that clipping and digitising leave."""
    parts, shape_of_part = shapely.get_parts(shapes, return_index=True)
    area = shapely.area(parts)
    total = np.bincount(shape_of_part, area, len(shapes))
    is_solid = (area > MAX_OVERLAP_SHARE * total[shape_of_part]) & (area > 0)
    cleaned = shapes.copy()
    solid, group = np.unique(shape_of_part[is_solid], return_inverse=True)
    cleaned[solid] = shapely.multipolygons(parts[is_solid], indices=group)
    is_flat = (total == 0) & (shapely.get_dimensions(shapes) != 0)
    cleaned[is_flat] = shapely.point_on_surface(shapes[is_flat])
    return cleaned


def _nearest_points_inside(shapes: GeometryArray, communities: GeometryArray) -> GeometryArray:
    """Return a point of the community near each shape, clear of the boundary."""
    near = shapely.get_point(shapely.shortest_line(communities, shapes), 0)
    return np.asarray(shapely.point_on_surface(shapely.intersection(shapely.buffer(near, 1.0), communities)))


def part_small_overlaps(shapes: GeometryArray, community: IntArray) -> GeometryArray:
    """Take small overlaps off both footprints; each keeps the land nearer to it as a part of its cell.

    Parameters
    ----------
    shapes : ndarray of Point, Polygon or MultiPolygon, metres
        Footprints.
    community : ndarray of int, one per footprint
        Footprints of two communities are left as they are.

    Returns
    -------
    ndarray of Point, Polygon or MultiPolygon, metres
        Footprints that contain, cross or largely overlap another are unchanged: no border can separate those.

    Examples
    --------
    >>> terrace = shapely.box([0, 9.8], 0, [10, 20], 12)
    >>> [round(shape.area, 1) for shape in part_small_overlaps(terrace, np.zeros(2, dtype=np.int64))]
    [117.0, 119.4]
    """
    one, two = shapely.STRtree(shapes).query(shapes, predicate="overlaps")
    pair = (one < two) & (community[one] == community[two])
    one, two = one[pair], two[pair]
    overlap = shapely.intersection(shapes[one], shapes[two])
    share = shapely.area(overlap) / np.minimum(shapely.area(shapes[one]), shapely.area(shapes[two]))
    is_small = (share > MAX_OVERLAP_SHARE) & (share <= MAX_PARTED_SHARE)
    one, two, overlap = one[is_small], two[is_small], overlap[is_small]
    keeps_shape = _keep_shape(shapes, _take_off(shapes, np.r_[one, two], np.r_[overlap, overlap]))
    used = keeps_shape[one] & keeps_shape[two]
    return _take_off(shapes, np.r_[one[used], two[used]], np.r_[overlap[used], overlap[used]])


def _take_off(shapes: GeometryArray, building: IntArray, overlap: GeometryArray) -> GeometryArray:
    """Return the footprints without their overlaps, and without the points at which two would still touch."""
    order = np.argsort(building, kind="stable")
    parted, start = np.unique(building[order], return_index=True)
    rest = shapes.copy()
    if len(parted):
        groups = np.split(shapely.buffer(overlap[order], SAME_POINT_TOLERANCE_M, join_style="mitre"), start[1:])
        shared_land = np.array([shapely.union_all(group) for group in groups], dtype=object)
        rest[parted] = _remove_fragments(np.asarray(shapely.difference(shapes[parted], shared_land)))
    return rest


def _keep_shape(shapes: GeometryArray, rest: GeometryArray) -> BoolArray:
    """Return whether the rest of each footprint is most of it, in no more parts than before."""
    is_most = shapely.area(rest) >= MIN_OWN_SHARE * shapely.area(shapes)
    return np.asarray(is_most & (shapely.get_num_geometries(rest) <= shapely.get_num_geometries(shapes)))


def label_stacks(shapes: GeometryArray, community: IntArray) -> IntArray:
    """Return the number of the stack of each building that shares its point with others; -1 for all other buildings.

    Parameters
    ----------
    shapes : ndarray of Point, Polygon or MultiPolygon, metres
    community : ndarray of int, one per building

    Returns
    -------
    ndarray of int
        Points in the footprint of another building are no stack.

    Examples
    --------
    >>> label_stacks(shapely.points([0, 5, 0], 0), np.zeros(3, dtype=np.int64)).tolist()
    [0, -1, 0]
    """
    is_point = shapely.get_dimensions(shapes) == 0
    if not is_point.any():
        return np.full(len(shapes), -1)
    one, two = shapely.STRtree(shapes).query(shapes[is_point], predicate="dwithin", distance=SAME_POINT_TOLERANCE_M)
    one = np.flatnonzero(is_point)[one]
    pair = (one != two) & (community[one] == community[two])
    one, two = one[pair], two[pair]
    component = label_components(len(shapes), one, two)
    is_stack = (np.bincount(component) > 1) & (np.bincount(component, ~is_point) == 0)
    return np.where(is_stack[component], (np.cumsum(is_stack) - 1)[component], -1)


def spread_stacks(shapes: GeometryArray, community: IntArray, communities: GeometryArray) -> GeometryArray:
    """Make buildings at one point equal sectors of a small disc around it, so that borders can pass between them.

    Parameters
    ----------
    shapes : ndarray of Point, Polygon or MultiPolygon, metres
    community : ndarray of int, one per building
    communities : ndarray of Polygon or MultiPolygon
        The discs lie within them.

    Returns
    -------
    ndarray of Point, Polygon or MultiPolygon, metres
        The first corner of each sector is the centre of its disc. Other buildings are unchanged.

    Examples
    --------
    >>> community = np.array([shapely.box(0, 0, 20, 20)])
    >>> spread_stacks(shapely.points([9, 9], 9), np.zeros(2, dtype=np.int64), community).tolist()
    [<POLYGON ((9 9, 9 10, 10 9, 9 8, 9 9))>, <POLYGON ((9 9, 9 8, 8 9, 9 10, 9 9))>]
    """
    stack = label_stacks(shapes, community)
    spread = shapes.copy()
    for number in range(stack.max(initial=-1) + 1):
        members = np.flatnonzero(stack == number)
        home = communities[community[members[0]]]
        spread[members] = _disc_sectors(shapes[members[0]], len(members), home)
    return spread


def _disc_sectors(point: shapely.Point, count: int, community: shapely.Geometry) -> GeometryArray:
    """Return the sectors of a disc within the community, clockwise from the north."""
    least, largest = STACK_RADIUS_M
    if shapely.distance(point, community) > 0:
        point = _nearest_points_inside(np.array([point]), np.array([community]))[0]
    if shapely.distance(point, community.boundary) < least:
        point = shapely.point_on_surface(shapely.intersection(shapely.buffer(point, largest), community))
    room = 0.9 * shapely.distance(point, community.boundary)
    radius = min(max(count * STACK_ARC_M / (2 * np.pi), 1.0), largest, room)
    angle = np.linspace(0, 2 * np.pi, 2 * count + 1)
    arc = shapely.get_coordinates(point) + radius * np.stack([np.sin(angle), np.cos(angle)], axis=1)
    arc[-1] = arc[0]
    centre = np.repeat(shapely.get_coordinates(point), count, axis=0)
    return np.asarray(shapely.polygons(np.stack([centre, arc[:-2:2], arc[1::2], arc[2::2]], axis=1)))


def _label_overlapping(shapes: GeometryArray, community: IntArray) -> IntArray:
    """Label footprints so that those of one community that overlap, directly or in a chain, share a label."""
    one, two = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=SAME_POINT_TOLERANCE_M)
    pair = (one < two) & (community[one] == community[two])
    one, two = one[pair], two[pair]
    smaller = np.minimum(shapely.area(shapes[one]), shapely.area(shapes[two]))
    overlap = shapely.area(shapely.intersection(shapes[one], shapes[two]))
    inseparable = (overlap > MAX_OVERLAP_SHARE * smaller) | (smaller == 0)
    return label_components(len(shapes), one[inseparable], two[inseparable])


def _find_label_enclosures(
    shapes: GeometryArray, label: IntArray, community: IntArray, enclosures: Enclosures
) -> IntArray:
    """Return the enclosure that holds most of the footprints of each label."""
    building, face = shapely.STRtree(enclosures.shapes).query(shapes, predicate="intersects")
    is_own = community[building] == enclosures.community[face]
    building, face = building[is_own], face[is_own]
    area = np.ones(len(building))
    is_split = np.bincount(building, minlength=len(shapes))[building] > 1
    inside = shapely.intersection(shapes[building[is_split]], enclosures.shapes[face[is_split]])
    area[is_split] = shapely.area(inside)
    labels, largest = heaviest_labels(label[building], face, area)
    enclosure_of_label = np.full(label.max(initial=-1) + 1, -1, dtype=np.int64)
    enclosure_of_label[labels] = largest
    return enclosure_of_label


def _flag_needed_outlines(shapes: GeometryArray, label: IntArray, enclosures: Enclosures) -> BoolArray:
    one, two = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=CLEARANCE_M)
    needed = (np.bincount(label)[label] > 1) | (shapely.get_num_geometries(shapes) > 1)
    needed[one[label[one] != label[two]]] = True
    needed[shapely.STRtree(enclosures.lines).query(shapes, predicate="intersects")[0]] = True
    return np.asarray(needed & (shapely.area(shapes) > 0))
