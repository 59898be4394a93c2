"""Datums of Chinese maps: known values, there and back, and land that is not shifted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.core.geodesy.datums import Datum, convert_datum

METRES_PER_DEGREE = 111_320
MAX_ROUND_TRIP_M = 0.001
IN_CHINA = st.tuples(st.floats(73.7, 135.0), st.floats(18.2, 53.5))


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        (Datum.WGS84, Datum.GCJ02, (116.41024449916938, 39.91640428150164)),
        (Datum.GCJ02, Datum.BD09, (116.41036949371029, 39.92133699351021)),
    ],
)
def test_a_square_in_beijing_has_the_published_coordinates(
    source: Datum, target: Datum, expected: tuple[float, float]
) -> None:
    found = convert_datum(np.array([[116.404, 39.915]]), source, target)[0]
    assert np.abs(found - expected).max() < 1e-9


@given(IN_CHINA, st.sampled_from(Datum), st.sampled_from(Datum))
def test_there_and_back_is_the_same_place(lonlat: tuple[float, float], source: Datum, target: Datum) -> None:
    start = np.array([lonlat])
    back = convert_datum(convert_datum(start, source, target), target, source)
    assert np.abs(back - start).max() * METRES_PER_DEGREE < MAX_ROUND_TRIP_M


@given(IN_CHINA)
def test_services_shift_by_at_least_fifty_metres(lonlat: tuple[float, float]) -> None:
    start = np.array([lonlat])
    for target in (Datum.GCJ02, Datum.BD09):
        east, north = (convert_datum(start, Datum.WGS84, target) - start)[0] * METRES_PER_DEGREE
        shift_m = np.hypot(east * np.cos(np.radians(lonlat[1])), north)
        assert 50 < shift_m < 2_500


@pytest.mark.parametrize("lonlat", [(-71.1, 42.4), (2.4, 44.4), (114.0, 60.0), (140.0, 36.0)])
def test_gcj02_does_not_shift_other_countries(lonlat: tuple[float, float]) -> None:
    start = np.array([lonlat])
    assert convert_datum(start, Datum.WGS84, Datum.GCJ02).tolist() == start.tolist()
