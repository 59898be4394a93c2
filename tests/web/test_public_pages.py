"""Who is my worker: what residents are told, that it is no more, and that it may be kept by everybody."""

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, text

from tests.offices import Filled, Office, app_url
from tests.web.offices import Browser, app, browser, places, told

__all__ = ["app", "browser", "places"]
PAGES = ("/public", "/public/east", "/public/east/grids.geojson", "/public/east/east11", "/public/east/east12")
STAFF = """
INSERT INTO worker (subdistrict_id, community_id, name, office_phone, valid)
    SELECT subdistrict_id, id, v.name, v.phone, '[2020-01-01,)' FROM community,
    (VALUES ('Ai Hua', '0000-1'), ('Bo Tao', '0000-2'), ('Cai Li', '0000-3')) AS v(name, phone) WHERE code = 'east1';
INSERT INTO duty (subdistrict_id, worker_id, line, grid_id, in_charge, valid)
    SELECT w.subdistrict_id, w.id, 'own_grid', g.id, w.name <> 'Bo Tao',
        CASE w.name WHEN 'Cai Li' THEN daterange(CURRENT_DATE + 7, NULL) ELSE '[2020-01-01,)' END
    FROM worker w JOIN grid g ON g.code = 'east11' WHERE w.community_id = g.community_id;
INSERT INTO duty (subdistrict_id, worker_id, line, subject, valid)
    SELECT subdistrict_id, id, 'field', 'care', '[2020-01-01,)' FROM worker WHERE name = 'Ai Hua';
UPDATE subdistrict SET supervision_phone = '0000-9' WHERE code = 'east';
UPDATE community SET station_phone = '0000-8' WHERE code = 'east1';
"""
GONE = "DELETE FROM duty; DELETE FROM worker; UPDATE community SET station_phone = NULL"


@pytest.fixture(autouse=True)
def staffed(filled: Filled) -> Iterator[None]:
    """East has a worker in charge of its first grid, a helper, and one who follows in a week."""
    told(filled, STAFF)
    yield
    told(filled, GONE)


def test_the_worker_is_told_with_work_phone_and_supervision(browser: Browser) -> None:
    page = browser().get("/public/east/east11").text
    for expected in ("Ai Hua", "Care for people in need", "0000-1", "0000-9", "east11"):
        assert expected in page


@pytest.mark.parametrize("hidden", ["Bo Tao", "0000-2", "Cai Li", "0000-3", "张小明", "138"])
@pytest.mark.parametrize("page", PAGES)
def test_helpers_successors_and_residents_are_not_told(browser: Browser, page: str, hidden: str) -> None:
    assert hidden not in re.sub(r'nonce="[^"]*"|static/\w+|\d+\.\d+', "", browser().get(page).text)


def test_a_vacant_grid_says_so_and_whom_to_call(browser: Browser) -> None:
    page = browser().get("/public/east/east12").text
    assert "nobody answers for this grid" in page
    assert "0000-8" in page


@pytest.mark.parametrize("page", PAGES)
def test_everybody_may_keep_a_page_for_five_minutes(browser: Browser, page: str) -> None:
    for client in (browser(), browser("east-leader")):
        answer = client.get(page, query_string={"language": "en"})
        assert answer.headers["Cache-Control"] == "public, max-age=300"
        assert "Set-Cookie" not in answer.headers
        assert page.endswith("geojson") or "Accept-Language" in answer.headers["Vary"]
        assert "East-Leader" not in answer.text


def test_the_language_asked_for_is_carried_on(browser: Browser) -> None:
    assert 'href="/public/east/east11?language=zh-CN"' in browser().get("/public/east?language=zh-CN").text


@pytest.mark.parametrize("address", ["/public/north", "/public/east/east19", "/public/east/west11", "/public/%00/x"])
def test_what_is_nowhere_is_not_found(browser: Browser, address: str) -> None:
    assert browser().get(address).status_code == 404


def test_a_plan_of_another_day_is_not_told(browser: Browser, filled: Filled) -> None:
    told(filled, "UPDATE adoption SET valid = daterange(CURRENT_DATE + 2, NULL) WHERE subdistrict_id = 1")
    try:
        assert browser().get("/public/east/east11?on=2030-01-01").status_code == 404
        assert "not divided into grids yet" in browser().get("/public/east").text
    finally:
        told(filled, "UPDATE adoption SET valid = '[2020-01-01,)' WHERE subdistrict_id = 1")


def test_the_functions_are_all_that_the_application_sees_without_an_account(filled: Filled, app: object) -> None:
    engine = create_engine(app_url(filled.url))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM worker")).scalar() == 0
        assert connection.execute(text("SELECT count(*) FROM public_workers('east', 'east11')")).scalar() == 1
    engine.dispose()


def test_the_subdistrict_of_another_office_is_told_alike(browser: Browser, places: dict[str, Office]) -> None:
    assert "west11" in browser("east-worker").get("/public/west").text
