"""Grids that somebody drew come in from whatever they are stored in, as long as there are polygons."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from gridmap.core.check import DrawnGrids
from gridmap.core.errors import BadInput, Fault
from gridmap.core.town import Town
from gridmap.formats.drawn import read_drawn
from gridmap.formats.town import read_town
from tests.formats.packages import at, box, drawing, geopackage, good_town

CODES = ["420106001001001", "420106001001002", "420106001002001"]


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return read_town(geopackage(good_town(), tmp_path / "town.gpkg"))


def written(grids: gpd.GeoDataFrame, path: Path, layer: str = "grids") -> Path:
    pyogrio.write_dataframe(grids, path, layer=layer if path.suffix == ".gpkg" else None)
    return path


def faults(source: Path, town: Town) -> tuple[Fault, ...]:
    with pytest.raises(BadInput) as bad:
        read_drawn(source, town)
    return bad.value.faults


def assert_are_the_sound_ones(drawn: DrawnGrids) -> None:
    assert shapely.area(drawn.shapes) == pytest.approx([20_000, 20_000, 40_000], rel=2e-3)
    assert not drawn.mended.any()


@pytest.mark.parametrize("crs", [4326, 4490, 3857, 32650])
def test_a_drawing_may_be_in_another_crs(crs: int, town: Town, tmp_path: Path) -> None:
    assert_are_the_sound_ones(read_drawn(written(drawing().to_crs(crs), tmp_path / "drawn.gpkg"), town))


@pytest.mark.parametrize("name", ["drawn.geojson", "drawn.json", "drawn.shp", "drawn.gpkg"])
def test_a_drawing_may_be_any_file_of_polygons(name: str, town: Town, tmp_path: Path) -> None:
    crs = 4547 if name.endswith(("shp", "gpkg")) else 4326
    (tmp_path / "drawing").mkdir()
    pyogrio.write_dataframe(
        drawing().to_crs(crs), tmp_path / "drawing" / name, driver="GeoJSON" if "json" in name else None
    )
    assert_are_the_sound_ones(read_drawn(tmp_path / "drawing" / name, town))
    assert_are_the_sound_ones(
        read_drawn(tmp_path / "drawing" if "gpkg" not in name else tmp_path / "drawing/drawn.gpkg", town)
    )


def test_only_polygons_are_needed(town: Town, tmp_path: Path) -> None:
    drawn = read_drawn(written(drawing(), tmp_path / "drawn.gpkg"), town)
    assert drawn.named() == ["#1", "#2", "#3"]
    assert drawn.community.tolist() == [-1, -1, -1]


def test_the_town_package_may_hold_them_itself(town: Town, tmp_path: Path) -> None:
    whole = geopackage({**good_town(), "grids": drawing(grid_code=CODES)}, tmp_path / "whole.gpkg")
    assert read_drawn(whole, town).named() == CODES


def test_codes_and_communities_are_read_where_they_exist(town: Town, tmp_path: Path) -> None:
    told = {
        "CODE": ["7", None, "9"],
        "name": [None, "河边网格", "x"],
        "community_code": ["420106001001", None, "nowhere"],
    }
    drawn = read_drawn(written(drawing(**told), tmp_path / "drawn.gpkg"), town)
    assert drawn.named() == ["7", "河边网格", "9"]
    assert drawn.codes.tolist() == ["7", None, "9"]
    assert drawn.community.tolist() == [0, -1, -1]


def test_tables_and_points_beside_the_polygons_do_not_matter(town: Town, tmp_path: Path) -> None:
    path = written(drawing(), tmp_path / "drawn.gpkg", layer="第一稿")
    pyogrio.write_dataframe(pd.DataFrame({"style": ["qml"]}), path, layer="layer_styles")
    pyogrio.write_dataframe(drawing().set_geometry(drawing().centroid), path, layer="labels")
    assert_are_the_sound_ones(read_drawn(path, town))


def test_of_two_layers_of_polygons_none_is_guessed(town: Town, tmp_path: Path) -> None:
    path = written(drawing(), tmp_path / "drawn.gpkg", layer="first")
    written(drawing(), path, layer="second")
    assert ["first, second" in str(fault.expected) for fault in faults(path, town)] == [True]


def test_a_town_without_grids_is_told_where_they_may_be(town: Town, tmp_path: Path) -> None:
    assert ["--grids" in str(fault.advice) for fault in faults(tmp_path / "town.gpkg", town)] == [True]


def test_a_crossed_outline_is_mended_and_marked(town: Town, tmp_path: Path) -> None:
    bow_tie = at(shapely.Polygon([(0, 0), (100, 100), (100, 0), (0, 100)]))
    drawn = read_drawn(written(drawing(bow_tie, box(100, 0, 50, 50)), tmp_path / "drawn.gpkg"), town)
    assert drawn.mended.tolist() == [True, False]
    assert shapely.is_valid(drawn.shapes).all()
    assert shapely.area(drawn.shapes[0]) == pytest.approx(5000)


def test_an_outline_that_encloses_nothing_is_beyond_repair(town: Town, tmp_path: Path) -> None:
    line = at(shapely.Polygon([(0, 0), (100, 100), (50, 50)]))
    found = faults(written(drawing(box(0, 0, 9, 9), line), tmp_path / "drawn.gpkg"), town)
    assert [(fault.row, "beyond repair" in str(fault.problem)) for fault in found] == [(2, True)]


def test_rows_without_a_polygon_are_named(town: Town, tmp_path: Path) -> None:
    grids = drawing(box(0, 0, 9, 9), None, shapely.Polygon(), box(9, 0, 9, 9))
    found = faults(written(grids, tmp_path / "drawn.gpkg"), town)
    assert sorted(fault.row or 0 for fault in found) == [2, 3]


def test_lines_are_no_grids(town: Town, tmp_path: Path) -> None:
    lines = gpd.GeoDataFrame(geometry=drawing().boundary)
    assert "wrong type" in str(faults(written(lines, tmp_path / "drawn.gpkg"), town)[0].problem)


def test_an_empty_layer_says_what_to_do(town: Town, tmp_path: Path) -> None:
    found = faults(written(drawing()[:0], tmp_path / "drawn.gpkg"), town)
    assert ["gridmap partition" in str(fault.advice) for fault in found] == [True]


def test_a_drawing_of_elsewhere_is_told_so(town: Town, tmp_path: Path) -> None:
    elsewhere = drawing().set_geometry(drawing().translate(5e4))
    assert "near" in str(faults(written(elsewhere, tmp_path / "drawn.gpkg"), town)[0].problem)


def test_overlapping_communities_are_let_in_on_request(tmp_path: Path) -> None:
    layers = good_town()
    layers["communities"].loc[0, "geometry"] = box(0, 0, 210, 200)
    path = geopackage(layers, tmp_path / "overlap.gpkg")
    assert np.isclose(read_town(path, communities_may_overlap=True).communities.area.sum(), 82_000)
    with pytest.raises(BadInput, match="overlaps"):
        read_town(path)


def test_a_subdistrict_in_pieces_is_one_outline(tmp_path: Path) -> None:
    pieces = gpd.GeoDataFrame(geometry=[box(0, 0, 200, 200), box(200, 0, 210, 200)], crs=drawing().crs)
    town = read_town(geopackage({**good_town(), "subdistrict": pieces}, tmp_path / "whole.gpkg"))
    assert town.subdistrict is not None
    assert town.subdistrict.equals(box(0, 0, 410, 200))
