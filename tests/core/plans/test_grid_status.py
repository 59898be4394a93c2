"""Status of a grid against the norm, on both sides of each limit."""

import pytest

from gridmap.core.plans.grid_status import GRID_STATUS_NAMES, NAME_OF_STATUS, household_status
from gridmap.core.plans.norm import GridLoad, Norm, judge_grid
from gridmap.core.plans.profile import Profile
from gridmap.core.vocabulary import GridKind, GridStatus

BOUNDARIES = [(299, "under"), (300, "in_range"), (500, "in_range"), (501, "over")]


@pytest.mark.parametrize(("households", "status"), BOUNDARIES)
def test_both_limits_are_in_range(households: int, status: str) -> None:
    assert household_status(households, 300, 500) == status
    assert judge_grid(GridKind.HOUSEHOLD, GridLoad(households), Norm(300, 500)) == status
    assert Profile(300, 500).status(households) == status


@pytest.mark.parametrize("households", [0, 400, 9_000])
def test_the_norm_does_not_apply_to_dedicated_grids(households: int) -> None:
    assert judge_grid(GridKind.DEDICATED, GridLoad(households), Norm(300, 500)) == "dedicated"


def test_every_status_has_its_own_name() -> None:
    assert {status: status.value for status in GridStatus} == NAME_OF_STATUS
    assert (*NAME_OF_STATUS.values(), "dedicated", "no_counts") == GRID_STATUS_NAMES
