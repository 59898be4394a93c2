"""Faults of traced shapes, and the fix that closes gaps and overlaps."""

import numpy as np
import pytest
import shapely

from gridmap.core.tracing.assembly import PlacedBuildings, list_faults, place_buildings
from gridmap.core.tracing.checks import check_shapes, close_gaps
from gridmap.core.tracing.shapes import ListedBuilding, ShapeKind, TracedShape, TracedTown
from tests.services.tracing.traced_town import COMMUNITIES, box, traced_shapes, traced_town

METRE = 1e-5
"""About a metre, in degrees."""


def community(key: str, shape: shapely.Polygon) -> TracedShape:
    return TracedShape(key, ShapeKind.COMMUNITY, shape, code=key)


def texts_of(shapes: list[TracedShape]) -> list[str]:
    return [str(fault.message) for fault in check_shapes(shapes)]


def shifted(column: int, east_m: float) -> shapely.Polygon:
    """Return a community that is moved to the east."""
    return shapely.transform(box(column), lambda xy: xy + np.array([east_m * METRE, 0]))


def test_a_sound_drawing_has_no_faults_that_block() -> None:
    assert [fault for fault in check_shapes(traced_shapes()) if fault.blocks] == []


@pytest.mark.parametrize(("east_m", "word"), [(5.0, "belong to none"), (-5.0, "overlap")])
def test_neighbours_that_do_not_meet_are_found_and_mended(east_m: float, word: str) -> None:
    drawn = [community("a", box(0)), community("b", shifted(1, east_m))]
    assert any(word in each for each in texts_of(drawn))
    mended = close_gaps(drawn)
    assert texts_of(mended) == []
    assert shapely.coverage_is_valid([shape.geometry for shape in mended])


def test_a_wide_gap_is_nobody_s_mistake() -> None:
    assert texts_of([community("a", box(0)), community("b", shifted(1, 60.0))]) == []


def test_grids_are_cut_at_the_border_of_their_community_and_fill_it() -> None:
    south = shapely.transform(box(0, 0.0, 0.5), lambda xy: xy - [3 * METRE, 0])
    north = box(0, 0.52, 1.0)
    shapes = [community("a", box(0))]
    shapes += [TracedShape(key, ShapeKind.GRID, shape) for key, shape in (("s", south), ("n", north))]
    assert any("outside" in each for each in texts_of(shapes))
    assert texts_of(close_gaps(shapes)) == []


def test_a_shape_that_crosses_itself_is_left_to_the_planner() -> None:
    bow = TracedShape("x", ShapeKind.GRID, shapely.Polygon([(114, 30), (114.01, 30.01), (114.01, 30), (114, 30.01)]))
    assert texts_of([bow]) == ["x crosses itself"]
    assert close_gaps([bow]) == [bow]


def test_an_outline_across_two_communities_is_a_fault() -> None:
    across = TracedShape("o", ShapeKind.OUTLINE, shifted(0, 200.0), "东园")
    drawn = [community("a", box(0)), community("b", box(1)), across]
    assert "东园 does not lie within one community" in texts_of(drawn)


def test_what_the_list_and_the_drawing_lack_is_named() -> None:
    town = traced_town()
    without = TracedTown([each for each in town.shapes if each.name != "东南园"], [])
    missing = TracedTown(without.shapes, town.buildings)
    assert list_faults(town, COMMUNITIES, place_buildings(town)) == []
    assert [str(each) for each in list_faults(missing, COMMUNITIES, place_buildings(missing))] == [
        "the estate 东南园 of 4 buildings has no outline of this name"
    ]
    empty = [
        str(each)
        for each in list_faults(without, COMMUNITIES, PlacedBuildings(place_buildings(without).footprints, ()))
    ]
    assert empty == ["the list of buildings is empty"]


def test_a_building_that_was_moved_stays_where_it_was_put() -> None:
    town = traced_town()
    place = (box(0).centroid.x, box(0, 0.0, 0.5).centroid.y)
    moved = [ListedBuilding("东南园", "1号楼", 40, place=place), *town.buildings[1:]]
    footprints = place_buildings(TracedTown(town.shapes, moved)).footprints
    assert shapely.distance(footprints[0].centroid, shapely.Point(place)) < 1e-7
    assert not shapely.intersects(footprints[1:], footprints[0]).any()
