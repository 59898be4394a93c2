"""Stretches of streets along which the border of two grids runs."""

from dataclasses import dataclass, field

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gridmap.core.array_types import GeometryArray
from gridmap.core.land.zones import BORDER_ZONE_M

MIN_STRETCH_M = 20.0
"""Length of a stretch at least; of a street that crosses the border, 10 m or a little more lie in the border zone."""


@dataclass(frozen=True)
class BorderStretch:
    """Stretch of a street between two grids.

    Parameters
    ----------
    street, first, second : int
        Positions of the street and of the grids, the first before the second.
    shape : LineString or MultiLineString, metres
    """

    street: int
    first: int
    second: int
    shape: BaseGeometry = field(compare=False)

    @property
    def length_m(self) -> float:
        """Length of the stretch."""
        return float(self.shape.length)


def find_border_stretches(grids: GeometryArray, streets: GeometryArray) -> list[BorderStretch]:
    """Return the stretches of streets that run along the border of two grids, by grids and street.

    A street runs along a border where it is within the border zone of 5 m: there are the incidents that might as well
    be in the other grid.

    Parameters
    ----------
    grids : ndarray of Polygon or MultiPolygon, metres
        A coverage: grids share edges and never area.
    streets : ndarray of LineString, metres

    Returns
    -------
    list of BorderStretch

    Examples
    --------
    >>> grids = np.array([shapely.box(0, 0, 100, 100), shapely.box(100, 0, 200, 100)])
    >>> along, across = shapely.LineString([(100, 0), (100, 100)]), shapely.LineString([(0, 50), (200, 50)])
    >>> [stretch] = find_border_stretches(grids, np.array([across, along]))
    >>> stretch.street, stretch.first, stretch.second, stretch.length_m
    (1, 0, 1, 100.0)
    """
    first, second = shapely.STRtree(grids).query(grids, predicate="intersects")
    is_pair = first < second
    first, second = first[is_pair], second[is_pair]
    zones = shapely.buffer(shapely.intersection(grids[first], grids[second]), BORDER_ZONE_M)
    street, pair = shapely.STRtree(zones).query(streets, predicate="intersects")
    shapes = shapely.intersection(streets[street], zones[pair])
    length_m = shapely.length(shapes)
    order = np.lexsort((street, second[pair], first[pair]))
    return [
        BorderStretch(int(street[each]), int(first[pair[each]]), int(second[pair[each]]), shapes[each])
        for each in order
        if length_m[each] >= MIN_STRETCH_M
    ]
