"""Schematic places: within the outline, in order, never on one another."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.affinity import rotate, scale

from gridmap.core.errors import InvalidInput
from gridmap.core.tracing.layout import lay_out_buildings, order_of_numbers

L_SHAPE = shapely.Polygon([(0, 0), (300, 0), (300, 80), (90, 80), (90, 260), (0, 260)])


def assert_sound(outline: shapely.Polygon, shapes: np.ndarray, count: int) -> None:
    assert len(shapes) == count
    assert bool(shapely.covers(outline.buffer(1e-6), shapes).all())
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    assert (first == second).all()


@settings(max_examples=40, deadline=None)
@given(
    count=st.integers(1, 60),
    angle=st.floats(-90, 90),
    stretch=st.floats(0.4, 3),
    outline=st.sampled_from([L_SHAPE, shapely.box(0, 0, 260, 120), shapely.Point(0, 0).buffer(110)]),
)
def test_buildings_stand_within_any_outline_and_never_on_one_another(
    count: int, angle: float, stretch: float, outline: shapely.Polygon
) -> None:
    turned = rotate(scale(outline, stretch, 1), angle)
    assert_sound(turned, lay_out_buildings(turned, count), count)


def test_numbers_run_from_row_to_row() -> None:
    places = [shape.centroid for shape in lay_out_buildings(shapely.box(0, 0, 200, 100), 6)]
    assert [(round(place.y), place.x) for place in places] == sorted(
        ((round(place.y), place.x) for place in places), key=lambda pair: (-pair[0], pair[1])
    )


def test_few_buildings_have_their_full_size_and_many_are_smaller() -> None:
    outline = shapely.box(0, 0, 300, 200)
    few, many = (shapely.area(lay_out_buildings(outline, count)) for count in (4, 200))
    assert few == pytest.approx(40 * 14)
    assert many.max() < 200


def test_buildings_that_were_moved_are_left_free() -> None:
    outline, moved = shapely.box(0, 0, 200, 100), shapely.box(60, 30, 140, 70)
    shapes = lay_out_buildings(outline, 5, [moved])
    assert_sound(outline, shapes, 5)
    assert not shapely.intersects(shapes, moved).any()


def test_an_outline_without_room_is_refused_with_the_number() -> None:
    with pytest.raises(InvalidInput, match="no room for 500 buildings"):
        lay_out_buildings(shapely.box(0, 0, 20, 20), 500)


def test_numbers_are_counted_as_people_count() -> None:
    names = ["10号楼", "9号楼甲", "A座", "9号楼", "1-10", "1-2"]
    assert [names[i] for i in order_of_numbers(names)] == ["1-2", "1-10", "9号楼", "9号楼甲", "10号楼", "A座"]
