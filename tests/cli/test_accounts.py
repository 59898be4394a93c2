"""The owner's commands for accounts and keys, on a database that DATABASE_URL names."""

import json
from pathlib import Path
from typing import Any

import pytest

from gridmap.cli.main import run
from gridmap.services.accounts.sign_in import find_session_account, sign_in
from gridmap.store import key_ring
from gridmap.store.session import Database
from tests.fixtures import subdistricts
from tests.fixtures.subdistricts import FilledDatabase, app_url


@pytest.fixture
def filled_database(database_url: str, gridmap_home: Path, monkeypatch: pytest.MonkeyPatch) -> FilledDatabase:
    """Two subdistricts in the database of this test."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    return subdistricts.fill_database(database_url, gridmap_home)


def run_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    capsys.readouterr()
    code = run([*arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


def can_sign_in(filled_database: FilledDatabase, name: str, password: str) -> bool:
    database = Database(app_url(filled_database.owner_url))
    person = find_session_account(database, sign_in(database, name, password))
    database.close()
    return person is not None


def test_the_first_admin_is_made_on_the_command_line(
    filled_database: FilledDatabase, capsys: pytest.CaptureFixture[str]
) -> None:
    code, answer = run_json(capsys, "account", "add", "chief", "--role", "admin", "--subdistrict", "east")
    assert code == 0
    assert can_sign_in(filled_database, "chief", answer["password"])


def test_an_account_in_a_place_that_is_not_there_is_refused(
    filled_database: FilledDatabase, capsys: pytest.CaptureFixture[str]
) -> None:
    code, answer = run_json(capsys, "account", "add", "chief", "--role", "admin", "--subdistrict", "nowhere")
    assert (code, answer["faults"][0]["column"]) == (2, "subdistrict")


def test_a_forgotten_password_is_replaced(filled_database: FilledDatabase, capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = run_json(capsys, "account", "password", "east-leader")
    assert code == 0
    assert can_sign_in(filled_database, "east-leader", answer["password"])


def test_an_account_goes_out_of_use_and_comes_back(
    filled_database: FilledDatabase, capsys: pytest.CaptureFixture[str]
) -> None:
    for undo, active in (((), False), (("--undo",), True)):
        run_json(capsys, "account", "deactivate", "east-leader", *undo)
        _, answer = run_json(capsys, "account", "list")
        assert {each["name"]: each["active"] for each in answer["accounts"]}["east-leader"] is active


def test_an_unknown_account_is_told(filled_database: FilledDatabase, capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = run_json(capsys, "account", "deactivate", "nobody")
    assert (code, answer["faults"][0]["value"]) == (2, "nobody")


def test_keys_are_changed_and_checked(filled_database: FilledDatabase, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_json(capsys, "keys", "rotate")[1]["residents"] == 4
    code, answer = run_json(capsys, "keys", "check")
    assert (code, answer["count"], answer["unreadable"], len(answer["keys"])) == (0, 8, [], 1)


def test_missing_keys_are_told(filled_database: FilledDatabase, capsys: pytest.CaptureFixture[str]) -> None:
    key_ring.key_file_path().unlink()
    code, answer = run_json(capsys, "keys", "check")
    assert code == 2
    assert "keys are missing" in answer["error"]


def test_wrong_keys_are_told(filled_database: FilledDatabase, capsys: pytest.CaptureFixture[str]) -> None:
    key_ring.key_file_path().unlink()
    key_ring.create_key_ring()
    code, answer = run_json(capsys, "keys", "check")
    assert (code, len(answer["unreadable"])) == (1, 8)
