"""Buildings on their community's land: clipped to it, bound where they overlap, at home in one enclosure."""

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gridmap.core.arrays import Flags, Ints, Shapes
from gridmap.core.land.enclosures import Enclosures
from gridmap.core.town import Town

SAME_PLACE_M = 0.05
"""Points this near each other are one place."""
BOUND_SHARE = 0.003
"""Footprints that share more than this of the smaller one cannot be parted by a border: they share a cell."""
CLEAR_M = 1.5
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
    home : ndarray of int, one per label
        Enclosure that holds most of the cell's buildings.
    crowded : ndarray of bool
        Whether the outline itself must be kept: another building is near, a barrier lies on it, or it has parts.
    """

    shapes: Shapes
    label: Ints
    home: Ints
    crowded: Flags


def stand(town: Town, enclosures: Enclosures) -> Footprints:
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
    shapes = _clipped(town.buildings.geometry.to_numpy(), community, town.communities.geometry.to_numpy())
    label = _bound(shapes, community)
    home = _home(shapes, label, community, enclosures)
    return Footprints(shapes, label, home, _crowded(shapes, label, enclosures))


def _clipped(shapes: Shapes, community: Ints, communities: Shapes) -> Shapes:
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
    clipped[building[order]] = _solid(pieces[order])
    outside = np.flatnonzero(shapely.is_missing(clipped) | shapely.is_empty(clipped))
    clipped[outside] = _pulled_in(shapes[outside], communities[community[outside]])
    return clipped


def _solid(shapes: Shapes) -> Shapes:
    """Without the points, lines and crumbs that clipping and digitising leave beside polygons."""
    parts, index = shapely.get_parts(shapes, return_index=True)
    area = shapely.area(parts)
    total = np.bincount(index, area, len(shapes))
    kept = (area > BOUND_SHARE * total[index]) & (area > 0)
    solid = shapes.copy()
    kept_of, group = np.unique(index[kept], return_inverse=True)
    solid[kept_of] = shapely.multipolygons(parts[kept], indices=group)
    flat = (total == 0) & (shapely.get_dimensions(shapes) != 0)
    solid[flat] = shapely.point_on_surface(shapes[flat])
    return solid


def _pulled_in(shapes: Shapes, communities: Shapes) -> Shapes:
    """A point of the community next to each shape, clear of the boundary."""
    near = shapely.get_point(shapely.shortest_line(communities, shapes), 0)
    return np.asarray(shapely.point_on_surface(shapely.intersection(shapely.buffer(near, 1.0), communities)))


def _bound(shapes: Shapes, community: Ints) -> Ints:
    one, two = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=SAME_PLACE_M)
    pair = (one < two) & (community[one] == community[two])
    one, two = one[pair], two[pair]
    smaller = np.minimum(shapely.area(shapes[one]), shapely.area(shapes[two]))
    shared = shapely.area(shapely.intersection(shapes[one], shapes[two]))
    bound = (shared > BOUND_SHARE * smaller) | (smaller == 0)
    links = coo_array((np.ones(bound.sum()), (one[bound], two[bound])), shape=(len(shapes), len(shapes)))
    return np.asarray(connected_components(links, directed=False)[1], dtype=np.int64)


def _home(shapes: Shapes, label: Ints, community: Ints, enclosures: Enclosures) -> Ints:
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


def _crowded(shapes: Shapes, label: Ints, enclosures: Enclosures) -> Flags:
    one, two = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=CLEAR_M)
    crowded = (np.bincount(label)[label] > 1) | (shapely.get_num_geometries(shapes) > 1)
    crowded[one[label[one] != label[two]]] = True
    crowded[shapely.STRtree(enclosures.lines).query(shapes, predicate="intersects")[0]] = True
    return np.asarray(crowded & (shapely.area(shapes) > 0))
