"""A courtyard is estate and name within a community, and one place."""

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pytest
import shapely

from gridmap.core.courtyards import Courtyards, identify_courtyards


class House(NamedTuple):
    """A building of 10 m by 10 m, `x` metres to the east."""

    x: float
    courtyard: str | None = "1号院"
    estate: str | None = None
    community: int = 0


def identify(*houses: House) -> Courtyards:
    shapes = [shapely.box(house.x, 0, house.x + 10, 10) for house in houses]
    columns = {name: [getattr(house, name) for house in houses] for name in ("community", "courtyard", "estate")}
    return identify_courtyards(gpd.GeoDataFrame(columns, geometry=shapes))


def numbers(*houses: House) -> list[int]:
    return [int(number) for number in identify(*houses).of_building]


def test_buildings_of_one_name_are_one_courtyard() -> None:
    courtyards = identify(House(0), House(50), House(20, courtyard=None))
    assert (courtyards.of_building.tolist(), courtyards.names) == ([0, 0, -1], ("1号院",))


def test_one_name_in_two_estates_is_two_courtyards_with_their_estates() -> None:
    courtyards = identify(House(0, estate="东湖花园"), House(20, estate="西苑"))
    assert courtyards.of_building.tolist() == [0, 1]
    assert courtyards.names == ("东湖花园 · 1号院", "西苑 · 1号院")


def test_an_estate_is_shown_only_where_names_repeat() -> None:
    assert identify(House(0, estate="西苑"), House(20, "2号院", "西苑")).names == ("1号院", "2号院")


def test_estates_of_one_name_in_two_communities_are_two() -> None:
    courtyards = identify(House(0, estate="西苑"), House(20, estate="西苑", community=1))
    assert (courtyards.of_building.tolist(), courtyards.names) == ([0, 1], ("1号院", "1号院"))


@pytest.mark.parametrize(("gap", "expected"), [(200.0, [0, 0]), (200.1, [0, 1])])
@pytest.mark.parametrize("estate", [None, "西苑"])
def test_a_courtyard_has_no_gap_of_more_than_200_m(gap: float, expected: list[int], estate: str | None) -> None:
    assert numbers(House(0, estate=estate), House(10 + gap, estate=estate)) == expected


def test_buildings_between_two_others_join_them() -> None:
    assert numbers(House(0), House(400), House(200)) == [0, 0, 0]


def test_places_of_one_name_are_one_group() -> None:
    courtyards = identify(House(0, estate="西苑"), House(3000, estate="西苑"), House(0, estate="东湖花园"))
    assert courtyards.of_building.tolist() == [1, 2, 0]
    assert courtyards.group.tolist() == [0, 1, 1]


def test_a_building_without_an_estate_belongs_to_the_nearest_courtyard_of_its_name() -> None:
    courtyards = identify(House(0, estate="东湖花园"), House(100, estate="西苑"), House(80))
    assert courtyards.of_building.tolist() == [0, 1, 1]


@pytest.mark.parametrize(("x", "expected"), [(210.0, [0, 0]), (210.1, [1, 0])])
def test_a_building_without_an_estate_beyond_200_m_is_a_courtyard_of_its_own(x: float, expected: list[int]) -> None:
    assert numbers(House(0, estate="西苑"), House(x)) == expected


def test_spellings_of_names_and_estates_are_one() -> None:
    courtyards = identify(House(0, "1号院（东）", "西苑【一期】"), House(20, "１号院(东)", "西苑(一期)"))
    assert (courtyards.of_building.tolist(), courtyards.first_spellings) == ([0, 0], ("1号院（东）",))


def test_points_are_buildings_too() -> None:
    columns = {"community": [0, 0, 0], "courtyard": "1号院", "estate": None}
    buildings = gpd.GeoDataFrame(columns, geometry=shapely.points([[0, 0], [200, 0], [400.1, 0]]))
    assert identify_courtyards(buildings).of_building.tolist() == [0, 0, 1]


def test_a_town_without_courtyards_has_none() -> None:
    courtyards = identify(House(0, None), House(20, None, "西苑"))
    assert (len(courtyards), np.unique(courtyards.of_building).tolist()) == (0, [-1])
