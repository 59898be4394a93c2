"""Commands of the owner for norms, on the database of DATABASE_URL."""

import json
from pathlib import Path
from typing import Any

import pytest

from gridmap.cli.main import run
from tests.fixtures import subdistricts
from tests.fixtures.subdistricts import FilledDatabase

SOURCE = ("--source", "市民政局〔2020〕5号", "--source-date", "2020-01-05")
Captured = pytest.CaptureFixture[str]


@pytest.fixture
def filled_database(database_url: str, gridmap_home: Path, monkeypatch: pytest.MonkeyPatch) -> FilledDatabase:
    """Return the database of this test, with two subdistricts."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    return subdistricts.fill_database(database_url, gridmap_home)


def run_json(capsys: Captured, *arguments: str) -> tuple[int, dict[str, Any]]:
    capsys.readouterr()
    code = run([*arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


def shown(capsys: Captured, place: str) -> dict[str, Any]:
    _, answer = run_json(capsys, "norm", "show")
    found: dict[str, Any] = next(each for each in answer["norms"] if each["place"] == place)
    return found


def test_norms_are_entered_shown_and_ended(filled_database: FilledDatabase, capsys: Captured) -> None:
    assert shown(capsys, "east")["has_norm"] is False
    options = ("--min", "200", "--max", "320", "--persons", "600", "900", "--first", "2020-02-01", *SOURCE)
    assert run_json(capsys, "norm", "set", "east", *options)[0] == 0
    assert run_json(capsys, "norm", "set", "east", "--community", "east1", "--kind", "dwelling", *SOURCE)[0] == 0
    entered = shown(capsys, "east")["entered"]
    assert [(each["minimum"], each["persons"], each["first"]) for each in entered] == [(200, [600, 900], "2020-02-01")]
    assert [each["kind"] for each in shown(capsys, "east1")["entered"]] == ["dwelling"]
    assert run_json(capsys, "norm", "set", "west", "--profile", "600", "--radius", "750", *SOURCE)[0] == 0
    (named,) = shown(capsys, "west")["entered"]
    assert (named["minimum"], named["maximum"], named["target"], named["max_radius_m"]) == (480, 720, 600, 750)
    assert run_json(capsys, "norm", "set", "west", "--community", "west1", "--profile", "3000", *SOURCE)[0] == 0
    assert [each["max_radius_m"] for each in shown(capsys, "west1")["entered"]] == [1_000]
    assert run(["norm", "show", "--language", "en"]) == 0
    out = capsys.readouterr().out
    assert "or 600 to 900 persons" in out
    assert "homes at most 750 m from the centre of their grid" in out
    assert run_json(capsys, "norm", "end", "east", "--first-without", "2030-01-01")[0] == 0


def test_a_place_or_range_that_cannot_be_is_refused(filled_database: FilledDatabase, capsys: Captured) -> None:
    for arguments in (("nowhere",), ("east", "--community", "west1"), ("east", "--min", "500", "--max", "300")):
        code, answer = run_json(capsys, "norm", "set", *arguments, *SOURCE)
        assert (code, len(answer["faults"])) == (2, 1)
