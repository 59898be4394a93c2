"""Counts beyond chance: literal values of tables and of scipy, on both sides of each limit."""

import numpy as np
import pytest
from scipy import stats

from gridmap.core.incidents.deviations import Deviation, binomial_p_values, classify_deviations, poisson_p_values
from gridmap.core.incidents.funnel import make_funnel


@pytest.mark.parametrize(("count", "lower", "upper"), [(0, 0.0, 3.689), (5, 1.623, 11.668), (30, 20.241, 42.827)])
def test_a_count_is_at_the_limit_where_the_table_of_exact_intervals_says(
    count: int, lower: float, upper: float
) -> None:
    """Compare with the 95 % limits for Poisson counts in Breslow and Day, Statistical Methods in Cancer Research II."""
    assert poisson_p_values(np.array([count]), np.array([upper * 0.999]))[0] > 0.05
    assert poisson_p_values(np.array([count]), np.array([upper * 1.001]))[0] < 0.05
    if lower:
        assert poisson_p_values(np.array([count]), np.array([lower * 1.001]))[0] > 0.05
        assert poisson_p_values(np.array([count]), np.array([lower * 0.999]))[0] < 0.05


@pytest.mark.parametrize(
    ("current", "previous", "p_value"),
    [(15, 5, 0.04139), (14, 6, 0.11532), (5, 15, 0.04139), (6, 0, 0.03125), (0, 0, 1)],
)
def test_a_change_is_tested_as_a_coin_is(current: int, previous: int, p_value: float) -> None:
    assert binomial_p_values(np.array([current]), np.array([previous]))[0] == pytest.approx(p_value, abs=1e-5)
    if current + previous:
        assert stats.binomtest(current, current + previous).pvalue == pytest.approx(p_value, abs=1e-5)


def test_a_period_with_fewer_observed_days_is_expected_to_have_fewer_incidents() -> None:
    assert binomial_p_values(np.array([20]), np.array([30]), 0.4)[0] == 1.0
    assert binomial_p_values(np.array([20]), np.array([30]), 0.6)[0] < 0.01


@pytest.mark.parametrize(
    ("p_value", "deviation"),
    [(0.0502, "within"), (0.0499, "above"), (0.00101, "above"), (0.00099, "far_above")],
)
def test_the_limits_of_a_single_place(p_value: float, deviation: str) -> None:
    assert classify_deviations(np.array([p_value]), np.array([1.0])) == [Deviation(deviation)]


@pytest.mark.parametrize(("second", "found"), [(0.0249, 2), (0.0251, 0)])
def test_places_are_corrected_for_their_number(second: float, found: int) -> None:
    """Hold the second smallest of four p-values against 2/4 of 5 %, as Benjamini and Hochberg do."""
    deviations = classify_deviations(np.array([0.013, second, 0.6, 0.9]), np.ones(4))
    assert [each.is_above for each in deviations].count(True) == found


def test_fewer_are_not_called_many() -> None:
    deviations = classify_deviations(np.array([0.0001, 0.01, 0.9]), np.array([-1.0, -1.0, 1.0]))
    assert deviations == ["far_below", "below", "within"]


@pytest.mark.parametrize("none", [[], [0, 0]])
def test_without_incidents_nothing_deviates(none: list[int]) -> None:
    counts = np.array(none, dtype=np.int64)
    assert make_funnel(counts, counts + 100).deviations == ["within"] * len(none)


def test_a_small_grid_with_the_highest_rate_is_within_chance() -> None:
    """Four incidents of 60 households are 6.7 per 100, three times the common rate."""
    counts, households = np.array([4, 9, 12, 10, 8, 11, 9, 10]), np.array([60, *[400] * 7])
    funnel = make_funnel(counts, households)
    assert set(funnel.deviations) == {Deviation.WITHIN}
    assert (100 * counts / households).argmax() == 0
    assert funnel.rate == pytest.approx(73 / 2860)
    assert (funnel.lower[0], funnel.upper[0], funnel.lower[1], funnel.upper[1]) == (0, 4, 4, 17)


@pytest.mark.parametrize(("count", "deviation"), [(22, "within"), (23, "above")])
def test_a_grid_is_many_beyond_its_funnel(count: int, deviation: str) -> None:
    counts, households = np.array([count, *[10] * 9]), np.full(10, 400)
    assert make_funnel(counts, households).deviations[0] == deviation
