"""Which community a building belongs to."""

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

MAX_OUTSIDE_M = 5.0


class BuildingCommunities(NamedTuple):
    """Outcome of `find_building_communities`, one entry per building.

    Parameters
    ----------
    community : ndarray of int64
        Position of the building's community; the nearest one for a building outside them all.
    outside_m : ndarray of float64
        Distance in metres to that community: 0 for a building that touches it.
    """

    community: NDArray[np.int64]
    outside_m: NDArray[np.float64]

    @property
    def too_far(self) -> NDArray[np.bool_]:
        """Buildings too far from every community to belong to one."""
        return self.outside_m > MAX_OUTSIDE_M


def find_building_communities(buildings: NDArray[np.object_], communities: NDArray[np.object_]) -> BuildingCommunities:
    """Give each building the community that holds most of it, or else the nearest one.

    Communities in several parts are compared part by part: the cell of a building lies in one part, and so the part
    that holds most of it decides. Of equal shares (a point on a border) the first community wins.

    Parameters
    ----------
    buildings : ndarray of geometries, shape (n,)
        Points or valid (multi)polygons in metres.
    communities : ndarray of geometries, shape (m,), m > 0
        Valid (multi)polygons in the same CRS.

    Returns
    -------
    BuildingCommunities
        `BuildingCommunities.too_far` marks buildings more than 5 m outside: the town packages' own limit for digitising noise.

    Examples
    --------
    >>> left, right = shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)
    >>> across, near, far = shapely.box(8, 2, 14, 4), shapely.Point(22, 5), shapely.Point(60, 5)
    >>> placing = find_building_communities(np.array([across, near, far]), np.array([left, right]))
    >>> placing.community.tolist(), placing.outside_m.tolist(), placing.too_far.tolist()
    ([1, 1, 1], [0.0, 2.0, 40.0], [False, False, True])
    """
    parts, owner = shapely.get_parts(communities, return_index=True)
    tree = shapely.STRtree(parts)
    part = _find_largest_share(buildings, parts, tree)
    outside = np.flatnonzero(part < 0)
    part[outside] = tree.nearest(buildings[outside])
    return BuildingCommunities(owner[part].astype(np.int64), shapely.distance(buildings, parts[part]))


def _find_largest_share(
    buildings: NDArray[np.object_], parts: NDArray[np.object_], tree: shapely.STRtree
) -> NDArray[np.int64]:
    """Position of the part that holds most of each building, -1 where none touches it."""
    building, part = tree.query(buildings, predicate="intersects")
    shared = np.bincount(building, minlength=len(buildings))[building] > 1
    share = np.zeros(len(building))
    share[shared] = shapely.area(shapely.intersection(buildings[building[shared]], parts[part[shared]]))
    order = np.lexsort((part, -share, building))
    first, at = np.unique(building[order], return_index=True)
    largest = np.full(len(buildings), -1, dtype=np.int64)
    largest[first] = part[order][at]
    return largest
