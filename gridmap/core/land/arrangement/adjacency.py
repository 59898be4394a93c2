"""Adjacency of faces: the straight edges that two faces of a coverage share."""

from dataclasses import dataclass

import numpy as np
import shapely

from gridmap.core.array_types import BoolArray, FloatArray, GeometryArray, IntArray
from gridmap.core.land.arrangement.noding import STEPS_PER_M


@dataclass(frozen=True, eq=False)
class Edges:
    """Straight edges between two faces.

    Parameters
    ----------
    left, right : ndarray of int
        The two faces of each edge, in no particular order.
    ends : ndarray of float, shape (n, 2, 2), metres
        The two end points of each edge.
    """

    left: IntArray
    right: IntArray
    ends: FloatArray

    @property
    def length(self) -> FloatArray:
        """Length of each edge, metres."""
        vector = self.ends[:, 1] - self.ends[:, 0]
        return np.asarray(np.hypot(vector[:, 0], vector[:, 1]))

    def select(self, mask: BoolArray) -> "Edges":
        """Return the edges for which `mask` is true."""
        return Edges(self.left[mask], self.right[mask], self.ends[mask])


def shared_edges(faces: GeometryArray) -> Edges:
    """Return the edges that two faces of a coverage share, vertex for vertex.

    Parameters
    ----------
    faces : ndarray of Polygon, metres
        A coverage on the millimetre grid, as `polygonize_lines` returns it.

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
    same_ring = ring[1:] == ring[:-1]
    vertex = _vertex_ids(xy)
    start, end, face = vertex[:-1][same_ring], vertex[1:][same_ring], face_of_ring[ring[:-1][same_ring]]
    low, high = np.minimum(start, end), np.maximum(start, end)
    order = np.lexsort((face, high, low))  # the two sides of a shared edge come next to each other
    is_twin = (np.diff(low[order]) == 0) & (np.diff(high[order]) == 0)
    one, two = order[:-1][is_twin], order[1:][is_twin]
    ends = np.stack([xy[:-1][same_ring], xy[1:][same_ring]], axis=1)
    return Edges(face[one], face[two], ends[one]).select(face[one] != face[two])


def _vertex_ids(xy: FloatArray) -> IntArray:
    """Return a number per vertex; vertices with the same coordinates, on the grid of noding, have the same number."""
    steps = np.round(xy * STEPS_PER_M).astype(np.int64)
    steps -= steps.min(axis=0) if len(steps) else 0
    key = steps[:, 0] * (steps[:, 1].max(initial=0) + 1) + steps[:, 1]
    return np.unique(key, return_inverse=True)[1].astype(np.int64)
