"""Kernels that list minimal connected sets of nodes within a range. Sets are bits of several 64-bit words.

References
----------
Avis, D., Fukuda, K. (1996). Reverse search for enumeration. Discrete Applied Mathematics 65.
doi:10.1016/0166-218X(95)00026-N
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba import njit

from gridmap.core.array_types import BoolArray, IntArray
from gridmap.core.partition.exact_cover import lowest_bit

BITS_PER_WORD, BYTES_PER_WORD = 64, 8
FIRST_ROOM = 1_024
"""Open sets that have room at first; the room is doubled as often as needed."""


class BitGraph(NamedTuple):
    """A graph whose neighbours are bits.

    Parameters
    ----------
    neighbours : ndarray of int, shape (nodes, words)
        Neighbours of each node.
    weight : ndarray of int
        Households of each node.
    core : ndarray of bool
        Nodes that sets begin at.
    minimum, maximum : int
        Range of households, both included.
    """

    neighbours: IntArray
    weight: IntArray
    core: BoolArray
    minimum: int
    maximum: int


class SetLimits(NamedTuple):
    """Limits of a list: of sets, of words of sets that are built for it, and of checks of pairs of nodes."""

    sets: int
    visits: int
    checks: int


class OpenSets(NamedTuple):
    """Sets that still grow, as a stack: members, nodes they may not take, nodes they can take next, and sizes."""

    members: IntArray
    banned: IntArray
    frontier: IntArray
    households: IntArray
    size: IntArray


def pack_masks(masks: Sequence[int], size: int) -> IntArray:
    """Return sets of `size` nodes, given as bits of integers, as rows of 64-bit words.

    Examples
    --------
    >>> pack_masks([5, 1 << 64], 65).tolist()
    [[5, 0], [0, 1]]
    """
    width = -(-size // BITS_PER_WORD) * BYTES_PER_WORD
    return np.frombuffer(b"".join(mask.to_bytes(width, "little") for mask in masks), "<i8").reshape(len(masks), -1)


def unpack_masks(sets: IntArray) -> list[int]:
    """Return rows of 64-bit words as bits of integers.

    Examples
    --------
    >>> unpack_masks(pack_masks([5, 1 << 64], 65)) == [5, 1 << 64]
    True
    """
    return [int.from_bytes(row.astype("<i8").tobytes(), "little") for row in sets]


@njit(cache=True, nogil=True)
def list_minimal_sets(graph: BitGraph, limits: SetLimits) -> tuple[IntArray, bool]:
    """List the minimal connected sets within the range that hold a node of the core.

    A set is minimal if it needs all its nodes outside the core, to be connected or to reach the minimum. Returns the
    sets as bits, shape (sets, words), and whether the limits sufficed.
    """
    words, count, visits, checks = graph.neighbours.shape[1], 0, 0, 0
    found, closed = np.empty((limits.sets + 1, words), np.int64), np.zeros(words, np.int64)
    stack = _make_room(FIRST_ROOM, words)
    for root in np.flatnonzero(graph.core):
        closed[root >> 6] |= 1 << (root & 63)
        top = _push_root(graph, stack, closed, int(root))
        while top:
            top -= 1
            households, size = stack.households[top], stack.size[top]
            if households >= graph.minimum:
                checks += size * size
                if _is_minimal(graph, stack.members[top], households):
                    found[count] = stack.members[top]
                    count += 1
            if _can_gain(graph, stack.banned[top], households):
                if top + len(graph.weight) + 1 > len(stack.size):
                    stack = _double_room(stack, top + 1)
                top = _push_larger(graph, stack, top)
            visits += words
            if count > limits.sets or visits > limits.visits or checks > limits.checks:
                return found[:0], False
    return found[:count], True


@njit(cache=True, nogil=True)
def _make_room(room: int, words: int) -> OpenSets:
    sets, numbers = np.zeros((3, room, words), np.int64), np.zeros((2, room), np.int64)
    return OpenSets(sets[0], sets[1], sets[2], numbers[0], numbers[1])


@njit(cache=True, nogil=True)
def _double_room(stack: OpenSets, used: int) -> OpenSets:
    larger = _make_room(2 * len(stack.size), stack.members.shape[1])
    larger.members[:used], larger.banned[:used] = stack.members[:used], stack.banned[:used]
    larger.frontier[:used], larger.households[:used] = stack.frontier[:used], stack.households[:used]
    larger.size[:used] = stack.size[:used]
    return larger


@njit(cache=True, nogil=True)
def _push_root(graph: BitGraph, stack: OpenSets, closed: IntArray, root: int) -> int:
    """Begin with one node; return the number of open sets: none if that node is above the maximum."""
    stack.members[0] = 0
    stack.members[0, root >> 6] = 1 << (root & 63)
    stack.banned[0], stack.frontier[0] = closed, graph.neighbours[root] & ~closed
    stack.households[0], stack.size[0] = graph.weight[root], 1
    return int(graph.weight[root] <= graph.maximum)


@njit(cache=True, nogil=True)
def _push_larger(graph: BitGraph, stack: OpenSets, top: int) -> int:
    """Replace a set by those with one more node; later ones may not take the earlier nodes. Return the new number."""
    members, banned = stack.members[top].copy(), stack.banned[top].copy()
    frontier, households, size = stack.frontier[top].copy(), stack.households[top], stack.size[top] + 1
    for word in range(len(frontier)):
        while frontier[word]:
            node = 64 * word + lowest_bit(frontier[word])
            bit = frontier[word] & -frontier[word]
            frontier[word] ^= bit
            banned[word] |= bit
            total = households + graph.weight[node]
            if total <= graph.maximum:
                stack.members[top], stack.banned[top] = members, banned
                stack.members[top, word] |= bit
                stack.frontier[top] = (frontier | graph.neighbours[node]) & ~banned
                stack.households[top], stack.size[top] = total, size
                top += 1
    return top


@njit(cache=True, nogil=True)
def _can_gain(graph: BitGraph, banned: IntArray, households: int) -> bool:
    """Return whether a set can become a minimal one: it is too small, or has room for another node of the core."""
    if households < graph.minimum:
        return True
    for node in range(len(graph.weight)):
        if graph.core[node] and graph.weight[node] <= graph.maximum - households and not _has(banned, node):
            return True
    return False


@njit(cache=True, nogil=True)
def _has(members: IntArray, node: int) -> bool:
    return bool(members[node >> 6] >> (node & 63) & 1)


@njit(cache=True, nogil=True)
def _is_minimal(graph: BitGraph, members: IntArray, households: int) -> bool:
    """Return whether a set needs all its nodes outside the core."""
    for word in range(len(members)):
        rest = members[word]
        while rest:
            node, bit = 64 * word + lowest_bit(rest), rest & -rest
            rest ^= bit
            if graph.core[node] or households - graph.weight[node] < graph.minimum:
                continue
            without = members.copy()
            without[word] ^= bit
            if _is_connected(graph, without):
                return False
    return True


@njit(cache=True, nogil=True)
def _is_connected(graph: BitGraph, members: IntArray) -> bool:
    reached, fresh = np.zeros_like(members), np.zeros_like(members)
    for word in range(len(members)):
        if members[word]:
            fresh[word] = members[word] & -members[word]
            break
    while fresh.any():
        reached |= fresh
        around = np.zeros_like(members)
        for word in range(len(members)):
            while fresh[word]:
                around |= graph.neighbours[64 * word + lowest_bit(fresh[word])]
                fresh[word] &= fresh[word] - 1
        fresh = around & members & ~reached
    return bool((reached == members).all())
