"""Edges of grids with the side of the grid that they are on."""

from dataclasses import dataclass

import numpy as np
import shapely

from gridmap.core.array_types import BoolArray, FloatArray, GeometryArray, IntArray
from gridmap.core.land.arrangement.adjacency import Edges, shared_edges
from gridmap.core.land.arrangement.line_tree import LineTree

SIDES = ("east", "south", "west", "north")
OUTSIDE = -1
FRAME_M = 10.0


@dataclass(frozen=True, eq=False)
class BorderEdges:
    """Edges of grids, each once for each grid that it belongs to.

    Parameters
    ----------
    grid, other : ndarray of int
        The grid, and the grid behind the edge; `OUTSIDE` where there is none.
    ends : ndarray of float, shape (n, 2, 2), metres
    side : ndarray of int
        Position in `SIDES` of the direction in which the edge faces.
    """

    grid: IntArray
    other: IntArray
    ends: FloatArray
    side: IntArray

    @property
    def length(self) -> FloatArray:
        """Length of each edge, metres."""
        vector = self.ends[:, 1] - self.ends[:, 0]
        return np.asarray(np.hypot(vector[:, 0], vector[:, 1]))

    @property
    def middles(self) -> GeometryArray:
        """Point in the middle of each edge."""
        return np.asarray(shapely.points(self.ends.mean(axis=1)))

    def points_outside(self, distance_m: float) -> GeometryArray:
        """Return points at a distance from the middle of each edge, outside the grid."""
        return np.asarray(shapely.points(self.ends.mean(axis=1) + distance_m * _outward(self.ends)))

    def select(self, mask: BoolArray) -> "BorderEdges":
        """Return the edges for which `mask` is true."""
        return BorderEdges(self.grid[mask], self.other[mask], self.ends[mask], self.side[mask])


def find_border_edges(grids: GeometryArray) -> BorderEdges:
    """Return the edges of the outer borders of grids; borders around holes in a grid are not among its own.

    Parameters
    ----------
    grids : ndarray of Polygon or MultiPolygon, metres
        A coverage.

    Examples
    --------
    >>> edges = find_border_edges(np.array([shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)]))
    >>> first = edges.select(edges.grid == 0)
    >>> [(SIDES[side], other) for side, other in sorted(zip(first.side.tolist(), first.other.tolist()))]
    [('east', 1), ('south', -1), ('west', -1), ('north', -1)]
    """
    land = shapely.coverage_union_all(grids)
    around = shapely.difference(shapely.box(*shapely.buffer(land, FRAME_M).bounds), land)
    edges = find_shared_edges(np.append(grids, around))
    grid, other = np.r_[edges.left, edges.right], np.r_[edges.right, edges.left]
    ends = np.concatenate([edges.ends, edges.ends[:, ::-1]])
    found = BorderEdges(grid, np.where(other == len(grids), OUTSIDE, other), ends, _sides(ends))
    found = found.select(grid < len(grids))
    return found.select(~_is_around_hole(found, grids))


def find_shared_edges(grids: GeometryArray) -> Edges:
    """Return the edges that two grids share; each runs counter-clockwise around the left one.

    Parameters
    ----------
    grids : ndarray of Polygon or MultiPolygon, metres
        A coverage.
    """
    parts, grid_of_part = shapely.get_parts(grids, return_index=True)
    edges = shared_edges(shapely.orient_polygons(parts))
    return Edges(grid_of_part[edges.left], grid_of_part[edges.right], edges.ends)


def _outward(ends: FloatArray) -> FloatArray:
    """Return the direction to the right of each edge: outside a polygon whose outer ring runs counter-clockwise."""
    along = ends[:, 1] - ends[:, 0]
    return np.asarray(np.stack([along[:, 1], -along[:, 0]], axis=1) / np.hypot(*along.T)[:, None])


def _sides(ends: FloatArray) -> IntArray:
    """Return the position in `SIDES` of the direction in which each edge faces, to an eighth of a turn."""
    outward = _outward(ends)
    clockwise_from_east = -np.arctan2(outward[:, 1], outward[:, 0])
    return np.round(clockwise_from_east / (np.pi / 2)).astype(np.int64) % len(SIDES)


def _is_around_hole(edges: BorderEdges, grids: GeometryArray) -> BoolArray:
    parts, grid_of_part = shapely.get_parts(grids, return_index=True)
    rings, part_of_ring = shapely.get_rings(parts, return_index=True)
    is_hole = np.r_[False, part_of_ring[1:] == part_of_ring[:-1]]
    holes, grid_of_hole = rings[is_hole], grid_of_part[part_of_ring[is_hole]]
    edge, hole = LineTree(holes).find_near(edges.ends.mean(axis=1), 0.001)
    around = np.zeros(len(edges.grid), dtype=np.bool_)
    around[edge[edges.grid[edge] == grid_of_hole[hole]]] = True
    return around
