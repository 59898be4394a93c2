"""Assignment of buildings to communities."""

from typing import NamedTuple

import numpy as np
import shapely

from gridmap.core.array_types import BoolArray, FloatArray, GeometryArray, IntArray
from gridmap.core.labels import heaviest_labels

MAX_OUTSIDE_M = 5.0
"""A building may lie this far outside its community: the limit for digitising noise in town packages."""


class BuildingCommunities(NamedTuple):
    """Result of `find_building_communities`, one entry per building.

    Parameters
    ----------
    community : ndarray of int
        Position of the building's community; the nearest one for a building outside all communities.
    outside_m : ndarray of float, metres
        Distance to that community; 0 for a building that touches it.
    """

    community: IntArray
    outside_m: FloatArray

    @property
    def too_far(self) -> BoolArray:
        """Mask of the buildings that are too far from every community to belong to one."""
        return self.outside_m > MAX_OUTSIDE_M


def find_building_communities(buildings: GeometryArray, communities: GeometryArray) -> BuildingCommunities:
    """Find the community that holds most of each building, or else the nearest one.

    Communities with several parts are compared part by part, because the cell of a building lies in one part. Of equal
    shares (a point on a border) the first community wins.

    Parameters
    ----------
    buildings : ndarray of geometries, shape (n,)
        Points or valid (multi)polygons in metres.
    communities : ndarray of geometries, shape (m,), m > 0
        Valid (multi)polygons in the same CRS.

    Returns
    -------
    BuildingCommunities
        `BuildingCommunities.too_far` marks buildings more than 5 m outside.

    Examples
    --------
    >>> left, right = shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)
    >>> across, near, far = shapely.box(8, 2, 14, 4), shapely.Point(22, 5), shapely.Point(60, 5)
    >>> located = find_building_communities(np.array([across, near, far]), np.array([left, right]))
    >>> located.community.tolist(), located.outside_m.tolist(), located.too_far.tolist()
    ([1, 1, 1], [0.0, 2.0, 40.0], [False, False, True])
    """
    parts, community_of_part = shapely.get_parts(communities, return_index=True)
    tree = shapely.STRtree(parts)
    part = _find_largest_share(buildings, parts, tree)
    outside = np.flatnonzero(part < 0)
    part[outside] = tree.nearest(buildings[outside])
    return BuildingCommunities(community_of_part[part].astype(np.int64), shapely.distance(buildings, parts[part]))


def _find_largest_share(buildings: GeometryArray, parts: GeometryArray, tree: shapely.STRtree) -> IntArray:
    """Return the position of the part that holds most of each building, -1 where no part touches it."""
    building, part = tree.query(buildings, predicate="intersects")
    is_split = np.bincount(building, minlength=len(buildings))[building] > 1
    share = np.zeros(len(building))
    share[is_split] = shapely.area(shapely.intersection(buildings[building[is_split]], parts[part[is_split]]))
    touching, largest = heaviest_labels(building, part, share)
    part_of_building = np.full(len(buildings), -1, dtype=np.int64)
    part_of_building[touching] = largest
    return part_of_building
