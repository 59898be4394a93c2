"""Environment variables by command: a wrong one ends it with exit code 2, whatever the command would do."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from gridmap.cli.main import run
from gridmap.cli.output import ExitCode
from tests.shared_cases import shared_case

Captured = pytest.CaptureFixture[str]


@pytest.mark.parametrize(
    "arguments",
    [["load", "town.gpkg"], ["serve"], ["web"], ["db", "check"], ["check", "town.gpkg", "-o", "x.gpkg"], ["demo"]],
)
def test_a_wrong_time_zone_ends_every_command(
    arguments: Sequence[str], monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setenv("GRIDMAP_TIMEZONE", "Nowhere/Zone")
    assert run([*arguments, "--json"]) == ExitCode.BAD_INPUT
    [fault] = json.loads(capsys.readouterr().out)["faults"]
    assert (fault["file"], fault["value"]) == ("GRIDMAP_TIMEZONE", "Nowhere/Zone")


def test_all_wrong_variables_are_named_to_people(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    monkeypatch.setenv("GRIDMAP_TIMEZONE", "Nowhere/Zone")
    monkeypatch.setenv("GRIDMAP_PORT", "http")
    assert run(["serve", "--language", "zh_CN"]) == ExitCode.BAD_INPUT
    lines = capsys.readouterr().err.splitlines()[1:]
    assert [line.partition("：")[0] for line in lines] == ["GRIDMAP_TIMEZONE", "GRIDMAP_PORT"]


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]])
def test_help_needs_no_right_variables(arguments: Sequence[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDMAP_TIMEZONE", "Nowhere/Zone")
    assert run(arguments) == ExitCode.OK


def test_the_service_warns_of_unknown_variables(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    monkeypatch.setenv("GRIDMAP_PROT", "8001")
    assert run(["serve", "--certificate", "nowhere.pem"]) == ExitCode.BAD_INPUT
    assert (
        "GRIDMAP_PROT: gridmap knows no such environment variable; did you mean GRIDMAP_PORT?"
        in capsys.readouterr().err
    )


@pytest.mark.full
def test_an_empty_time_zone_is_the_default(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"DATABASE_URL": database_url, "GRIDMAP_HOME": str(tmp_path), "GRIDMAP_TIMEZONE": ""}.items():
        monkeypatch.setenv(name, value)
    assert run(["load", str(shared_case("k14_town.gpkg")), "--no-partition", "--code", "k16"]) == ExitCode.OK
