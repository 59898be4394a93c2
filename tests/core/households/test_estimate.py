"""Estimates of households: exact small cases, preserved totals, unchanged counts."""

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gridmap.core.errors import InvalidInput
from gridmap.core.households.estimate import Estimate, combine_deviations, estimate_households, sum_household_ranges
from gridmap.core.land.town import Town, add_household_ranges
from gridmap.demo.layers import assemble_town
from gridmap.services.files.estimate import read_assumptions

ASSUMPTIONS = read_assumptions().with_overrides({})
NO_FEATURES: dict[str, list[object]] = {"kind": [], "name": [], "geometry": []}


def town_of_squares(*buildings: tuple[float, float, str | None], households: float = np.nan) -> Town:
    """Return a town of rectangles, each given by its area, levels and use."""
    columns: dict[str, list[Any]] = {
        "building_id": [f"B{number}" for number in range(len(buildings))],
        "households": [0] * len(buildings),
        "community": [0] * len(buildings),
        "levels": [levels for _, levels, _ in buildings],
        "use": [use for _, _, use in buildings],
        "geometry": [shapely.box(0, 0, area, 1) for area, _, _ in buildings],
    }
    communities = {"code": ["A"], "name": ["A"], "geometry": [shapely.box(-1, -1, 30_000, 2)]}
    squares = assemble_town(
        "squares",
        communities=communities,
        buildings=columns,
        streets=NO_FEATURES,
        barriers=NO_FEATURES,
        dedicated=NO_FEATURES,
    )
    buildings = add_household_ranges(squares.buildings.assign(households=households))
    return replace(squares, buildings=buildings)


def estimated_households(estimate: Estimate) -> list[int]:
    return list(estimate.town.buildings["households"])


def test_a_slab_block_has_its_floor_area_over_the_gross_area_of_a_household() -> None:
    assert estimated_households(estimate_households(town_of_squares((600, 6, "住宅")), ASSUMPTIONS)) == [36]


def test_a_house_has_at_least_one_household() -> None:
    assert estimated_households(
        estimate_households(town_of_squares((80, 1, "house"), (300, 2, "house")), ASSUMPTIONS)
    ) == [1, 2]


@pytest.mark.parametrize("use", ["Garage", "小学", "Commercial et services", "工厂", "Annexe", "农贸市场", "retail"])
def test_a_building_that_is_not_residential_has_no_households(use: str) -> None:
    assert estimated_households(estimate_households(town_of_squares((600, 6, use)), ASSUMPTIONS)) == [0]


@pytest.mark.parametrize(
    "use", ["Résidentiel", "public housing", "居民楼", "职工宿舍", "farmhouse", "yes", "Apartments"]
)
def test_a_building_with_a_residential_use_has_households(use: str) -> None:
    assert estimated_households(estimate_households(town_of_squares((600, 6, use)), ASSUMPTIONS))[0] > 0


def test_the_end_of_a_name_decides_the_kind_of_a_building() -> None:
    named = town_of_squares((600, 6, None), (600, 6, None))
    buildings = named.buildings.assign(name=["同德购物中心", "School Road 3"])
    assert estimated_households(estimate_households(replace(named, buildings=buildings), ASSUMPTIONS)) == [0, 36]


def test_a_low_and_wide_building_with_unknown_use_is_a_hall() -> None:
    assert estimated_households(
        estimate_households(town_of_squares((900, 2, None), (900, 2, "residential")), ASSUMPTIONS)
    ) == [0, 7]


def test_unknown_levels_are_those_of_the_kind_and_widen_the_range() -> None:
    known, unknown = (
        estimate_households(town_of_squares((600, levels, "apartments")), ASSUMPTIONS) for levels in (9, np.nan)
    )
    assert estimated_households(known) == estimated_households(unknown)
    assert unknown.town.buildings["households_high"][0] > known.town.buildings["households_high"][0]


def test_assumed_levels_widen_the_range_of_buildings_with_unknown_levels_only() -> None:
    stated = read_assumptions().with_overrides({}, levels=6)
    estimate = estimate_households(town_of_squares((600, 6, "apartments"), (600, 0, "apartments")), stated)
    assert list(estimate.levels_assumed) == [False, True]
    assert estimate.town.buildings["households_high"].diff()[1] > 10


