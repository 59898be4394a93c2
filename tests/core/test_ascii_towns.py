"""ASCII pictures become the towns that `tests.fixtures.ascii_towns` documents."""

import pytest
import shapely

from tests.fixtures.ascii_towns import CORNER, town


def test_each_letter_is_a_building_in_reading_order() -> None:
    assert town("B.A\n1.0").buildings.building_id.tolist() == ["B", "A", "1", "0"]


def test_a_digit_stands_for_fifty_households_each() -> None:
    assert town("A30").buildings.households.tolist() == [100, 150, 0]


def test_households_can_be_given() -> None:
    assert town("AB3", households={"B": 7, "3": 1}).buildings.households.tolist() == [100, 7, 1]


def test_adjacent_squares_of_a_letter_are_one_footprint() -> None:
    (shape,) = town("AA\nA.").buildings.geometry
    assert shape.area == 36 * 16 + 16 * 20


def test_a_repeated_letter_gets_a_number() -> None:
    assert town("A.A").buildings.building_id.tolist() == ["A", "A2"]


def test_without_a_gap_neighbours_touch() -> None:
    left, right = town("AB", gap=0).buildings.geometry
    assert left.touches(right)


def test_points_lie_inside_their_square() -> None:
    (shape,) = town("A", points="A").buildings.geometry
    assert shape.equals(shapely.Point(CORNER[0] + 10, CORNER[1] + 10))


def test_a_street_continues_beyond_the_edge() -> None:
    (line,) = town("..\n--\n..").streets.geometry
    assert line.length == 20 + 2 * 30


def test_a_junction_connects_only_streets_that_lead_to_it() -> None:
    (line,) = town(".|.\n.+A\n...").streets.geometry
    assert line.length == 30 + 20


def test_kinds_of_streets_come_from_their_characters() -> None:
    assert sorted(town("=+-\n.:.").streets.kind) == ["arterial", "lane", "local"]


def test_a_bridge_keeps_the_water_whole() -> None:
    drawn = town("|.\n*#\n|.")
    assert drawn.barriers.geometry.area.tolist() == [2 * 20**2]
    assert drawn.streets.geometry.length.sum() == 3 * 20 + 2 * 20


def test_rail_passes_a_crossing() -> None:
    drawn = town(".|.\n^*^\n.|.")
    assert drawn.barriers.kind.tolist() == ["rail"]
    assert drawn.barriers.geometry.length.tolist() == [40]


def test_walls_and_dedicated_land_are_drawn() -> None:
    drawn = town("%%A\n$$.")
    assert drawn.barriers.kind.tolist() == ["wall"]
    assert drawn.dedicated.geometry.area.tolist() == [2 * 20**2]


def test_the_second_picture_defines_the_communities() -> None:
    drawn = town("AB\nC.", communities="XX\nYY")
    assert drawn.communities.code.tolist() == ["X", "Y"]
    assert drawn.buildings.community.tolist() == [0, 0, 1]


def test_communities_match_vertex_for_vertex() -> None:
    drawn = town("....\n....\n....", communities="XXXX\nXYYX\nXXX.")
    assert shapely.coverage_is_valid(drawn.communities.geometry.values)


def test_courtyards_are_named_by_their_letters() -> None:
    assert town("ABC", courtyards={"north": "AC"}).buildings.courtyard.tolist() == ["north", None, "north"]


def test_a_town_may_be_empty() -> None:
    assert len(town("..\n..").buildings) == 0


@pytest.mark.parametrize("communities", ["X", "XX\nXX"])
def test_pictures_of_other_sizes_are_refused(communities: str) -> None:
    with pytest.raises(ValueError, match="size"):
        town("AB", communities=communities)


def test_ragged_pictures_are_refused() -> None:
    with pytest.raises(ValueError, match="length"):
        town("AB\nA")
