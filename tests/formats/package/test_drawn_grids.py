"""Reading of grids drawn by hand, from every format with polygons."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from gridmap.core.coverage.checks import DrawnGrids
from gridmap.core.errors import InputFault, InvalidInput
from gridmap.core.land.town import Town
from gridmap.formats.package.drawn_grids import read_drawn_grids
from gridmap.formats.package.town import read_town
from tests.fixtures.town_package import box, draw_grids, moved_to_town, sound_town, write_geopackage

CODES = ["420106001001001", "420106001001002", "420106001002001"]


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return read_town(write_geopackage(sound_town(), tmp_path / "town.gpkg"))


def write_grids(grids: gpd.GeoDataFrame, path: Path, layer: str = "grids") -> Path:
    pyogrio.write_dataframe(grids, path, layer=layer if path.suffix == ".gpkg" else None)
    return path


def faults_of(source: Path, town: Town) -> tuple[InputFault, ...]:
    with pytest.raises(InvalidInput) as bad:
        read_drawn_grids(source, town)
    return bad.value.faults


def assert_sound_grids(drawn: DrawnGrids) -> None:
    assert shapely.area(drawn.shapes) == pytest.approx([20_000, 20_000, 40_000], rel=2e-3)
    assert not drawn.repaired.any()


@pytest.mark.parametrize("crs", [4326, 4490, 3857, 32650])
def test_drawn_grids_may_be_in_another_crs(crs: int, town: Town, tmp_path: Path) -> None:
    assert_sound_grids(read_drawn_grids(write_grids(draw_grids().to_crs(crs), tmp_path / "drawn.gpkg"), town))


@pytest.mark.parametrize("name", ["drawn.geojson", "drawn.json", "drawn.shp", "drawn.gpkg"])
def test_drawn_grids_may_be_any_file_of_polygons(name: str, town: Town, tmp_path: Path) -> None:
    crs = 4547 if name.endswith(("shp", "gpkg")) else 4326
    (tmp_path / "drawing").mkdir()
    pyogrio.write_dataframe(
        draw_grids().to_crs(crs), tmp_path / "drawing" / name, driver="GeoJSON" if "json" in name else None
    )
    assert_sound_grids(read_drawn_grids(tmp_path / "drawing" / name, town))
    assert_sound_grids(
        read_drawn_grids(tmp_path / "drawing" if "gpkg" not in name else tmp_path / "drawing/drawn.gpkg", town)
    )


def test_only_polygons_are_required(town: Town, tmp_path: Path) -> None:
    drawn = read_drawn_grids(write_grids(draw_grids(), tmp_path / "drawn.gpkg"), town)
    assert drawn.labels() == ["#1", "#2", "#3"]
    assert drawn.community.tolist() == [-1, -1, -1]


def test_the_town_package_may_contain_the_grids(town: Town, tmp_path: Path) -> None:
    whole = write_geopackage({**sound_town(), "grids": draw_grids(grid_code=CODES)}, tmp_path / "whole.gpkg")
    assert read_drawn_grids(whole, town).labels() == CODES


def test_codes_and_communities_are_read_where_they_exist(town: Town, tmp_path: Path) -> None:
    columns = {
        "CODE": ["7", None, "9"],
        "name": [None, "河边网格", "x"],
        "community_code": ["420106001001", None, "nowhere"],
    }
    drawn = read_drawn_grids(write_grids(draw_grids(**columns), tmp_path / "drawn.gpkg"), town)
    assert drawn.labels() == ["7", "河边网格", "9"]
    assert drawn.codes.tolist() == ["7", None, "9"]
    assert drawn.community.tolist() == [0, -1, -1]


def test_other_tables_and_points_are_ignored(town: Town, tmp_path: Path) -> None:
    path = write_grids(draw_grids(), tmp_path / "drawn.gpkg", layer="第一稿")
    pyogrio.write_dataframe(pd.DataFrame({"style": ["qml"]}), path, layer="layer_styles")
    pyogrio.write_dataframe(draw_grids().set_geometry(draw_grids().centroid), path, layer="labels")
    assert_sound_grids(read_drawn_grids(path, town))


def test_two_layers_of_polygons_are_refused(town: Town, tmp_path: Path) -> None:
    path = write_grids(draw_grids(), tmp_path / "drawn.gpkg", layer="first")
    write_grids(draw_grids(), path, layer="second")
    assert ["first, second" in str(fault.expected) for fault in faults_of(path, town)] == [True]


def test_a_town_without_grids_gets_advice(town: Town, tmp_path: Path) -> None:
    assert ["--grids" in str(fault.advice) for fault in faults_of(tmp_path / "town.gpkg", town)] == [True]


def test_a_crossed_outline_is_repaired_and_marked(town: Town, tmp_path: Path) -> None:
    bow_tie = moved_to_town(shapely.Polygon([(0, 0), (100, 100), (100, 0), (0, 100)]))
    drawn = read_drawn_grids(write_grids(draw_grids(bow_tie, box(100, 0, 50, 50)), tmp_path / "drawn.gpkg"), town)
    assert drawn.repaired.tolist() == [True, False]
    assert shapely.is_valid(drawn.shapes).all()
    assert shapely.area(drawn.shapes[0]) == pytest.approx(5000)


def test_an_outline_that_encloses_nothing_is_beyond_repair(town: Town, tmp_path: Path) -> None:
    line = moved_to_town(shapely.Polygon([(0, 0), (100, 100), (50, 50)]))
    faults = faults_of(write_grids(draw_grids(box(0, 0, 9, 9), line), tmp_path / "drawn.gpkg"), town)
    assert [(fault.row, "beyond repair" in str(fault.problem)) for fault in faults] == [(2, True)]


def test_rows_without_a_polygon_are_reported(town: Town, tmp_path: Path) -> None:
    grids = draw_grids(box(0, 0, 9, 9), None, shapely.Polygon(), box(9, 0, 9, 9))
    faults = faults_of(write_grids(grids, tmp_path / "drawn.gpkg"), town)
    assert sorted(fault.row or 0 for fault in faults) == [2, 3]


def test_open_lines_are_refused_as_grids(town: Town, tmp_path: Path) -> None:
    lines = gpd.GeoDataFrame(
        geometry=[shapely.LineString(shape.exterior.coords[:4]) for shape in draw_grids().geometry]
    )
    lines = lines.set_crs(draw_grids().crs)
    assert "do not meet" in str(faults_of(write_grids(lines, tmp_path / "drawn.gpkg"), town)[0].problem)


def test_closed_lines_are_grids(town: Town, tmp_path: Path) -> None:
    lines = gpd.GeoDataFrame(geometry=draw_grids().boundary)
    assert_sound_grids(read_drawn_grids(write_grids(lines, tmp_path / "drawn.gpkg"), town))


def test_an_empty_layer_gets_advice(town: Town, tmp_path: Path) -> None:
    faults = faults_of(write_grids(draw_grids()[:0], tmp_path / "drawn.gpkg"), town)
    assert ["gridmap partition" in str(fault.advice) for fault in faults] == [True]


def test_grids_far_from_the_town_are_refused(town: Town, tmp_path: Path) -> None:
    elsewhere = draw_grids().set_geometry(draw_grids().translate(5e4))
    assert "near" in str(faults_of(write_grids(elsewhere, tmp_path / "drawn.gpkg"), town)[0].problem)


def test_overlapping_communities_are_accepted_on_request(tmp_path: Path) -> None:
    layers = sound_town()
    layers["communities"].loc[0, "geometry"] = box(0, 0, 210, 200)
    path = write_geopackage(layers, tmp_path / "overlap.gpkg")
    assert np.isclose(read_town(path, allow_overlaps=True).communities.area.sum(), 82_000)
    with pytest.raises(InvalidInput, match="overlaps"):
        read_town(path)


def test_a_subdistrict_in_several_parts_is_one_outline(tmp_path: Path) -> None:
    pieces = gpd.GeoDataFrame(geometry=[box(0, 0, 200, 200), box(200, 0, 210, 200)], crs=draw_grids().crs)
    town = read_town(write_geopackage({**sound_town(), "subdistrict": pieces}, tmp_path / "whole.gpkg"))
    assert town.subdistrict is not None
    assert town.subdistrict.equals(box(0, 0, 410, 200))
