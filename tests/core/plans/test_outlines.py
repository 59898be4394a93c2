"""Outlines: smooth between buildings, exact everywhere else, and no building is cut."""

from collections.abc import Sequence

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings

from gridmap.core.array_types import GeometryArray, IntArray
from gridmap.core.land.build import build_land
from gridmap.core.land.town import Town
from gridmap.core.plans.border_edges import find_shared_edges
from gridmap.core.plans.measures import grid_polygons
from gridmap.core.plans.outlines import draw_outlines
from gridmap.core.plans.plan import GridPlan
from gridmap.core.vocabulary import GridKind
from gridmap.demo.layers import assemble_town
from tests.fixtures.ascii_towns import CORNER, random_towns

EAST, NORTH = CORNER


def bare_town(buildings: Sequence[shapely.Geometry], street: Sequence[tuple[float, float]] = ()) -> Town:
    """Build a town of one community of 100 m, with coordinates from its corner."""
    ids = [f"B{number}" for number in range(len(buildings))]
    line = [shapely.LineString(np.array(street) + CORNER)] if street else []
    return assemble_town(
        "bare",
        communities={"code": ["A"], "name": ["A"], "geometry": [at_corner(shapely.box(0, 0, 100, 100))]},
        buildings={
            "building_id": ids,
            "households": [1] * len(ids),
            "community": [0] * len(ids),
            "geometry": [at_corner(shape) for shape in buildings],
        },
        streets={"kind": ["lane"] * len(line), "name": [""] * len(line), "geometry": line},
        barriers={"kind": [], "geometry": []},
        dedicated={"name": [], "geometry": []},
    )


def at_corner(shape: shapely.Geometry) -> shapely.Geometry:
    return shapely.transform(shape, lambda xy: xy + CORNER)


def two_grids(border: Sequence[tuple[float, float]], kinds: Sequence[GridKind]) -> tuple[GridPlan, GeometryArray]:
    """Return two grids of 100 m west and east of a border from south to north."""
    west = shapely.Polygon([(0, 0), *border, (0, 100)])
    east = shapely.Polygon([(100, 0), (100, 100), *border[::-1]])
    shapes = np.array([at_corner(west), at_corner(east)])
    return GridPlan(np.empty(0, dtype=np.int64), np.zeros(2, dtype=np.int64), tuple(kinds), (None, None)), shapes


def smooth_border(
    border: Sequence[tuple[float, float]],
    buildings: Sequence[shapely.Geometry] = (),
    street: Sequence[tuple[float, float]] = (),
    kind: GridKind = GridKind.HOUSEHOLD,
) -> list[tuple[float, float]]:
    """Return the border of two grids as it is drawn, from south to north."""
    corners = [shapely.box(0, 0, 5, 5), shapely.box(95, 95, 99, 99)]
    plan, shapes = two_grids(border, [GridKind.HOUSEHOLD, kind])
    town = bare_town([*corners, *buildings], street)
    inside = shapely.contains(shapes[1], town.buildings.representative_point().to_numpy()).astype(np.int64)
    edges = find_shared_edges(draw_outlines(town, plan, shapes, inside))
    points = {(round(float(x - EAST), 3), round(float(y - NORTH), 3)) for x, y in edges.ends.reshape(-1, 2)}
    return sorted(points, key=lambda point: point[1])


def test_small_corners_of_a_border_between_buildings_disappear() -> None:
    assert smooth_border([(50, 0), (50.1, 50), (50, 100)]) == [(50, 0), (50, 100)]


def test_a_sliver_within_a_building_that_another_fills_does_no_harm() -> None:
    sliver = [(24, 24), (24, 24), (25, 25), (24, 24)]
    buildings = [shapely.Polygon(shapely.box(20, 20, 30, 30).exterior, [sliver[::-1]]), shapely.Polygon(sliver)]
    assert smooth_border([(50, 0), (50.1, 50), (50, 100)], buildings) == [(50, 0), (50, 100)]


@pytest.mark.parametrize(("width", "points"), [(0.17, 2), (0.19, 3)])
def test_a_corner_is_small_below_nine_square_metres(width: float, points: int) -> None:
    assert len(smooth_border([(50, 0), (50 + width, 50), (50, 100)])) == points


