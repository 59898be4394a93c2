"""gridmap inspect, and --encoding in the other commands."""

import json
from pathlib import Path

import pytest

from gridmap.cli.main import run
from gridmap.cli.output import ExitCode
from tests.fixtures.town_package import Layers, draw_grids, sound_town, write_geopackage, write_shapefiles
from tests.formats.small_layers import CHINESE, write_layer, write_shapefile

Captured = pytest.CaptureFixture[str]
ENGLISH = ["--language", "en"]


def test_an_input_is_described_with_the_evidence(tmp_path: Path, capsys: Captured) -> None:
    path = write_shapefile(tmp_path / "communities.shp", [name.encode("gbk") for name in CHINESE], "ISO 88591")
    assert run(["inspect", str(path), *ENGLISH]) == ExitCode.OK
    text = capsys.readouterr().out
    assert "communities.shp, layer communities: ESRI Shapefile, 2 rows, Polygon; CRS EPSG:4490" in text
    assert ".cpg says ISO 88591, but its texts are GB18030, such as “水果湖社区”" in text
    assert "columns: code, name, households" in text


def test_an_input_is_described_in_chinese(tmp_path: Path, capsys: Captured) -> None:
    path = write_shapefile(tmp_path / "communities.shp", [name.encode("gbk") for name in CHINESE], "936")
    run(["inspect", str(path), "--language", "zh_CN"])
    assert "编码 GB18030：.cpg 写明为 936" in capsys.readouterr().out


def test_an_input_is_described_for_machines(tmp_path: Path, capsys: Captured) -> None:
    run(["inspect", str(write_layer(tmp_path / "a.gpkg", "GPKG")), "--json"])
    (layer,) = json.loads(capsys.readouterr().out)["layers"]
    assert (layer["driver"], layer["rows"], layer["crs"], layer["encoding"]) == ("GPKG", 2, "EPSG:4490", "UTF-8")


def test_a_file_that_cannot_be_read_in_a_folder_gives_exit_code_1(tmp_path: Path, capsys: Captured) -> None:
    write_layer(tmp_path / "a.gpkg", "GPKG")
    (tmp_path / "网格.dwg").write_bytes(b"AC1032" + bytes(100))
    assert run(["inspect", str(tmp_path), *ENGLISH]) == ExitCode.FAULTS
    assert "网格.dwg · layer 网格: this is an AutoCAD drawing (DWG)" in capsys.readouterr().out


def test_the_encoding_of_the_reader_holds_in_other_commands(tmp_path: Path, capsys: Captured) -> None:
    town = write_shapefiles(sound_town(), tmp_path / "town", "GBK")
    output = ["-o", str(tmp_path / "out.gpkg"), *ENGLISH]
    assert run(["estimate", str(town), "--encoding", "936", *output]) == ExitCode.OK
    assert run(["estimate", str(town), "--encoding", "KLINGON", *output]) == ExitCode.BAD_INPUT
    assert "no encoding has this name; found KLINGON" in capsys.readouterr().err


def test_grids_in_a_file_with_brackets_in_its_name_are_checked(tmp_path: Path) -> None:
    layers = sound_town()
    town = write_geopackage(layers, tmp_path / "town.gpkg")
    grids = layers["communities"].rename(columns={"code": "grid_code"})
    written = write_shapefiles({"grids": grids}, tmp_path / "grids")
    for file in list(written.iterdir()):
        file.rename(written / f"网格[2026终稿]{file.suffix}")
    arguments = ["check", str(town), "--grids", str(written / "网格[2026终稿].shp"), "-o", str(tmp_path / "f.gpkg")]
    assert run([*arguments, "--min", "100", "--max", "500"]) in (ExitCode.OK, ExitCode.FAULTS)


def test_what_was_assumed_is_told_by_other_commands(tmp_path: Path, capsys: Captured) -> None:
    town = write_shapefiles(sound_town(), tmp_path / "town", "GBK")
    for file in town.glob("*.cpg"):
        file.write_text("OEM")
    run(["estimate", str(town), "-o", str(tmp_path / "out.gpkg"), *ENGLISH])
    assert "texts read as GB18030: found by its texts, such as “水果湖社区”" in capsys.readouterr().out


