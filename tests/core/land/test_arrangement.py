"""Noding of lines, and the faces that noded lines close."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gridmap.core.array_types import GeometryArray
from gridmap.core.land.arrangement.noding import NodedLines, node_lines, polygonize_lines

NOISE_M = st.sampled_from((0.0, 0.0, 0.0005, 0.0004, 0.00049999999))
"""Halves of a millimetre are where rounding is delicate."""
COORDINATES_M = st.builds(lambda step, noise: step / 1000 + noise, st.integers(0, 12), NOISE_M)
POINTS = st.tuples(COORDINATES_M, COORDINATES_M)
LINES = st.lists(st.lists(POINTS, min_size=2, max_size=5), min_size=1, max_size=12)


def read_lines(*texts: str) -> GeometryArray:
    return np.asarray(shapely.from_wkt([f"LINESTRING ({text})" for text in texts]))


def count_contacts(noded: NodedLines) -> int:
    """Return the pairs of segments that meet elsewhere than at a common end."""
    scaled = shapely.linestrings(noded.vertices[np.stack([noded.start, noded.end], axis=1)])
    one, two = shapely.STRtree(scaled).query(scaled, predicate="intersects")
    one, two = one[one < two], two[one < two]
    ends = np.stack([noded.start, noded.end], axis=1)
    shared = (ends[one][:, :, None] == ends[two][:, None, :]).any(axis=(1, 2))
    meeting = shapely.intersection(scaled[one], scaled[two])
    is_at_end = shared & (shapely.get_type_id(meeting) == shapely.GeometryType.POINT)
    return int((~is_at_end).sum())


@given(lines=LINES, offset=st.sampled_from((0.0, -7.0, 4_695_852.0)))
def test_noded_lines_meet_at_their_ends_only(lines: list[list[tuple[float, float]]], offset: float) -> None:
    assert count_contacts(node_lines(np.array([shapely.LineString(np.add(line, offset)) for line in lines]))) == 0


@given(lines=LINES)
def test_noding_moves_no_line_by_more_than_two_steps(lines: list[list[tuple[float, float]]]) -> None:
    shapes = np.array([shapely.LineString(line) for line in lines])
    around = shapely.buffer(shapely.union_all(shapes), 0.002)
    assert shapely.covers(around, node_lines(shapes).shapes).all()


@given(lines=LINES)
def test_faces_are_those_of_geos(lines: list[list[tuple[float, float]]]) -> None:
    noded = node_lines(np.array([shapely.LineString(line) for line in lines]))
    faces = polygonize_lines(noded)
    expected = shapely.get_parts(shapely.polygonize(noded.shapes))
    assert sorted(shapely.to_wkb(shapely.normalize(faces))) == sorted(shapely.to_wkb(shapely.normalize(expected)))


def test_a_line_that_ends_half_a_step_beside_the_grid_still_cuts_the_other() -> None:
    wall = "372255.44 144679.974, 372323.027 144768.915"
    noded = node_lines(read_lines(wall, "372304.10072325496 144718.25476023988, 372289.2335 144724.44449999998"))
    assert len(noded) == 3


def test_crossing_and_overlapping_lines_are_cut() -> None:
    assert len(node_lines(read_lines("0 0, 2 2", "0 2, 2 0"))) == 4
    assert len(node_lines(read_lines("0 0, 4 0", "1 0, 5 0", "5 0, 0 0"))) == 3


@pytest.mark.parametrize("step", range(990, 1005))
def test_an_end_that_is_rounded_into_the_next_tile_still_cuts_the_line(step: int) -> None:
    x = (step + 0.6) / 1000  # tiles are a metre wide here: one of the steps is the last of a tile
    noded = node_lines(read_lines("0 0, 0 0.1", f"{x} 0, {x} 0.9", f"{x} 0.45, {x - 0.2} 0.45"))
    assert len(noded) == 4


def test_lines_of_no_length_and_no_lines_give_nothing() -> None:
    for lines in (np.empty(0, dtype=object), read_lines("1 1, 1 1.0001")):
        noded = node_lines(lines)
        assert (len(noded), len(noded.shapes), len(polygonize_lines(noded))) == (0, 0, 0)


@pytest.mark.parametrize(
    ("lines", "areas"),
    [
        (("0 0, 4 0, 4 4, 0 4, 0 0", "1 1, 2 1, 2 2, 1 2, 1 1"), [1.0, 15.0]),  # an island
        (("0 0, 4 0, 4 4, 0 4, 0 0", "0 0, 2 1, 1 2, 0 0"), [1.5, 14.5]),  # it touches the outline at a corner
        (("0 0, 4 0, 4 4, 0 4, 0 0", "1 1, 2 1, 2 2, 1 2, 1 1", "2 2, 3 2, 3 3, 2 3, 2 2"), [1.0, 1.0, 14.0]),
        (("0 0, 1 0, 1 1, 0 1, 0 0", "1 1, 2 1, 2 2, 1 2, 1 1"), [1.0, 1.0]),  # two that touch at a corner
        (("0 0, 4 0, 4 4, 0 4, 0 0", "4 4, 6 6", "0 0, 2 2"), [16.0]),  # dangling lines
        (("0 0, 1 0, 1 1, 0 0", "1 0, 3 0", "3 0, 4 0, 4 1, 3 0"), [0.5, 0.5]),  # a bridge between two
        (("0 0, 9 0, 9 9, 0 9, 0 0", "1 1, 8 1, 8 8, 1 8, 1 1", "2 2, 3 2, 3 3, 2 3, 2 2"), [1.0, 32.0, 48.0]),
    ],
)
def test_faces_have_their_holes(lines: tuple[str, ...], areas: list[float]) -> None:
    faces = polygonize_lines(node_lines(read_lines(*lines)))
    assert shapely.is_valid(faces).all()
    assert sorted(shapely.area(faces).tolist()) == areas
