"""Command partition with --present: from a bad drawing to a plan in range, with few moves, locks and limits."""

import json
from pathlib import Path

import pyogrio
import pytest

from gridmap.cli.main import run
from gridmap.cli.output import ExitCode

Captured = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def drawn_town(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Write an invented town with grids drawn by hand, some of them out of range and with faults."""
    town = str(tmp_path_factory.mktemp("present") / "town.gpkg")
    assert run(["demo-town", "-o", town, "--households", "1500"]) == ExitCode.OK
    return town


def test_a_bad_drawing_becomes_a_plan_in_range_with_few_moves(
    drawn_town: str, tmp_path: Path, capsys: Captured
) -> None:
    out, sound = tmp_path / "out.gpkg", tmp_path / "sound.gpkg"
    assert run(["partition", drawn_town, "-o", str(out), "--present", drawn_town, "--alternatives", "2"]) == ExitCode.OK
    present = json.loads(out.with_suffix(".json").read_text("utf-8"))["present"]
    moved = sum(move["households"] for move in present["moves"])
    assert present["today"]["out_of_range"] > 0
    assert [plan["out_of_range"] for plan in present["plans"]] == [0] * len(present["plans"])
    assert 0 < moved == present["plans"][0]["moved"] < 750
    assert {"moves", "present_grids", "grids"} <= {name for name, _ in pyogrio.list_layers(out)}
    assert f"households in another grid than today: {moved} of 1500" in capsys.readouterr().out

    again = ["partition", drawn_town, "-o", str(sound), "--present", str(out), "--alternatives", "1"]
    assert run(again) == ExitCode.OK
    assert "Nothing changes" in capsys.readouterr().out


def test_an_unknown_locked_code_is_refused_with_codes_that_exist(
    drawn_town: str, tmp_path: Path, capsys: Captured
) -> None:
    command = ["partition", drawn_town, "-o", str(tmp_path / "out.gpkg"), "--present", drawn_town, "--locked", "X-9"]
    assert run(command) == ExitCode.BAD_INPUT
    assert "no grid is called X-9; correct --locked; the codes are like" in capsys.readouterr().err


@pytest.mark.parametrize("option", [["--max-moved", "0"], ["--locked", "X"], ["--alternatives", "2"]])
def test_options_about_todays_grids_need_their_file(
    option: list[str], drawn_town: str, tmp_path: Path, capsys: Captured
) -> None:
    assert run(["partition", drawn_town, "-o", str(tmp_path / "out.gpkg"), *option]) == ExitCode.BAD_INPUT
    assert f"{option[0]} is for a partition from today's grids" in capsys.readouterr().err


@pytest.mark.parametrize("option", [["--grids", "4"], ["--micro", "100"]])
def test_options_of_a_partition_from_scratch_are_refused_beside_todays_grids(
    option: list[str], drawn_town: str, tmp_path: Path, capsys: Captured
) -> None:
    command = ["partition", drawn_town, "-o", str(tmp_path / "out.gpkg"), "--present", drawn_town, *option]
    assert run(command) == ExitCode.BAD_INPUT
    assert f"{option[0]} is for a partition from scratch" in capsys.readouterr().err
