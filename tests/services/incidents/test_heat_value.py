"""A rate per 100 households needs enough households."""

import pytest

from gridmap.services.incidents.heatmap import HeatValue


@pytest.mark.parametrize(("households", "rate"), [(49, None), (50, 14.0), (51, 700 / 51), (0, None)])
def test_a_rate_is_given_from_fifty_households_on(households: int, rate: float | None) -> None:
    assert HeatValue(7, 0, households).rate == rate
