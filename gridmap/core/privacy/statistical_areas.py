"""Statistical areas: fixed groups of buildings whose residents are counted together.

A plan may assign one building to another grid, and the difference of two counts would then be the residents of that
building. Counts for readers who may not see persons are therefore sums of whole areas, which no plan divides.
"""

import numpy as np
from scipy.spatial import cKDTree

from gridmap.core.array_types import BoolArray, FloatArray, IntArray

MIN_HOUSEHOLDS = 20
"""Households of an area at least: a count of so many says nothing about one of them."""
OTHER_COURTYARD_M = 1e6
"""Metres added to the distance of another courtyard, so that buildings join their own courtyard first."""
NONE = -1


def group_buildings(
    households: IntArray, courtyards: IntArray, centroids: FloatArray, areas: IntArray | None = None
) -> IntArray:
    """Join the buildings of a community to areas of at least `MIN_HOUSEHOLDS` households.

    A building with enough households is an area by itself. The smallest of the others is joined to the nearest
    building or area of its courtyard, or else to the nearest one, until all areas are large enough. A building without
    households belongs to the area of the nearest building with some. Counts of residents have no influence, so that the
    areas disclose nothing.

    Parameters
    ----------
    households : ndarray of int, shape (n,)
        Households of each building.
    courtyards : ndarray of int, shape (n,)
        Number of the courtyard of each building, or -1.
    centroids : ndarray of float, shape (n, 2)
        Middle of each building in metres, in the order of their keys: equal distances are decided by it.
    areas : ndarray of int, shape (n,), optional
        Number of the area that a building belongs to already, or -1. Such areas only grow.

    Returns
    -------
    ndarray of int, shape (n,)
        Position of the first building of each building's area. A community with too few households has one area.

    Examples
    --------
    >>> rows = np.array([[0.0, 0], [10, 0], [20, 0], [30, 0]])
    >>> group_buildings(np.array([12, 9, 40, 3]), np.array([-1, -1, -1, -1]), rows)
    array([0, 0, 2, 2])
    """
    known = np.full(len(households), NONE) if areas is None else areas
    is_inhabited = (households > 0) | (known != NONE)
    if not is_inhabited.any():
        return np.zeros(len(households), dtype=np.int64)
    inhabited = np.flatnonzero(is_inhabited)
    labels = _join_small_areas(
        households[inhabited], courtyards[inhabited], centroids[inhabited].astype(float), known[inhabited]
    )
    _, nearest = cKDTree(centroids[inhabited]).query(centroids)
    positions = np.where(is_inhabited, np.cumsum(is_inhabited) - 1, nearest)
    return _first_positions(labels[positions])


def _join_small_areas(households: IntArray, courtyards: IntArray, middles: FloatArray, areas: IntArray) -> IntArray:
    """Join areas of inhabited buildings, the smallest first; `middles` are moved to the middles of the areas."""
    labels = _first_positions(areas)
    sizes = np.bincount(labels, households, len(labels)).astype(np.float64)
    open_areas = np.isin(np.arange(len(labels)), labels)
    while (smallest := _smallest_area(sizes, open_areas)) != NONE:
        nearest = _nearest_area(smallest, courtyards, middles, open_areas)
        labels[labels == smallest] = nearest
        own, other = _weights(sizes, nearest, smallest)
        middles[nearest] = (middles[nearest] * own + middles[smallest] * other) / (own + other)
        sizes[nearest] += sizes[smallest]
        open_areas[smallest] = False
    return labels


def _first_positions(areas: IntArray) -> IntArray:
    """Return the position of the first building of each area; a building without an area is its own."""
    positions = np.arange(len(areas))
    _, first, inverse = np.unique(areas, return_index=True, return_inverse=True)
    return np.where(areas == NONE, positions, first[inverse])


def _smallest_area(sizes: FloatArray, open_areas: BoolArray) -> int:
    """Return the smallest area, or `NONE` if all are large enough or only one is left."""
    if open_areas.sum() < 2:
        return NONE
    smallest = int(np.argmin(np.where(open_areas, sizes, np.inf)))
    return smallest if sizes[smallest] < MIN_HOUSEHOLDS else NONE


def _nearest_area(own: int, courtyards: IntArray, middles: FloatArray, open_areas: BoolArray) -> int:
    distances = np.hypot(*(middles - middles[own]).T)
    is_neighbour = (courtyards == courtyards[own]) & (courtyards != NONE)
    distances = np.where(is_neighbour, distances, distances + OTHER_COURTYARD_M)
    distances[~open_areas] = np.inf
    distances[own] = np.inf
    return int(np.argmin(distances))


def _weights(sizes: FloatArray, *areas: int) -> list[float]:
    """Return the weights of areas in their common middle; those without households count as one household."""
    return [max(float(sizes[area]), 1.0) for area in areas]
