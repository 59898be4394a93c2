"""Pictures placed by control points: exact where the points are, and honest where they are not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.core.errors import InvalidInput
from gridmap.core.tracing.placement import (
    Affine,
    ControlPoint,
    PlacementMethod,
    move_with_picture,
    place_by_points,
    place_by_scale,
    to_degrees,
    to_mercator,
)

CORNERS = [(0.0, 0.0), (1000.0, 0.0), (1000.0, 800.0), (0.0, 800.0), (500.0, 400.0)]


def points_of(affine: Affine, pixels: list[tuple[float, float]]) -> list[ControlPoint]:
    lonlat = to_degrees(affine.apply(np.array(pixels)))
    return [ControlPoint(*pixel, *place) for pixel, place in zip(pixels, lonlat.tolist(), strict=True)]


def moved(point: ControlPoint, east_m: float) -> ControlPoint:
    """Return a point whose place is wrong by some metres of Web Mercator."""
    ((x, y),) = to_mercator(np.array([[point.longitude, point.latitude]]))
    ((longitude, latitude),) = to_degrees(np.array([[x + east_m, y]])).tolist()
    return ControlPoint(point.x, point.y, longitude, latitude)


@given(
    size=st.floats(0.05, 20),
    north=st.floats(-180, 180),
    place=st.tuples(st.floats(75, 135), st.floats(18, 53)),
    method=st.sampled_from([PlacementMethod.SIMILARITY, PlacementMethod.AFFINE]),
)
def test_a_plan_to_scale_is_placed_exactly_however_it_is_turned(
    size: float, north: float, place: tuple[float, float], method: PlacementMethod
) -> None:
    truth = place_by_scale(ControlPoint(300, 200, *place), size, north)
    placed = place_by_points(points_of(truth.affine, CORNERS), method)
    assert placed.error_m < 1e-3
    assert placed.suspicious is None
    assert placed.affine.apply(np.array(CORNERS)) == pytest.approx(truth.affine.apply(np.array(CORNERS)), abs=1e-2)


def test_a_stretched_scan_needs_the_affine_fit() -> None:
    base = to_mercator(np.array([[114.3, 30.5]]))[0]
    stretched = Affine(1.2, 0.05, float(base[0]), 0.02, -0.9, float(base[1]))
    points = points_of(stretched, CORNERS)
    assert place_by_points(points, PlacementMethod.AFFINE).error_m < 1e-3
    assert place_by_points(points, PlacementMethod.SIMILARITY).error_m > 30


def test_residuals_are_metres_on_the_ground() -> None:
    truth = place_by_scale(ControlPoint(0, 0, 114.3, 60.0), 1.0, 0.0).affine
    points = points_of(truth, CORNERS)
    wrong = [moved(points[0], 60.0), *points[1:]]  # 60 m of Web Mercator are 30 m at 60° north
    residuals = place_by_points(wrong, PlacementMethod.SIMILARITY).residuals_m
    assert max(residuals) == residuals[0]
    assert 15 < residuals[0] < 30


@pytest.mark.parametrize(("count", "found"), [(3, None), (4, 2), (5, 2)])
def test_a_wrong_point_is_pointed_out_where_two_points_are_redundant(count: int, found: int | None) -> None:
    points = points_of(place_by_scale(ControlPoint(0, 0, 114.3, 30.5), 1.0, 20.0).affine, CORNERS)[:count]
    points[2] = moved(points[2], 80.0)
    assert place_by_points(points, PlacementMethod.SIMILARITY).suspicious == found


def test_points_that_are_a_little_off_are_not_suspicious() -> None:
    points = points_of(place_by_scale(ControlPoint(0, 0, 114.3, 30.5), 1.0, 20.0).affine, CORNERS)
    points[2] = moved(points[2], 2.0)
    assert place_by_points(points, PlacementMethod.SIMILARITY).suspicious is None


@pytest.mark.parametrize(
    ("pixels", "method", "problem"),
    [
        (CORNERS[:1], PlacementMethod.SIMILARITY, "too few"),
        (CORNERS[:2], PlacementMethod.AFFINE, "too few"),
        ([(0, 0), (5, 5)], PlacementMethod.SIMILARITY, "too close"),
        ([(0, 0), (500, 400), (1000, 800)], PlacementMethod.AFFINE, "on one line"),
    ],
)
def test_points_that_cannot_place_a_picture_are_refused(
    pixels: list[tuple[float, float]], method: PlacementMethod, problem: str
) -> None:
    points = points_of(place_by_scale(ControlPoint(0, 0, 114.3, 30.5), 1.0, 0.0).affine, pixels)
    with pytest.raises(InvalidInput, match=problem):
        place_by_points(points, method)


def test_a_mirrored_picture_is_refused() -> None:
    one, two, three = points_of(place_by_scale(ControlPoint(0, 0, 114.3, 30.5), 1.0, 0.0).affine, CORNERS[:3])
    swapped = [
        one,
        ControlPoint(two.x, two.y, three.longitude, three.latitude),
        ControlPoint(three.x, three.y, two.longitude, two.latitude),
    ]
    with pytest.raises(InvalidInput, match="mirrored"):
        place_by_points(swapped, PlacementMethod.AFFINE)


@pytest.mark.parametrize("place", [(float("nan"), 30.0), (200.0, 30.0), (114.0, 89.0)])
def test_what_is_no_place_is_refused(place: tuple[float, float]) -> None:
    points = [ControlPoint(0, 0, 114.3, 30.5), ControlPoint(100, 0, *place)]
    with pytest.raises(InvalidInput, match="no place"):
        place_by_points(points, PlacementMethod.SIMILARITY)


def test_what_was_traced_moves_with_its_picture() -> None:
    local = place_by_scale(ControlPoint(500, 400, 105.0, 35.0), 1.0, 0.0).affine
    placed = place_by_scale(ControlPoint(500, 400, 114.3, 30.5), 1.1, 30.0).affine
    traced = [(100.0, 100.0), (900.0, 700.0)]
    before, after = (to_degrees(each.apply(np.array(traced))) for each in (local, placed))
    assert move_with_picture(before, local, placed) == pytest.approx(after, abs=1e-9)
