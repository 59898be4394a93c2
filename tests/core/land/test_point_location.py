"""Point location on both sides of edges."""

import numpy as np
import pytest
import shapely

from gridmap.core.land.point_location import locate_faces, locate_points

SQUARES = shapely.box([0, 10], 0, [10, 20], 10)


@pytest.mark.parametrize(
    ("x", "square"), [(-0.001, -1), (0.0, 0), (9.999, 0), (10.0, 0), (10.001, 1), (20.0, 1), (20.001, -1)]
)
def test_an_edge_belongs_to_the_first_shape_that_has_it(x: float, square: int) -> None:
    assert locate_points(shapely.points([[x, 5.0]]), SQUARES).tolist() == [square]


def test_nothing_is_located_in_no_shapes() -> None:
    nothing = np.array([], dtype=object)
    assert locate_points(shapely.points([[1.0, 1.0]]), nothing).tolist() == [-1]
    assert locate_points(nothing, SQUARES).tolist() == []


@pytest.mark.parametrize(("west", "square"), [(2, 0), (12, 1), (22, -1)])
def test_a_face_is_located_by_a_point_on_its_surface(west: float, square: int) -> None:
    assert locate_faces(np.array([shapely.box(west, 2, west + 4, 4)]), SQUARES).tolist() == [square]


@pytest.mark.parametrize(("shift", "square"), [(-0.001, 0), (0.001, 1)])
def test_a_narrow_face_on_an_edge_is_located_by_its_area(shift: float, square: int) -> None:
    sliver = shapely.box(10 + shift - 0.002, 2, 10 + shift + 0.002, 8)
    assert locate_faces(np.array([sliver]), SQUARES).tolist() == [square]
