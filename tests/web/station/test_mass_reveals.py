"""A hundred reveals tried by one account: stopped at the limits, reported to the administrator, all in the audit."""

import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text

from tests.fixtures.people import households
from tests.fixtures.subdistricts import FilledDatabase
from tests.fixtures.web_app import OpenClient, app, open_client, subdistricts

__all__ = ["app", "open_client", "subdistricts"]
GROUNDS = {"field": "id_number", "purpose": "verification", "reason": "check of the register"}


@pytest.fixture(scope="module")
def residents(filled_database: FilledDatabase) -> Iterator[list[int]]:
    """Add 100 households of one resident to the grid of the worker."""
    households.begin_day_at_noon(filled_database)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRIDMAP_HOME", str(filled_database.home_dir))
        yield households.add_households(filled_database, filled_database.subdistricts["east"], 100)


@pytest.fixture(autouse=True)
def fresh_day(filled_database: FilledDatabase) -> None:
    households.forget_reveals(filled_database)


def try_all(
    client: FlaskClient, residents: list[int], filled: FilledDatabase, *, patient: bool = False
) -> list[tuple[int, bool]]:
    """Try to reveal every identity number; return status and whether the number was shown.

    A patient account waits eleven minutes whenever it has to wait.
    """
    page = client.get(f"/residents/{residents[0]}").text
    token = re.findall(r'name="csrf_token"[^>]* value="([^"]+)"', page)[0]
    results = []
    for number, resident in enumerate(residents):
        answer = client.post(f"/residents/{resident}", data={"csrf_token": token, **GROUNDS})
        results.append((answer.status_code, households.id_number_of(number) in answer.text))
        if patient and "within five minutes" in answer.text:
            households.let_minutes_pass(filled, 11)
    return results


def count_actions(filled: FilledDatabase, name: str) -> dict[str, int]:
    query = (
        "SELECT coalesce(details->>'limit', action) AS what, count(*)"
        " FROM audit a JOIN account p ON p.id = a.account_id"
        " WHERE p.name = :name AND action LIKE 'reveal%' GROUP BY 1"
    )
    engine = create_engine(filled.owner_url)
    with engine.connect() as connection:
        counts = {what: int(number) for what, number in connection.execute(text(query), {"name": name})}
    engine.dispose()
    return counts


@pytest.mark.parametrize("name", ["east-station", pytest.param("east-worker", marks=pytest.mark.full)])
def test_a_hundred_reveals_in_a_row_stop_at_ten(
    open_client: OpenClient, filled_database: FilledDatabase, residents: list[int], name: str
) -> None:
    results = try_all(open_client(name), residents, filled_database)
    assert results == [(200, True)] * 10 + [(429, False)] * 90
    assert count_actions(filled_database, name) == {"reveal": 10, "cool_down": 90}


@pytest.mark.parametrize("name", ["east-worker", pytest.param("east-station", marks=pytest.mark.full)])
def test_a_hundred_patient_reveals_stop_at_the_budget_of_the_day(
    open_client: OpenClient, filled_database: FilledDatabase, residents: list[int], name: str
) -> None:
    results = try_all(open_client(name), residents, filled_database, patient=True)
    assert sum(shown for _, shown in results) == 30
    assert {status for status, shown in results if not shown} == {429}
    assert count_actions(filled_database, name) == {"reveal": 30, "cool_down": 3, "budget": 67}
    assert_administrator_knows(open_client("east-admin"), name.title())


def assert_administrator_knows(admin: FlaskClient, display_name: str) -> None:
    """Assert that the alarm is on each first page, that the records tell the rest, and that the alarm ends."""
    sentence = f"{display_name} reached a limit of reveals"
    for path in ("/subdistricts/east", "/admin/accounts", "/admin/special-tasks"):
        assert sentence in admin.get(path).text
    records = admin.get("/admin/audit?action=reveal_refused").text
    assert "budget of the day used up" in records
    assert display_name in records
    page = admin.get("/admin/accounts").text
    dismiss = re.findall(r'action="([^"]*/reveal-alarm)"', page)[0]
    token = re.findall(r'name="csrf_token"[^>]* value="([^"]+)"', page)[0]
    assert admin.post(dismiss, data={"csrf_token": token}).status_code == 303
    assert sentence not in admin.get("/admin/accounts").text


def test_a_refusal_keeps_what_was_typed_and_tells_how_many_are_left(
    open_client: OpenClient, filled_database: FilledDatabase, residents: list[int]
) -> None:
    client = open_client("east-worker")
    try_all(client, residents[:10], filled_database)
    page = client.get(f"/residents/{residents[50]}").text
    assert 'data-households-left="20"' in page
    token = re.findall(r'name="csrf_token"[^>]* value="([^"]+)"', page)[0]
    answer = client.post(f"/residents/{residents[50]}", data={"csrf_token": token, **GROUNDS}).text
    assert 'value="check of the register"' in answer
    assert re.search(r'<input checked[^>]* value="verification"', answer)
