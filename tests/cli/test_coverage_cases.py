"""Small files that once failed, through the commands: check, repair and partition of coverages."""

import json
from pathlib import Path

import pyogrio
import pytest

from gridmap.cli.main import run
from gridmap.cli.output import ExitCode
from tests.fixtures.town_package import real_towns_dir


@pytest.fixture
def cases() -> Path:
    """Return the folder of small files that failed, which is not part of the project."""
    folder = real_towns_dir().parent / "cases"
    if not folder.is_dir():
        pytest.skip(f"there is no folder cases next to {real_towns_dir().name}: set GRIDMAP_TOWNS")
    return folder


def run_case(command: str, source: Path, tmp_path: Path, *options: str) -> tuple[ExitCode, dict[str, object]]:
    out = tmp_path / "out.gpkg"
    code = run([command, str(source), "-o", str(out), *options])
    report = out.with_suffix(".json")
    return ExitCode(code), json.loads(report.read_text("utf-8")) if report.exists() else {}


def test_a_border_along_a_parallel_can_be_partitioned(cases: Path, tmp_path: Path) -> None:
    assert run_case("partition", cases / "k05_parallel_1km.gpkg", tmp_path)[0] == ExitCode.OK


def test_a_border_along_a_parallel_has_no_faults(cases: Path, tmp_path: Path) -> None:
    code, report = run_case("check", cases / "k05_parallel_5km_grids.gpkg", tmp_path)
    assert (code, report["by_kind"]) == (ExitCode.OK, {})


def test_brackets_in_a_file_name_are_letters(cases: Path, tmp_path: Path) -> None:
    grids = str(cases / "k14" / "网格[2026终稿].shp")
    code, report = run_case("check", cases / "k14_town.gpkg", tmp_path, "--grids", grids)
    assert (code, report["grids"], report["faults"]) == (ExitCode.OK, 4, [])


def test_a_repair_of_a_sound_drawing_changes_nothing(cases: Path, tmp_path: Path) -> None:
    code, report = run_case("repair", cases / "k11_sound_grid_without_people.gpkg", tmp_path)
    grids = pyogrio.read_dataframe(tmp_path / "out.gpkg", layer="grids").set_index("grid_code")
    assert grids.geometry.area.to_dict() == {"e1": 160_000, "w1": 73_600, "w2": 86_400}
    assert (code, report["changes"]) == (ExitCode.OUT_OF_RANGE, [])
