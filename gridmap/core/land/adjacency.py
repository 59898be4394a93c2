"""Which faces share an edge, how long it is, and how labels spread over shared edges."""

from dataclasses import dataclass

import numpy as np
import shapely

from gridmap.core.array_types import BoolArray, FloatArray, GeometryArray, IntArray

STEPS_PER_M = 1000
"""Vertices are compared on the millimetre grid they were noded on."""


@dataclass(frozen=True, eq=False)
class Edges:
    """Straight pieces of border between two faces.

    Parameters
    ----------
    left, right : ndarray of int
        The two faces of each piece, in no order.
    ends : ndarray of float, shape (n, 2, 2)
        Its end points, metres.
    """

    left: IntArray
    right: IntArray
    ends: FloatArray

    @property
    def length(self) -> FloatArray:
        """Length of each piece, metres."""
        along = self.ends[:, 1] - self.ends[:, 0]
        return np.asarray(np.hypot(along[:, 0], along[:, 1]))

    def select(self, mask: BoolArray) -> "Edges":
        """The chosen pieces."""
        return Edges(self.left[mask], self.right[mask], self.ends[mask])


def shared_edges(faces: GeometryArray) -> Edges:
    """Pieces of border that two faces of a coverage share, vertex for vertex.

    Parameters
    ----------
    faces : ndarray of Polygon, metres
        A coverage on the millimetre grid, as `polygonize` leaves it.

    Returns
    -------
    Edges

    Examples
    --------
    >>> edges = shared_edges(np.array([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)]))
    >>> edges.length.tolist()
    [1.0]
    """
    rings, face_of_ring = shapely.get_rings(faces, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    follows = ring[1:] == ring[:-1]
    vertex = _vertex_ids(xy)
    start, end, face = vertex[:-1][follows], vertex[1:][follows], face_of_ring[ring[:-1][follows]]
    low, high = np.minimum(start, end), np.maximum(start, end)
    order = np.lexsort((face, high, low))
    twin = (np.diff(low[order]) == 0) & (np.diff(high[order]) == 0)
    one, two = order[:-1][twin], order[1:][twin]
    ends = np.stack([xy[:-1][follows], xy[1:][follows]], axis=1)
    return Edges(face[one], face[two], ends[one]).select(face[one] != face[two])


def _vertex_ids(xy: FloatArray) -> IntArray:
    """A number per vertex, the same for vertices that fall together."""
    steps = np.round(xy * STEPS_PER_M).astype(np.int64)
    steps -= steps.min(axis=0) if len(steps) else 0
    key = steps[:, 0] * (steps[:, 1].max(initial=0) + 1) + steps[:, 1]
    return np.unique(key, return_inverse=True)[1].astype(np.int64)


def propagate_labels(labels: IntArray, left: IntArray, right: IntArray, length: FloatArray) -> IntArray:
    """Give places without label the one they share the longest border with, until no border leads further.

    Parameters
    ----------
    labels : ndarray of int
        Label of each place, -1 where it has none.
    left, right : ndarray of int
        Neighbours between which labels may spread.
    length : ndarray of float, metres
        Border they share; several entries of one pair add up.

    Returns
    -------
    ndarray of int
        -1 is left only where no path leads to a label. Ties go to the lower label.

    Examples
    --------
    >>> propagate_labels(np.array([7, -1, -1]), np.array([0, 1]), np.array([1, 2]), np.array([1.0, 1.0])).tolist()
    [7, 7, 7]
    """
    labels = labels.copy()
    source, sink, length = np.r_[left, right], np.r_[right, left], np.r_[length, length]
    while (reached := (labels[sink] < 0) & (labels[source] >= 0)).any():
        claims = np.stack([sink[reached], labels[source[reached]]], axis=1)
        pairs, index = np.unique(claims, axis=0, return_inverse=True)
        total = np.bincount(index.ravel(), length[reached])
        order = np.lexsort((-pairs[:, 1], total, pairs[:, 0]))
        labels[pairs[order, 0]] = pairs[order, 1]
    return labels
