"""Overlay of plans: nodes that no plan parts become one, so that a search can combine the best of each."""

from collections.abc import Sequence

import numpy as np

from gridmap.core.array_types import IntArray
from gridmap.core.labels import label_components
from gridmap.core.partition.graph import Graph


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
