"""A boundary drawn anew: neighbours change with it, and communities stay an exact coverage."""

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.core.coverage.mended_boundary import mend_boundary

SQUARES = shapely.box([0, 100, 0, 100], [0, 0, 100, 100], [100, 200, 100, 200], [100, 100, 200, 200])


def mended_outlines(mended: shapely.Geometry) -> list[shapely.Geometry]:
    changed = mend_boundary(SQUARES, 0, mended)
    return [changed.get(position, square) for position, square in enumerate(SQUARES)]


def test_land_that_is_gained_is_taken_from_its_community() -> None:
    areas = shapely.area(mended_outlines(shapely.box(0, 0, 120, 100)))
    assert areas.tolist() == [12_000, 8_000, 10_000, 10_000]


def test_land_that_is_given_up_goes_to_the_neighbour_with_the_longest_border() -> None:
    assert shapely.area(mended_outlines(shapely.box(0, 0, 80, 100))).tolist() == [8_000, 12_000, 10_000, 10_000]
    assert shapely.area(mended_outlines(shapely.box(0, 0, 100, 80))).tolist() == [8_000, 10_000, 12_000, 10_000]


def test_land_at_the_edge_of_the_subdistrict_goes_to_nobody_and_comes_from_nobody() -> None:
    grown = shapely.unary_union([shapely.box(0, 0, 100, 100), shapely.box(-50, 20, 0, 40)])
    assert shapely.area(mended_outlines(grown)).tolist() == [11_000, 10_000, 10_000, 10_000]
    notched = shapely.box(0, 0, 100, 100) - shapely.box(0, 20, 30, 40)
    assert shapely.area(mended_outlines(notched)).tolist() == [9_400, 10_000, 10_000, 10_000]


def test_a_border_that_is_followed_within_a_metre_stays() -> None:
    drawn = shapely.Polygon([(0.3, 0), (100.4, -0.3), (99.7, 100.2), (-0.2, 99.8)])
    assert mend_boundary(SQUARES, 0, drawn) == {}


def test_a_community_may_lose_everything() -> None:
    changed = mend_boundary(SQUARES, 0, shapely.box(0, 0, 200, 100))
    assert changed[1].is_empty
    assert changed[0].area == 20_000


@settings(max_examples=30)
@given(corners=st.lists(st.tuples(st.integers(10, 190), st.integers(10, 190)), min_size=3, max_size=6))
def test_communities_stay_a_coverage_and_nobody_else_loses_land_to_nobody(corners: list[tuple[int, int]]) -> None:
    hull = shapely.convex_hull(shapely.multipoints(corners)).buffer(20)
    mended = shapely.unary_union([hull, shapely.box(0, 0, 50, 50)]) & shapely.box(0, 0, 200, 200)
    if mended.geom_type != "Polygon":
        return
    parts = [part for outline in mended_outlines(mended) for part in shapely.get_parts(outline)]
    lost = shapely.box(0, 0, 200, 200) - shapely.union_all(parts)
    assert shapely.area(lost - SQUARES[0].buffer(0.01)) < 0.1
    assert abs(shapely.area(parts).sum() + shapely.area(lost) - 40_000) < 0.1
    changed = list(mend_boundary(SQUARES, 0, mended).values())
    assert shapely.coverage_is_valid(np.array([shape for shape in changed if not shape.is_empty]))
