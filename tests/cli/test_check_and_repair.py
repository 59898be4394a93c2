"""Commands check and repair: output, files and exit codes."""

import json
from pathlib import Path

import geopandas as gpd
import pytest

from gridmap.cli.main import run
from gridmap.cli.output import ExitCode
from tests.fixtures.town_package import box, draw_grids, sound_town, write_geopackage

Captured = pytest.CaptureFixture[str]
RANGE_OPTIONS = ["--min", "100", "--max", "400"]


def write_package(folder: Path, grids: gpd.GeoDataFrame) -> str:
    return str(write_geopackage({**sound_town(), "grids": grids}, folder / "town.gpkg"))


@pytest.fixture
def sound_package(tmp_path: Path) -> str:
    """Write a town with one grid for each community: 200 and 300 households."""
    codes: list[object] = ["420106001001001", "420106001002001"]
    return write_package(tmp_path, draw_grids(box(0, 0, 200, 200), box(200, 0, 200, 200), grid_code=codes))


@pytest.fixture
def faulty_package(tmp_path: Path) -> str:
    """Write the same town with a gap between the grids and without codes."""
    return write_package(tmp_path, draw_grids(box(0, 0, 200, 140), box(200, 0, 200, 200)))


def test_a_check_without_faults_exits_with_0(sound_package: str, tmp_path: Path, capsys: Captured) -> None:
    assert run(["check", sound_package, "-o", str(tmp_path / "faults.gpkg"), *RANGE_OPTIONS]) == ExitCode.OK
    assert capsys.readouterr().out.startswith("No faults in 2 grids.")


def test_a_check_with_faults_exits_with_1_and_lists_them(faulty_package: str, tmp_path: Path, capsys: Captured) -> None:
    assert run(["check", faulty_package, "-o", str(tmp_path / "faults.gpkg"), *RANGE_OPTIONS]) == ExitCode.FAULTS
    assert "1 gap between grids, 12,000 m² in all" in capsys.readouterr().out


def test_sizes_alone_are_faults(sound_package: str, tmp_path: Path) -> None:
    assert run(["check", sound_package, "-o", str(tmp_path / "faults.gpkg")]) == ExitCode.FAULTS


@pytest.mark.parametrize("command", ["check", "repair"])
def test_a_town_without_grids_is_bad_input(command: str, tmp_path: Path, capsys: Captured) -> None:
    town = str(write_geopackage(sound_town(), tmp_path / "town.gpkg"))
    assert run([command, town, "-o", str(tmp_path / "out.gpkg")]) == ExitCode.BAD_INPUT
    assert "--grids" in capsys.readouterr().err


def test_faults_are_reported_in_chinese(faulty_package: str, tmp_path: Path, capsys: Captured) -> None:
    run(["check", faulty_package, "-o", str(tmp_path / "faults.gpkg"), *RANGE_OPTIONS, "--language", "zh_CN"])
    assert "1 处网格间空隙，共 12,000 平方米" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["check", "repair"])
def test_json_output_is_the_report_file(command: str, faulty_package: str, tmp_path: Path, capsys: Captured) -> None:
    run([command, faulty_package, "-o", str(tmp_path / "out.gpkg"), *RANGE_OPTIONS, "--json"])
    output = json.loads(capsys.readouterr().out)
    assert output == json.loads((tmp_path / "out.json").read_text("utf-8"))


def test_a_repair_in_range_exits_with_0_and_passes_the_check(
    faulty_package: str, tmp_path: Path, capsys: Captured
) -> None:
    out = str(tmp_path / "repaired.gpkg")
    assert run(["repair", faulty_package, "-o", out, *RANGE_OPTIONS]) == ExitCode.OK
    assert "1 gap between grids: repaired" in capsys.readouterr().out
    assert (
        run(["check", faulty_package, "--grids", out, "-o", str(tmp_path / "faults.gpkg"), *RANGE_OPTIONS])
        == ExitCode.OK
    )


def test_a_repair_out_of_range_exits_with_3(faulty_package: str, tmp_path: Path) -> None:
    assert run(["repair", faulty_package, "-o", str(tmp_path / "out.gpkg"), "--min", "250"]) == ExitCode.OUT_OF_RANGE


def test_faults_can_be_drawn_on_a_map(faulty_package: str, tmp_path: Path) -> None:
    faults, page = str(tmp_path / "faults.gpkg"), tmp_path / "map.html"
    run(["check", faulty_package, "-o", faults, *RANGE_OPTIONS])
    assert run(["map", faults, "-o", str(page)]) == ExitCode.OK


@pytest.mark.parametrize(("options", "language"), [([], "zh-CN"), (["--language", "en"], "en")])
def test_a_map_is_in_chinese_unless_another_language_is_requested(
    faulty_package: str, options: list[str], language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRIDMAP_LANGUAGE", "en")
    faults, page = str(tmp_path / "faults.gpkg"), tmp_path / "map.html"
    run(["check", faulty_package, "-o", faults, *RANGE_OPTIONS])
    assert run(["map", faults, "-o", str(page), *options]) == ExitCode.OK
    assert f'<html lang="{language}">' in page.read_text("utf-8")
