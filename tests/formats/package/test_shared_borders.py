"""Borders are matched in the coordinates of their file, before anything is projected."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import box

from gridmap.core.coverage.checks import check_grids
from gridmap.core.plans.profile import Profile
from gridmap.core.vocabulary import FindingKind
from gridmap.formats.package.drawn_grids import read_town_and_grids
from gridmap.formats.package.shared_borders import match_vertices
from gridmap.formats.package.town import read_town
from tests.fixtures.town_package import write_geopackage

SIZE_FAULTS = {FindingKind.OVERSIZE, FindingKind.UNDERSIZE, FindingKind.EMPTY_GRID}
TOLERANCE = 5e-8


def match(*shapes: shapely.Geometry, tolerance: float = TOLERANCE) -> list[shapely.Geometry]:
    return list(match_vertices(np.array(shapes, dtype=object), tolerance))


def test_a_vertex_on_the_edge_of_a_neighbour_is_inserted_there() -> None:
    long, (west, east) = box(0, 0, 4, 1), (box(0, 1, 2, 2), box(2, 1, 4, 2))
    matched = match(long, west, east)
    assert shapely.coverage_is_valid(matched)
    assert shapely.get_num_coordinates(matched).tolist() == [6, 5, 5]


def test_nearly_equal_vertices_of_several_polygons_become_those_of_the_first() -> None:
    generator = np.random.default_rng(3)
    rings = [box(x, y, x + 1, y + 1).exterior.coords[:-1] for x in range(3) for y in range(3)]
    noisy = [shapely.Polygon(np.array(ring) + generator.normal(0, 1e-9, (4, 2))) for ring in rings]
    matched = match(*noisy)
    assert shapely.coverage_is_valid(matched)
    assert len(np.unique(shapely.get_coordinates(matched), axis=0)) == 16
    assert matched[0].equals_exact(noisy[0], 0)


@pytest.mark.parametrize(("apart", "is_one"), [(0.004, True), (0.006, False)])
def test_vertices_up_to_the_tolerance_apart_are_one(apart: float, is_one: bool) -> None:
    matched = match(box(0, 0, 4, 1), box(4 + apart, 0, 8, 1), tolerance=0.005)
    assert bool(shapely.touches(*matched)) is is_one


def test_a_short_edge_of_one_polygon_stays() -> None:
    notched = shapely.Polygon([(0, 0), (4, 0), (4, 0.004), (4.1, 0.1), (4, 1), (0, 1)])
    assert match(notched, box(9, 0, 10, 1), tolerance=0.005)[0] is notched


def test_several_vertices_on_one_edge_keep_their_order() -> None:
    parts = [box(x, 1, x + 1, 2) for x in range(5)]
    matched = match(box(0, 0, 5, 1), *parts)
    assert shapely.coverage_is_valid(matched)
    assert matched[0].equals(box(0, 0, 5, 1))


def test_holes_and_parts_are_matched_too() -> None:
    ring = box(0, 0, 9, 9) - box(3, 3, 6, 6)
    parts = shapely.MultiPolygon([box(3, 3, 6, 4.5), box(20, 0, 21, 1)])
    matched = match(ring, parts, box(3, 4.5, 6, 6))
    assert shapely.coverage_is_valid(matched)
    assert [shape.geom_type for shape in matched] == ["Polygon", "MultiPolygon", "Polygon"]


@pytest.mark.parametrize(("distance", "count"), [(4e-8, 6), (6e-8, 5)])
def test_a_vertex_beyond_the_tolerance_is_left_alone(distance: float, count: int) -> None:
    north = shapely.Polygon([(0, 1), (2, 1 + distance), (4, 1), (4, 2), (0, 2)])
    assert shapely.get_num_coordinates(match(box(0, 0, 4, 1), north)[0]) == count


def test_matched_polygons_are_the_same_objects() -> None:
    shapes = [box(0, 0, 1, 1), box(1, 0, 2, 1)]
    assert all(after is before for after, before in zip(match(*shapes), shapes, strict=True))


def test_a_polygon_that_would_become_invalid_is_left_alone() -> None:
    spike = shapely.Polygon([(0, 0), (4, 0), (4, 1), (2, 1e-8), (0, 1)])
    assert match(spike, box(0, -1, 2, 0))[0].is_valid


def draw_parallel(vertices: int) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Draw two communities of about 5 km on both sides of a parallel; the northern one has vertices on it."""
    south, middle, north, west, east = 30.6, 30.609, 30.618, 114.0, 114.0522
    steps = [(x, middle) for x in np.linspace(west, east, vertices + 2).tolist()]
    outlines = [box(west, south, east, middle), shapely.Polygon([*steps, (east, north), (west, north)])]
    communities = {"code": ["420106001001", "420106001002"], "name": ["南社区", "北社区"]}
    buildings = {"building_id": ["b1", "b2"], "households": [400, 400]}
    points = shapely.points([[114.02, 30.605], [114.02, 30.615]])
    crs = "EPSG:4490"
    layer = gpd.GeoDataFrame(communities, geometry=outlines, crs=crs)
    grids = gpd.GeoDataFrame({"grid_code": ["1", "2"]}, geometry=outlines, crs=crs)
    return layer, gpd.GeoDataFrame(buildings, geometry=points, crs=crs), grids


