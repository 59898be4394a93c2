"""Kernels of snap rounding: segments are cut wherever they meet, on a grid of integers.

Rounded vertices and rounded crossings are hot pixels: squares of one step around a point of the grid. Each segment is
bent to the centres of all hot pixels that it passes through. Afterwards segments meet at common ends only. Segments are
not rounded before: a line that ends on another one would leave it by a step.

References
----------
Hobby, J. D. (1999). Practical segment intersection with finite precision output. Computational Geometry 13 (4).
doi:10.1016/S0925-7721(99)00021-8
"""

import numpy as np
from numba import njit

from gridmap.core.array_types import FloatArray, IntArray

MARGIN = 2
"""Steps around a segment in which it may meet a hot pixel: half a step, and the rest for rounding."""

NEAR = 0.01
"""Steps around a hot pixel in which a segment that is not on the grid meets it, too: an end that lies on another
segment may be rounded away from it where that passes a corner of squares."""


@njit(cache=True, nogil=True)
def list_tiles(ends: FloatArray, size: int, rows: int, tile: IntArray, owner: IntArray) -> int:
    """List the square tiles that each segment comes near; return their number, also where the arrays are too short.

    `ends` has the columns x and y of one end, then x and y of the other, all at least `MARGIN`.
    """
    count = 0
    for segment in range(len(ends)):
        x0, y0, x1, y1 = ends[segment, 0], ends[segment, 1], ends[segment, 2], ends[segment, 3]
        low_x, high_x, low_y, high_y = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
        for column in range(int(low_x - MARGIN) // size, int(high_x + MARGIN) // size + 1):
            low, high = low_y, high_y
            if low_x < high_x:
                slope = (y1 - y0) / (x1 - x0)
                from_x = min(max(column * size - MARGIN, low_x), high_x)
                to_x = max(min((column + 1) * size + MARGIN, high_x), low_x)
                one, two = y0 + slope * (from_x - x0), y0 + slope * (to_x - x0)
                low, high = max(min(one, two), low_y), min(max(one, two), high_y)
            for row in range(int(low - MARGIN) // size, int(high + MARGIN) // size + 1):
                if count < len(tile):
                    tile[count], owner[count] = column * rows + row, segment
                count += 1
    return count


@njit(cache=True, nogil=True)
def list_crossings(ends: FloatArray, owner: IntArray, first: IntArray, crossing: IntArray) -> int:
    """List the rounded points where segments of a tile cross, apart from their ends; return their number.

    The segments of a tile are those in `owner` between two entries of `first`. A point may be listed several times.
    """
    count = 0
    for tile in range(len(first) - 1):
        for one in range(first[tile], first[tile + 1]):
            for two in range(one + 1, first[tile + 1]):
                a, b = ends[owner[one]], ends[owner[two]]
                if _are_apart(a, b) or not _cross(a, b):
                    continue
                if count < len(crossing):
                    crossing[count, 0], crossing[count, 1] = _crossing_point(a, b)
                count += 1
    return count


@njit(cache=True, nogil=True)
def _are_apart(a: FloatArray, b: FloatArray) -> bool:
    """Return whether the boxes around two segments do not meet."""
    for axis in range(2):
        if min(a[axis], a[axis + 2]) > max(b[axis], b[axis + 2]):
            return True
        if min(b[axis], b[axis + 2]) > max(a[axis], a[axis + 2]):
            return True
    return False


@njit(cache=True, nogil=True)
def _side(a: FloatArray, x: float, y: float) -> float:
    """Return a number above 0 for a point on the left of a segment, below 0 on the right, 0 on its line."""
    return float((a[2] - a[0]) * (y - a[1]) - (a[3] - a[1]) * (x - a[0]))


@njit(cache=True, nogil=True)
def _cross(a: FloatArray, b: FloatArray) -> bool:
    """Return whether two segments cross at a point that is an end of neither."""
    one, two = _side(a, b[0], b[1]), _side(a, b[2], b[3])
    if one == 0 or two == 0 or (one > 0) == (two > 0):
        return False
    one, two = _side(b, a[0], a[1]), _side(b, a[2], a[3])
    return one != 0 and two != 0 and (one > 0) != (two > 0)


@njit(cache=True, nogil=True)
def _crossing_point(a: FloatArray, b: FloatArray) -> tuple[int, int]:
    """Return the point where two segments cross, rounded; halves are rounded up."""
    from_start, from_end = _side(b, a[0], a[1]), _side(b, a[2], a[3])
    share = from_start / (from_start - from_end)
    x, y = a[0] + share * (a[2] - a[0]), a[1] + share * (a[3] - a[1])
    return int(np.floor(x + 0.5)), int(np.floor(y + 0.5))


@njit(cache=True, nogil=True)
def list_bends(
    ends: FloatArray, tiles: tuple[IntArray, IntArray, IntArray], pixels: IntArray, near: float, bend: IntArray
) -> int:
    """List segment and hot pixel where a segment passes through one; return their number.

    `tiles` are three arrays: the segments of all tiles, the first of each tile among them, and the first and last of
    its hot pixels. No pair is listed twice. The pixels around the ends of a segment are not listed.
    """
    owner, first, places = tiles
    count = 0
    for tile in range(len(first) - 1):
        for entry in range(first[tile], first[tile + 1]):
            a = ends[owner[entry]]
            for pixel in range(places[tile, 0], places[tile, 1]):
                x, y = pixels[pixel, 0], pixels[pixel, 1]
                if _is_within(a[0], a[1], x, y) or _is_within(a[2], a[3], x, y) or not _meets_pixel(a, x, y, near):
                    continue
                if count < len(bend):
                    bend[count, 0], bend[count, 1] = owner[entry], pixel
                count += 1
    return count


@njit(cache=True, nogil=True)
def _is_within(end_x: float, end_y: float, x: int, y: int) -> bool:
    return bool(np.floor(end_x + 0.5) == x and np.floor(end_y + 0.5) == y)


@njit(cache=True, nogil=True)
def _meets_pixel(a: FloatArray, x: int, y: int, near: float) -> bool:
    """Return whether a segment meets the square of one step around a point, whose upper and right sides are open.

    With `near` above 0 the square is larger by that, and closed.
    """
    half = 0.5 + near
    if min(a[0], a[2]) > x + half or max(a[0], a[2]) < x - half:
        return False
    if min(a[1], a[3]) > y + half or max(a[1], a[3]) < y - half:
        return False
    along_x, along_y, side = a[2] - a[0], a[3] - a[1], _side(a, x, y)
    if along_x < 0:
        along_x, along_y, side = -along_x, -along_y, -side
    reach = half * (along_x + abs(along_y))  # as far as the corners farthest from the line
    if abs(side) < reach or near > 0:
        return bool(abs(side) <= reach)
    return bool(side == reach and along_y < 0 < along_x)  # of four corners only the lower left one is closed
