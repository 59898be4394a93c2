"""The norm: its numbers, and the status of a grid by households or persons."""

import pytest

from gridmap.core.errors import InvalidInput
from gridmap.core.plans.norm import DEFAULT_NORM, GridLoad, Norm, PersonRange, judge_grid
from gridmap.core.vocabulary import GridKind, HouseholdKind

BOTH = Norm(300, 500, persons=PersonRange(1000, 1500))


def judge(households: int | None, persons: int | None, norm: Norm = BOTH) -> str:
    return judge_grid(GridKind.HOUSEHOLD, GridLoad(households, persons), norm)


@pytest.mark.parametrize(
    ("households", "persons", "status"),
    [
        (299, 999, "under"),
        (299, 1000, "in_range"),
        (501, 1500, "in_range"),
        (501, 1501, "over"),
        (299, 1501, "under"),
        (501, 999, "over"),
        (300, 9999, "in_range"),
    ],
)
def test_a_grid_within_either_range_is_in_range_and_households_decide_otherwise(
    households: int, persons: int, status: str
) -> None:
    assert judge(households, persons) == status


def test_unknown_persons_leave_the_range_of_households() -> None:
    assert [judge(count, None) for count in (299, 300, 501)] == ["under", "in_range", "over"]


def test_persons_decide_where_households_are_not_counted() -> None:
    assert [judge(None, count) for count in (999, 1000, 1501, None)] == ["under", "in_range", "over", "no_counts"]


def test_persons_do_not_count_without_a_range_for_them() -> None:
    assert judge(299, 1200, Norm()) == "under"
    assert judge(None, 1200, Norm()) == "no_counts"


def test_the_default_is_300_to_500_households_living_there() -> None:
    values = DEFAULT_NORM.minimum, DEFAULT_NORM.maximum, DEFAULT_NORM.target, DEFAULT_NORM.household_kind
    assert values == (300, 500, 400, HouseholdKind.RESIDENT)
    assert DEFAULT_NORM.persons is None


@pytest.mark.parametrize("persons", [PersonRange(0, 10), PersonRange(11, 10), PersonRange(1, 100_001)])
def test_persons_out_of_order_are_refused(persons: PersonRange) -> None:
    with pytest.raises(InvalidInput):
        Norm(persons=persons)


def test_the_radius_of_a_norm_is_that_of_its_partitions() -> None:
    assert [norm.profile.max_radius_m for norm in (Norm(), Norm(max_radius_m=1000))] == [0, 1000]
    assert Norm(max_radius_m=100_000).max_radius_m == 100_000


@pytest.mark.parametrize("radius", [-1, 100_001])
def test_a_radius_that_cannot_be_is_refused(radius: int) -> None:
    with pytest.raises(InvalidInput):
        Norm(max_radius_m=radius)


@pytest.mark.parametrize("numbers", [(0, 10, 5), (11, 10, 10), (300, 500, 299), (300, 500, 501), (1, 20_001, 5)])
def test_households_out_of_order_are_refused(numbers: tuple[int, int, int]) -> None:
    with pytest.raises(InvalidInput):
        Norm(*numbers)
