"""Measures of grids have the values that follow from the pictures of the towns."""

from collections.abc import Hashable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from gridmap.core.land.build import build_land
from gridmap.core.land.town import add_household_ranges
from gridmap.core.partition.partition import PartitionSettings, partition_town
from gridmap.core.plans.measures import MEASURES, measure_grids
from gridmap.core.plans.plan import GridPlan
from gridmap.core.plans.profile import Profile
from gridmap.core.vocabulary import GridKind
from tests.fixtures.ascii_towns import town


def measure_town(picture: str, **households: int) -> dict[Hashable, list[Any]]:
    """Return the measures of the grids of a partitioned town."""
    ascii_town = town(picture, households=households)
    land = build_land(ascii_town)
    grids = measure_grids(ascii_town, land, partition_town(ascii_town, land, PartitionSettings()), Profile())
    return {column: grids.sort_values("grid_code")[column].tolist() for column in grids}


def test_columns_have_the_order_of_result_files() -> None:
    first, last = ["grid_code", "community_code", "kind"], ["status", "reason", "extent", "outline", "geometry"]
    assert list(measure_town("A")) == [*first, *(measure.key for measure in MEASURES), *last]


def test_households_and_buildings_are_counted() -> None:
    measures = measure_town("A0|B", A=300, B=300)
    assert measures["households"] == [300, 300]
    assert measures["buildings"] == [2, 1]


def test_a_square_is_measured() -> None:
    measures = measure_town("...\n.A.\n...")
    assert measures["area_m2"] == [pytest.approx(3600)]
    assert measures["perimeter_m"] == [pytest.approx(240)]
    assert measures["polsby_popper"] == [pytest.approx(np.pi / 4)]
    assert measures["radius_m"] == [pytest.approx(0, abs=0.01)]


def test_the_radius_is_the_distance_to_the_farthest_inhabited_building() -> None:
    assert measure_town("A....0")["radius_m"] == [pytest.approx(50, abs=0.01)]
    assert measure_town("0....0")["radius_m"] == [0]


@pytest.mark.parametrize(
    ("households", "status"), [(299, "under"), (300, "in_range"), (500, "in_range"), (501, "over")]
)
def test_the_status_follows_the_profile(households: int, status: str) -> None:
    assert measure_town("A", A=households)["status"] == [status]


def test_codes_are_numbered_within_each_community() -> None:
    ascii_town = town("A|B|C", communities="XXXYY", households=dict.fromkeys("ABC", 300))
    land = build_land(ascii_town)
    grids = measure_grids(ascii_town, land, partition_town(ascii_town, land, PartitionSettings()), Profile())
    assert sorted(grids["grid_code"]) == ["X-001", "X-002", "Y-001"]
    assert sorted(grids["community_code"]) == ["X", "X", "Y"]


def test_the_length_of_a_plan_is_its_number_of_grids() -> None:
    plan = GridPlan(np.array([0, 1, 1]), np.array([0, 0]), (GridKind.HOUSEHOLD,) * 2, (None, None))
    assert len(plan) == 2


def test_estimated_households_are_those_of_estimated_buildings_only() -> None:
    ascii_town = town("AB|C", households={"A": 100, "B": 250, "C": 320})
    buildings = ascii_town.buildings.assign(households_estimated=[False, True, False])
    estimated_town = replace(ascii_town, buildings=add_household_ranges(buildings))
    land = build_land(estimated_town)
    plan = partition_town(estimated_town, land, PartitionSettings())
    grids = measure_grids(estimated_town, land, plan, Profile()).set_index("households")
    assert grids["estimated_households"].to_dict() == {350: 250, 320: 0}


def test_the_table_of_grids_has_kinds_reasons_and_a_crs() -> None:
    measures = measure_town("A", A=100)
    assert measures["kind"] == ["household"]
    assert [str(reason) for reason in measures["reason"]] == ["the whole community has 100 households, fewer than 300"]
    ascii_town = town("A")
    land = build_land(ascii_town)
    plan = partition_town(ascii_town, land, PartitionSettings())
    assert measure_grids(ascii_town, land, plan, Profile()).crs == ascii_town.crs
