"""Classes of counts for a map: counts in one class are alike, as far as the number of colours allows."""

from bisect import bisect_left
from collections.abc import Sequence

import numpy as np

from gridmap.core.array_types import FloatArray, IntArray

MAX_CLASSES = 7
"""Readers cannot distinguish more shades of one colour (Brewer's sequential schemes are recommended up to seven)."""
CHANCE_WIDTH = 1.386
"""Difference of the roots of two Poisson counts beyond which they differ at 5 %: 1.96 times the root of two, halved."""


def classify_counts(counts: IntArray) -> IntArray:
    """Return the class of each count: 0 for none, then from 1 on for more and more.

    Limits lie at equal distances on the scale of square roots, on which the chance in Poisson counts is the same
    everywhere: 56 and 83 are as far apart as 114 and 151. Counts in one class differ by no more than chance explains;
    only where seven classes are too few are they wider, all by the same.

    Parameters
    ----------
    counts : (n,) array of int

    References
    ----------
    M. S. Bartlett (1936): The square root transformation in analysis of variance. Supplement to the Journal of the
    Royal Statistical Society 3, 68-78. doi:10.2307/2983678

    Examples
    --------
    >>> classify_counts(np.array([56, 66, 83, 114, 165, 0])).tolist()
    [1, 1, 2, 3, 4, 0]
    """
    values = np.unique(counts[counts > 0])
    if not len(values):
        return np.zeros(len(counts), dtype=np.int64)
    roots = np.sqrt(values.astype(float))
    starts = _class_starts(roots, _class_width(roots))
    return np.where(counts > 0, np.searchsorted(starts, np.sqrt(np.maximum(counts, 0)), side="right"), 0)


def _class_width(roots: FloatArray) -> float:
    """Return the smallest width, not below that of chance, with which the classes are few enough."""
    width = CHANCE_WIDTH
    if len(_class_starts(roots, width)) <= MAX_CLASSES:
        return width
    widths = (
        np.unique(roots[:, None] - roots[None, :]) if len(roots) <= 400 else np.geomspace(width, np.ptp(roots), 400)
    )
    candidates = widths[widths > width]
    first = bisect_left(candidates, True, key=lambda each: len(_class_starts(roots, each)) <= MAX_CLASSES)
    return float(candidates[first])


def _class_starts(roots: FloatArray, width: float) -> Sequence[float]:
    """Return the least root of each class; a class ends before the first root that is farther away than the width."""
    starts = [roots[0]]
    while (following := np.searchsorted(roots, starts[-1] + width, side="right")) < len(roots):
        starts.append(roots[following])
    return starts
