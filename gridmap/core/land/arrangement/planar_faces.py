"""Kernels on the faces that noded segments close.

Each segment has two sides, one along it and one back. The successor of a side is the next one around the same face,
which lies on the left. The successors form walks around faces. A segment with the same walk on both sides closes
nothing.

References
----------
de Berg, M., Cheong, O., van Kreveld, M., Overmars, M. (2008). Computational Geometry, 3rd ed., chapter 2: doubly
connected edge lists. doi:10.1007/978-3-540-77974-2
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from gridmap.core.array_types import BoolArray, FloatArray, IntArray


class Segments(NamedTuple):
    """Segments that meet at their ends only: coordinates of vertices in steps, and the two vertices of each segment."""

    vertices: IntArray
    start: IntArray
    end: IntArray


class Rings(NamedTuple):
    """Simple rings around faces, on their right: outer rings run counter-clockwise, holes clockwise.

    Parameters
    ----------
    vertex : ndarray of int
        Vertices of all rings, one ring after the other; the first one is not repeated.
    first : ndarray of int, one per ring and one more
        Position of the first vertex of each ring.
    walk : ndarray of int
        Walk that each ring is a part of; the rings of a face belong to one walk if they are connected.
    area : ndarray of float
        Area in square steps, negative for holes.
    """

    vertex: IntArray
    first: IntArray
    walk: IntArray
    area: FloatArray


@njit(cache=True, nogil=True)
def find_rings(segments: Segments) -> Rings:
    """Return the rings of the faces that segments close, in the order of the segments.

    Segments that end where no other does have the same walk on both sides, too, and are left out with the bridges. A
    walk that meets a vertex twice is divided there, as polygons require.
    """
    used = np.ones(len(segments.start), np.bool_)
    walk = _number_walks(_successors(segments, used))
    for segment in range(len(used)):
        used[segment] = used[segment] and walk[2 * segment] != walk[2 * segment + 1]
    return _split_walks(segments, _successors(segments, used))


@njit(cache=True, nogil=True)
def _successors(segments: Segments, used: BoolArray) -> IntArray:
    """Return the successor of each side, -1 for sides of segments that are left out.

    Side 2 i runs from the start of segment i to its end, side 2 i + 1 back.
    """
    first = np.zeros(len(segments.vertices) + 1, np.int64)
    for side in range(2 * len(used)):
        first[_origin(segments, side) + 1] += used[side >> 1]
    first = np.cumsum(first)
    place, around = first[:-1].copy(), np.empty(first[-1], np.int64)
    for side in range(2 * len(used)):
        if used[side >> 1]:
            vertex = _origin(segments, side)
            _insert_by_angle(segments, around[first[vertex] : place[vertex] + 1], side)
            place[vertex] += 1
    following = np.full(2 * len(used), -1)
    for vertex in range(len(place)):
        before = first[vertex + 1] - 1
        for position in range(first[vertex], first[vertex + 1]):
            following[around[position] ^ 1] = around[before]
            before = position
    return following


@njit(cache=True, nogil=True)
def _insert_by_angle(segments: Segments, around: IntArray, side: int) -> None:
    """Insert a side among those that leave the same vertex, counter-clockwise; the last place is free."""
    place = len(around) - 1
    while place > 0 and _is_before(segments, side, around[place - 1]):
        around[place] = around[place - 1]
        place -= 1
    around[place] = side


@njit(cache=True, nogil=True)
def _origin(segments: Segments, side: int) -> int:
    return int(segments.end[side >> 1] if side & 1 else segments.start[side >> 1])


@njit(cache=True, nogil=True)
def _is_before(segments: Segments, one: int, two: int) -> bool:
    """Return whether a side comes before another one that leaves the same vertex, counter-clockwise from the east."""
    origin = segments.vertices[_origin(segments, one)]
    a, b = segments.vertices[_origin(segments, one ^ 1)], segments.vertices[_origin(segments, two ^ 1)]
    ax, ay, bx, by = a[0] - origin[0], a[1] - origin[1], b[0] - origin[0], b[1] - origin[1]
    a_is_low, b_is_low = ay < 0 or (ay == 0 and ax < 0), by < 0 or (by == 0 and bx < 0)
    return bool(ax * by - ay * bx > 0) if a_is_low == b_is_low else bool(b_is_low)


@njit(cache=True, nogil=True)
def _number_walks(following: IntArray) -> IntArray:
    """Return for each side the first one of its walk, -1 for sides that are left out."""
    walk = np.full(len(following), -1)
    for first in range(len(following)):
        side = first
        while following[side] >= 0 and walk[side] < 0:
            walk[side] = first
            side = following[side]
    return walk


@njit(cache=True, nogil=True)
def _split_walks(segments: Segments, following: IntArray) -> Rings:
    """Follow each walk; what lies between two visits of a vertex is a ring of its own."""
    sides, place = len(following), np.full(len(segments.vertices), -1)
    vertex, first, walk = np.empty(sides, np.int64), np.zeros(sides // 3 + 1, np.int64), np.empty(sides, np.int64)
    stack, is_done = np.empty(sides, np.int64), np.zeros(sides, np.bool_)
    rings, height = 0, 0
    for begin in range(sides):
        side = begin
        while following[side] >= 0 and not is_done[side]:
            is_done[side] = True
            node = _origin(segments, side)
            if place[node] >= 0:
                low = place[node]
                first[rings + 1] = _take_off(stack, place, low, height, vertex, first[rings])
                walk[rings], height = begin, low
                rings += 1
            place[node], stack[height] = height, node
            height += 1
            side = following[side]
        if height > 0:
            first[rings + 1] = _take_off(stack, place, 0, height, vertex, first[rings])
            walk[rings], height = begin, 0
            rings += 1
    first = first[: rings + 1]
    return Rings(vertex[: first[rings]], first, walk[:rings], _ring_areas(segments.vertices, vertex, first))


@njit(cache=True, nogil=True)
def _take_off(stack: IntArray, place: IntArray, low: int, high: int, vertex: IntArray, count: int) -> int:
    """Move a ring from the top of the stack to the list of vertices; return the new length of the list."""
    for position in range(low, high):
        vertex[count], place[stack[position]] = stack[position], -1
        count += 1
    return count


@njit(cache=True, nogil=True)
def _ring_areas(vertices: IntArray, vertex: IntArray, first: IntArray) -> FloatArray:
    """Return the signed area of each ring, relative to its first vertex."""
    area = np.zeros(len(first) - 1)
    for ring in range(len(area)):
        origin = vertices[vertex[first[ring]]]
        for place in range(first[ring] + 1, first[ring + 1] - 1):
            a, b = vertices[vertex[place]], vertices[vertex[place + 1]]
            area[ring] += float(a[0] - origin[0]) * float(b[1] - origin[1]) / 2
            area[ring] -= float(a[1] - origin[1]) * float(b[0] - origin[0]) / 2
    return area
