"""Finding and revealing residents, page by page."""

import pytest
from sqlalchemy import create_engine, text

from tests.offices import ID_NUMBERS, PHONES, Filled, Office
from tests.web.offices import Browser, app, browser, places, sent

__all__ = ["app", "browser", "places"]
REASON = "visit at the door"


def test_a_resident_is_found_masked(browser: Browser) -> None:
    page = sent(browser("east-worker"), "/people", number=ID_NUMBERS["east"][0]).text
    found = page.split("</form>")[-1]
    assert "**************002X" in found
    assert ID_NUMBERS["east"][0] not in found
    assert "张小明" not in page


@pytest.mark.parametrize("number", [PHONES["east"][1], PHONES["west"][0], "1380013800"])
def test_people_of_others_are_not_found(browser: Browser, number: str) -> None:
    assert "Nobody with this number" in sent(browser("east-worker"), "/people", number=number).text


@pytest.mark.parametrize(("field", "value"), [("name", "张小明"), ("phone", "13800138000")])
def test_a_value_is_shown_once_for_a_reason(
    browser: Browser, places: dict[str, Office], field: str, value: str
) -> None:
    client, page = browser("east-worker"), f"/people/{places['east'].residents[0]}"
    assert value in sent(client, page, field=field, reason=REASON).text
    assert value not in client.get(page).text


def test_no_reason_no_value_and_no_record(browser: Browser, filled: Filled, places: dict[str, Office]) -> None:
    page = f"/people/{places['east'].residents[0]}"
    answer = sent(browser("east-worker"), page, field="phone", reason="x y")
    assert answer.status_code == 422
    assert "four letters" in answer.text
    assert recorded(filled, "x y") == 0


def test_the_reason_is_recorded_when_the_value_is_shown(
    browser: Browser, filled: Filled, places: dict[str, Office]
) -> None:
    sent(browser("east-station"), f"/people/{places['east'].residents[1]}", field="phone", reason="complaint 17")
    assert recorded(filled, "complaint 17") == 1


@pytest.mark.parametrize("role", ["planner", "leader", "admin"])
def test_persons_are_for_workers_and_stations(browser: Browser, places: dict[str, Office], role: str) -> None:
    client = browser(f"east-{role}")
    assert [client.get(path).status_code for path in ("/people", "/people/1")] == [403, 403]


def test_residents_of_others_are_not_there(browser: Browser, places: dict[str, Office]) -> None:
    client = browser("east-worker")
    for resident in (places["east"].residents[1], places["west"].residents[0], 999):
        assert client.get(f"/people/{resident}").status_code == 404
        assert sent(client, "/people", f"/people/{resident}", field="phone", reason=REASON).status_code == 404


def recorded(filled: Filled, reason: str) -> int:
    engine = create_engine(filled.url)
    with engine.connect() as connection:
        count = connection.scalar(text("SELECT count(*) FROM audit WHERE reason = :reason"), {"reason": reason})
    engine.dispose()
    return int(count or 0)
