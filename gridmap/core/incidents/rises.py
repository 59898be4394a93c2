"""Rises of daily counts: spans of days with more incidents than as many days before, beyond chance."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gridmap.core.array_types import BoolArray, FloatArray, IntArray
from gridmap.core.incidents.deviations import binomial_p_values

FALSE_ALARM_RATE = 0.05
"""Largest probability of naming a place where nothing has changed."""
MIN_OBSERVED_SHARE = 6 / 7
"""Smallest share of days with records in a span that is compared: a week may lack one day."""

DaySpan = tuple[int, int]
"""Position of the first day, and of the day after the last one."""


@dataclass(frozen=True)
class Rise:
    """A rise of one place.

    Parameters
    ----------
    place : int
        Row of the counts.
    span : DaySpan
        Days that have more than as many before them.
    current, previous : int
        Incidents of both.
    p_value : float
        Corrected for the spans and places that were searched.
    """

    place: int
    span: DaySpan
    current: int
    previous: int
    p_value: float


def find_rises(daily: IntArray, is_observed: BoolArray, families: Sequence[Sequence[DaySpan]]) -> Sequence[Rise]:
    """Return the clearest rise of each place that has one, the clearest place first.

    Each place gets an equal part of the probability of a false alarm, each family of spans an equal part of that of
    its place, and each span one of that of its family (Bonferroni): a rise is shown in a sentence that names the place,
    so that not one in twenty searches may name one where there is nothing. Overlapping spans rise together, so that
    the search errs on the side of silence.

    Parameters
    ----------
    daily : (places, days) array of int
    is_observed : (days,) array of bool
        False for days without records: they count neither as many nor as few.
    families : sequence of sequences of DaySpan
        Spans to compare with as many days before them; those that the days do not cover are left out.

    Examples
    --------
    >>> quiet, burst = [1] * 40, [1] * 25 + [4] * 10 + [1] * 5
    >>> spans = [(first, first + 10) for first in range(10, 31)]
    >>> [(rise.place, rise.span) for rise in find_rises(np.array([quiet, burst]), np.full(40, True), [spans])]
    [(1, (25, 35))]
    """
    comparable = [[span for span in family if _is_comparable(is_observed, span)] for family in families]
    used = [family for family in comparable if family]
    searched = [(span, len(used) * len(family)) for family in used for span in family]
    if not searched or not len(daily):
        return []
    spans = np.array([span for span, _ in searched])
    current, previous = _span_sums(daily, spans)
    share = _observed_share(is_observed, spans)
    is_more, p_values = current * (1 - share) > previous * share, np.ones(current.shape)
    shares = np.broadcast_to(share, current.shape)[is_more]
    p_values[is_more] = binomial_p_values(current[is_more], previous[is_more], shares)
    p_values *= np.array([factor for _, factor in searched])
    return _clearest_rises(np.minimum(1.0, p_values), (current, previous), spans)


def slide_spans(first: int, end: int, length: int) -> Sequence[DaySpan]:
    """Return all spans of a length between two days.

    >>> slide_spans(0, 5, 3)
    [(0, 3), (1, 4), (2, 5)]
    """
    return [(start, start + length) for start in range(first, end - length + 1)]


def _is_comparable(is_observed: BoolArray, span: DaySpan) -> bool:
    first, end = span
    before = 2 * first - end
    if before < 0 or end > len(is_observed):
        return False
    return all(days.mean() >= MIN_OBSERVED_SHARE for days in (is_observed[before:first], is_observed[first:end]))


def _span_sums(daily: IntArray, spans: IntArray) -> tuple[IntArray, IntArray]:
    """Return the counts of each place in each span, and in as many days before it."""
    sums = np.concatenate([np.zeros((len(daily), 1), dtype=np.int64), daily.cumsum(axis=1)], axis=1)
    first, end = spans.T
    return sums[:, end] - sums[:, first], sums[:, first] - sums[:, 2 * first - end]


def _observed_share(is_observed: BoolArray, spans: IntArray) -> FloatArray:
    current, previous = _span_sums(is_observed.astype(np.int64)[None, :], spans)
    share: FloatArray = current[0] / (current[0] + previous[0])
    return share


def _clearest_rises(p_values: FloatArray, counts: tuple[IntArray, IntArray], spans: IntArray) -> Sequence[Rise]:
    best = p_values.argmin(axis=1)
    adjusted = np.minimum(1.0, len(p_values) * p_values.min(axis=1))
    places = [place for place in np.argsort(adjusted, kind="stable") if adjusted[place] <= FALSE_ALARM_RATE]
    current, previous = counts
    return [
        Rise(
            place=int(place),
            span=(int(spans[best[place], 0]), int(spans[best[place], 1])),
            current=int(current[place, best[place]]),
            previous=int(previous[place, best[place]]),
            p_value=float(adjusted[place]),
        )
        for place in places
    ]
