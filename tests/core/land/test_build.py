"""Construction of the land: one cell per building, without gap or overlap, in towns of every shape."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely.affinity import translate

from gridmap.core.land.build import LandCoverage, build_land
from gridmap.core.land.town import Town
from gridmap.demo.layers import ColumnMapping, assemble_town
from tests.fixtures.ascii_towns import CORNER, town

NO_FEATURES: ColumnMapping = {"kind": [], "geometry": []}


def move_to_town(geometry: shapely.Geometry) -> shapely.Geometry:
    return translate(geometry, *CORNER)


def build_town(
    *communities: shapely.Geometry, buildings: tuple[shapely.Geometry, ...] = (), community_index: int = 0
) -> Town:
    """Return a town of communities and of buildings that all belong to one of them, and nothing else."""
    names = [f"C{number}" for number, _ in enumerate(communities)]
    return assemble_town(
        "land",
        communities={"code": names, "name": names, "geometry": [move_to_town(shape) for shape in communities]},
        buildings={
            "building_id": [f"b{number}" for number, _ in enumerate(buildings)],
            "households": [10] * len(buildings),
            "community": [community_index] * len(buildings),
            "geometry": [move_to_town(shape) for shape in buildings],
        },
        streets=NO_FEATURES,
        barriers=NO_FEATURES,
        dedicated={"name": [], "geometry": []},
    )


def replace_streets(drawn_town: Town, lines: list[shapely.Geometry]) -> Town:
    """Return the town with these local streets and no others."""
    return replace(
        drawn_town, streets=gpd.GeoDataFrame({"kind": ["local"] * len(lines)}, geometry=lines, crs=drawn_town.crs)
    )


def build_valid_land(town: Town) -> LandCoverage:
    """Build the land of a town and assert that it covers the communities exactly and contains every building."""
    land = build_land(town)
    assert shapely.coverage_is_valid(land.cells)
    assert (shapely.get_type_id(land.cells) == shapely.GeometryType.POLYGON).all()
    for position, community in enumerate(town.communities.geometry):
        covered = shapely.coverage_union_all(land.cells[land.community == position])
        assert (covered ^ community).area < 1e-3 * community.length
    communities = town.communities.geometry.to_numpy()[town.buildings["community"]]
    assert (land.community[land.cell_of_building] == town.buildings["community"]).all()
    inside = shapely.intersection(town.buildings.geometry.to_numpy(), communities)
    assert (shapely.area(inside - land.cells[land.cell_of_building]) < 0.01 * shapely.area(inside) + 0.1).all()
    return land


def count_building_cells(land: LandCoverage) -> int:
    """Return the number of cells with buildings."""
    return len(set(land.cell_of_building.tolist()))


def test_the_border_between_houses_is_halfway() -> None:
    land = build_valid_land(town("AB\nAB\nAB"))
    assert len(land.cells) == 2
    assert shapely.area(land.cells) == pytest.approx([1200, 1200], rel=0.05)


def test_buildings_that_touch_keep_their_own_outlines() -> None:
    land = build_valid_land(town("ABCD", gap=0))
    assert shapely.area(land.cells) == pytest.approx([400] * 4)


def test_a_house_inside_a_perimeter_block_has_its_own_cell() -> None:
    land = build_valid_land(town("AAAAA\nA...A\nA.B.A\nA...A\nAAAAA"))
    inner_cell = land.cells[land.cell_of_building[1]]
    assert len(land.cells) == 2
    assert shapely.get_num_interior_rings(land.cells[land.cell_of_building[0]]) == 1
    assert 16**2 < inner_cell.area < 60**2


def test_a_building_across_a_street_has_one_cell_on_both_sides() -> None:
    slab, street = move_to_town(shapely.box(40, 30, 60, 70)), move_to_town(shapely.LineString([(-10, 50), (110, 50)]))
    plain = build_town(shapely.box(0, 0, 100, 100), buildings=(shapely.box(40, 30, 60, 70),))
    land = build_valid_land(replace_streets(plain, [street]))
    assert land.cells[land.cell_of_building[0]].covers(slab)


@pytest.mark.parametrize("community", [0, 1])
def test_a_building_across_a_border_stays_with_its_community(community: int) -> None:
    west = 45 - 10 * (1 - community)
    slab = shapely.box(west, 40, west + 20, 50)
    land = build_valid_land(
        build_town(
            shapely.box(0, 0, 50, 100), shapely.box(50, 0, 100, 100), buildings=(slab,), community_index=community
        )
    )
    assert len(land.cells) == 2
    assert land.community[land.cell_of_building].tolist() == [community]


@pytest.mark.parametrize("place", [(20, 20), (0, 50), (0, 0)])
@pytest.mark.parametrize("count", [2, 30])
def test_buildings_at_one_point_have_a_cell_each_near_it(count: int, place: tuple[float, float]) -> None:
    point, other = shapely.Point(place), shapely.Point(80, 80)
    land = build_valid_land(build_town(shapely.box(0, 0, 100, 100), buildings=(*[point] * count, other)))
    assert count_building_cells(land) == count + 1
    assert shapely.distance(land.cells[land.cell_of_building[:-1]], move_to_town(point)).max() < 5


def test_buildings_at_one_point_of_a_footprint_share_its_cell() -> None:
    point, slab = shapely.Point(20, 20), shapely.box(10, 10, 40, 30)
    land = build_land(build_town(shapely.box(0, 0, 100, 100), buildings=(point, slab, point)))
    assert count_building_cells(land) == 1


def test_overlapping_footprints_share_a_cell() -> None:
    land = build_valid_land(
        build_town(shapely.box(0, 0, 99, 99), buildings=(shapely.box(9, 9, 40, 40), shapely.box(20, 20, 60, 30)))
    )
    assert count_building_cells(land) == 1


@pytest.mark.parametrize(("width", "cells"), [(0.3, 2), (0.45, 2), (0.55, 1)])
def test_an_overlap_of_up_to_a_twentieth_is_parted_along_the_middle(width: float, cells: int) -> None:
    terrace = shapely.box(20, 20, 30, 40), shapely.box(30 - width, 20, 40 - width, 40)
    land = build_land(build_town(shapely.box(0, 0, 60, 60), buildings=terrace))
    shared = move_to_town(terrace[0] & terrace[1])
    shares = shapely.area(land.cells & shared)[np.unique(land.cell_of_building)] / shared.area
    assert shares == pytest.approx([1 / cells] * cells, abs=0.1)


def test_a_row_of_terraced_houses_is_divisible_by_house() -> None:
    row = tuple(shapely.box(20 + 9.3 * number, 20, 29.6 + 9.3 * number, 32) for number in range(8))
    assert count_building_cells(build_land(build_town(shapely.box(0, 0, 120, 60), buildings=row))) == 8


def test_corners_that_overlap_are_parted_between_the_corners() -> None:
    corners = shapely.box(20, 20, 40, 40), shapely.box(36, 36, 56, 56)
    land = build_land(build_town(shapely.box(0, 0, 80, 80), buildings=corners))
    shared = move_to_town(corners[0] & corners[1])
    assert shapely.area(land.cells & shared) == pytest.approx([8, 8], abs=1)


@pytest.mark.parametrize("other", [shapely.box(24, 24, 26, 26), shapely.box(10, 24, 60, 25)])
def test_a_small_overlap_by_containing_or_crossing_is_not_parted(other: shapely.Geometry) -> None:
    land = build_land(build_town(shapely.box(0, 0, 80, 80), buildings=(shapely.box(20, 20, 25, 50), other)))
    assert count_building_cells(land) == 1


def test_a_tiny_overlap_does_not_merge_neighbours() -> None:
    one, two = shapely.box(10, 10, 30, 30), shapely.box(29.99, 10, 50, 30)
    assert count_building_cells(build_valid_land(build_town(shapely.box(0, 0, 99, 99), buildings=(one, two)))) == 2


def test_a_street_that_leaves_the_community_closes_land_only_inside() -> None:
    land = build_valid_land(town(".....\nA.|.B\n..|..", communities="XXX..\nXXXXX\nXXXXX"))
    assert count_building_cells(land) == 2


def test_a_dangling_street_closes_no_land() -> None:
    land = build_valid_land(town(".....\n--...\n....."))
    assert len(land.cells) == 1


def test_a_building_on_the_end_of_a_dangling_street_stays_whole() -> None:
    drawn = town("C.....\n......\n--AA.B\n......\nD....E")
    build_valid_land(replace_streets(drawn, [move_to_town(shapely.LineString([(-30, 50), (55, 50)]))]))


def test_wings_of_one_building_around_another_stay_one_building() -> None:
    wings = shapely.MultiPolygon([shapely.box(10, 10, 20, 60), shapely.box(70, 10, 80, 60)])
    land = build_land(build_town(shapely.box(0, 0, 90, 70), buildings=(wings, shapely.box(40, 1, 50, 69))))
    own_cells = {int(land.cell_of_building[0]), *land.detached_parts[:, 1].tolist()}
    own_land = shapely.union_all(land.cells[sorted(own_cells)])
    assert len(own_cells) == 2
    assert own_land.covers(move_to_town(wings))


def test_islands_and_holes_are_kept() -> None:
    land = build_valid_land(town("A.B..C\n......\nD.E..F", communities="XXX.XX\nX.X.XX\nXXX.XX"))
    assert count_building_cells(land) == 6
    assert shapely.union_all(land.cells).area == 14 * 400


def test_an_island_without_buildings_is_a_cell_of_its_own() -> None:
    land = build_valid_land(town("A..\n...", communities="X.X\nX.X"))
    assert len(land.cells) == 2


def test_an_empty_community_is_one_cell() -> None:
    land = build_valid_land(town("A.....\n......", communities="XXXYYY\nXXXYYY"))
    assert land.community.tolist() == [0, 1]


def test_a_town_without_buildings_is_all_open_land() -> None:
    land = build_valid_land(town("..|..\n--+--\n..|.."))
    assert len(land.cells) == 4
    assert len(land.cell_of_building) == 0


def test_neighbouring_communities_match_vertex_for_vertex() -> None:
    land = build_valid_land(town("AB.C\nD.EF\n.G.H", communities="XXYY\nXXXY\nXYYY"))
    assert shapely.coverage_is_valid(land.cells)
    assert shapely.union_all(land.cells).area == 12 * 400


def test_a_tiny_gap_between_communities_is_closed() -> None:
    left = shapely.Polygon([(0, 0), (50, 0), (49.99, 50), (50, 100), (0, 100)])
    right = shapely.box(50, 0, 100, 100)
    land = build_land(build_town(left, right, buildings=(shapely.box(10, 10, 20, 20),)))
    assert shapely.coverage_is_valid(land.cells)
    assert shapely.union_all(land.cells).area == pytest.approx(10_000)
    assert shapely.union_all(land.cells).geom_type == "Polygon"


def test_a_tiny_overlap_of_communities_belongs_to_one_of_them() -> None:
    land = build_land(build_town(shapely.box(0, 0, 50.005, 100), shapely.box(50, 0, 100, 100)))
    assert shapely.coverage_is_valid(land.cells)
    assert shapely.area(land.cells).sum() == pytest.approx(10_000)


def test_a_building_just_outside_its_community_is_on_the_nearest_cell() -> None:
    inside, outside = shapely.box(10, 40, 20, 60), shapely.box(102, 40, 104, 60)
    land = build_land(build_town(shapely.box(0, 0, 100, 100), buildings=(inside, outside)))
    assert shapely.area(land.cells).sum() == pytest.approx(10_000)
    assert land.cells[land.cell_of_building[1]].distance(move_to_town(outside)) == pytest.approx(2)


def test_blocks_between_streets_are_cells() -> None:
    land = build_valid_land(town("A.|..\n..|..\n--+--\n..|..\n..|.."))
    assert len(land.cells) == 4


def test_a_traffic_island_is_no_cell_of_its_own() -> None:
    drawn = town("A...\n....\n....")
    lines = [
        move_to_town(shapely.LineString([(-9, 30), (99, 30)])),
        move_to_town(shapely.LineString([(-9, 31), (40, 29), (99, 31)])),
    ]
    assert shapely.area(build_valid_land(replace_streets(drawn, lines)).cells).min() > 100


def test_dedicated_land_has_its_own_cell() -> None:
    land = build_valid_land(town("A.$$\n..$$"))
    assert sorted(land.dedicated.tolist()) == [-1, 0]
    assert land.cells[land.dedicated == 0][0].area == 4 * 400


def test_water_cells_are_flagged() -> None:
    land = build_valid_land(town("A.##.B\n..##.."))
    assert land.cells[land.water].tolist()[0].area == 4 * 400
    assert land.water.sum() == 1


def test_every_step_is_reported() -> None:
    calls: list[tuple[int, int]] = []
    build_land(town("A.B"), lambda step, done, total: calls.append((done, total)))
    assert calls == [(done, 5) for done in range(6)]


def test_cells_do_not_depend_on_the_order_of_buildings() -> None:
    drawn = town("A.B.C\n.....\nD.E.F")
    reversed_town = replace(drawn, buildings=drawn.buildings[::-1].reset_index(drop=True))
    one, two = build_land(drawn), build_land(reversed_town)
    assert np.allclose(
        shapely.area(one.cells[one.cell_of_building]), shapely.area(two.cells[two.cell_of_building])[::-1]
    )
