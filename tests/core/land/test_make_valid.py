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


@pytest.mark.parametrize(
    ("wkt", "area"),
    [
        ("POLYGON ((0 0, 10 0, 10 10, 0 10, 0 0), (0 2, 5 2, 5 8, 0 8, 0 2))", 70),
        ("POLYGON ((0 0, 10 0, 10 10, 5 10, 8 5, 2 5, 5 10, 0 10, 0 0))", 85),
        ("POLYGON ((0 0, 5 5, 10 0, 10 10, 5 5, 0 10, 0 0))", 50),
        ("POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0), (1 1, 4 1, 4 4, 1 4, 1 1), (4 1, 8 1, 8 4, 4 4, 4 1))", 60),
        ("POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0), (1 1, 1 8, 8 8, 8 1, 1 1), (3 3, 6 3, 6 6, 3 6, 3 3))", 41),
        ("POLYGON ((0 0, 10 0, 10 10, 0 10, 0 0), (20 0, 30 0, 30 10, 20 10, 20 0))", 200),
        ("MULTIPOLYGON (((0 0, 10 0, 10 10, 0 10, 0 0)), ((10 0, 20 0, 20 10, 10 10, 10 0)))", 200),
        ("MULTIPOLYGON (((0 0, 9 0, 9 9, 0 9, 0 0)), ((1 1, 1 8, 8 8, 8 1, 1 1)))", 32),
    ],
    ids=[
        "hole along the shell",
        "ring that touches itself",
        "two halves at a point",
        "holes side by side",
        "island in a hole as a ring",
        "second shell as a hole",
        "parts side by side",
        "hole as a part",
    ],
)
def test_rings_that_only_touch_keep_their_even_odd_area(wkt: str, area: float) -> None:
    shape = shapely.transform(shapely.from_wkt(wkt), lambda points: np.add(points, [530_000, 3_390_000]))
    repaired = make_valid_bounded(np.array([shape]), tolerance_m2=0)
    assert repaired.repaired.tolist() == [True]
    assert shapely.is_valid(repaired.geometry[0])
    assert repaired.geometry[0].area == area


@pytest.mark.parametrize(
    "wkt",
    [
        "MULTIPOLYGON (((0 0, 9 0, 9 9, 0 9, 0 0)), ((1 1, 8 1, 8 8, 1 8, 1 1)))",
        "MULTIPOLYGON (((0 0, 10 0, 10 10, 0 10, 0 0)), ((5 0, 20 0, 20 10, 5 10, 5 0)))",
        "POLYGON ((0 0, 10 0, 10 10, 5 10, 2 5, 8 5, 5 10, 0 10, 0 0))",
    ],
    ids=["part in a part", "overlapping parts", "land that a ring goes round twice"],
)
def test_doubled_land_is_not_decided(wkt: str) -> None:
    assert make_valid_bounded(np.array([shapely.from_wkt(wkt)]), tolerance_m2=1).still_invalid.all()


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
