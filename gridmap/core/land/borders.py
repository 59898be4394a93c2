"""Borders between cells: their length by kind of line, and whether pedestrians can cross them."""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from gridmap.core.array_types import BoolArray, FloatArray, IntArray
from gridmap.core.land.arrangement.adjacency import Edges
from gridmap.core.land.arrangement.line_tree import LineTree
from gridmap.core.land.barriers import Barriers
from gridmap.core.vocabulary import BLOCKING_BORDER_KINDS, BorderKind

LINE_TOLERANCE_M = 0.02
"""An edge this near a line lies on it: ten times the shift that rounding to the millimetre can cause."""
CROSSING_TOLERANCE_M = 0.05
"""An edge that ends this near a crossing is crossed there."""
MIN_WALKABLE_M = 1.0
"""Cells that share less open border than this touch only at a corner, where nobody walks from one to the other."""


@dataclass(frozen=True, eq=False)
class Borders:
    """Pairs of cells with a shared border.

    Parameters
    ----------
    left, right : ndarray of int, left < right
        The cells of each pair; every pair occurs once.
    length : ndarray of float, shape (n, len(BorderKind)), metres
        Shared length by `BorderKind`.
    walkable : ndarray of bool
        Whether pedestrians can cross the border.
    """

    left: IntArray
    right: IntArray
    length: FloatArray
    walkable: BoolArray


def find_borders(edges: Edges, cell_of_face: IntArray, enclosure_of_face: IntArray, barriers: Barriers) -> Borders:
    """Sum the shared edges of faces up to borders of cells.

    Parameters
    ----------
    edges : Edges
        Edges between faces.
    cell_of_face, enclosure_of_face : ndarray of int, one per face
        Cell and enclosure of each face.
    barriers : Barriers
        Lines on which a border may lie, and the crossings of those that block.

    Returns
    -------
    Borders

    Examples
    --------
    >>> import shapely
    >>> from gridmap.core.land.arrangement.adjacency import shared_edges
    >>> edges = shared_edges(shapely.box([0, 2], 0, [2, 4], 2))
    >>> line, nothing = shapely.linestrings([[[2, 0], [2, 2]]]), np.array([])
    >>> street = Barriers(line, np.array([BorderKind.LOCAL]), nothing, nothing)
    >>> borders = find_borders(edges, np.arange(2), np.arange(2), street)
    >>> borders.length[0, BorderKind.LOCAL], borders.walkable.tolist()
    (np.float64(2.0), [True])
    """
    edges = edges.select(cell_of_face[edges.left] != cell_of_face[edges.right])
    kind = _strongest_border_kinds(edges, enclosure_of_face[edges.left] != enclosure_of_face[edges.right], barriers)
    low, high = np.sort(cell_of_face[np.stack([edges.left, edges.right])], axis=0)
    pairs, pair = np.unique(np.stack([low, high], axis=1), axis=0, return_inverse=True)
    pair = pair.ravel()
    length = np.zeros((len(pairs), len(BorderKind)))
    np.add.at(length, (pair, kind), edges.length)
    walkable = np.delete(length, BLOCKING_BORDER_KINDS, axis=1).sum(axis=1) >= MIN_WALKABLE_M
    walkable[pair[np.isin(kind, BLOCKING_BORDER_KINDS) & _is_crossed(edges, barriers)]] = True
    return Borders(pairs[:, 0], pairs[:, 1], length, walkable)


def _strongest_border_kinds(edges: Edges, between_enclosures: BoolArray, barriers: Barriers) -> IntArray:
    """Return the kind of the strongest line under each edge; only edges between enclosures can lie on a line."""
    kind = np.full(len(edges.left), BorderKind.OPEN, dtype=np.int64)
    candidates = np.flatnonzero(between_enclosures)
    middles = edges.ends[candidates].mean(axis=1)
    candidate, line = LineTree(barriers.lines).find_near(middles, LINE_TOLERANCE_M)
    np.minimum.at(kind, candidates[candidate], barriers.kinds[line])
    return kind


def _is_crossed(edges: Edges, barriers: Barriers) -> BoolArray:
    if not len(barriers.crossings):
        return np.zeros(len(edges.left), dtype=np.bool_)
    distance, _ = cKDTree(barriers.crossings).query(edges.ends, distance_upper_bound=CROSSING_TOLERANCE_M)
    return np.asarray((distance <= CROSSING_TOLERANCE_M).any(axis=1))
