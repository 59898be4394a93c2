"""Rows of one unit: touching rows with one code are united as they were drawn; others are faults."""

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from gridmap.core.coverage.checks import DrawnGrids
from gridmap.core.errors import InputFault, InvalidInput
from gridmap.core.land.town import Town
from gridmap.formats.package.drawn_grids import read_town_and_grids
from gridmap.formats.package.town import read_town
from gridmap.formats.package.town_extras import TownExtras, read_town_extras
from tests.fixtures.town_package import CRS, box, draw_grids, moved_to_town, sound_town, write_geopackage
from tests.shared_cases import shared_case

WEST, EAST = "420106001001", "420106001002"
WEST_HALVES = (box(0, 0, 100, 200), box(100, 0, 100, 200))
NEIGHBOUR = box(200, 0, 200, 200)
TOUCH = "have one code and touch"


def read_communities(folder: Path, *parts: shapely.Geometry, names: Sequence[str] = (), crs: str | int = CRS) -> Town:
    """Read a town whose western community has several rows; its neighbour is the last row."""
    rows = [*parts, NEIGHBOUR]
    columns = {"code": [WEST] * len(parts) + [EAST], "name": [*(names or ["水果湖社区"] * len(parts)), "放鹰台社区"]}
    layer = gpd.GeoDataFrame(columns, geometry=rows, crs=CRS).to_crs(crs)
    return read_town(write_geopackage({**sound_town(), "communities": layer}, folder / "town.gpkg"))


def refused(folder: Path, *parts: shapely.Geometry, names: Sequence[str] = ()) -> InputFault:
    with pytest.raises(InvalidInput) as bad:
        read_communities(folder, *parts, names=names)
    (fault,) = (fault for fault in bad.value.faults if fault.layer == "communities")
    return fault


def unit_warnings(town: Town) -> list[tuple[str, int | None]]:
    return [(str(warning.problem), warning.row) for warning in town.warnings if warning.column in {"code", "grid_code"}]


def test_touching_rows_with_one_code_are_one_community(tmp_path: Path) -> None:
    town = read_communities(tmp_path, *WEST_HALVES)
    assert town.communities["code"].tolist() == [WEST, EAST]
    assert town.communities.area.tolist() == [40_000, 40_000]
    assert unit_warnings(town) == [("the rows 1, 2 have one code and touch: they are read as one unit", 2)]


def test_buildings_belong_to_the_united_community(tmp_path: Path) -> None:
    assert read_communities(tmp_path, *WEST_HALVES).buildings["community"].tolist() == [0, 0, 0, 1, 1, 1]


def test_rows_that_touch_through_others_are_one_community(tmp_path: Path) -> None:
    thirds = (box(0, 0, 60, 200), box(120, 0, 80, 200), box(60, 0, 60, 200))
    town = read_communities(tmp_path, *thirds)
    assert town.communities.area.tolist() == [40_000, 40_000]


def test_rows_that_touch_at_a_point_are_one_community(tmp_path: Path) -> None:
    town = read_communities(tmp_path, box(0, 0, 200, 180), box(-20, 180, 20, 20))
    assert town.communities.area.tolist() == [36_400, 40_000]
    assert town.communities.geom_type.tolist() == ["MultiPolygon", "Polygon"]


def test_a_gap_of_four_millimetres_is_closed(tmp_path: Path) -> None:
    town = read_communities(tmp_path, box(0, 0, 100, 200), box(100.004, 0, 99.996, 200))
    assert len(town.communities) == 2
    assert town.communities.geom_type.tolist() == ["Polygon", "Polygon"]
    assert town.communities.area.iloc[0] == pytest.approx(40_000, abs=1e-3)


def test_a_gap_of_six_millimetres_parts_two_rows(tmp_path: Path) -> None:
    fault = refused(tmp_path, box(0, 0, 100, 200), box(100.006, 0, 99.994, 200))
    assert str(fault.problem) == "the rows 1, 2 have one code and lie 0.01 m apart"


def test_rows_apart_are_refused_with_their_distance_and_advice(tmp_path: Path) -> None:
    fault = refused(tmp_path, box(0, 0, 80, 200), box(100, 0, 100, 200))
    assert (str(fault.problem), fault.row) == ("the rows 1, 2 have one code and lie 20 m apart", 2)
    assert "own code" in str(fault.advice)


def test_one_row_apart_from_two_that_touch_is_named(tmp_path: Path) -> None:
    fault = refused(tmp_path, box(0, 0, 60, 200), box(60, 0, 60, 200), box(150, 0, 50, 200))
    assert (str(fault.problem), fault.row) == ("the rows 1, 2, 3 have one code and lie 30 m apart", 3)


def test_different_names_of_one_code_are_refused_with_both(tmp_path: Path) -> None:
    fault = refused(tmp_path, *WEST_HALVES, names=["水果湖社区", "东湖社区"])
    assert str(fault.problem) == "the rows 1, 2 have one code, but differ in name: 水果湖社区 / 东湖社区"


def test_spellings_of_one_name_are_one_unit(tmp_path: Path) -> None:
    town = read_communities(tmp_path, *WEST_HALVES, names=["水果湖社区（一）", "水果湖社区(一)"])
    assert town.communities["name"].tolist() == ["水果湖社区（一）", "放鹰台社区"]