def rename_columns(**headers: str) -> Layers:
    """Return the sound town whose buildings have other headers."""
    layers = sound_town()
    return {**layers, "buildings": layers["buildings"].rename(columns=headers)}


def test_what_each_column_is_read_as_is_listed(tmp_path: Path, capsys: Captured) -> None:
    town = write_geopackage(rename_columns(households="户数（户）", levels="备注"), tmp_path / "town.gpkg")
    assert run(["inspect", str(town), *ENGLISH]) == ExitCode.OK
    text = capsys.readouterr().out
    assert "columns as they are read: building_id ← building_id, households ← 户数（户）, courtyard ← courtyard" in text
    assert "columns that are not used: 备注" in text


def test_fields_are_listed_for_machines_only_in_layers_of_a_town(tmp_path: Path, capsys: Captured) -> None:
    town = write_geopackage(
        {**rename_columns(households="户数"), "其他": sound_town()["barriers"]}, tmp_path / "town.gpkg"
    )
    run(["inspect", str(town), "--json"])
    layers = {layer["layer"]: layer for layer in json.loads(capsys.readouterr().out)["layers"]}
    assert layers["buildings"]["fields"]["households"] == "户数"
    assert (layers["buildings"]["unused"], layers["其他"]["fields"], layers["其他"]["unused"]) == ([], None, None)


def test_columns_that_cannot_be_chosen_give_exit_code_1(tmp_path: Path, capsys: Captured) -> None:
    layers = rename_columns(households="户数")
    layers["buildings"] = layers["buildings"].assign(居民户数=1)
    town = write_geopackage(layers, tmp_path / "town.gpkg")
    assert run(["inspect", str(town), *ENGLISH]) == ExitCode.FAULTS
    assert "several columns may be households: 户数 / 居民户数" in capsys.readouterr().out
    assert run(["inspect", str(town), "--column", "households=居民户数", *ENGLISH]) == ExitCode.OK


@pytest.mark.parametrize("command", [pytest.param("partition", marks=pytest.mark.full), "estimate"])
def test_columns_that_are_read_by_other_names_are_noted(command: str, tmp_path: Path, capsys: Captured) -> None:
    town = write_geopackage(rename_columns(households="户口", building_id="楼号"), tmp_path / "town.gpkg")
    arguments = [command, str(town), "--column", "households=户口", "-o", str(tmp_path / "out.gpkg")]
    assert run([*arguments, *ENGLISH]) != ExitCode.BAD_INPUT
    assert "columns are read by other names: 楼号 → building_id, 户口 → households" in capsys.readouterr().out
    assert run([*arguments, "--json"]) != ExitCode.BAD_INPUT
    problems = [warning["problem"] for warning in json.loads(capsys.readouterr().out)["warnings"]]
    assert "columns are read by other names: 楼号 → building_id, 户口 → households" in problems


def test_an_estimate_names_the_columns_that_were_named(tmp_path: Path) -> None:
    town = write_geopackage(rename_columns(building_id="甲", households="乙"), tmp_path / "town.gpkg")
    named = ["--column", "building_id=甲", "--column", "buildings.households=乙"]
    assert run(["estimate", str(town), *named, "-o", str(tmp_path / "a.gpkg")]) == ExitCode.OK
    assert run(["estimate", str(tmp_path / "a.gpkg"), "-o", str(tmp_path / "b.gpkg")]) == ExitCode.OK


@pytest.mark.parametrize("command", ["check", pytest.param("repair", marks=pytest.mark.full)])
def test_columns_of_drawn_grids_are_noted(command: str, tmp_path: Path, capsys: Captured) -> None:
    town = write_geopackage({**sound_town(), "grids": draw_grids(网格编号=["w1", "w2", "e1"])}, tmp_path / "town.gpkg")
    assert run([command, str(town), "-o", str(tmp_path / "out.gpkg"), "--json"]) != ExitCode.BAD_INPUT
    warnings = json.loads(capsys.readouterr().out)["warnings"]
    assert any("columns are read by other names: 网格编号 → grid_code" in str(warning) for warning in warnings)
