"""Columns with the headers of offices, in each kind of file, and the faults and notes about them."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd
import pytest

from gridmap.core.errors import InputFault, InvalidInput
from gridmap.core.land.town import Town
from gridmap.formats.intake.source_file import InputSource
from gridmap.formats.package.drawn_grids import read_town_and_grids
from gridmap.formats.package.town import read_town
from gridmap.formats.package.town_extras import read_town_extras
from gridmap.services.files.inputs import input_source
from tests.fixtures.town_package import (
    Layers,
    draw_grids,
    sound_town,
    write_geojson,
    write_geopackage,
    write_shapefiles,
)

OFFICE_HEADERS = {
    "communities": {"code": "社区编码", "name": "社区名称"},
    "buildings": {"building_id": "楼栋编号", "households": "居民户数", "levels": "楼层", "courtyard": "院落名称"},
    "streets": {"name": "道路名称", "kind": "道路类型"},
    "barriers": {"kind": "类型"},
    "dedicated": {"name": "名称"},
}
Writer = Callable[[Layers, Path], Path]


def renamed_town(**headers: Mapping[str, str]) -> Layers:
    """Return the sound town with other headers in some layers."""
    return {name: frame.rename(columns=headers.get(name, {})) for name, frame in sound_town().items()}


def town_of_an_office() -> Layers:
    return renamed_town(**OFFICE_HEADERS)


def as_table(layers: Layers, folder: Path, write: Callable[[pd.DataFrame, Path], None]) -> Path:
    """Write a folder whose buildings are points in a table."""
    points = layers["buildings"].representative_point().to_crs(4490)
    table = pd.DataFrame(layers["buildings"].drop(columns="geometry")).assign(
        **{"经度（°）": points.x, "纬 度": points.y}
    )
    write_geojson({name: frame for name, frame in layers.items() if name != "buildings"}, folder)
    write(table, folder)
    return folder


def as_workbook(layers: Layers, folder: Path) -> Path:
    return as_table(
        layers, folder, lambda table, path: table.to_excel(path / "buildings.xlsx", index=False, engine="xlsxwriter")
    )


def as_delimited_text(layers: Layers, folder: Path) -> Path:
    return as_table(
        layers, folder, lambda table, path: table.to_csv(path / "buildings.csv", index=False, encoding="gb18030")
    )


def as_shapefiles_in_utf8(layers: Layers, folder: Path) -> Path:
    """Write headers of ten bytes, which end within a Chinese letter."""
    whole = write_shapefiles(layers, folder, "UTF-8")
    assert "居民户数".encode()[:10] in (whole / "buildings.dbf").read_bytes()
    assert "居民户数".encode() not in (whole / "buildings.dbf").read_bytes()
    return whole


WRITERS = (
    write_geopackage,
    as_shapefiles_in_utf8,
    as_delimited_text,
    *(
        pytest.param(write, marks=pytest.mark.full)
        for write in (write_geojson, as_workbook, lambda layers, path: write_shapefiles(layers, path, "GBK"))
    ),
)


def faults_of(path: Path, *statements: str) -> tuple[InputFault, ...]:
    with pytest.raises(InvalidInput) as refused:
        read_town(stated(path, *statements))
    return refused.value.faults


def stated(path: Path, *statements: str) -> InputSource:
    return input_source(path, column=statements)


def notes_on_columns(town: Town) -> dict[str, str]:
    """Return by layer the columns that are read by other names."""
    found = [(warning.layer, str(warning.problem)) for warning in town.warnings]
    return {layer: text.partition(": ")[2] for layer, text in found if "other names" in text}


@pytest.mark.filterwarnings("ignore:Could not decode", "ignore:Normalized")  # of GDAL, which cuts headers
@pytest.mark.parametrize("write", WRITERS)
def test_the_headers_of_an_office_are_read_in_every_format(write: Writer, tmp_path: Path) -> None:
    town = read_town(write(town_of_an_office(), tmp_path / "town.gpkg"))
    assert list(town.communities["name"]) == ["水果湖社区", "放鹰台社区"]
    assert list(town.communities["code"]) == ["420106001001", "420106001002"]
    assert list(town.buildings["building_id"]) == ["b1", "b2", "b3", "b4", "b5", "b6"]
    assert town.buildings["households"].tolist() == [120, 80, 0, 150, 60, 90]
    assert list(town.buildings["courtyard"])[:3] == ["东湖花园", "东湖花园", None]
    assert town.streets["kind"].iloc[0] == "arterial"
    assert list(town.barriers["kind"]) == ["water"]


def test_one_note_a_layer_says_which_columns_are_read(tmp_path: Path) -> None:
    town = read_town(write_geopackage(town_of_an_office(), tmp_path / "town.gpkg"))
    assert notes_on_columns(town) == {
        "communities": "社区编码 → code, 社区名称 → name",
        "buildings": "楼栋编号 → building_id, 居民户数 → households, 楼层 → levels, 院落名称 → courtyard",
        "streets": "道路名称 → name, 道路类型 → kind",
        "barriers": "类型 → kind",
        "dedicated": "名称 → name",
    }


def test_names_in_another_case_need_no_note(tmp_path: Path) -> None:
    layers = renamed_town(buildings={"households": "Households", "building_id": "BUILDING_ID"})
    assert notes_on_columns(read_town(write_geopackage(layers, tmp_path / "town.gpkg"))) == {}


def test_two_columns_for_one_field_are_a_fault_that_says_how_to_choose(tmp_path: Path) -> None:
    layers = renamed_town(buildings={"households": "户数"}, dedicated={"name": "名称"})
    layers["buildings"] = layers["buildings"].assign(居民户数=1, 楼栋名称="a", 名称="b")
    path = write_geopackage(layers, tmp_path / "town.gpkg")
    households, name = faults_of(path)
    assert (households.layer, households.column, str(households.problem)) == (
        "buildings",
        "households",
        "several columns may be households: 户数 / 居民户数",
    )
    assert str(households.advice) == "choose one: --column households=户数"
    assert str(name.problem) == "several columns may be name: 楼栋名称 / 名称"
    town = read_town(stated(path, "households=户数", "buildings.name=名称"))
    assert town.buildings["households"].tolist() == [120, 80, 0, 150, 60, 90]
    assert set(town.buildings["name"]) == {"b"}


@pytest.mark.parametrize("header", ["households", pytest.param("户数", marks=pytest.mark.full)])
def test_two_columns_of_one_header_in_a_table_are_a_fault(header: str, tmp_path: Path) -> None:
    folder = as_delimited_text(renamed_town(buildings={"households": header}), tmp_path / "town")
    table = folder / "buildings.csv"
    first, *rows = table.read_text("gb18030").splitlines()
    table.write_text("\n".join([f"{first},{header}", *(f"{row},{i}" for i, row in enumerate(rows))]), "gb18030")
    [fault] = faults_of(folder)
    assert str(fault.problem) == f"several columns may be households: {header} (1) / {header} (2)"
    town = read_town(stated(folder, f"households={header} (2)"))
    assert town.buildings["households"].tolist() == [0, 1, 2, 3, 4, 5]


def test_a_column_of_any_name_can_be_stated(tmp_path: Path) -> None:
    path = write_geopackage(renamed_town(buildings={"households": "a=b"}), tmp_path / "town.gpkg")
    town = read_town(stated(path, "households=a=b"))
    assert town.buildings["households"].tolist() == [120, 80, 0, 150, 60, 90]
    assert notes_on_columns(town) == {"buildings": "a=b → households"}


@pytest.mark.parametrize(
    "statement", ["households=户口", pytest.param("buildings.households=户口", marks=pytest.mark.full)]
)
def test_a_stated_column_that_is_missing_is_one_fault_with_the_headers(statement: str, tmp_path: Path) -> None:
    path = write_geopackage(sound_town(), tmp_path / "town.gpkg")
    [fault] = faults_of(path, statement)
    assert (fault.layer, str(fault.problem)) == (
        "buildings",
        "there is no column 户口, which --column names for households",
    )
    assert "building_id, households, levels, courtyard" in str(fault.expected)


def test_a_column_stated_for_all_layers_is_taken_where_it_is(tmp_path: Path) -> None:
    path = write_geopackage(renamed_town(dedicated={"name": "何处"}), tmp_path / "town.gpkg")
    town = read_town(stated(path, "name=何处"))
    assert (list(town.dedicated["name"]), town.communities["name"].iloc[0]) == (["沙湖公园"], "水果湖社区")


def test_a_column_stated_for_all_layers_that_none_has_is_a_fault(tmp_path: Path) -> None:
    [fault] = faults_of(write_geopackage(sound_town(), tmp_path / "town.gpkg"), "name=何处")
    assert str(fault.problem) == "no layer has a column 何处, which --column names for name"
    assert "communities: code, name; " in str(fault.expected)


def test_a_missing_column_says_what_was_found_and_how_to_name_one(tmp_path: Path) -> None:
    path = write_geopackage(renamed_town(buildings={"households": "户籍户数"}), tmp_path / "town.gpkg")
    [fault] = faults_of(path)
    assert "found: building_id, 户籍户数, levels, courtyard" in str(fault.expected)
    assert "--column households=HEADER" in str(fault.advice)


def test_faults_of_values_show_the_header_in_the_file(tmp_path: Path) -> None:
    layers = town_of_an_office()
    layers["buildings"].loc[1, "居民户数"] = -5
    [fault] = faults_of(write_geopackage(layers, tmp_path / "town.gpkg"))
    assert (fault.row, fault.id, fault.column) == (2, "b2", "居民户数 (households)")


def test_all_faults_of_columns_and_values_are_reported_together(tmp_path: Path) -> None:
    layers = renamed_town(communities={"name": "title"}, buildings={"households": "户数"})
    layers["buildings"] = layers["buildings"].assign(居民户数=1, levels=-1.0)
    layers["barriers"]["kind"] = "hedge"
    faults = faults_of(write_geopackage(layers, tmp_path / "town.gpkg"))
    assert [(fault.layer, fault.column) for fault in faults] == [
        ("communities", "name"),
        ("buildings", "households"),
        ("barriers", "kind"),
    ]


@pytest.mark.parametrize("name", ["grids", "网格终稿"])
def test_grids_in_a_file_of_their_own_are_read_by_their_headers(name: str, tmp_path: Path) -> None:
    town = write_geopackage(sound_town(), tmp_path / "town.gpkg")
    drawn = draw_grids(网格编号=["w1", "w2", "e1"], 所属社区=["水果湖社区", "420106001001", None], 称呼=["a", "b", "c"])
    grids = write_geopackage({name: drawn}, tmp_path / "grids.gpkg")
    read, found = read_town_and_grids(town, stated(grids, "grids.name=称呼"))
    assert list(found.codes) == ["w1", "w2", "e1"]
    assert list(found.names) == ["a", "b", "c"]
    assert found.community.tolist() == [0, 0, -1]
    assert notes_on_columns(read) == {name: "网格编号 → grid_code, 称呼 → name, 所属社区 → community_code"}


def test_incidents_groups_and_shops_are_read_by_their_headers(tmp_path: Path) -> None:
    layers = sound_town()
    points = layers["buildings"].representative_point()[:1]
    layers["incidents"] = (
        layers["buildings"][:1]
        .set_geometry(points)[["geometry"]]
        .assign(编号="1", 事件类别="噪声", 发生时间="2026-03-01 14:30", 办结时间="2026-03-01 15:30", 标题="夜间施工")
    )
    layers["shops"] = layers["incidents"][["geometry"]].assign(店名="小店", 经营地址="中北路1号")
    layers["resident_groups"] = layers["communities"][["geometry"]].assign(
        居民小组=["一组", "二组"], 所属社区=["水果湖社区", None]
    )
    path = write_geopackage(layers, tmp_path / "town.gpkg")
    extras = read_town_extras(path, read_town(path))
    assert extras.incidents.loc[0, ["number", "category", "title"]].tolist() == ["1", "噪声", "夜间施工"]
    assert (extras.incidents["closed_at"] - extras.incidents["occurred_at"])[0].total_seconds() == 3600
    assert extras.shops.loc[0, ["name", "address"]].tolist() == ["小店", "中北路1号"]
    assert extras.resident_groups["community"].tolist() == [0, 1]


def test_a_folder_keeps_the_statement_for_one_layer_out_of_the_others(tmp_path: Path) -> None:
    folder = write_geojson(renamed_town(streets={"kind": "类型"}), tmp_path / "town")
    shutil.copy(folder / "streets.geojson", folder / "other.geojson")
    town = read_town(stated(folder, "streets.kind="))
    assert set(town.streets["kind"]) == {"local"}
    assert list(town.barriers["kind"]) == ["water"]