def test_a_border_on_a_street_stays() -> None:
    border = [(50, 0), (50.1, 50), (50, 100)]
    assert smooth_border(border, street=border) == border


@pytest.mark.parametrize(("width", "points"), [(0.0017, 2), (0.0019, 3)])
def test_a_border_on_a_street_becomes_straight_where_the_street_nearly_is(width: float, points: int) -> None:
    border = [(50, 0), (50 + width, 50), (50, 100)]
    assert len(smooth_border(border, street=border)) == points


def test_the_border_of_dedicated_land_on_a_straight_street_stays() -> None:
    border = [(50.0, 0.0), (50.0, 50.0), (50.0, 100.0)]
    assert smooth_border(border, street=border, kind=GridKind.DEDICATED) == border


def test_a_border_beside_a_street_becomes_smooth() -> None:
    assert smooth_border([(50, 0), (50.1, 50), (50, 100)], street=[(60, 0), (60, 100)]) == [(50, 0), (50, 100)]


def test_the_border_of_dedicated_land_stays() -> None:
    border = [(50.0, 0.0), (50.1, 50.0), (50.0, 100.0)]
    assert smooth_border(border, kind=GridKind.DEDICATED) == border


def test_no_building_comes_to_lie_on_the_other_side() -> None:
    border = [(50.0, 0.0), (50.1, 50.0), (50.0, 100.0)]
    assert smooth_border(border, [shapely.box(50.03, 45, 50.06, 55)]) == border


def test_only_the_corner_beside_a_building_stays() -> None:
    border = [(50.0, 0.0), (50.1, 25.0), (50.0, 50.0), (50.1, 75.0), (50.0, 100.0)]
    drawn = smooth_border(border, [shapely.box(50.03, 73, 50.06, 77)])
    assert ((50.1, 25.0) in drawn, (50.1, 75.0) in drawn) == (False, True)


def test_a_point_is_a_building_of_one_metre() -> None:
    border = [(50.0, 0.0), (50.0, 45.0), (51.5, 50.0), (50.0, 55.0), (50.0, 100.0)]
    assert smooth_border(border) == [border[0], border[-1]]
    assert (51.5, 50.0) in smooth_border(border, [shapely.Point(50.7, 50)])


def test_a_border_that_touches_a_building_stays() -> None:
    terrace = [shapely.box(40, 40, 50.1, 50), shapely.box(50.1, 40, 60, 50)]
    border = [(50.0, 0.0), (50.1, 40.0), (50.1, 50.0), (50.0, 100.0)]
    assert smooth_border(border, terrace) == border


def random_grids(town: Town) -> tuple[GridPlan, GeometryArray, IntArray]:
    """Assign the cells of each community to grids by squares of 120 m."""
    land = build_land(town)
    squares = shapely.get_coordinates(shapely.centroid(land.cells)) // 120
    groups = np.column_stack([land.community, squares.astype(np.int64)])
    found, grid_of_cell = np.unique(groups, axis=0, return_inverse=True)
    count = len(found)
    plan = GridPlan(grid_of_cell.ravel(), found[:, 0], (GridKind.HOUSEHOLD,) * count, (None,) * count)
    return plan, grid_polygons(plan, land), plan.grid_of_cell[land.cell_of_building]


@settings(derandomize=True, max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(random_towns())
def test_outlines_of_random_towns_are_coverages_that_cut_no_building(town: Town) -> None:
    plan, shapes, grid_of_building = random_grids(town)
    outlines = draw_outlines(town, plan, shapes, grid_of_building)
    assert shapely.coverage_is_valid(outlines)
    for community in np.unique(plan.community):
        own = plan.community == community
        before, after = (shapely.coverage_union_all(grids[own]) for grids in (shapes, outlines))
        assert shapely.equals_exact(before, after, 1e-6, normalize=True)
    footprints = town.buildings.geometry.to_numpy()
    lost = [shapely.area(shapely.difference(footprints, grids[grid_of_building])) for grids in (shapes, outlines)]
    assert (lost[1] - lost[0] <= 0.01).all()
    assert shapely.get_num_coordinates(outlines).sum() <= shapely.get_num_coordinates(shapes).sum()
