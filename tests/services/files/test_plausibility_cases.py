"""Files that failed once, whose atoms or values were misunderstood: partitioned as they should be, by the command."""

import json
from pathlib import Path
from typing import Any

import pytest

from gridmap.cli.main import run
from gridmap.cli.output import ExitCode

Captured = pytest.CaptureFixture[str]


def partition_case(file: Path, folder: Path, exit_code: ExitCode, capsys: Captured) -> dict[str, Any]:
    """Partition a file by the command; return the printed report."""
    assert run(["partition", str(file), "-o", str(folder / "grids.gpkg"), "--json"]) == exit_code
    values = json.loads(capsys.readouterr().out)
    assert isinstance(values, dict)
    return values


def test_terraces_with_small_overlaps_are_grids_in_range(
    failed_files_dir: Path, tmp_path: Path, capsys: Captured
) -> None:
    town = failed_files_dir / "k08_terraces_overlap_3pc.gpkg"
    report = partition_case(town, tmp_path, ExitCode.OK, capsys)
    assert report["households"] == 2880
    assert 6 <= report["summary"]["in_range"] == report["summary"]["grids"] <= 9


def test_buildings_at_one_point_are_grids_in_range(failed_files_dir: Path, tmp_path: Path, capsys: Captured) -> None:
    town = failed_files_dir / "k19_thirty_buildings_one_point.gpkg"
    report = partition_case(town, tmp_path, ExitCode.OUT_OF_RANGE, capsys)
    (exception,) = report["exceptions"]
    assert exception["reason"] == "the whole community has 250 households, fewer than 300"


@pytest.mark.parametrize("command", ["partition", "estimate"])
@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("k19_thirty_buildings_one_point", "30 buildings on one point: rows 51 (e0), 52 (e1)"),
        (
            "k22_dedicated_over_800_households",
            "800 households in 25 buildings lie on dedicated land, 示例公园: rows 1 (b000), 2 (b001)",
        ),
    ],
)
def test_what_is_not_plausible_is_a_warning(
    failed_files_dir: Path, command: str, case: str, said: str, tmp_path: Path, capsys: Captured
) -> None:
    arguments = [
        command,
        str(failed_files_dir / f"{case}.gpkg"),
        "-o",
        str(tmp_path / "result.gpkg"),
        "--language",
        "en",
    ]
    assert run(arguments) in (ExitCode.OK, ExitCode.OUT_OF_RANGE)
    assert said in capsys.readouterr().out
