"""A shift of the whole layer is found by how buildings fit streets and communities; sound towns have none."""

import tracemalloc

import numpy as np
import pytest
import shapely
from shapely import box

from gridmap.core.array_types import GeometryArray
from gridmap.core.geodesy.layer_shift import LayerShift, find_layer_shift

STREETS = np.array([shapely.LineString([(x, 0), (x, 1000)]) for x in range(0, 1001, 100)], dtype=object)
COMMUNITIES = np.array([box(-20, -20, 1020, 1020)], dtype=object)
SHIFT_M = np.array([14.0, 0.0])


def houses(beside_streets: int, elsewhere: int, far_outside: int = 0) -> GeometryArray:
    """Return houses 12 m west of a street, between streets, and far outside."""
    west = [100 * (1 + number % 9) - 22 for number in range(beside_streets)]
    rows = [20 * (number // 9) for number in range(beside_streets)]
    near = [box(x, y, x + 10, y + 10) for x, y in zip(west, rows, strict=True)]
    between = [box(100 * (n % 9) + 40, 20 * (n // 9), 100 * (n % 9) + 50, 20 * (n // 9) + 10) for n in range(elsewhere)]
    outside = [box(9000, 20 * number, 9010, 20 * number + 10) for number in range(far_outside)]
    return np.array([*near, *between, *outside], dtype=object)


def find_shift(buildings: GeometryArray, shift: np.ndarray = SHIFT_M) -> LayerShift | None:
    moved = shapely.transform(buildings, lambda points: points + shift)
    return find_layer_shift(moved, COMMUNITIES, STREETS)


def test_houses_where_they_were_drawn_have_no_shift() -> None:
    assert find_shift(houses(100, 100), np.zeros(2)) is None


def test_the_shift_brings_all_houses_off_the_streets() -> None:
    shift = find_shift(houses(100, 100))
    assert shift is not None
    assert (shift.sampled, shift.misfits, shift.remaining) == (200, 100, 0)
    assert 3 < shift.distance_m < 200


@pytest.mark.parametrize(
    ("near", "elsewhere", "is_found"), [(9, 60, False), (10, 60, True), (19, 381, False), (20, 380, True)]
)
def test_ten_misfits_and_a_twentieth_are_needed(near: int, elsewhere: int, is_found: bool) -> None:
    assert (find_shift(houses(near, elsewhere)) is not None) is is_found


@pytest.mark.parametrize(("far_outside", "is_found"), [(10, True), (11, False)])
def test_a_quarter_of_the_misfits_may_remain(far_outside: int, is_found: bool) -> None:
    assert (find_shift(houses(30, 100, far_outside)) is not None) is is_found


@pytest.mark.parametrize(("east_m", "is_found"), [(900.0, True), (1500.0, False)])
def test_shifts_are_searched_up_to_a_kilometre(east_m: float, is_found: bool) -> None:
    assert (find_shift(houses(300, 400), np.array([east_m, 0.0])) is not None) is is_found


def test_a_street_of_ten_thousand_kilometres_is_looked_at_within_the_window_only() -> None:
    endless = shapely.LineString([(500, -5_000_000), (500, 5_000_000)])
    moved = shapely.transform(houses(100, 100), lambda points: points + SHIFT_M)
    tracemalloc.start()
    shift = find_layer_shift(moved, COMMUNITIES, np.array([*STREETS, endless], dtype=object))
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert shift is not None
    assert peak_bytes < 100_000_000