def test_doubled_land_of_one_code_counts_once_and_is_told(tmp_path: Path) -> None:
    town = read_communities(tmp_path, box(0, 0, 110, 200), box(100, 0, 100, 200))
    assert town.communities.area.tolist() == [40_000, 40_000]
    assert ["overlap by 2000 m²" in text for text, _ in unit_warnings(town)] == [True]


def test_a_small_spike_of_a_row_is_removed(tmp_path: Path) -> None:
    spike = moved_to_town(shapely.Polygon([(0, 0), (100, 0), (100, 200), (50, 200), (50, 210), (50, 200), (0, 200)]))
    town = read_communities(tmp_path, spike, WEST_HALVES[1])
    assert town.communities.area.tolist() == [40_000, 40_000]


def test_a_vertex_on_a_parallel_parts_no_rows(tmp_path: Path) -> None:
    south = shapely.box(114.00, 30.50, 114.05, 30.51)
    north = shapely.Polygon([(114, 30.51), (114.025, 30.51), (114.05, 30.51), (114.05, 30.52), (114, 30.52)])
    layers = sound_town()
    columns = {"code": [WEST, WEST], "name": ["社区", "社区"]}
    layers["communities"] = gpd.GeoDataFrame(columns, geometry=[south, north], crs=4490)
    point = gpd.GeoDataFrame(
        {"building_id": ["1"], "households": [9]}, geometry=[shapely.Point(114.02, 30.51)], crs=4490
    )
    town = read_town(write_geopackage({"communities": layers["communities"], "buildings": point}, tmp_path / "t.gpkg"))
    (outline,) = town.communities.geometry
    assert (outline.geom_type, len(outline.interiors)) == ("Polygon", 0)
    assert [TOUCH in text for text, _ in unit_warnings(town)] == [True]


def test_faults_after_united_rows_name_the_rows_of_the_file(tmp_path: Path) -> None:
    bow_tie = moved_to_town(shapely.Polygon([(200, 0), (400, 200), (400, 0), (200, 200)]))
    columns = {"code": [WEST, WEST, EAST], "name": ["水果湖社区", "水果湖社区", "放鹰台社区"]}
    layer = gpd.GeoDataFrame(columns, geometry=[*WEST_HALVES, bow_tie], crs=CRS)
    with pytest.raises(InvalidInput) as bad:
        read_town(write_geopackage({**sound_town(), "communities": layer}, tmp_path / "town.gpkg"))
    assert [(fault.row, fault.id) for fault in bad.value.faults] == [(3, EAST)]


def test_rows_of_one_building_are_still_refused(tmp_path: Path) -> None:
    layers = sound_town()
    layers["buildings"].loc[1, "building_id"] = "b1"
    with pytest.raises(InvalidInput, match="building_id is already used in row 1"):
        read_town(write_geopackage(layers, tmp_path / "town.gpkg"))


def read_grids(folder: Path, *shapes: shapely.Geometry, **columns: list[object]) -> tuple[Town, DrawnGrids]:
    layers = {**sound_town(), "grids": draw_grids(*shapes, **columns)}
    return read_town_and_grids(write_geopackage(layers, folder / "town.gpkg"), None)


def test_a_grid_in_two_touching_rows_is_one_grid(tmp_path: Path) -> None:
    codes: list[object] = ["A", "A", None]
    town, drawn = read_grids(tmp_path, *WEST_HALVES, NEIGHBOUR, grid_code=codes, name=[None, "湖边", None])
    assert shapely.area(drawn.shapes).tolist() == [40_000, 40_000]
    assert (drawn.labels(), drawn.names.tolist()) == (["A", "#3"], ["湖边", None])
    assert ["rows 1, 2" in text for text, _ in unit_warnings(town)] == [True]


@pytest.mark.parametrize(
    ("second", "names"),
    [
        (box(100, 0, 100, 200), ["湖边", "路边"]),
        (box(110, 0, 90, 200), ["湖边", "湖边"]),
        (box(90, 0, 110, 200), ["湖边", "湖边"]),
    ],
)
def test_grids_that_differ_overlap_or_lie_apart_are_left_to_the_check(
    tmp_path: Path, second: shapely.Geometry, names: list[object]
) -> None:
    _, drawn = read_grids(tmp_path, WEST_HALVES[0], second, grid_code=["A", "A"], name=names)
    assert drawn.labels() == ["A", "A"]


def read_groups(folder: Path, *shapes: shapely.Geometry, codes: list[object]) -> TownExtras:
    groups = draw_grids(*shapes, name=["第一居民小组"] * len(shapes), community_code=codes)
    source = write_geopackage({**sound_town(), "resident_groups": groups}, folder / "town.gpkg")
    return read_town_extras(source, read_town(source))


def test_touching_rows_of_one_resident_group_are_one(tmp_path: Path) -> None:
    groups = read_groups(tmp_path, *WEST_HALVES, codes=[WEST, WEST]).resident_groups
    assert groups.area.tolist() == [40_000]


def test_resident_groups_of_one_name_in_two_communities_are_two(tmp_path: Path) -> None:
    groups = read_groups(tmp_path, WEST_HALVES[1], NEIGHBOUR, codes=[None, None]).resident_groups
    assert groups["community"].tolist() == [0, 1]


def test_a_name_of_two_groups_in_one_community_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="row 1 is a resident group of this name in the same community"):
        read_groups(tmp_path, *WEST_HALVES, codes=[None, None])


def test_the_shared_case_has_two_communities() -> None:
    town = read_town(shared_case("k15_community_in_two_rows.gpkg"))
    assert town.communities.area.tolist() == [160_000, 160_000]
