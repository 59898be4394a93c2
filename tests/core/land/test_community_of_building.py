"""Assignment of buildings to the community that holds most of each."""

import numpy as np
import pytest
import shapely

from gridmap.core.land.community_of_building import BuildingCommunities, find_building_communities

LEFT, RIGHT = shapely.box(0, 0, 100, 100), shapely.box(100, 0, 200, 100)


def assign_buildings(
    *buildings: shapely.Geometry, communities: tuple[shapely.Geometry, ...] = (LEFT, RIGHT)
) -> BuildingCommunities:
    return find_building_communities(np.array(buildings), np.array(communities))


def test_a_building_inside_a_community_belongs_to_it() -> None:
    assigned = assign_buildings(shapely.box(10, 10, 20, 20), shapely.Point(150, 50))
    assert assigned.community.tolist() == [0, 1]
    assert assigned.outside_m.tolist() == [0, 0]


@pytest.mark.parametrize(("shift", "community"), [(-1, 0), (0, 0), (1, 1)])
def test_a_building_across_a_border_belongs_to_the_community_with_most_of_it(shift: float, community: int) -> None:
    assert assign_buildings(shapely.box(95 + shift, 10, 105 + shift, 20)).community.tolist() == [community]


def test_a_point_on_a_border_belongs_to_the_first() -> None:
    assert assign_buildings(shapely.Point(100, 50)).community.tolist() == [0]


def test_parts_of_a_community_are_compared_one_by_one() -> None:
    split = shapely.MultiPolygon([shapely.box(0, 0, 4, 10), shapely.box(9, 0, 100, 10)])
    middle = shapely.box(4, 0, 9, 10)
    assigned = assign_buildings(shapely.box(0, 0, 13, 5), communities=(split, middle))
    assert assigned.community.tolist() == [1]


def test_a_building_mostly_outside_belongs_to_the_community_it_touches() -> None:
    assigned = assign_buildings(shapely.box(-30, 10, 1, 20))
    assert (assigned.community[0], assigned.outside_m[0]) == (0, 0)


@pytest.mark.parametrize(("distance", "too_far"), [(4.9, False), (5.0, False), (5.1, True)])
def test_five_metres_outside_is_the_limit(distance: float, too_far: bool) -> None:
    assigned = assign_buildings(shapely.Point(200 + distance, 50))
    assert assigned.community.tolist() == [1]
    assert assigned.too_far.tolist() == [too_far]


def test_a_building_in_a_hole_belongs_to_the_community_around_it() -> None:
    ring = LEFT.difference(shapely.box(40, 40, 48, 48))
    assert not assign_buildings(shapely.Point(44, 44), communities=(ring,)).too_far.any()


def test_no_buildings_give_an_empty_result() -> None:
    assert find_building_communities(np.array([], dtype=object), np.array([LEFT])).community.tolist() == []
