"""Commands of the owner for accounts and keys, on the database of DATABASE_URL."""

import json
from pathlib import Path
from typing import Any

import pytest

from gridmap.cli.main import run
from gridmap.postgres.databases import fetch_rows
from gridmap.services.accounts.sign_in import find_session_account, sign_in
from gridmap.store import key_ring
from gridmap.store.session import Database
from tests.fixtures import subdistricts
from tests.fixtures.subdistricts import FilledDatabase, auth_url


@pytest.fixture
def filled_database(database_url: str, gridmap_home: Path, monkeypatch: pytest.MonkeyPatch) -> FilledDatabase:
    """Return the database of this test, with two subdistricts."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    return subdistricts.fill_database(database_url, gridmap_home)


def run_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    capsys.readouterr()
    code = run([*arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


def can_sign_in(filled_database: FilledDatabase, name: str, password: str) -> bool:
    database = Database(auth_url(filled_database.owner_url))
    account = find_session_account(database, sign_in(database, name, password))
    database.close()
    return account is not None


def test_the_first_admin_is_made_on_the_command_line(
    filled_database: FilledDatabase, capsys: pytest.CaptureFixture[str]
) -> None:
    code, output = run_json(capsys, "account", "add", "chief", "--role", "admin", "--subdistrict", "east")
    assert code == 0
    assert can_sign_in(filled_database, "chief", output["password"])


def test_an_account_with_an_unknown_scope_is_refused(
    filled_database: FilledDatabase, capsys: pytest.CaptureFixture[str]
) -> None:
    code, output = run_json(capsys, "account", "add", "chief", "--role", "admin", "--subdistrict", "nowhere")
    assert (code, output["faults"][0]["column"]) == (2, "subdistrict")


@pytest.mark.parametrize(
    ("options", "column"),
    [
        (("--role", "station", "--community", "east1", "--grid", "east11"), "grid"),
        (("--role", "leader", "--may-approve"), "can_approve"),
    ],
)
def test_a_scope_that_the_role_cannot_honour_is_refused(
    filled_database: FilledDatabase, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], column: str
) -> None:
    code, output = run_json(capsys, "account", "add", "second", "--subdistrict", "east", *options)
    assert (code, output["faults"][0]["column"]) == (2, column)


def test_a_planner_gets_the_right_to_approve(
    filled_database: FilledDatabase, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = "account", "add", "second", "--role", "planner", "--subdistrict", "east", "--may-approve"
    assert run_json(capsys, *arguments)[0] == 0
    granted = "SELECT can_approve FROM account_scope s JOIN account a ON a.id = s.account_id WHERE a.name = 'second'"
    assert fetch_rows(filled_database.owner_url, granted) == [(True,)]


def test_a_forgotten_password_is_replaced(filled_database: FilledDatabase, capsys: pytest.CaptureFixture[str]) -> None:
    code, output = run_json(capsys, "account", "password", "east-leader")
    assert code == 0
    assert can_sign_in(filled_database, "east-leader", output["password"])


def test_an_account_is_deactivated_and_activated_again(
    filled_database: FilledDatabase, capsys: pytest.CaptureFixture[str]
) -> None:
    for undo, active in (((), False), (("--undo",), True)):
        run_json(capsys, "account", "deactivate", "east-leader", *undo)
        _, output = run_json(capsys, "account", "list")
        assert {each["name"]: each["active"] for each in output["accounts"]}["east-leader"] is active


def test_an_unknown_account_is_reported(filled_database: FilledDatabase, capsys: pytest.CaptureFixture[str]) -> None:
    code, output = run_json(capsys, "account", "deactivate", "nobody")
    assert (code, output["faults"][0]["value"]) == (2, "nobody")


def test_keys_are_rotated_and_checked(filled_database: FilledDatabase, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_json(capsys, "keys", "rotate")[1]["residents"] == 4
    code, output = run_json(capsys, "keys", "check")
    assert (code, output["count"], output["unreadable"], len(output["keys"])) == (0, 8, [], 1)


def test_missing_keys_are_reported(filled_database: FilledDatabase, capsys: pytest.CaptureFixture[str]) -> None:
    key_ring.key_file_path().unlink()
    code, output = run_json(capsys, "keys", "check")
    assert code == 2
    assert "keys are missing" in output["error"]


def test_wrong_keys_are_reported(filled_database: FilledDatabase, capsys: pytest.CaptureFixture[str]) -> None:
    key_ring.key_file_path().unlink()
    key_ring.create_key_ring()
    code, output = run_json(capsys, "keys", "check")
    assert (code, len(output["unreadable"])) == (1, 8)


GRANTS = """
SELECT s.account_id, g.legal_basis FROM account_scope_line g JOIN account_scope s ON s.id = g.account_scope_id
"""


def test_a_leader_is_given_a_line_that_ends_at_once(
    filled_database: FilledDatabase, capsys: pytest.CaptureFixture[str]
) -> None:
    results = [run_json(capsys, "account", "give-line", "east-leader", "security") for _ in range(2)]
    codes = [code for code, _ in results]
    leader = filled_database.subdistricts["east"].account_ids["leader"]
    assert codes == [0, 2]
    assert fetch_rows(filled_database.owner_url, GRANTS) == [(leader, None)]
    ended = [run_json(capsys, "account", "end-line", "east-leader", "security")[0] for _ in range(2)]
    assert ended == [0, 2]
    assert fetch_rows(filled_database.owner_url, GRANTS) == []


@pytest.mark.parametrize(
    ("arguments", "column"),
    [
        (("east-leader", "special"), "legal_basis"),
        (("east-leader", "special", "--legal-basis", "第六条依据"), "last"),
        (("east-leader", "no-such-line"), "line"),
        (("east-leader", "security", "--community", "west1"), "community"),
        (("east-station", "order"), None),
    ],
)
def test_a_line_that_cannot_be_given_is_refused(
    filled_database: FilledDatabase,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    column: str | None,
) -> None:
    code, output = run_json(capsys, "account", "give-line", *arguments)
    assert (code, column in (None, *(each.get("column") for each in output["faults"]))) == (2, True)
    assert fetch_rows(filled_database.owner_url, GRANTS) == []
