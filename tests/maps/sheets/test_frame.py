"""Frame of a sheet: true to scale, north up, and as large as the paper allows."""

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from gridmap.maps.sheets.frame import fit_frame
from gridmap.maps.sheets.paper import Paper, SheetFormat, choose_format, fit_scale, scale_bar_metres

EARTH = Geod(ellps="WGS84")
A4_LANDSCAPE = SheetFormat(Paper.A4, landscape=True)


def square(longitude: float, latitude: float, width_m: float, height_m: float) -> shapely.Polygon:
    """Return a box with sides of a length on the ground."""
    east, _, _ = EARTH.fwd(longitude, latitude, 90, width_m)
    _, north, _ = EARTH.fwd(longitude, latitude, 0, height_m)
    return shapely.box(longitude, latitude, east, north)


@settings(max_examples=15)  # each makes two projections, which takes most of the time
@given(st.floats(74, 134), st.floats(18, 53), st.floats(30, 4000), st.floats(30, 4000), st.sampled_from(Paper))
def test_a_length_on_paper_is_that_on_the_ground_by_the_scale(
    longitude: float, latitude: float, width_m: float, height_m: float, paper: Paper
) -> None:
    grid = square(longitude, latitude, width_m, height_m)
    frame = fit_frame(grid, paper)
    start, end = frame.to_paper([shapely.Point(grid.bounds[:2]), shapely.Point(grid.bounds[2], grid.bounds[1])])
    paper_mm = start.distance(end) * frame.sheet_format.enlargement
    assert paper_mm * frame.scale / 1000 == pytest.approx(width_m, rel=2e-5)


@settings(max_examples=15)  # each makes two projections, which takes most of the time
@given(st.floats(74, 134), st.floats(18, 53), st.floats(30, 4000), st.floats(30, 4000), st.sampled_from(Paper))
def test_a_grid_lies_in_the_middle_of_the_frame_with_a_margin(
    longitude: float, latitude: float, width_m: float, height_m: float, paper: Paper
) -> None:
    grid = square(longitude, latitude, width_m, height_m)
    frame = fit_frame(grid, paper)
    drawn, (width, height) = frame.to_paper([grid])[0], frame.sheet_format.frame_mm
    left, top, right, bottom = drawn.bounds
    assert min(left, top, width - right, height - bottom) >= 5.99
    assert (left + right, top + bottom) == (pytest.approx(width, abs=0.1), pytest.approx(height, abs=0.1))


def test_north_is_up_and_the_frame_knows_its_bounds() -> None:
    grid = square(114.3, 30.5, 400, 250)
    frame = fit_frame(grid, Paper.A4)
    south, north = frame.to_paper([shapely.Point(114.302, 30.5), shapely.Point(114.302, 30.502)])
    assert (north.y < south.y, abs(north.x - south.x) < 0.01) == (True, True)
    corners = frame.to_paper([shapely.box(*frame.bounds_degrees())])[0]
    assert corners.bounds == (
        pytest.approx(0, abs=0.1), pytest.approx(0, abs=0.1),
        pytest.approx(frame.sheet_format.frame_mm[0], abs=0.1), pytest.approx(frame.sheet_format.frame_mm[1], abs=0.1),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("metres", "scale"), [(203.0, 1000), (203.1, 1250), (40.6, 200), (10_150, 50_000), (11_000, 60_000)]
)
def test_the_scale_is_the_next_known_one(metres: float, scale: int) -> None:
    assert fit_scale((metres, 10), A4_LANDSCAPE) == scale


@pytest.mark.parametrize(
    ("extent", "name"), [((500, 500), "a4-landscape"), ((499, 500), "a4-portrait"), ((900, 100), "a4-landscape")]
)
def test_the_format_is_that_of_the_larger_scale_then_of_the_form(extent: tuple[float, float], name: str) -> None:
    assert choose_format(extent, Paper.A4).name == name


def test_the_reader_may_choose_the_orientation() -> None:
    frame = fit_frame(square(114.3, 30.5, 900, 100), Paper.A3, landscape=False)
    assert frame.sheet_format.name == "a3-portrait"


@pytest.mark.parametrize(("scale", "metres"), [(200, 10), (1000, 50), (1700, 100), (60_000, 2000)])
def test_a_scale_bar_has_a_round_length(scale: int, metres: int) -> None:
    assert scale_bar_metres(scale) == metres
