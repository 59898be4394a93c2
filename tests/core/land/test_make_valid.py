"""Repair of invalid polygons: small errors only, no guesses, and at bounded cost."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gridmap.core.land.make_valid import count_crossings, make_valid_bounded

SQUARE = shapely.box(0, 0, 10, 10)
SPIKE = shapely.Polygon([(0, 0), (10, 0), (10, 10), (10, 15), (10, 10), (0, 10)])
BOW_TIE = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])


def tangled_polygon(vertices: int) -> shapely.Polygon:
    return shapely.Polygon(np.random.default_rng(1).random((vertices, 2)) * 100)


def test_a_valid_shape_is_unchanged() -> None:
    repaired = make_valid_bounded(np.array([SQUARE]), tolerance_m2=0)
    assert repaired.geometry[0] is SQUARE
    assert not repaired.repaired.any()
    assert not repaired.still_invalid.any()


def test_a_spike_is_removed() -> None:
    repaired = make_valid_bounded(np.array([SPIKE]), tolerance_m2=0.1)
    assert repaired.repaired.all()
    assert repaired.geometry[0].equals(SQUARE)


def test_a_bow_tie_stays_invalid() -> None:
    repaired = make_valid_bounded(np.array([BOW_TIE]), tolerance_m2=1.0)
    assert repaired.still_invalid.all()
    assert repaired.geometry[0] is BOW_TIE


def test_overlapping_parts_become_one() -> None:
    overlapping = shapely.MultiPolygon([SQUARE, shapely.box(9.9, 0, 20, 10)])
    repaired = make_valid_bounded(np.array([overlapping]), tolerance_m2=2.0)
    assert repaired.geometry[0].geom_type == "Polygon"
    assert repaired.geometry[0].area == pytest.approx(200)


def test_a_shape_without_area_stays_invalid() -> None:
    flat = shapely.Polygon([(0, 0), (5, 0), (10, 0)])
    assert make_valid_bounded(np.array([flat]), tolerance_m2=np.inf).still_invalid.all()


def test_a_shape_with_too_many_crossings_is_not_repaired() -> None:
    assert make_valid_bounded(np.array([tangled_polygon(20_000)]), tolerance_m2=np.inf).still_invalid.all()


def test_a_shape_with_too_many_vertices_is_not_repaired() -> None:
    ring = shapely.Point(0, 0).buffer(100, quad_segs=6_000)
    spiked = shapely.Polygon([*ring.exterior.coords[:-1], (200, 0)], [[(1, 1), (3, 1), (3, 1)]])
    assert make_valid_bounded(np.array([spiked]), tolerance_m2=np.inf).still_invalid.all()


def test_all_shapes_share_one_limit_of_crossings() -> None:
    repaired = make_valid_bounded(np.array([tangled_polygon(300)] * 10), tolerance_m2=np.inf)
    assert repaired.repaired[0]
    assert repaired.still_invalid[-1]


def test_counting_stops_soon_after_the_limit() -> None:
    assert 500 <= count_crossings(tangled_polygon(2_000), max_crossings=500) < 64 * 2_000


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=3, max_size=12))
def test_a_repaired_shape_is_valid_and_changed_within_tolerance(points: list[tuple[int, int]]) -> None:
    shape = shapely.Polygon(points)
    repaired = make_valid_bounded(np.array([shape]), tolerance_m2=5.0)
    assert repaired.still_invalid[0] or shapely.is_valid(repaired.geometry[0])
    assert abs(repaired.geometry[0].area - shape.area) <= 5.0
