"""Repartition with a radius: a grid in range that is too wide changes, others stay, and the radius comes first."""

import numpy as np
import pytest

from gridmap.core.land.build import build_land
from gridmap.core.partition.partition import PartitionSettings
from gridmap.core.plans.profile import Profile
from gridmap.core.repartition.alternatives import find_alternatives
from gridmap.core.repartition.repartition import RepartitionSettings
from gridmap.core.repartition.town_search import TownSearch
from tests.core.repartition.test_town import buildings_by_code, present_of, repartition
from tests.fixtures.ascii_towns import town

ROW = town("ABCDEF", gap=0, households=dict.fromkeys("ABCDEF", 100))
"""Squares of 20 m: the homes at the ends of ABCD are 30 m from its centre."""


def within(radius_m: float, minimum: int = 200, max_moved: int | None = None) -> RepartitionSettings:
    profile = Profile(minimum, 400, max_radius_m=radius_m)
    return RepartitionSettings(PartitionSettings(profile), max_moved=max_moved)


@pytest.mark.parametrize(
    ("radius_m", "grids"),
    [(0.0, ["ABCD", "EF"]), (30.2, ["ABCD", "EF"]), (30.0, ["ABC", "DEF"]), (19.9, ["AB", "CD", "EF"])],
)
def test_a_grid_in_range_that_is_too_wide_changes_with_few_moves(radius_m: float, grids: list[str]) -> None:
    found = repartition(ROW, within(radius_m), X="ABCD", Y="EF")
    assert sorted(buildings_by_code(ROW, build_land(ROW), found).values()) == grids
    assert (found.figures.out_of_range, found.far_homes) == (0, 0)


def test_the_radius_comes_before_the_range_and_the_reason_says_so() -> None:
    found = repartition(ROW, within(19.9, minimum=300), X="ABC", Y="DEF")
    assert (found.far_homes, found.figures.out_of_range > 0) == (0, True)
    reasons = [str(reason) for reason in found.plan.reason if reason]
    assert reasons
    assert all("m of a building here" in reason or "m of their centres" in reason for reason in reasons)


def test_a_locked_grid_stays_though_it_is_too_wide() -> None:
    found = repartition(ROW, within(19.9), locked="X", X="ABCD", Y="EF")
    assert buildings_by_code(ROW, build_land(ROW), found) == {"X": "ABCD", "Y": "EF"}


def test_a_limit_of_moves_is_kept_before_the_radius() -> None:
    found = repartition(ROW, within(19.9, max_moved=0), X="ABCD", Y="EF")
    assert (found.figures.moved, found.far_homes) == (0, 2)


def test_no_alternative_is_wider_than_the_first_plan() -> None:
    land, settings = build_land(ROW), within(19.9)
    present = present_of(ROW, land, X="ABCD", Y="EF")
    search = TownSearch(ROW, land, present, settings.partition)
    plans = find_alternatives(search, settings.search(), 4)
    assert {plan.far_homes for plan in plans} == {0}
    assert np.all([plan.figures.out_of_range == 0 for plan in plans])


TWO_ROWS = town("ABCDEFGHIJKL", gap=0, households=dict.fromkeys("ABCDEFGHIJKL", 100))
"""ABCD and GHIJ are too wide for 30 m; each is narrowed by one building that moves."""


@pytest.mark.parametrize(
    ("max_moved", "moved", "far_homes"), [(99, 0, 4), (100, 100, 2), (199, 100, 2), (200, 200, 0), (None, 200, 0)]
)
def test_moves_that_are_allowed_are_spent_on_grids_that_are_too_wide(
    max_moved: int | None, moved: int, far_homes: int
) -> None:
    found = repartition(TWO_ROWS, within(30.0, max_moved=max_moved), X="ABCD", Y="EF", Z="GHIJ", W="KL")
    assert (found.figures.moved, found.far_homes) == (moved, far_homes)
