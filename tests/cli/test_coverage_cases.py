"""Small files that once failed, through the commands: check, repair and partition of coverages."""

import json
from pathlib import Path

import pytest

from gridmap.cli.main import run
from gridmap.cli.output import ExitCode
from tests.fixtures.town_package import real_towns_dir


@pytest.fixture
def cases() -> Path:
    """Return the folder of small files that failed, which is not part of the project."""
    folder = real_towns_dir().parent / "cases"
    if not folder.is_dir():
        pytest.skip(f"there is no folder cases beside {real_towns_dir().name}: set GRIDMAP_TOWNS")
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
