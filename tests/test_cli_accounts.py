"""The owner's commands for accounts and keys, on a database that DATABASE_URL names."""

import json
from pathlib import Path
from typing import Any

import pytest

from gridmap.cli import run
from gridmap.services.signing_in import recognise, sign_in
from gridmap.store import keys
from gridmap.store.session import Database
from tests import offices
from tests.offices import Filled, app_url


@pytest.fixture
def filled(database_url: str, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Filled:
    """Two subdistricts in the database of this test."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    return offices.filled(database_url, own_home)


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    capsys.readouterr()
    code = run([*arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


def signs_in(filled: Filled, name: str, password: str) -> bool:
    database = Database(app_url(filled.url))
    person = recognise(database, sign_in(database, name, password))
    database.close()
    return person is not None


def test_the_first_admin_is_made_on_the_command_line(filled: Filled, capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = told(capsys, "account", "add", "chief", "--role", "admin", "--subdistrict", "east")
    assert code == 0
    assert signs_in(filled, "chief", answer["password"])


def test_an_account_in_a_place_that_is_not_there_is_refused(filled: Filled, capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = told(capsys, "account", "add", "chief", "--role", "admin", "--subdistrict", "nowhere")
    assert (code, answer["faults"][0]["column"]) == (2, "subdistrict")


def test_a_forgotten_password_is_replaced(filled: Filled, capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = told(capsys, "account", "password", "east-leader")
    assert code == 0
    assert signs_in(filled, "east-leader", answer["password"])


def test_an_account_goes_out_of_use_and_comes_back(filled: Filled, capsys: pytest.CaptureFixture[str]) -> None:
    for undo, active in (((), False), (("--undo",), True)):
        told(capsys, "account", "deactivate", "east-leader", *undo)
        _, answer = told(capsys, "account", "list")
        assert {each["name"]: each["active"] for each in answer["accounts"]}["east-leader"] is active


def test_an_unknown_account_is_told(filled: Filled, capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = told(capsys, "account", "deactivate", "nobody")
    assert (code, answer["faults"][0]["value"]) == (2, "nobody")


def test_keys_are_changed_and_checked(filled: Filled, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, "keys", "rotate")[1]["residents"] == 4
    code, answer = told(capsys, "keys", "check")
    assert (code, answer["count"], answer["wrong"], len(answer["keys"])) == (0, 8, [], 1)


def test_missing_keys_are_told(filled: Filled, capsys: pytest.CaptureFixture[str]) -> None:
    keys.path().unlink()
    code, answer = told(capsys, "keys", "check")
    assert code == 2
    assert "keys are missing" in answer["error"]


def test_wrong_keys_are_told(filled: Filled, capsys: pytest.CaptureFixture[str]) -> None:
    keys.path().unlink()
    keys.make()
    code, answer = told(capsys, "keys", "check")
    assert (code, len(answer["wrong"])) == (1, 8)
