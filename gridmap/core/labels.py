"""Labels of the nodes of a graph: components, propagation, renumbering, and the heaviest label of an item.

Nodes, edges and labels are arrays of integers. An edge is an entry of the two arrays `left` and `right`; the label -1
stands for none.
"""

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gridmap.core.array_types import FloatArray, IntArray


def label_components(node_count: int, left: IntArray, right: IntArray) -> IntArray:
    """Return the number of the connected component of each node.

    Parameters
    ----------
    node_count : int
    left, right : ndarray of int, one per edge
        The two nodes of each edge.

    Returns
    -------
    ndarray of int, one per node
        Components are numbered from 0 in the order of their first nodes.

    Examples
    --------
    >>> label_components(3, np.array([0]), np.array([2])).tolist()
    [0, 1, 0]
    """
    edges = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(node_count, node_count))
    return np.asarray(connected_components(edges, directed=False)[1], dtype=np.int64)


def propagate_labels(labels: IntArray, left: IntArray, right: IntArray, length: FloatArray) -> IntArray:
    """Spread labels over edges until no unlabelled node has a labelled neighbour.

    In each round, an unlabelled node takes the label with which it shares the longest border.

    Parameters
    ----------
    labels : ndarray of int
        Label of each node, -1 for none.
    left, right : ndarray of int, one per edge
        Neighbours between which labels may spread.
    length : ndarray of float, metres
        Length of their shared border; several edges of one pair add up.

    Returns
    -------
    ndarray of int
        -1 remains only where no path leads to a label. Ties go to the lower label.

    Examples
    --------
    >>> propagate_labels(np.array([7, -1, -1]), np.array([0, 1]), np.array([1, 2]), np.array([1.0, 1.0])).tolist()
    [7, 7, 7]
    """
    labels = labels.copy()
    source, sink, length = np.r_[left, right], np.r_[right, left], np.r_[length, length]
    while (reached := (labels[sink] < 0) & (labels[source] >= 0)).any():
        nodes, heaviest = heaviest_labels(sink[reached], labels[source[reached]], length[reached])
        labels[nodes] = heaviest
    return labels


def heaviest_labels(items: IntArray, labels: IntArray, weights: FloatArray) -> tuple[IntArray, IntArray]:
    """Return the label with the largest total weight of each item.

    Parameters
    ----------
    items, labels : ndarray of int
        Item and label of each entry; entries with the same item and label add up.
    weights : ndarray of float
        Weight of each entry.

    Returns
    -------
    items, labels : ndarray of int
        The items that occur, in ascending order, and the label of each. Ties go to the lower label.

    Examples
    --------
    >>> items, labels = heaviest_labels(np.array([4, 4, 4]), np.array([0, 1, 0]), np.array([2.0, 3.0, 2.0]))
    >>> items.tolist(), labels.tolist()
    ([4], [0])
    """
    pairs, index = np.unique(np.stack([items, labels], axis=1), axis=0, return_inverse=True)
    total = np.bincount(index.ravel(), weights, len(pairs))
    order = np.lexsort((-pairs[:, 1], total, pairs[:, 0]))
    item, label = pairs[order, 0], pairs[order, 1]
    last = np.append(item[1:] != item[:-1], True)[: len(item)]
    return item[last], label[last]


def renumber_nodes(nodes: IntArray, node_count: int) -> IntArray:
    """Return the position of every node among some selected nodes, -1 for the others.

    Examples
    --------
    >>> renumber_nodes(np.array([3, 1]), 5).tolist()
    [-1, 1, -1, 0, -1]
    """
    number = np.full(node_count, -1, dtype=np.int64)
    number[nodes] = np.arange(len(nodes))
    return number
