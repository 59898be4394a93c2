"""Values of files by command: each is read, or refused with its row; none is an internal error."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from gridmap.cli.main import run
from gridmap.cli.output import ExitCode
from gridmap.store.schema import Incident, Subdistrict
from tests.fixtures.loaded_town import rolled_back_session
from tests.shared_cases import shared_case

Captured = pytest.CaptureFixture[str]
TOWN = "k14_town.gpkg"
pytestmark = pytest.mark.full


@pytest.fixture
def home(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("GRIDMAP_HOME", str(tmp_path))
    return tmp_path


def run_json(arguments: Sequence[str], capsys: Captured) -> tuple[int, Any]:
    capsys.readouterr()
    code = run([*arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("case", "column", "maximum"),
    [("k10_address_450.gpkg", "address", 400), ("k10_building_id_120.gpkg", "building_id", 80)],
)
def test_a_text_longer_than_its_column_names_row_and_limit(
    home: Path, capsys: Captured, case: str, column: str, maximum: int
) -> None:
    code, output = run_json(["load", str(shared_case(case)), "--no-partition", "--code", "k10"], capsys)
    (fault,) = output["faults"]
    assert (code, fault["layer"], fault["row"], fault["column"]) == (ExitCode.BAD_INPUT, "buildings", 1, column)
    assert str(maximum) in fault["expected"]


@pytest.mark.parametrize("subdistrict_code", ["甲/乙", "甲／乙", "..", ".", "a\\b", " ", "x" * 41])
def test_a_code_that_has_no_pages_is_refused(home: Path, capsys: Captured, subdistrict_code: str) -> None:
    arguments = ["load", str(shared_case(TOWN)), "--no-partition", "--code", subdistrict_code]
    code, output = run_json(arguments, capsys)
    (fault,) = output["faults"]
    assert (code, fault["file"], "--code" in fault["advice"]) == (ExitCode.BAD_INPUT, "--code", True)


def test_blanks_around_a_code_are_left_out(home: Path, database_url: str) -> None:
    assert run(["load", str(shared_case(TOWN)), "--no-partition", "--code", " x y "]) == ExitCode.OK
    with rolled_back_session(database_url) as session:
        assert session.scalars(select(Subdistrict.code)).all() == ["x y"]


@pytest.mark.parametrize(("case", "households"), [("k13_households_comma", 2768), ("k13_households_hu", 1600)])
def test_households_are_read_as_offices_write_them(
    tmp_path: Path, capsys: Captured, case: str, households: int
) -> None:
    source = str(shared_case(f"{case}.gpkg"))
    code, output = run_json(["partition", source, "-o", str(tmp_path / "grids.gpkg")], capsys)
    assert code in (ExitCode.OK, ExitCode.OUT_OF_RANGE)
    assert output["households"] == households


@pytest.mark.parametrize("case", ["k13_time_slash", "k13_time_nian"])
def test_a_time_is_stored_as_the_office_wrote_it(home: Path, database_url: str, case: str) -> None:
    assert run(["load", str(shared_case(f"{case}.gpkg")), "--no-partition", "--code", "k13"]) == ExitCode.OK
    with rolled_back_session(database_url) as session:
        occurred = session.scalars(select(Incident.occurred_at)).one()
    assert occurred.timestamp() == 1772346600  # 2026-03-01 14:30 in Beijing


def test_a_time_in_utc_next_to_a_local_one_keeps_its_zone(home: Path, database_url: str) -> None:
    assert run(["load", str(shared_case("k04_mixed_zones.gpkg")), "--no-partition", "--code", "k4"]) == ExitCode.OK
    with rolled_back_session(database_url) as session:
        occurred, closed = session.execute(select(Incident.occurred_at, Incident.closed_at)).one()
    assert closed is not None
    assert (occurred.timestamp(), (closed - occurred).total_seconds()) == (1772346600, 1800)


def test_a_courtyard_in_two_kinds_of_brackets_is_one(tmp_path: Path, capsys: Captured) -> None:
    arguments = ["check", str(shared_case("k21_fullwidth_brackets.gpkg")), "-o", str(tmp_path / "faults.gpkg")]
    code, output = run_json(arguments, capsys)
    assert code == ExitCode.FAULTS
    assert [fault["kind"] for fault in output["faults"]] == ["courtyard_split"]
