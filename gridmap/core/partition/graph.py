"""Weighted graphs of atoms, in the arrays that the kernels walk."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gridmap.core.arrays import Floats, Ints
from gridmap.core.partition.anneal import Net
from gridmap.core.partition.trees import Pairs


@dataclass(frozen=True, eq=False)
class Graph:
    """Nodes with households, and pairs of neighbours with what a border between them costs.

    Parameters
    ----------
    weight : ndarray of int
        Households of each node.
    left, right : ndarray of int
        Neighbours; every pair once.
    cost : ndarray of float
        Cost of a border between the two.
    """

    weight: Ints
    left: Ints
    right: Ints
    cost: Floats

    def __len__(self) -> int:
        return len(self.weight)

    def net(self) -> Net:
        """The same graph in compressed rows."""
        source, sink = np.r_[self.left, self.right], np.r_[self.right, self.left]
        order = np.lexsort((sink, source))
        start = np.searchsorted(source[order], np.arange(len(self) + 1))
        return Net(start, source[order], sink[order], np.r_[self.cost, self.cost][order], self.weight)

    def pairs(self) -> Pairs:
        """Its neighbours, for the kernels on trees."""
        return Pairs(self.left, self.right, self.cost)

    def part(self, nodes: Ints) -> "Graph":
        """The graph of some nodes, renumbered in their order."""
        number = np.full(len(self), -1, dtype=np.int64)
        number[nodes] = np.arange(len(nodes))
        left, right = number[self.left], number[self.right]
        inside = (left >= 0) & (right >= 0)
        return Graph(self.weight[nodes], left[inside], right[inside], self.cost[inside])


def components(size: int, left: Ints, right: Ints) -> Ints:
    """Number of the connected component of each node.

    Examples
    --------
    >>> components(3, np.array([0]), np.array([2])).tolist()
    [0, 1, 0]
    """
    links = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(size, size))
    return np.asarray(connected_components(links, directed=False)[1], dtype=np.int64)
