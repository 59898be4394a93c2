"""Weighted graphs of atoms, in the arrays that the kernels walk."""

from dataclasses import dataclass

import numpy as np

from gridmap.core.array_types import FloatArray, IntArray
from gridmap.core.partition.anneal import CSRGraph
from gridmap.core.partition.trees import EdgeList


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

    weight: IntArray
    left: IntArray
    right: IntArray
    cost: FloatArray

    def __len__(self) -> int:
        return len(self.weight)

    def to_csr(self) -> CSRGraph:
        """The same graph in compressed rows."""
        source, sink = np.r_[self.left, self.right], np.r_[self.right, self.left]
        order = np.lexsort((sink, source))
        start = np.searchsorted(source[order], np.arange(len(self) + 1))
        return CSRGraph(start, source[order], sink[order], np.r_[self.cost, self.cost][order], self.weight)

    def edge_list(self) -> EdgeList:
        """Its neighbours, for the kernels on trees."""
        return EdgeList(self.left, self.right, self.cost)

    def subgraph(self, nodes: IntArray) -> "Graph":
        """The graph of some nodes, renumbered in their order."""
        number = np.full(len(self), -1, dtype=np.int64)
        number[nodes] = np.arange(len(nodes))
        left, right = number[self.left], number[self.right]
        inside = (left >= 0) & (right >= 0)
        return Graph(self.weight[nodes], left[inside], right[inside], self.cost[inside])
