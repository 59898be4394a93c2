"""Kernel that follows lines half-way between buildings from triangle to triangle.

A line passes a triangle whose corners have two labels from the middle of one side to the middle of another. In a
triangle with three labels three lines meet, at its centre.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gridmap.core.array_types import BoolArray, FloatArray, IntArray


class Triangles(NamedTuple):
    """Triangles between samples; side k runs from corner k to the next one.

    Parameters
    ----------
    xy : ndarray of float, shape (samples, 2), metres
    corners : ndarray of int, shape (n, 3)
        Sample at each corner.
    across : ndarray of int, shape (n, 3)
        Triangle across each side, -1 for none.
    differs : ndarray of bool, shape (n, 3)
        Whether the ends of each side have different labels.
    arms : ndarray of int
        Sides with different labels, 0 where no line is wanted.
    """

    xy: FloatArray
    corners: NDArray[np.int32]
    across: NDArray[np.int32]
    differs: BoolArray
    arms: NDArray[np.int8]


class Chains(NamedTuple):
    """Lines, each from an end or a junction to another one, or closed.

    Parameters
    ----------
    xy : ndarray of float, shape (n, 2), metres
        Vertices of all lines, one line after the other.
    first : ndarray of int, one per line and one more
        Position of the first vertex of each line.
    triangle : ndarray of int, one per line
        A triangle that each line passes.
    """

    xy: FloatArray
    first: IntArray
    triangle: IntArray


@njit(cache=True, nogil=True)
def follow_bisectors(triangles: Triangles) -> Chains:
    """Return the lines through triangles."""
    arms, size = triangles.arms, 2 * triangles.arms.sum() + 2
    chains = Chains(np.empty((size, 2)), np.zeros(size, np.int64), np.empty(size, np.int64))
    is_passed, count = np.zeros_like(triangles.differs), 0
    for kind in range(3):  # from junctions, from ends, and what is left: closed lines
        for triangle in range(len(arms)):
            for side in range(3 * (arms[triangle] > 0)):
                if _is_start(triangles, is_passed, kind, triangle, side):
                    count = _follow(triangles, is_passed, chains, count, triangle, side)
    return Chains(chains.xy[: chains.first[count]], chains.first[: count + 1], chains.triangle[:count])


@njit(cache=True, nogil=True)
def _is_start(triangles: Triangles, is_passed: BoolArray, kind: int, triangle: int, side: int) -> bool:
    """Return whether a line begins in a triangle towards a side: at its centre, or at the other side with a line."""
    arms = triangles.arms[triangle]
    if not triangles.differs[triangle, side] or is_passed[triangle, side]:
        return False
    if kind == 0 or arms == 3:
        return bool(kind == 0 and arms == 3)
    beyond = triangles.across[triangle, _other_side(triangles, triangle, side)]
    return bool(kind == 2 or beyond < 0 or triangles.arms[beyond] == 0)


@njit(cache=True, nogil=True)
def _other_side(triangles: Triangles, triangle: int, side: int) -> int:
    """Return the other side of a triangle with two labels that a line passes."""
    after = (side + 1) % 3
    return after if triangles.differs[triangle, after] else (side + 2) % 3


@njit(cache=True, nogil=True)
def _follow(triangles: Triangles, is_passed: BoolArray, chains: Chains, count: int, triangle: int, side: int) -> int:
    """Follow one line to its end or to a junction; return the new number of lines."""
    place = chains.first[count]
    chains.triangle[count] = triangle
    if triangles.arms[triangle] == 3:
        place = _add_centre(triangles, chains, place, triangle)
    else:
        other = _other_side(triangles, triangle, side)
        is_passed[triangle, other] = True
        place = _add_middle(triangles, chains, place, triangle, other)
    while not is_passed[triangle, side]:
        is_passed[triangle, side] = True
        place = _add_middle(triangles, chains, place, triangle, side)
        beyond = triangles.across[triangle, side]
        if beyond < 0 or triangles.arms[beyond] == 0:
            break
        entry = 0
        while triangles.across[beyond, entry] != triangle:
            entry += 1
        if is_passed[beyond, entry]:
            break
        is_passed[beyond, entry] = True
        if triangles.arms[beyond] == 3:
            place = _add_centre(triangles, chains, place, beyond)
            break
        triangle, side = beyond, _other_side(triangles, beyond, entry)
    chains.first[count + 1] = place
    return count + 1


@njit(cache=True, nogil=True)
def _add_middle(triangles: Triangles, chains: Chains, place: int, triangle: int, side: int) -> int:
    one, two = triangles.corners[triangle, side], triangles.corners[triangle, (side + 1) % 3]
    for axis in range(2):
        chains.xy[place, axis] = (triangles.xy[one, axis] + triangles.xy[two, axis]) / 2
    return place + 1


@njit(cache=True, nogil=True)
def _add_centre(triangles: Triangles, chains: Chains, place: int, triangle: int) -> int:
    for axis in range(2):
        total = 0.0
        for corner in triangles.corners[triangle]:
            total += triangles.xy[corner, axis]
        chains.xy[place, axis] = total / 3
    return place + 1