@pytest.mark.parametrize("vertices", [1, 7])
def test_a_border_along_a_parallel_has_no_overlap_in_metres(vertices: int, tmp_path: Path) -> None:
    communities, buildings, grids = draw_parallel(vertices)
    layers = {"communities": communities, "buildings": buildings, "grids": grids}
    town, drawn = read_town_and_grids(write_geopackage(layers, tmp_path / "town.gpkg"), None)
    assert shapely.intersection(*town.communities.geometry).area == 0
    assert {finding.kind for finding in check_grids(town, drawn, Profile())} <= SIZE_FAULTS


def test_grids_that_meet_on_the_edge_of_their_community_leave_no_gap(tmp_path: Path) -> None:
    communities, buildings, _ = draw_parallel(1)
    west, south, east, north = communities.total_bounds
    parts = [box(west, south, 114.03, north), box(114.03, south, east, north)]
    layers = {"communities": communities.dissolve().assign(code="1", name="a")[["code", "name", "geometry"]]}
    grids = gpd.GeoDataFrame({"grid_code": ["1", "2"]}, geometry=parts, crs=communities.crs)
    path = write_geopackage({**layers, "buildings": buildings, "grids": grids}, tmp_path / "town.gpkg")
    town, drawn = read_town_and_grids(path, None)
    assert shapely.union_all(drawn.shapes).symmetric_difference(town.communities.geometry[0]).area < 0.01


def test_another_file_in_the_same_crs_is_matched_too(tmp_path: Path) -> None:
    communities, buildings, grids = draw_parallel(7)
    path = write_geopackage({"communities": communities, "buildings": buildings}, tmp_path / "town.gpkg")
    drawing = write_geopackage({"grids": grids}, tmp_path / "drawing.gpkg")
    town, drawn = read_town_and_grids(path, drawing)
    assert {finding.kind for finding in check_grids(town, drawn, Profile())} <= SIZE_FAULTS


def test_buildings_at_a_border_stay_as_they_are(tmp_path: Path) -> None:
    communities, buildings, _ = draw_parallel(1)
    touching = buildings.set_geometry([box(114.01, 30.609, 114.012, 30.61), box(114.02, 30.605, 114.021, 30.606)])
    path = write_geopackage({"communities": communities, "buildings": touching}, tmp_path / "town.gpkg")
    town = read_town(path)
    assert shapely.get_num_coordinates(town.buildings.geometry.to_numpy()).tolist() == [5, 5]
    assert shapely.get_num_coordinates(town.communities.geometry.to_numpy()).tolist() == [6, 6]
