"""The command that explains grids, from a result to sentences."""

import json
from pathlib import Path

import pytest

from gridmap.cli.main import run
from gridmap.cli.output import ExitCode
from gridmap.services.files.demo_town import write_demo_town


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("town")
    write_demo_town(folder / "town.gpkg", 800, 0, "town")
    grids = folder / "grids.gpkg"
    assert run(["partition", str(folder / "town.gpkg"), "-o", str(grids), "--datum", "wgs84", "--json"]) == ExitCode.OK
    return grids


def test_a_grid_is_explained_with_metres_and_rules(result: Path, capsys: pytest.CaptureFixture[str]) -> None:
    codes = [grid["grid_code"] for grid in json.loads(result.with_suffix(".json").read_text("utf-8"))["grids"]]
    capsys.readouterr()
    assert run(["explain", str(result), *codes, "--datum", "wgs84", "--json"]) == ExitCode.OK
    explained = json.loads(capsys.readouterr().out)["grids"]
    assert [each["grid_code"] for each in explained] == codes
    first, second = ({border["grid_code"]: border["length_m"] for border in each["borders"]} for each in explained[:2])
    assert first[codes[1]] == second[codes[0]]
    assert sum(first[codes[1]].values()) > 20
    assert explained[0]["sentences"][0]["text"].startswith(
        f"border with grid {explained[0]['borders'][0]['grid_code']}"
    )
    assert explained[0]["borders"][0]["tried"] > 0


def test_explanations_are_in_the_language_of_the_command(result: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = json.loads(result.with_suffix(".json").read_text("utf-8"))["grids"][0]["grid_code"]
    assert run(["explain", str(result), code, "--datum", "wgs84", "--language", "zh_CN"]) == ExitCode.OK
    assert "的边界" in capsys.readouterr().out


def test_an_unknown_grid_is_refused(result: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", str(result), "nowhere", "--datum", "wgs84"]) == ExitCode.BAD_INPUT
    assert "no grid is called nowhere" in capsys.readouterr().err
