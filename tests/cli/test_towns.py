"""Commands load and demo: output, database content and exit codes."""

import json
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from gridmap.cli.main import run
from gridmap.cli.output import ExitCode
from gridmap.services.grids import in_force
from gridmap.store.schema import Subdistrict
from tests.fixtures.callers import caller_of
from tests.fixtures.loaded_town import rolled_back_session, town_with_extras
from tests.fixtures.town_package import box, write_geopackage

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def town_package(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write a town package, and set DATABASE_URL to the database of this test."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    return write_geopackage(town_with_extras(), tmp_path / "donghu.gpkg")


def test_a_town_is_loaded_under_the_name_of_its_file(town_package: Path, capsys: Captured) -> None:
    assert run(["load", str(town_package), "--min", "60", "--max", "130", "--json"]) in (
        ExitCode.OK,
        ExitCode.OUT_OF_RANGE,
    )
    output = json.loads(capsys.readouterr().out)
    assert (output["code"], output["buildings"], output["incidents"]) == ("donghu", 6, 3)
    assert output["partition"]["grids"]


def write_implausible_town(folder: Path) -> Path:
    """Write a town whose communities overlap by half a metre, with homes on a park."""
    layers = town_with_extras()
    layers["communities"].loc[0, "geometry"] = box(0, 0, 200.5, 200)
    layers["dedicated"].loc[0, "geometry"] = box(0, 0, 95, 60)
    return write_geopackage(layers, folder / "donghu.gpkg")


def test_load_lists_the_warnings_of_the_town(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    town = write_implausible_town(tmp_path)
    assert run(["load", str(town), "--no-partition", "--language", "en"]) == ExitCode.OK
    before, _, after = capsys.readouterr().out.partition("Not plausible, please check:")
    assert "narrow overlaps with 420106001001 (1) were mended" in before
    assert "200 households in 2 buildings lie on dedicated land, 沙湖公园" in after
    assert "mended" not in after
    assert run(["load", str(town), "--no-partition", "--code", "1", "--json"]) == ExitCode.OK
    output = json.loads(capsys.readouterr().out)
    assert [each["layer"] for each in output["implausible"]] == ["buildings"]
    assert ["narrow overlaps" in each["problem"] for each in output["warnings"]].count(True) == 1


def test_a_partition_lists_what_is_not_plausible_by_itself(tmp_path: Path, capsys: Captured) -> None:
    town = write_implausible_town(tmp_path)
    arguments = ["partition", str(town), "-o", str(tmp_path / "grids.gpkg"), "--language", "en"]
    run(arguments)
    said = capsys.readouterr().out
    assert "repaired or assumed in the input: 1; see the report" in said
    assert "not plausible in the input: 1; see the report" in said
    run([*arguments, "--json"])
    output = json.loads(capsys.readouterr().out)
    assert (len(output["warnings"]), len(output["implausible"])) == (1, 1)
    assert "is_implausible" not in output["implausible"][0]


def test_a_loaded_town_is_refused_with_advice(town_package: Path, capsys: Captured) -> None:
    assert run(["load", str(town_package), "--no-partition"]) == ExitCode.OK
    assert run(["load", str(town_package), "--no-partition"]) == ExitCode.BAD_INPUT
    assert "--code" in capsys.readouterr().err
    assert run(["load", str(town_package), "--no-partition", "--code", "420106002"]) == ExitCode.OK


@pytest.mark.parametrize(
    "option", [["--adopt", "tomorrow"], ["--as-of", "2026-02-30"], ["--min", "500", "--max", "300"]]
)
def test_wrong_options_are_refused(town_package: Path, option: list[str]) -> None:
    assert run(["load", str(town_package), *option]) == ExitCode.BAD_INPUT


def test_the_demo_prints_passwords_once(town_package: Path, capsys: Captured) -> None:
    assert run(["demo", "--preset", "towers", "--json"]) == ExitCode.OK
    first = json.loads(capsys.readouterr().out)
    assert all(account["password"] for account in first["accounts"])
    run(["demo", "--preset", "towers"])
    assert "gridmap account password" in capsys.readouterr().out


def test_a_plan_adopted_last_year_has_its_households(town_package: Path, database_url: str) -> None:
    run(["load", str(town_package), "--min", "60", "--max", "130", "--adopt", "2025-01-01"])
    with rolled_back_session(database_url) as session:
        subdistrict_id = session.scalars(select(Subdistrict.id)).one()
        grids = in_force.list_grids(
            session, caller_of(session), in_force.resolve_day(session, subdistrict_id, date(2025, 1, 1))
        )
        assert sum(grid.households.number for grid in grids if grid.buildings) == 500