def test_stated_levels_and_gross_area_are_used() -> None:
    stated = read_assumptions().with_overrides({"apartments": 50}, levels=4)
    assert estimated_households(estimate_households(town_of_squares((600, np.nan, "apartments")), stated)) == [48]


def test_a_count_is_never_replaced() -> None:
    partly_counted = town_of_squares((600, 6, None), (600, 6, None), (600, 6, "school"))
    buildings = add_household_ranges(partly_counted.buildings.assign(households=[7.0, np.nan, 3.0]))
    estimate = estimate_households(replace(partly_counted, buildings=buildings), ASSUMPTIONS)
    assert estimated_households(estimate) == [7, 36, 3]
    assert list(estimate.town.buildings["households_estimated"]) == [False, True, False]
    assert list(estimate.town.buildings["households_low"])[::2] == [7, 3]


def test_a_second_estimate_changes_nothing() -> None:
    once = estimate_households(town_of_squares((600, 6, None), (80, 1, "house")), ASSUMPTIONS).town
    again = estimate_households(once, ASSUMPTIONS)
    assert not again.newly_estimated.any()
    assert again.town.buildings.equals(once.buildings)


@given(st.lists(st.tuples(st.floats(30, 2000), st.floats(3, 30)), min_size=1, max_size=40))
def test_rounding_keeps_the_total_and_every_range_contains_its_estimate(sizes: list[tuple[float, float]]) -> None:
    buildings = estimate_households(
        town_of_squares(*((area, levels, "apartments") for area, levels in sizes)), ASSUMPTIONS
    ).town.buildings
    exact = sum(max(area * levels / 100, 1) for area, levels in sizes)
    assert abs(buildings["households"].sum() - exact) <= 0.5 + 1e-6
    assert (buildings["households_low"] <= buildings["households"]).all()
    assert (buildings["households"] <= buildings["households_high"]).all()


def test_the_deviation_of_a_sum_lies_between_independent_and_equal_errors() -> None:
    deviation = combine_deviations(np.ones(100), np.zeros(100, dtype=np.int64), 1)[0]
    assert np.sqrt(100) < deviation < 100


def test_counted_households_have_no_range() -> None:
    counted = np.array([3.0, 4.0])
    low, high = sum_household_ranges((counted, counted, counted), np.array([0, 0]), 1)
    assert (low.tolist(), high.tolist()) == ([7], [7])


def test_points_without_a_stated_footprint_are_refused_and_with_one_estimated() -> None:
    points = town_of_squares((600, 10, None))
    points = replace(points, buildings=gpd.GeoDataFrame(points.buildings.set_geometry(points.buildings.centroid)))
    with pytest.raises(InvalidInput, match="points"):
        estimate_households(points, ASSUMPTIONS)
    assert estimated_households(
        estimate_households(points, read_assumptions().with_overrides({}, footprint_m2=500))
    ) == [50]


def test_a_footprint_without_area_is_refused_with_its_row() -> None:
    with pytest.raises(InvalidInput) as error:
        estimate_households(town_of_squares((600, 6, None), (0.2, 6, None)), ASSUMPTIONS)
    assert [(fault.row, fault.id) for fault in error.value.faults] == [(2, "B1")]


def test_implausibly_many_households_are_refused() -> None:
    with pytest.raises(InvalidInput, match="implausibly many households for one building"):
        estimate_households(town_of_squares((25_000, 100, "住宅")), ASSUMPTIONS)


@pytest.mark.parametrize(
    ("areas", "footprint", "levels"),
    [
        ({"hut": 50.0}, None, None),
        ({"annex": 50.0}, None, None),
        ({"house": 0.0}, None, None),
        ({"house": float("nan")}, None, None),
        ({}, -1.0, None),
        ({}, None, float("inf")),
    ],
)
def test_assumptions_out_of_range_are_refused(
    areas: dict[str, float], footprint: float | None, levels: float | None
) -> None:
    with pytest.raises(InvalidInput):
        read_assumptions().with_overrides(areas, footprint, levels)
