"""Command import: preview, faults in the user's sheet, import, list and undo."""

import json
from pathlib import Path

import pytest

from gridmap.cli.main import run
from gridmap.cli.output import ExitCode
from tests.fixtures.loaded_town import SUBDISTRICT_CODE, load_town

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


def test_a_template_is_written(tmp_path: Path) -> None:
    assert run(["import", "--template", "residents", str(tmp_path / "t.xlsx")]) == ExitCode.OK
    assert (tmp_path / "t.xlsx").read_bytes().startswith(b"PK")


def test_what_is_missing_is_said(tmp_path: Path, capsys: Captured) -> None:
    assert run(["import", str(tmp_path / "a.csv"), "--json"]) == ExitCode.BAD_INPUT
    assert "--kind, --subdistrict and a file are needed" in str(said(capsys)["error"])
