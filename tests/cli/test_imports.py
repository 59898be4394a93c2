"""Command import: preview, faults in the user's sheet, import, list and undo."""

import json
from pathlib import Path

import geopandas as gpd
import pytest
from python_calamine import CalamineWorkbook

from gridmap.cli.main import run
from gridmap.cli.output import ExitCode
from tests.fixtures.loaded_town import SUBDISTRICT_CODE, load_town
from tests.fixtures.town_package import CRS, line

Captured = pytest.CaptureFixture[str]
TARGET = ["--kind", "shops", "--subdistrict", SUBDISTRICT_CODE]


@pytest.fixture
def sheet(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write a sheet with a good and a bad row; DATABASE_URL is the database of a loaded town."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    load_town(database_url, tmp_path)
    path = tmp_path / "商户.csv"
    path.write_text("店名,楼栋编码\n便民超市,b3\n理发店,b9\n", "gb18030")
    return path


def said(capsys: Captured) -> dict[str, object]:
    return dict(json.loads(capsys.readouterr().out))


def test_a_sheet_is_shown_imported_listed_and_undone(sheet: Path, tmp_path: Path, capsys: Captured) -> None:
    command = ["import", str(sheet), *TARGET]
    assert run([*command, "--errors", str(tmp_path / "错误.xlsx"), "--language", "en"]) == ExitCode.FAULTS
    output = capsys.readouterr().out
    assert "row 3: no building is found for b9" in output
    assert "Nothing was written" in output
    assert "no building is found for b9" in (tmp_path / "错误.csv").read_text("utf-8-sig")
    assert run([*command, "--apply", "--json"]) == ExitCode.BAD_INPUT
    assert "rows have faults" in str(said(capsys)["error"])
    assert run([*command, "--apply", "--good-rows", "--json"]) == ExitCode.FAULTS
    number = said(capsys)["import"]
    assert run(["import", "--list", "--subdistrict", SUBDISTRICT_CODE, "--json"]) == ExitCode.OK
    assert [each["id"] for each in said(capsys)["imports"]] == [number]  # type: ignore[attr-defined]
    assert run(["import", "--undo", str(number)]) == ExitCode.OK
    assert run(["import", "--undo", str(number), "--json"]) == ExitCode.BAD_INPUT


def test_counts_of_service_groups_come_in_by_a_template_of_the_subdistrict(
    sheet: Path, tmp_path: Path, capsys: Captured
) -> None:
    target, template = ["--subdistrict", SUBDISTRICT_CODE], tmp_path / "人群.xlsx"
    assert run(["import", "--template", "service-group-counts", str(template), "--json"]) == ExitCode.BAD_INPUT
    assert "--subdistrict is needed" in str(said(capsys)["error"])
    assert run(["import", "--template", "service-group-counts", str(template), *target]) == ExitCode.OK
    titles = [str(cell) for cell in CalamineWorkbook.from_path(template).get_sheet_by_index(0).to_python()[0]]
    assert any(title.startswith("低保") for title in titles)
    assert not any(title.startswith("残疾人") for title in titles)  # sensitive, and without a legal basis
    counts = sheet.with_name("counts.csv")
    counts.write_text("楼栋编码,低保户头\nb3,4\n", "utf-8")
    column = ["--column", "group_minimum_allowance=低保户头"]
    capsys.readouterr()
    command = ["import", str(counts), "--kind", "service-group-counts", *target, *column, "--apply", "--json"]
    assert run(command) == ExitCode.OK
    assert said(capsys)["counts"]["new"] == 1  # type: ignore[index]


def test_coordinates_of_a_layer_are_chosen_and_remembered_for_the_source(
    sheet: Path, tmp_path: Path, capsys: Captured
) -> None:
    roads = tmp_path / "roads.shp"
    streets = gpd.GeoDataFrame({"name": ["湖滨巷"]}, geometry=[line((0, 150), (200, 150))], crs=CRS)
    streets.to_file(roads, encoding="UTF-8")
    roads.with_suffix(".prj").unlink()
    command = ["import", str(roads), "--kind", "streets", "--subdistrict", SUBDISTRICT_CODE, "--source", "s", "--json"]
    assert run([*command, "--coordinates", "EPSG:1"]) == ExitCode.BAD_INPUT
    assert "--coordinates EPSG:1: write wgs84" in str(said(capsys)["error"])
    assert run(command) == ExitCode.BAD_INPUT
    assert run([*command, "--coordinates", CRS.lower(), "--apply"]) == ExitCode.OK
    assert run(command) == ExitCode.OK
    assert run([*command, "--coordinates", "file"]) == ExitCode.BAD_INPUT


def test_a_template_is_written(tmp_path: Path) -> None:
    assert run(["import", "--template", "residents", str(tmp_path / "t.xlsx")]) == ExitCode.OK
    assert (tmp_path / "t.xlsx").read_bytes().startswith(b"PK")


def test_what_is_missing_is_said(tmp_path: Path, capsys: Captured) -> None:
    assert run(["import", str(tmp_path / "a.csv"), "--json"]) == ExitCode.BAD_INPUT
    assert "--kind, --subdistrict and a file are needed" in str(said(capsys)["error"])
