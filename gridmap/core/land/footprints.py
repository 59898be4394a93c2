"""Buildings on their community's land: clipped to it, bound where they overlap, at home in one enclosure."""

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gridmap.core.array_types import BoolArray, GeometryArray, IntArray
from gridmap.core.land.enclosures import Enclosures
from gridmap.core.land.town import Town

SAME_POINT_TOLERANCE_M = 0.05
"""Points this near each other are one place."""
MAX_OVERLAP_SHARE = 0.003
"""Footprints that share more than this of the smaller one cannot be parted by a border: they share a cell."""
CLEARANCE_M = 1.5
"""Footprints with this much room around them are never met by a border between samples `SPACING_M` apart."""


@dataclass(frozen=True, eq=False)
class Footprints:
    """Where buildings stand.

    Parameters
    ----------
    shapes : ndarray of Point, Polygon or MultiPolygon, metres
        One per building, within its community.
    label : ndarray of int
        Number of the cell each building will have; buildings that cannot be parted share one.
    enclosure_of_label : ndarray of int, one per label
        Enclosure that holds most of the cell's buildings.
    needs_outline : ndarray of bool
        Whether the outline itself must be kept: another building is near, a barrier lies on it, or it has parts.
    """

    shapes: GeometryArray
    label: IntArray
    enclosure_of_label: IntArray
    needs_outline: BoolArray


def place_footprints(town: Town, enclosures: Enclosures) -> Footprints:
    """Put the buildings of a town on its land.

    Parameters
    ----------
    town : Town
        Layers in metres.
    enclosures : Enclosures
        Its land, from `enclose`.

    Returns
    -------
    Footprints
    """
    community = town.buildings["community"].to_numpy()
    shapes = _clip_to_communities(town.buildings.geometry.to_numpy(), community, town.communities.geometry.to_numpy())
    label = _label_overlapping(shapes, community)
    home = _find_label_enclosures(shapes, label, community, enclosures)
    return Footprints(shapes, label, home, _flag_needed_outlines(shapes, label, enclosures))


def _clip_to_communities(shapes: GeometryArray, community: IntArray, communities: GeometryArray) -> GeometryArray:
    """Footprints within the part of the community that holds most of them; one outside becomes a point inside."""
    parts, of_part = shapely.get_parts(communities, return_index=True)
    shapely.prepare(parts)
    building, part = shapely.STRtree(parts).query(shapes, predicate="intersects")
    own = community[building] == of_part[part]
    building, part = building[own], part[own]
    inside = shapely.contains_properly(parts[part], shapes[building])
    pieces = shapes[building].copy()
    pieces[~inside] = shapely.intersection(shapes[building[~inside]], parts[part[~inside]])
    order = np.lexsort((-part, shapely.area(pieces), building))
    clipped = np.full(len(shapes), None, dtype=object)
    clipped[building[order]] = _remove_fragments(pieces[order])
    outside = np.flatnonzero(shapely.is_missing(clipped) | shapely.is_empty(clipped))
    clipped[outside] = _nearest_points_inside(shapes[outside], communities[community[outside]])
    return clipped


def _remove_fragments(shapes: GeometryArray) -> GeometryArray:
    """Without the points, lines and crumbs that clipping and digitising leave beside polygons."""
    parts, index = shapely.get_parts(shapes, return_index=True)
    area = shapely.area(parts)
    total = np.bincount(index, area, len(shapes))
    kept = (area > MAX_OVERLAP_SHARE * total[index]) & (area > 0)
    solid = shapes.copy()
    kept_of, group = np.unique(index[kept], return_inverse=True)
    solid[kept_of] = shapely.multipolygons(parts[kept], indices=group)
    flat = (total == 0) & (shapely.get_dimensions(shapes) != 0)
    solid[flat] = shapely.point_on_surface(shapes[flat])
    return solid


def _nearest_points_inside(shapes: GeometryArray, communities: GeometryArray) -> GeometryArray:
    """A point of the community next to each shape, clear of the boundary."""
    near = shapely.get_point(shapely.shortest_line(communities, shapes), 0)
    return np.asarray(shapely.point_on_surface(shapely.intersection(shapely.buffer(near, 1.0), communities)))


def _label_overlapping(shapes: GeometryArray, community: IntArray) -> IntArray:
    one, two = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=SAME_POINT_TOLERANCE_M)
    pair = (one < two) & (community[one] == community[two])
    one, two = one[pair], two[pair]
    smaller = np.minimum(shapely.area(shapes[one]), shapely.area(shapes[two]))
    shared = shapely.area(shapely.intersection(shapes[one], shapes[two]))
    bound = (shared > MAX_OVERLAP_SHARE * smaller) | (smaller == 0)
    links = coo_array((np.ones(bound.sum()), (one[bound], two[bound])), shape=(len(shapes), len(shapes)))
    return np.asarray(connected_components(links, directed=False)[1], dtype=np.int64)


def _find_label_enclosures(
    shapes: GeometryArray, label: IntArray, community: IntArray, enclosures: Enclosures
) -> IntArray:
    tree = shapely.STRtree(enclosures.shapes)
    building, face = tree.query(shapes, predicate="intersects")
    own = community[building] == enclosures.community[face]
    building, face = building[own], face[own]
    held = np.ones(len(building))
    several = np.bincount(building, minlength=len(shapes))[building] > 1
    held[several] = shapely.area(shapely.intersection(shapes[building[several]], enclosures.shapes[face[several]]))
    pairs, index = np.unique(np.stack([label[building], face], axis=1), axis=0, return_inverse=True)
    order = np.lexsort((-pairs[:, 1], np.bincount(index.ravel(), held), pairs[:, 0]))
    home = np.full(label.max(initial=-1) + 1, -1, dtype=np.int64)
    home[pairs[order, 0]] = pairs[order, 1]
    return home


def _flag_needed_outlines(shapes: GeometryArray, label: IntArray, enclosures: Enclosures) -> BoolArray:
    one, two = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=CLEARANCE_M)
    crowded = (np.bincount(label)[label] > 1) | (shapely.get_num_geometries(shapes) > 1)
    crowded[one[label[one] != label[two]]] = True
    crowded[shapely.STRtree(enclosures.lines).query(shapes, predicate="intersects")[0]] = True
    return np.asarray(crowded & (shapely.area(shapes) > 0))
