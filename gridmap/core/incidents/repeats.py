"""Incidents that a file has twice: of one minute and category, at one place or with one text."""

from typing import NamedTuple

import numpy as np
from scipy.spatial import cKDTree

from gridmap.core.array_types import BoolArray, FloatArray, IntArray

MAX_DISTANCE_M = 1.0
"""Distance up to which two places are one: a position of a phone is not exact, but a copied one is."""
MAX_NEIGHBOURS = 6


class IncidentKeys(NamedTuple):
    """Values by which incidents are compared, one entry for each; equal values have equal numbers.

    Parameters
    ----------
    minute, category, text : ndarray of int
        -1 where unknown: incidents without time or category are never compared.
    has_hour : ndarray of bool
        Whether the time is more than a day: all incidents of a day without hour have one minute.
    points : ndarray of float, shape (n, 2), metres
    """

    minute: IntArray
    category: IntArray
    text: IntArray
    has_hour: BoolArray
    points: FloatArray


class Repeats(NamedTuple):
    """Incidents that repeat an earlier one, by its position, -1 for none: at its place, or with its text."""

    by_place: IntArray
    by_text: IntArray


def find_repeats(incidents: IncidentKeys) -> Repeats:
    """Return for each incident an earlier one that is probably the same.

    Without an hour, both place and text have to be the same: a category may well occur twice at one place in a day.

    Parameters
    ----------
    incidents : IncidentKeys

    Examples
    --------
    >>> same = np.zeros(3, dtype=np.int64)
    >>> places = np.array([[0.0, 0.0], [50.0, 0.0], [0.5, 0.0]])
    >>> find_repeats(IncidentKeys(same, same, same - 1, same == 0, places)).by_place.tolist()
    [-1, -1, 0]
    """
    is_known = (incidents.minute >= 0) & (incidents.category >= 0)
    has_text = incidents.text >= 0
    event = _number(is_known, incidents.minute, incidents.category)
    text_event = _number(is_known & has_text, event, incidents.text)
    by_text = _find_first(np.where(incidents.has_hour, text_event, -1))
    at_place = np.where(incidents.has_hour, 2 * event, np.where(text_event >= 0, 2 * text_event + 1, -1))
    return Repeats(_find_near(np.where(is_known, at_place, -1), incidents.points), by_text)


def _number(is_used: BoolArray, *columns: IntArray) -> IntArray:
    """Return a number for each combination of values, -1 for rows that are not used."""
    numbers = np.full(len(is_used), -1, dtype=np.int64)
    rows = np.stack([column[is_used] for column in columns], axis=1)
    numbers[is_used] = np.unique(rows, axis=0, return_inverse=True)[1].reshape(-1)
    return numbers


def _find_first(group: IntArray) -> IntArray:
    """Return the first position of each group for its other members, -1 for all others."""
    _, first, member = np.unique(group, return_index=True, return_inverse=True)
    earlier = first[member.reshape(-1)]
    return np.where((group >= 0) & (earlier < np.arange(len(group))), earlier, -1)


def _find_near(group: IntArray, points: FloatArray) -> IntArray:
    """Return an earlier member of the same group within `MAX_DISTANCE_M` of each point, -1 for none."""
    x, y = (np.unique(points[:, axis], return_inverse=True)[1].reshape(-1) for axis in (0, 1))
    earlier = _find_first(_number(group >= 0, group, x, y))
    rows = np.flatnonzero((group >= 0) & (earlier < 0))
    if len(rows) < 2:
        return earlier
    apart = np.column_stack([points[rows], group[rows] * 10.0 * MAX_DISTANCE_M])
    limit = np.nextafter(MAX_DISTANCE_M, np.inf)
    _, near = cKDTree(apart).query(apart, k=min(MAX_NEIGHBOURS, len(rows)), distance_upper_bound=limit)
    first = near.min(axis=1)
    is_repeat = first < np.arange(len(rows))
    earlier[rows[is_repeat]] = rows[first[is_repeat]]
    return earlier
