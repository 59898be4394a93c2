"""Deviations of counts from an expectation, and whether chance explains them."""

from collections.abc import Sequence
from enum import StrEnum

import numpy as np
from scipy import stats

from gridmap.core.array_types import FloatArray, IntArray

FALSE_DISCOVERY_RATE, STRICT_FALSE_DISCOVERY_RATE = 0.05, 0.001
"""Largest share of places that may deviate by chance alone, among those called (far) above or below."""


class Deviation(StrEnum):
    """Deviation of a count from its expectation; `WITHIN` is what chance alone brings about."""

    FAR_BELOW = "far_below"
    BELOW = "below"
    WITHIN = "within"
    ABOVE = "above"
    FAR_ABOVE = "far_above"

    @property
    def is_above(self) -> bool:
        """Return whether there are more than chance explains."""
        return self in (Deviation.ABOVE, Deviation.FAR_ABOVE)


_BY_STEP = dict(zip(range(-2, 3), Deviation, strict=True))


def classify_deviations(p_values: FloatArray, differences: FloatArray) -> Sequence[Deviation]:
    """Return the deviation of each place, corrected for the number of places.

    With a limit of 5 % for each place, three of sixty grids would be called conspicuous where there is nothing. The
    procedure of Benjamini and Hochberg limits the share of such grids among all that are called so. It finds more than
    Bonferroni's correction, which excludes even one: a leader who looks at one grid in vain in twenty loses little.

    Parameters
    ----------
    p_values : (n,) array of float
        Two-sided.
    differences : (n,) array of float
        Count less expectation.

    References
    ----------
    Y. Benjamini, Y. Hochberg (1995): Controlling the false discovery rate. Journal of the Royal Statistical Society B
    57, 289-300. doi:10.1111/j.2517-6161.1995.tb02031.x

    Examples
    --------
    >>> [str(each) for each in classify_deviations(np.array([0.0001, 0.6, 0.02]), np.array([9.0, 1.0, -5.0]))]
    ['far_above', 'within', 'below']
    """
    if not len(p_values):
        return []
    adjusted = stats.false_discovery_control(p_values)
    steps = np.sign(differences) * np.select(
        [adjusted <= STRICT_FALSE_DISCOVERY_RATE, adjusted <= FALSE_DISCOVERY_RATE], [2, 1], 0
    )
    return [_BY_STEP[int(step)] for step in steps]


def poisson_p_values(counts: IntArray, expected: FloatArray) -> FloatArray:
    """Return two-sided p-values of counts with known expectations: twice the smaller tail.

    Parameters
    ----------
    counts : (n,) array of int
    expected : (n,) array of float
        Above 0.

    Examples
    --------
    >>> poisson_p_values(np.array([20, 10]), np.array([10.0, 10.0])).round(4).tolist()
    [0.0069, 1.0]
    """
    return _double_smaller_tail(stats.poisson.cdf(counts, expected), stats.poisson.sf(counts - 1, expected))


def binomial_p_values(current: IntArray, previous: IntArray, share: FloatArray | float = 0.5) -> FloatArray:
    """Return two-sided p-values of the change from one Poisson count to another: the exact conditional test.

    Given their sum, the current count of two with equal rates is binomial with its share of the observed days.

    Parameters
    ----------
    current, previous : arrays of int
        Of the same shape.
    share : array of float or float
        Share of the current period in the days of both.

    References
    ----------
    J. Przyborowski, H. Wilenski (1940): Homogeneity of results in testing samples from Poisson series. Biometrika 31,
    313-323. doi:10.1093/biomet/31.3-4.313

    Examples
    --------
    >>> binomial_p_values(np.array([15, 0]), np.array([5, 0])).round(4).tolist()
    [0.0414, 1.0]
    """
    total = current + previous
    return _double_smaller_tail(stats.binom.cdf(current, total, share), stats.binom.sf(current - 1, total, share))


def _double_smaller_tail(lower: FloatArray, upper: FloatArray) -> FloatArray:
    doubled: FloatArray = np.minimum(1.0, 2 * np.minimum(lower, upper))
    return doubled
