"""The commands that fill the database, as a person or a machine sees them."""

import json
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from gridmap.cli import run
from gridmap.cli.voice import Exit
from gridmap.services import grids
from gridmap.store.schema import Subdistrict
from tests.formats.packages import geopackage
from tests.loaded import undone, whole_town

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def package(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A town package, and the database that commands find."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    return geopackage(whole_town(), tmp_path / "donghu.gpkg")


def test_a_town_is_loaded_under_the_name_of_its_file(package: Path, capsys: Captured) -> None:
    assert run(["load", str(package), "--min", "60", "--max", "130", "--json"]) in (Exit.FINE, Exit.OUT_OF_RANGE)
    told = json.loads(capsys.readouterr().out)
    assert (told["code"], told["buildings"], told["incidents"]) == ("donghu", 6, 3)
    assert told["partition"]["grids"]


def test_a_town_is_refused_twice_with_advice(package: Path, capsys: Captured) -> None:
    assert run(["load", str(package), "--no-partition"]) == Exit.FINE
    assert run(["load", str(package), "--no-partition"]) == Exit.BAD_INPUT
    assert "--code" in capsys.readouterr().err
    assert run(["load", str(package), "--no-partition", "--code", "420106002"]) == Exit.FINE


@pytest.mark.parametrize(
    "option", [["--adopt", "tomorrow"], ["--as-of", "2026-02-30"], ["--min", "500", "--max", "300"]]
)
def test_wrong_options_are_refused(package: Path, option: list[str]) -> None:
    assert run(["load", str(package), *option]) == Exit.BAD_INPUT


def test_the_demo_tells_passwords_once(package: Path, capsys: Captured) -> None:
    assert run(["demo", "--preset", "towers", "--json"]) == Exit.FINE
    first = json.loads(capsys.readouterr().out)
    assert all(account["password"] for account in first["accounts"])
    run(["demo", "--preset", "towers"])
    assert "gridmap account password" in capsys.readouterr().out


def test_a_plan_of_last_year_finds_its_households(package: Path, database_url: str) -> None:
    run(["load", str(package), "--min", "60", "--max", "130", "--adopt", "2025-01-01"])
    with undone(database_url) as session:
        home = session.scalars(select(Subdistrict.id)).one()
        found = grids.all_of(session, grids.day(session, home, date(2025, 1, 1)))
        assert sum(grid.households.number for grid in found if grid.buildings) == 500
