"""Profiles: the range of households and the cost of borders."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.core.errors import InvalidInput
from gridmap.core.plans.profile import CostWeights, Profile
from gridmap.core.vocabulary import BorderKind


@pytest.mark.parametrize(
    ("households", "status"), [(299, "under"), (300, "in_range"), (500, "in_range"), (501, "over"), (0, "under")]
)
def test_the_range_includes_both_its_ends(households: int, status: str) -> None:
    assert Profile().status(households) == status


@pytest.mark.parametrize("sizes", [(0, 500, 0), (600, 500, 0), (300, 500, 299), (300, 500, 501), (300, 30_000, 0)])
def test_a_profile_out_of_order_is_refused(sizes: tuple[int, int, int]) -> None:
    with pytest.raises(InvalidInput, match="not in ascending order"):
        Profile(*sizes)


def test_the_target_is_the_middle_of_the_range_by_default() -> None:
    assert (Profile().target, Profile(80, 120).target, Profile(300, 500, 330).target) == (400, 100, 330)


@given(st.integers(0, 4000), st.integers(1, 400), st.integers(0, 300))
def test_households_are_partitionable_where_some_number_of_grids_fits(households: int, minimum: int, more: int) -> None:
    profile = Profile(minimum, minimum + more)
    counts = range(1, households + 1)
    assert profile.is_partitionable(households) == any(n * minimum <= households <= n * profile.maximum for n in counts)


def test_a_border_costs_most_between_buildings_and_least_where_nobody_can_cross() -> None:
    cost = CostWeights().border_cost(np.eye(len(BorderKind)))
    order = [BorderKind.RAIL, BorderKind.ARTERIAL, BorderKind.LOCAL, BorderKind.LANE, BorderKind.OPEN]
    assert sorted(order, key=lambda kind: cost[kind]) == order


def test_weights_are_reported_by_name() -> None:
    report = CostWeights().as_json()
    assert isinstance(report["along"], dict)
    assert report["along"]["arterial"] == 0.05


@pytest.mark.parametrize("maximum", [19_999, 20_000])
def test_a_grid_may_have_up_to_twenty_thousand_households(maximum: int) -> None:
    assert Profile(300, maximum).maximum == maximum


def test_a_grid_may_not_have_more_than_twenty_thousand_households() -> None:
    with pytest.raises(InvalidInput) as raised:
        Profile(300, 20_001)
    (fault,) = raised.value.faults
    assert fault.value == "300, 10150, 20001"
    assert str(fault.expected) == "1 <= minimum <= target <= maximum <= 20000"


def test_every_metre_of_border_costs_something_for_compactness() -> None:
    one_metre = np.eye(len(BorderKind))[[BorderKind.OPEN]]
    costs = [CostWeights(compactness=compactness).border_cost(one_metre)[0] for compactness in (0.0, 0.05)]
    assert costs == [1.0, pytest.approx(1.05)]
