"""Narrow gaps and overlaps of communities are mended, wider ones stay, and sound communities are not touched."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import box

from gridmap.core.coverage.community_repair import MendedFault, mend_narrow_faults
from tests.fixtures.ascii_towns import random_town


def mend(*shapes: shapely.Geometry, width: float = 1.0) -> tuple[list[shapely.Geometry], list[MendedFault]]:
    mended, faults = mend_narrow_faults(np.array(shapes, dtype=object), width)
    return list(mended), faults


def describe(faults: list[MendedFault]) -> list[tuple[str, float, float, int, int]]:
    return [
        (str(fault.kind), round(fault.shape.area, 2), round(fault.width_m, 2), fault.owner, fault.other)
        for fault in faults
    ]


@pytest.mark.parametrize(("width", "area"), [(0.1, 2.0), (0.9, 18.0)])
def test_a_narrow_overlap_belongs_to_the_smaller_community(width: float, area: float) -> None:
    (west, east), faults = mend(box(0, 0, 20 + width, 20), box(20, 0, 30, 20))
    assert describe(faults) == [("overlap", area, width, 1, 0)]
    assert (west.bounds, east.bounds) == ((0, 0, 20, 20), (20, 0, 30, 20))


@pytest.mark.parametrize(("width", "area"), [(0.1, 2.0), (0.9, 18.0)])
def test_a_narrow_gap_that_is_open_at_its_ends_is_closed(width: float, area: float) -> None:
    shapes, faults = mend(box(0, 0, 20, 20), box(20 + width, 0, 40, 20))
    (fault,) = faults
    assert (str(fault.kind), round(fault.shape.area, 2), fault.owner, fault.other) == ("gap", area, 0, 1)
    assert fault.width_m == pytest.approx(width, abs=0.01)
    assert shapely.coverage_is_valid(shapes)


def test_a_gap_belongs_to_the_neighbour_with_the_longest_border() -> None:
    gap = box(20, 5, 20.5, 15)
    _, faults = mend(box(0, 0, 20.5, 20) - gap, box(20.5, 0, 40, 20))
    assert describe(faults) == [("gap", 5.0, 0.5, 0, 1)]


@pytest.mark.parametrize("east", [box(18.9, 0, 40, 20), box(21.1, 0, 40, 20)])
def test_wider_faults_stay(east: shapely.Polygon) -> None:
    shapes = box(0, 0, 20, 20), east
    mended, faults = mend(*shapes)
    assert not faults
    assert all(after is before for after, before in zip(mended, shapes, strict=True))


@pytest.mark.parametrize(("width", "count"), [(0.4, 0), (0.6, 1)])
def test_the_width_is_that_of_the_caller(width: float, count: int) -> None:
    assert len(mend(box(0, 0, 20.5, 20), box(20, 0, 40, 20), width=width)[1]) == count


@pytest.mark.parametrize(("length", "count"), [(9.9, 0), (10.1, 1)])
@pytest.mark.parametrize("west", [20.1, 19.9])
def test_a_square_metre_is_digitising_noise(length: float, west: float, count: int) -> None:
    assert len(mend(box(0, 0, west, length), box(20, 0, 40, length))[1]) == count


def test_no_width_mends_nothing() -> None:
    assert not mend(box(0, 0, 20.5, 20), box(20, 0, 40, 20), width=0.0)[1]


def test_land_of_three_communities_belongs_to_one() -> None:
    shapes, faults = mend(box(0, 0, 20.5, 20), box(20, 0, 40, 20.5), box(0, 20, 40, 45))
    assert shapely.intersection(shapes, np.roll(np.array(shapes), 1)).tolist() != []
    assert sum(shapely.area(shapes)) == pytest.approx(shapely.union_all(shapes).area)
    assert {str(fault.kind) for fault in faults} == {"overlap"}


def test_a_bay_that_is_wide_at_its_mouth_stays() -> None:
    west, east = shapely.Polygon([(0, 0), (20, 0), (20, 30), (0, 30)]), [(20, 0), (40, 0), (40, 30), (22, 30)]
    assert not mend(west, shapely.Polygon(east))[1]


def test_a_slit_within_one_community_is_no_gap() -> None:
    assert not mend(box(0, 0, 40, 40) - box(10, 10, 10.5, 30), box(40, 0, 60, 40))[1]


def test_a_narrow_overlap_beside_a_wide_one_is_mended_alone() -> None:
    step = shapely.Polygon([(0, 0), (25, 0), (25, 10), (18, 10), (18, 15), (20.5, 15), (20.5, 40), (0, 40)])
    shapes, faults = mend(step, box(20, 0, 80, 40))
    assert describe(faults) == [("overlap", 12.5, 0.5, 0, 1)]
    assert shapely.intersection(*shapes).area == pytest.approx(50.0)


def test_a_community_within_a_narrow_strip_of_another_is_not_erased() -> None:
    shapes, _ = mend(box(0, 0, 0.5, 20), box(0, 0, 0.6, 20))
    assert min(shapely.area(shapes)) > 0


@given(st.integers(0, 200))
def test_sound_communities_are_the_same_objects(seed: int) -> None:
    communities = random_town(seed, 60).communities.geometry.to_numpy()
    shapes = shapely.transform(communities, lambda points: points - shapely.total_bounds(communities)[:2])
    mended, faults = mend(*shapes, width=1.0)
    assert not faults
    assert all(after is before for after, before in zip(mended, shapes, strict=True))
