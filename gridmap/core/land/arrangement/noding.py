"""Noding of lines on a fixed grid, and the faces that noded lines close."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely

from gridmap.core.array_types import BoolArray, FloatArray, GeometryArray, IntArray
from gridmap.core.land.arrangement.hot_pixels import MARGIN, NEAR, list_bends, list_crossings, list_tiles
from gridmap.core.land.arrangement.planar_faces import Rings, Segments, find_rings

COORDINATE_PRECISION_M = 1e-3
"""Coordinates are rounded to the millimetre: far below any survey, far above floating-point noise."""
STEPS_PER_M = round(1 / COORDINATE_PRECISION_M)
MIN_TILE_STEPS = 1_000
"""Tiles are about as large as segments are long, but not smaller than a metre."""


@dataclass(frozen=True, eq=False)
class NodedLines:
    """Straight segments that meet at their ends only.

    Parameters
    ----------
    vertices : ndarray of int, shape (n, 2)
        Coordinates in steps of `COORDINATE_PRECISION_M`, each point once.
    start, end : ndarray of int, one per segment
        The vertices of each segment; no two segments have the same.
    """

    vertices: IntArray
    start: IntArray
    end: IntArray

    def __len__(self) -> int:
        return len(self.start)

    @property
    def xy(self) -> FloatArray:
        """Coordinates of the vertices, metres."""
        return self.vertices / STEPS_PER_M

    @property
    def shapes(self) -> GeometryArray:
        """The segments as LineStrings, metres."""
        ends = self.xy[np.stack([self.start, self.end], axis=1)]
        return np.asarray(shapely.linestrings(ends)) if len(self) else np.empty(0, dtype=object)


def node_lines(lines: GeometryArray) -> NodedLines:
    """Cut lines wherever they meet, on the millimetre grid, by snap rounding.

    Parameters
    ----------
    lines : ndarray of LineString or MultiLineString, metres

    Returns
    -------
    NodedLines
        No segment is farther than a millimetre from its line.

    References
    ----------
    Hobby, J. D. (1999). Practical segment intersection with finite precision output. Computational Geometry 13 (4).
    doi:10.1016/S0925-7721(99)00021-8

    Examples
    --------
    >>> cross = shapely.from_wkt(["LINESTRING (0 0, 2 2)", "LINESTRING (0 2, 2 0)"])
    >>> len(node_lines(cross))
    4
    """
    ends = _straight_segments(lines)
    if not len(ends):
        return NodedLines(np.empty((0, 2), dtype=np.int64), *np.empty((2, 0), dtype=np.int64))
    origin = np.floor(ends.reshape(-1, 2).min(axis=0)).astype(np.int64) - 2 * MARGIN
    noded = _snap_segments(ends - np.tile(origin, 2), NEAR)
    vertices, number = _unique_points(noded.reshape(-1, 2))
    return NodedLines(vertices + origin, *_unique_segments(number[::2], number[1::2], len(vertices)))


def _snap_segments(ends: FloatArray, near: float) -> IntArray:
    """Return segments cut at crossings and bent to hot pixels.

    Bent segments may meet other hot pixels, so that their surroundings are looked at again, then exactly.
    """
    tiles = _Tiles.of(ends)
    crossings = _fill_array(lambda out: list_crossings(ends, tiles.owner, tiles.first, out))
    vertices = np.floor(ends.reshape(-1, 2) + 0.5).astype(np.int64)
    pixels, number = _unique_points(np.concatenate([vertices, crossings]))
    start, end = number[: len(vertices)].reshape(-1, 2).T
    bends = _find_bends(tiles, pixels, near)
    is_near = tiles.select_near(bends[:, 0])
    segment, start, end = _cut_segments(start, end, pixels, bends)
    snapped = np.concatenate([pixels[start], pixels[end]], axis=1)
    if not is_near.any():
        return snapped
    again = _snap_segments(snapped[is_near[segment]].astype(np.float64), 0.0)
    return np.concatenate([snapped[~is_near[segment]], again])


def _straight_segments(lines: GeometryArray) -> FloatArray:
    """Return the two ends of each segment of lines, in steps, without those shorter than rounding."""
    xy, line = shapely.get_coordinates(shapely.get_parts(lines), return_index=True)
    xy = xy * STEPS_PER_M
    ends = np.concatenate([xy[:-1], xy[1:]], axis=1)[line[1:] == line[:-1]]
    rounded = np.floor(ends + 0.5)
    return np.asarray(ends[(rounded[:, :2] != rounded[:, 2:]).any(axis=1)])


def _unique_points(points: IntArray) -> tuple[IntArray, IntArray]:
    """Return each point once, sorted, and the position of every given point among them."""
    low = points.min(axis=0)
    rows = int(points[:, 1].max() - low[1]) + 1
    keys, number = np.unique((points[:, 0] - low[0]) * rows + (points[:, 1] - low[1]), return_inverse=True)
    return np.stack([keys // rows, keys % rows], axis=1) + low, number.ravel().astype(np.int64)


def _unique_segments(start: IntArray, end: IntArray, vertex_count: int) -> tuple[IntArray, IntArray]:
    """Return each segment once, without those that are a point."""
    low, high = np.minimum(start, end), np.maximum(start, end)
    keys = np.sort((low * vertex_count + high)[low != high])
    keys = keys[np.append(True, keys[1:] != keys[:-1])[: len(keys)]]
    return keys // vertex_count, keys % vertex_count


def _fill_array(fill: Callable[[IntArray], int]) -> IntArray:
    """Return the points or pairs that a kernel lists; it is called again if there are more than expected."""
    found = np.empty((1024, 2), dtype=np.int64)
    while (count := fill(found)) > len(found):
        found = np.empty((count, 2), dtype=np.int64)
    return found[:count]


@dataclass(frozen=True, eq=False)
class _Tiles:
    """Square tiles with the segments that come near each.

    `ends` are the coordinates of each segment; `owner` are the segments of all tiles, `first` the start of each tile
    in it, and `key` the number of each tile.
    """

    ends: FloatArray
    size: int
    rows: int
    key: IntArray
    owner: IntArray
    first: IntArray

    @classmethod
    def of(cls, ends: FloatArray) -> "_Tiles":
        """Sort segments into tiles."""
        along = np.abs(ends[:, 2:] - ends[:, :2])
        size = max(int(along.sum(axis=1).mean()), MIN_TILE_STEPS)
        rows = (int(ends[:, 1::2].max()) + 2 * MARGIN) // size + 1
        tile, owner = np.empty((2, 4 * len(ends)), dtype=np.int64)
        while (count := list_tiles(ends, size, rows, tile, owner)) > len(tile):
            tile, owner = np.empty((2, count), dtype=np.int64)
        order = np.argsort(tile[:count], kind="stable")
        key, first = np.unique(tile[:count][order], return_index=True)
        return cls(ends, size, rows, key, owner[order], np.append(first, count))

    def select_near(self, segments: IntArray) -> BoolArray:
        """Return for each segment whether it shares a tile with one of some segments."""
        is_chosen, is_near = np.zeros((2, len(self.ends)), dtype=np.bool_)
        is_chosen[segments] = True
        tile = np.repeat(np.arange(len(self.key)), np.diff(self.first))
        is_busy = np.bincount(tile, is_chosen[self.owner], len(self.key)) > 0
        is_near[self.owner[is_busy[tile]]] = True
        return is_near


def _find_bends(tiles: _Tiles, pixels: IntArray, near: float) -> IntArray:
    """Return pairs of a segment and a hot pixel that it passes through."""
    tile = (pixels[:, 0] // tiles.size) * tiles.rows + pixels[:, 1] // tiles.size
    order = np.argsort(tile, kind="stable")
    places = np.stack([np.searchsorted(tile[order], tiles.key, side) for side in ("left", "right")], axis=1)
    sorted_pixels = pixels[order]
    by_tile = (tiles.owner, tiles.first, places)
    bends = _fill_array(lambda out: list_bends(tiles.ends, by_tile, sorted_pixels, near, out))
    return np.stack([bends[:, 0], order[bends[:, 1]]], axis=1)


def _cut_segments(
    start: IntArray, end: IntArray, pixels: IntArray, bends: IntArray
) -> tuple[IntArray, IntArray, IntArray]:
    """Return the parts of segments, cut at the hot pixels that they pass through: segment, start and end."""
    bent = np.unique(bends[:, 0])
    along = pixels[end[bends[:, 0]]] - pixels[start[bends[:, 0]]]
    place = ((pixels[bends[:, 1]] - pixels[start[bends[:, 0]]]) * along).sum(axis=1)
    limits = np.full(len(bent), place.min(initial=0) - 1), np.full(len(bent), place.max(initial=0) + 1)
    segment, pixel = np.r_[bent, bent, bends[:, 0]], np.r_[start[bent], end[bent], bends[:, 1]]
    order = np.lexsort((np.r_[limits[0], limits[1], place], segment))
    same = np.flatnonzero(segment[order][1:] == segment[order][:-1])
    straight = np.setdiff1d(np.arange(len(start)), bent, assume_unique=True)
    one, two = pixel[order][same], pixel[order][same + 1]
    return np.r_[straight, segment[order][same]], np.r_[start[straight], one], np.r_[end[straight], two]


def polygonize_lines(lines: NodedLines) -> GeometryArray:
    """Return the polygons that noded lines close; dangling lines close none.

    Parameters
    ----------
    lines : NodedLines
        From `node_lines`.

    Returns
    -------
    ndarray of Polygon, metres
        A coverage, with all vertices of the lines; about from west to east.

    Examples
    --------
    >>> sides = shapely.from_wkt(["LINESTRING (0 0, 1 0, 1 1)", "LINESTRING (1 1, 0 0)", "LINESTRING (1 1, 2 2)"])
    >>> shapely.area(polygonize_lines(node_lines(sides))).tolist()
    [0.5]
    """
    rings = find_rings(Segments(lines.vertices, lines.start, lines.end))
    if not len(rings.area):
        return np.empty(0, dtype=object)
    ring = np.repeat(np.arange(len(rings.area)), np.diff(rings.first))
    shapes = np.asarray(shapely.linearrings(lines.xy[rings.vertex], indices=ring))
    face = _faces_of_rings(rings, shapes, lines.xy)
    order = np.lexsort((rings.area < 0, face))  # the outer ring of each face first, then its holes
    order = order[face[order] >= 0]
    return np.asarray(shapely.polygons(shapes[order], indices=face[order]))


def _faces_of_rings(rings: Rings, shapes: GeometryArray, xy: FloatArray) -> IntArray:
    """Return the face of each ring, -1 for those around all faces."""
    is_outer = rings.area > 0
    face_of_walk = np.full(rings.walk.max() + 1, -1, dtype=np.int64)
    face_of_walk[rings.walk[is_outer]] = np.arange(is_outer.sum())
    face = face_of_walk[rings.walk]
    loose = np.flatnonzero(face < 0)
    corners = shapely.points(xy[rings.vertex[rings.first[loose]]])
    outer = np.flatnonzero(is_outer)
    around, hole = shapely.STRtree(corners).query(shapely.polygons(shapes[outer]), predicate="contains_properly")
    largest_first = np.argsort(-rings.area[outer[around]], kind="stable")  # of several, the smallest remains
    face[loose[hole[largest_first]]] = around[largest_first]
    return face
