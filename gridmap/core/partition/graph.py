"""Weighted graphs of atoms, in the arrays that the kernels use."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gridmap.core.array_types import FloatArray, IntArray
from gridmap.core.labels import label_components, renumber_nodes
from gridmap.core.partition.search_state import CSRGraph
from gridmap.core.partition.trees import EdgeList


@dataclass(frozen=True, eq=False)
class Graph:
    """Nodes with households, and edges between neighbours with the cost of a border there.

    Parameters
    ----------
    weight : ndarray of int
        Households of each node.
    left, right : ndarray of int
        The two nodes of each edge; every pair occurs once.
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
        """Return the same graph in compressed rows."""
        source, sink = np.r_[self.left, self.right], np.r_[self.right, self.left]
        order = np.lexsort((sink, source))
        start = np.searchsorted(source[order], np.arange(len(self) + 1))
        return CSRGraph(start, source[order], sink[order], np.r_[self.cost, self.cost][order], self.weight)

    def edge_list(self) -> EdgeList:
        """Return the edges as the tree kernels take them."""
        return EdgeList(self.left, self.right, self.cost)

    def subgraph(self, nodes: IntArray) -> "Graph":
        """Return the graph of some nodes, renumbered in their order."""
        number = renumber_nodes(nodes, len(self))
        left, right = number[self.left], number[self.right]
        inside = (left >= 0) & (right >= 0)
        return Graph(self.weight[nodes], left[inside], right[inside], self.cost[inside])

    def contract(self, node: IntArray) -> "Graph":
        """Return the graph in which nodes with the same number have become one; numbers have no gaps."""
        count = int(node.max()) + 1
        low, high = np.sort(node[np.stack([self.left, self.right])], axis=0)
        pairs, pair = np.unique((low * count + high)[low != high], return_inverse=True)
        cost = np.bincount(pair, self.cost[low != high], len(pairs)).astype(np.float64)
        weight = np.bincount(node, self.weight, count).astype(np.int64)
        return Graph(weight, pairs // count, pairs % count, cost)


def overlay_plans(graph: Graph, plans: Sequence[IntArray]) -> tuple[Graph, IntArray]:
    """Contract the nodes that share a grid in every plan.

    Parameters
    ----------
    graph : Graph
        Connected.
    plans : sequence of ndarray of int
        Grid of each node, by each plan.

    Returns
    -------
    Graph, ndarray of int
        The contracted graph, and the node of it that each node has become.

    Examples
    --------
    >>> row = Graph(np.full(4, 100), np.arange(3), np.arange(1, 4), np.ones(3))
    >>> small, node = overlay_plans(row, [np.array([0, 0, 1, 1]), np.array([0, 0, 0, 1])])
    >>> small.weight.tolist(), node.tolist()
    ([200, 100, 100], [0, 0, 1, 2])
    """
    together = np.logical_and.reduce([plan[graph.left] == plan[graph.right] for plan in plans])
    node = label_components(len(graph), graph.left[together], graph.right[together])
    return graph.contract(node), node
