"""Statistical areas: at least 20 households, made of neighbours, never divided later."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gridmap.core.array_types import FloatArray, IntArray
from gridmap.core.privacy.statistical_areas import MIN_HOUSEHOLDS, group_buildings

NO_COURTYARD = -1


def in_a_row(*households: int, courtyards: list[int] | None = None, areas: list[int] | None = None) -> list[int]:
    """Group buildings that stand 10 m apart."""
    count = len(households)
    centroids = np.column_stack([10.0 * np.arange(count), np.zeros(count)])
    own = np.array(courtyards or [NO_COURTYARD] * count)
    known = None if areas is None else np.array(areas)
    return [int(each) for each in group_buildings(np.array(households), own, centroids, known)]


def test_a_building_of_20_households_is_an_area_by_itself() -> None:
    assert in_a_row(20, 300, 20) == [0, 1, 2]


def test_a_building_of_19_households_joins_the_nearest_one() -> None:
    assert in_a_row(19, 30, 40) == [0, 0, 2]


def test_buildings_join_their_own_courtyard_first() -> None:
    assert in_a_row(10, 30, 12, courtyards=[1, 2, 1]) == [0, 1, 0]


def test_buildings_without_a_courtyard_have_none_in_common() -> None:
    assert in_a_row(15, 25, 15, courtyards=[-1, 3, -1]) == [0, 0, 0]
    assert in_a_row(15, 25, 15, courtyards=[2, 3, 2]) == [0, 1, 0]


def test_the_smallest_building_joins_first() -> None:
    assert in_a_row(18, 3, 25) == [0, 0, 2]


def test_buildings_without_households_join_an_area() -> None:
    assert in_a_row(40, 0, 60) == [0, 0, 2]


def test_a_community_with_few_households_is_one_area() -> None:
    assert in_a_row(3, 4, 5) == [0, 0, 0]


def test_areas_that_exist_only_grow() -> None:
    assert in_a_row(15, 10, 30, 5, areas=[7, 7, 8, -1]) == [0, 0, 2, 2]


def test_a_new_building_of_20_households_is_a_new_area() -> None:
    assert in_a_row(25, 30, 22, areas=[7, 8, -1]) == [0, 1, 2]


def test_no_buildings_are_no_areas() -> None:
    assert group_buildings(np.zeros(0, int), np.zeros(0, int), np.zeros((0, 2))).tolist() == []


@st.composite
def communities(draw: st.DrawFn) -> tuple[IntArray, IntArray, FloatArray]:
    count = draw(st.integers(1, 40))
    households = draw(st.lists(st.integers(0, 60), min_size=count, max_size=count))
    courtyards = draw(st.lists(st.integers(-1, 4), min_size=count, max_size=count))
    points = draw(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=count, max_size=count))
    return np.array(households), np.array(courtyards), np.array(points, dtype=float)


@given(communities())
def test_every_area_has_20_households_or_is_the_only_one(community: tuple[IntArray, IntArray, FloatArray]) -> None:
    labels = group_buildings(*community)
    sizes = np.bincount(labels, community[0])[np.unique(labels)]
    assert len(sizes) == 1 or sizes.min() >= MIN_HOUSEHOLDS


@given(communities(), st.data())
def test_buildings_of_an_area_stay_together(
    community: tuple[IntArray, IntArray, FloatArray], data: st.DataObject
) -> None:
    count = len(community[0])
    first = data.draw(st.integers(1, count))
    households, courtyards, centroids = community
    before = group_buildings(households[:first], courtyards[:first], centroids[:first])
    known = np.concatenate([before, np.full(count - first, -1)])
    after = group_buildings(households, courtyards, centroids, known)
    assert all(len(set(after[:first][before == area])) == 1 for area in np.unique(before))
