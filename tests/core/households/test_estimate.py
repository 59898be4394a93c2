"""Households that nobody counted: exact small cases, totals kept, counts never replaced."""

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
    """A town of squares, each told by its area, its levels and its use."""
    columns: dict[str, list[Any]] = {
        "building_id": [f"B{number}" for number in range(len(buildings))],
        "households": [0] * len(buildings),
        "community": [0] * len(buildings),
        "levels": [levels for _, levels, _ in buildings],
        "use": [use for _, _, use in buildings],
        "geometry": [shapely.box(0, 0, area, 1) for area, _, _ in buildings],
    }
    land = {"code": ["A"], "name": ["A"], "geometry": [shapely.box(-1, -1, 30_000, 2)]}
    made = assemble_town(
        "squares", communities=land, buildings=columns, streets=NO_FEATURES, barriers=NO_FEATURES, dedicated=NO_FEATURES
    )
    return replace(made, buildings=add_household_ranges(made.buildings.assign(households=households)))


def estimated_households(estimation: Estimate) -> list[int]:
    return list(estimation.town.buildings["households"])


def test_a_slab_holds_its_floor_area_over_the_gross_area_of_a_household() -> None:
    assert estimated_households(estimate_households(town_of_squares((600, 6, "住宅")), ASSUMPTIONS)) == [36]


def test_a_house_holds_one_household_at_least() -> None:
    assert estimated_households(
        estimate_households(town_of_squares((80, 1, "house"), (300, 2, "house")), ASSUMPTIONS)
    ) == [1, 2]


@pytest.mark.parametrize("use", ["Garage", "小学", "Commercial et services", "工厂", "Annexe", "农贸市场", "retail"])
def test_nobody_is_taken_to_live_where_people_do_not_live(use: str) -> None:
    assert estimated_households(estimate_households(town_of_squares((600, 6, use)), ASSUMPTIONS)) == [0]


@pytest.mark.parametrize(
    "use", ["Résidentiel", "public housing", "居民楼", "职工宿舍", "farmhouse", "yes", "Apartments"]
)
def test_words_that_mean_homes_are_not_mistaken(use: str) -> None:
    assert estimated_households(estimate_households(town_of_squares((600, 6, use)), ASSUMPTIONS))[0] > 0


def test_a_name_tells_by_its_end_what_a_building_is() -> None:
    named = town_of_squares((600, 6, None), (600, 6, None))
    buildings = named.buildings.assign(name=["同德购物中心", "School Road 3"])
    assert estimated_households(estimate_households(replace(named, buildings=buildings), ASSUMPTIONS)) == [0, 36]


def test_a_low_and_wide_building_of_unstated_use_is_a_hall() -> None:
    assert estimated_households(
        estimate_households(town_of_squares((900, 2, None), (900, 2, "residential")), ASSUMPTIONS)
    ) == [0, 7]


def test_unknown_levels_are_those_of_the_kind_and_widen_the_range() -> None:
    known, unknown = (
        estimate_households(town_of_squares((600, levels, "apartments")), ASSUMPTIONS) for levels in (9, np.nan)
    )
    assert estimated_households(known) == estimated_households(unknown)
    assert unknown.town.buildings["households_high"][0] > known.town.buildings["households_high"][0]


def test_stated_levels_widen_the_range_of_those_buildings_alone() -> None:
    stated = read_assumptions().with_overrides({}, levels=6)
    made = estimate_households(town_of_squares((600, 6, "apartments"), (600, 0, "apartments")), stated)
    assert list(made.levels_assumed) == [False, True]
    assert made.town.buildings["households_high"].diff()[1] > 10


def test_stated_levels_and_gross_area_are_used() -> None:
    stated = read_assumptions().with_overrides({"apartments": 50}, levels=4)
    assert estimated_households(estimate_households(town_of_squares((600, np.nan, "apartments")), stated)) == [48]


def test_a_count_is_never_replaced() -> None:
    half = town_of_squares((600, 6, None), (600, 6, None), (600, 6, "school"))
    told = add_household_ranges(half.buildings.assign(households=[7.0, np.nan, 3.0]))
    made = estimate_households(replace(half, buildings=told), ASSUMPTIONS)
    assert estimated_households(made) == [7, 36, 3]
    assert list(made.town.buildings["households_estimated"]) == [False, True, False]
    assert list(made.town.buildings["households_low"])[::2] == [7, 3]


def test_an_estimate_again_changes_nothing() -> None:
    once = estimate_households(town_of_squares((600, 6, None), (80, 1, "house")), ASSUMPTIONS).town
    again = estimate_households(once, ASSUMPTIONS)
    assert not again.newly_estimated.any()
    assert again.town.buildings.equals(once.buildings)


@given(st.lists(st.tuples(st.floats(30, 2000), st.floats(3, 30)), min_size=1, max_size=40))
def test_rounding_keeps_the_total_and_every_range_holds_its_estimate(sizes: list[tuple[float, float]]) -> None:
    made = estimate_households(
        town_of_squares(*((area, levels, "apartments") for area, levels in sizes)), ASSUMPTIONS
    ).town.buildings
    exact = sum(max(area * levels / 100, 1) for area, levels in sizes)
    assert abs(made["households"].sum() - exact) <= 0.5 + 1e-6
    assert (made["households_low"] <= made["households"]).all()
    assert (made["households"] <= made["households_high"]).all()


def test_the_range_of_a_sum_is_narrower_than_the_sum_of_the_ranges_and_wider_than_chance() -> None:
    off = combine_deviations(np.ones(100), np.zeros(100, dtype=np.int64), 1)[0]
    assert np.sqrt(100) < off < 100


def test_what_was_counted_has_no_range() -> None:
    told = np.array([3.0, 4.0])
    low, high = sum_household_ranges((told, told, told), np.array([0, 0]), 1)
    assert (low.tolist(), high.tolist()) == ([7], [7])


def test_points_without_a_stated_footprint_are_refused_and_with_one_estimated() -> None:
    points = town_of_squares((600, 10, None))
    points = replace(points, buildings=gpd.GeoDataFrame(points.buildings.set_geometry(points.buildings.centroid)))
    with pytest.raises(InvalidInput, match="points"):
        estimate_households(points, ASSUMPTIONS)
    assert estimated_households(
        estimate_households(points, read_assumptions().with_overrides({}, footprint_m2=500))
    ) == [50]


def test_a_footprint_without_area_is_named() -> None:
    with pytest.raises(InvalidInput) as bad:
        estimate_households(town_of_squares((600, 6, None), (0.2, 6, None)), ASSUMPTIONS)
    assert [(fault.row, fault.id) for fault in bad.value.faults] == [(2, "B1")]


def test_a_building_beyond_all_measure_is_named() -> None:
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
def test_assumptions_that_cannot_be_are_refused(
    areas: dict[str, float], footprint: float | None, levels: float | None
) -> None:
    with pytest.raises(InvalidInput):
        read_assumptions().with_overrides(areas, footprint, levels)
