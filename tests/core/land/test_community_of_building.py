"""Every building belongs to the community that holds most of it."""

import numpy as np
import pytest
import shapely

from gridmap.core.land.community_of_building import BuildingCommunities, find_building_communities

LEFT, RIGHT = shapely.box(0, 0, 100, 100), shapely.box(100, 0, 200, 100)


def placement_of(
    *buildings: shapely.Geometry, communities: tuple[shapely.Geometry, ...] = (LEFT, RIGHT)
) -> BuildingCommunities:
    return find_building_communities(np.array(buildings), np.array(communities))


def test_a_building_inside_belongs_where_it_is() -> None:
    placing = placement_of(shapely.box(10, 10, 20, 20), shapely.Point(150, 50))
    assert placing.community.tolist() == [0, 1]
    assert placing.outside_m.tolist() == [0, 0]


@pytest.mark.parametrize(("shift", "home"), [(-1, 0), (0, 0), (1, 1)])
def test_a_building_across_a_border_belongs_where_most_of_it_is(shift: float, home: int) -> None:
    assert placement_of(shapely.box(95 + shift, 10, 105 + shift, 20)).community.tolist() == [home]


def test_a_point_on_a_border_belongs_to_the_first() -> None:
    assert placement_of(shapely.Point(100, 50)).community.tolist() == [0]


def test_a_part_holds_less_than_the_whole() -> None:
    split = shapely.MultiPolygon([shapely.box(0, 0, 4, 10), shapely.box(9, 0, 100, 10)])
    middle = shapely.box(4, 0, 9, 10)
    placing = placement_of(shapely.box(0, 0, 13, 5), communities=(split, middle))
    assert placing.community.tolist() == [1]


def test_a_building_mostly_outside_belongs_to_what_it_touches() -> None:
    placing = placement_of(shapely.box(-30, 10, 1, 20))
    assert (placing.community[0], placing.outside_m[0]) == (0, 0)


@pytest.mark.parametrize(("distance", "lost"), [(4.9, False), (5.0, False), (5.1, True)])
def test_five_metres_outside_is_the_limit(distance: float, lost: bool) -> None:
    placing = placement_of(shapely.Point(200 + distance, 50))
    assert placing.community.tolist() == [1]
    assert placing.too_far.tolist() == [lost]


def test_a_building_in_a_hole_belongs_to_the_land_around() -> None:
    ring = LEFT.difference(shapely.box(40, 40, 48, 48))
    assert not placement_of(shapely.Point(44, 44), communities=(ring,)).too_far.any()


def test_no_buildings_are_placed_nowhere() -> None:
    assert find_building_communities(np.array([], dtype=object), np.array([LEFT])).community.tolist() == []
