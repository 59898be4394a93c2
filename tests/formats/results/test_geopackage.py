"""GeoPackages of results: written whole or not at all, and read back unchanged."""

import sqlite3
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from gridmap.core.errors import InvalidInput
from gridmap.formats.results.geopackage import list_layers, read_layer, write_layers
from tests.fixtures.town_package import box, file_sizes

GRIDS = gpd.GeoDataFrame(
    {"grid_code": ["420106001001001", "420106001001002"], "households": [320, 410]},
    geometry=[box(0, 0, 100, 100), shapely.union(box(100, 0, 9, 9), box(200, 0, 9, 9))],
    crs="EPSG:4547",
)
ASSIGNMENT = pd.DataFrame({"building_id": ["b1", "楼二"], "grid_code": ["420106001001001", None]})


def test_layers_and_tables_come_back_as_they_were(tmp_path: Path) -> None:
    target = tmp_path / "out.gpkg"
    write_layers(target, {"grids": GRIDS, "assignment": ASSIGNMENT})
    grids = read_layer(target, "grids")
    assert list_layers(target) == ["assignment", "grids"]
    assert grids.crs == GRIDS.crs
    assert grids.geometry.geom_equals(GRIDS.geometry).all()
    assert read_layer(target, "assignment").building_id.tolist() == ["b1", "楼二"]


def test_an_existing_file_is_replaced_and_nothing_else_is_left(tmp_path: Path) -> None:
    target = tmp_path / "out.gpkg"
    write_layers(target, {"old": ASSIGNMENT})
    write_layers(target, {"new": ASSIGNMENT})
    assert list_layers(target) == ["new"]
    assert list(file_sizes(tmp_path)) == ["out.gpkg"]


def test_a_failure_leaves_the_old_file_as_it_was(tmp_path: Path) -> None:
    target = tmp_path / "out.gpkg"
    write_layers(target, {"grids": GRIDS})
    before = target.read_bytes()
    with pytest.raises(NotImplementedError):
        write_layers(target, {"grids": GRIDS, "bad": pd.DataFrame({"x": [1 + 2j]})})
    assert target.read_bytes() == before
    assert list(tmp_path.iterdir()) == [target]


def test_a_missing_folder_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="does not exist"):
        write_layers(tmp_path / "nowhere" / "out.gpkg", {"grids": GRIDS})


def test_a_folder_in_the_way_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="folder of that name"):
        write_layers(tmp_path, {"grids": GRIDS})


def test_a_folder_without_write_access_is_bad_input() -> None:
    with pytest.raises(InvalidInput, match="nothing can be written"):
        write_layers(Path("/proc/out.gpkg"), {"grids": GRIDS})


def test_a_missing_layer_is_bad_input_and_lists_the_others(tmp_path: Path) -> None:
    target = tmp_path / "out.gpkg"
    write_layers(target, {"grids": GRIDS})
    with pytest.raises(InvalidInput) as error:
        read_layer(target, "cells")
    assert "found: grids" in str(error.value.faults[0].expected)


def test_results_have_styles_and_the_version_that_old_programs_read(tmp_path: Path) -> None:
    target = tmp_path / "out.gpkg"
    write_layers(target, {"grids": GRIDS.assign(status="over")}, "en")
    assert int.from_bytes(target.read_bytes()[60:64], "big") == 10300
    with closing(sqlite3.connect(target)) as database:
        rows = database.execute("SELECT styleName FROM layer_styles WHERE useAsDefault = 1").fetchall()
    assert rows == [("gridmap English",)]
    assert list_layers(target) == ["grids"]
