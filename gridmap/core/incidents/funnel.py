"""Funnel of incidents per 100 households: what grids of their size have by chance alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from gridmap.core.array_types import FloatArray, IntArray
from gridmap.core.incidents.deviations import Deviation, classify_deviations, poisson_p_values

FUNNEL_LEVEL = 0.95
"""Share of grids with the common rate whose counts are within the limits."""


@dataclass(frozen=True)
class Funnel:
    """Counts of places, and what the common rate gives for their households.

    Parameters
    ----------
    rate : float
        Incidents per household of all places together.
    expected : (n,) array of float
        Rate times households.
    lower, upper : (n,) array of int
        Limits of 95 % of the counts of places with so many households, both included.
    deviations : sequence of Deviation
    """

    rate: float
    expected: FloatArray
    lower: IntArray
    upper: IntArray
    deviations: Sequence[Deviation]


def make_funnel(counts: IntArray, households: IntArray) -> Funnel:
    """Return the funnel of places.

    A rate of few households is far from the common one by chance: the limits of a count are those of a Poisson
    distribution with the expectation of its households, wide for small places and narrow for large ones.

    Parameters
    ----------
    counts : (n,) array of int
    households : (n,) array of int
        Above 0.

    References
    ----------
    D. J. Spiegelhalter (2005): Funnel plots for comparing institutional performance. Statistics in Medicine 24,
    1185-1202. doi:10.1002/sim.1970

    Examples
    --------
    >>> funnel = make_funnel(np.array([60, 4, 10, 11]), np.array([500, 60, 500, 500]))
    >>> [str(each) for each in funnel.deviations]
    ['far_above', 'within', 'far_below', 'far_below']
    """
    rate = float(counts.sum() / households.sum()) if len(counts) else 0.0
    if not rate:
        nothing = np.zeros(len(counts), dtype=np.int64)
        return Funnel(0.0, nothing.astype(float), nothing, nothing, [Deviation.WITHIN] * len(counts))
    expected: FloatArray = (rate * households).astype(np.float64)
    lower, upper = stats.poisson.interval(FUNNEL_LEVEL, expected)
    deviations = classify_deviations(poisson_p_values(counts, expected), counts - expected)
    return Funnel(rate, expected, lower.astype(np.int64), upper.astype(np.int64), deviations)
