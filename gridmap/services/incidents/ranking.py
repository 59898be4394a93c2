"""Ranking of grids by incidents: counts, rates and changes, with the chance in them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gridmap.core.incidents.count_classes import classify_counts
from gridmap.core.incidents.deviations import Deviation, binomial_p_values, classify_deviations
from gridmap.core.incidents.funnel import make_funnel
from gridmap.services.grids.in_force import GridInForce
from gridmap.services.incidents.heatmap import Heatmap, HeatValue

RateStanding = tuple[Deviation, tuple[int, int]]


@dataclass(frozen=True)
class RatedValue:
    """A value of a map with its classes.

    Parameters
    ----------
    value : HeatValue
    count_class : int
        0 for none; higher for more.
    rate_deviation : Deviation or None
        From the count that the rate of all places gives for the households; None where there is no rate.
    limits : tuple of int, or None
        Smallest and largest count within chance of the rate of all places, for 95 % of places with so many households.
    change_deviation : Deviation or None
        From the period before; None where nothing is compared.
    """

    value: HeatValue
    count_class: int
    rate_deviation: Deviation | None = None
    limits: tuple[int, int] | None = None
    change_deviation: Deviation | None = None


@dataclass(frozen=True)
class RankedGrid:
    """A grid in force with its rated value."""

    grid: GridInForce
    rated: RatedValue


@dataclass(frozen=True)
class Ranking:
    """Grids by incidents, those with the most first.

    Parameters
    ----------
    rows : sequence of RankedGrid
    average_rate : float or None
        Incidents per 100 households of the grids that have a rate; None without such grids.
    """

    rows: Sequence[RankedGrid]
    average_rate: float | None


def rank_grids(heatmap: Heatmap) -> Ranking:
    """Return the grids of a heatmap with the classes of their counts, rates and changes."""
    values = [each.value for each in heatmap.grids]
    rated = rate_values(values)
    rows = [RankedGrid(each.grid, value) for each, value in zip(heatmap.grids, rated, strict=True)]
    with_rate = [value for value in values if value.rate is not None]
    households = sum(value.households for value in with_rate)
    return Ranking(rows, 100 * sum(value.count for value in with_rate) / households if households else None)


def rate_values(values: Sequence[HeatValue]) -> Sequence[RatedValue]:
    """Return values of places with their classes; each is compared with all of them together.

    Examples
    --------
    >>> rated = rate_values([HeatValue(60, 20, 400), HeatValue(9, 9, 400), HeatValue(2, None, 20)])
    >>> [(each.rate_deviation and str(each.rate_deviation), each.limits) for each in rated]
    [('far_above', (23, 46)), ('far_below', (23, 46)), (None, None)]
    """
    counts = np.array([value.count for value in values], dtype=np.int64)
    rates, changes = _rate_deviations(values), _change_deviations(values)
    classes = classify_counts(counts).tolist()
    standings = [rates.get(index, (None, None)) for index in range(len(values))]
    return [
        RatedValue(value, classes[index], deviation, limits, changes.get(index))
        for index, (value, (deviation, limits)) in enumerate(zip(values, standings, strict=True))
    ]


def _rate_deviations(values: Sequence[HeatValue]) -> dict[int, RateStanding]:
    indices = [index for index, value in enumerate(values) if value.rate is not None]
    counts = np.array([values[index].count for index in indices], dtype=np.int64)
    funnel = make_funnel(counts, np.array([values[index].households for index in indices], dtype=np.int64))
    limits = zip(funnel.lower.tolist(), funnel.upper.tolist(), strict=True)
    return dict(zip(indices, zip(funnel.deviations, limits, strict=True), strict=True))


def _change_deviations(values: Sequence[HeatValue]) -> dict[int, Deviation]:
    pairs = [(index, value.count, value.previous) for index, value in enumerate(values) if value.previous is not None]
    if not pairs:
        return {}
    indices, current, previous = (np.array(column, dtype=np.int64) for column in zip(*pairs, strict=True))
    deviations = classify_deviations(binomial_p_values(current, previous), (current - previous).astype(np.float64))
    return dict(zip(indices.tolist(), deviations, strict=True))
