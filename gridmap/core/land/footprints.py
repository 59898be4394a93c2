"""Footprints of buildings: clipped to their community, grouped where they overlap, located in an enclosure."""

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
"""Footprints that share more than this of the smaller one cannot be separated by a border: they share a cell."""
CLEARANCE_M = 1.5
"""With this much room around a footprint, no border between samples `OUTLINE_SPACING_M` apart ever meets it."""


@dataclass(frozen=True, eq=False)
class Footprints:
    """Footprints on the land.

    Parameters
    ----------
    shapes : ndarray of Point, Polygon or MultiPolygon, metres
        One per building, within its community.
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
