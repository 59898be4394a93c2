"""Gaps in records: runs of days without any incident that are too long for chance."""

from collections.abc import Sequence

import numpy as np

from gridmap.core.array_types import BoolArray
from gridmap.core.incidents.rises import DaySpan

MAX_GAP_PROBABILITY = 0.01
"""A run of empty days is a gap if so long a run is rarer than this in all the days."""


def find_gaps(has_records: BoolArray) -> Sequence[DaySpan]:
    """Return the runs of days without records that chance does not explain.

    A small subdistrict has days without incidents. The probability of an empty day is estimated from the days outside
    the run, by Laplace's rule of succession. Days count, not incidents, so that one day with many does not make the
    others look empty.

    Parameters
    ----------
    has_records : (days,) array of bool
        Whether anything was recorded on each day; the first and the last day of records, and all between.

    Examples
    --------
    >>> find_gaps(np.array([True] * 30 + [False] * 6 + [True] * 30))
    [(30, 36)]
    >>> find_gaps(np.array([True, False, False] * 20))
    []
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[True], has_records, [True]]).astype(np.int8)))
    runs = edges.reshape(-1, 2)
    return [
        (int(first), int(end))
        for first, end in runs
        if _gap_probability(has_records, end - first) <= MAX_GAP_PROBABILITY
    ]


def _gap_probability(has_records: BoolArray, length: int) -> float:
    days, recorded = len(has_records), int(has_records.sum())
    empty_day = 1 - (recorded + 1) / (days - length + 2)
    return float(days * empty_day**length)
