"""The public directory: the content that is public, the content that is not, and caching."""

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, text

from tests.fixtures.subdistricts import FilledDatabase, SubdistrictIds, app_url
from tests.fixtures.web_app import OpenClient, app, execute_sql, open_client, subdistricts

__all__ = ["app", "open_client", "subdistricts"]
PAGES = ("/public", "/public/east", "/public/east/grids.geojson", "/public/east/east11", "/public/east/east12")
INSERT_WORKERS = """
INSERT INTO worker (subdistrict_id, community_id, name, office_phone, valid)
    SELECT subdistrict_id, id, v.name, v.phone, '[2020-01-01,)' FROM community,
    (VALUES ('Ai Hua', '0000-1'), ('Bo Tao', '0000-2'), ('Cai Li', '0000-3')) AS v(name, phone) WHERE code = 'east1';
INSERT INTO duty (subdistrict_id, worker_id, kind, grid_id, in_charge, valid)
    SELECT w.subdistrict_id, w.id, 'own_grid', g.id, w.name <> 'Bo Tao',
        CASE w.name WHEN 'Cai Li' THEN daterange(CURRENT_DATE + 7, NULL) WHEN 'Ai Hua'
            THEN daterange('2020-01-01', CURRENT_DATE + 7) ELSE '[2020-01-01,)' END
    FROM worker w JOIN grid g ON g.code = 'east11' WHERE w.community_id = g.community_id;
INSERT INTO duty (subdistrict_id, worker_id, kind, line_of_work, valid)
    SELECT subdistrict_id, id, 'field', 'care', '[2020-01-01,)' FROM worker WHERE name = 'Ai Hua';
UPDATE subdistrict SET supervision_phone = '0000-9' WHERE code = 'east';
UPDATE community SET station_phone = '0000-8' WHERE code = 'east1';
"""
DELETE_WORKERS = "DELETE FROM duty; DELETE FROM worker; UPDATE community SET station_phone = NULL"


@pytest.fixture(autouse=True)
def workers_in_east(filled_database: FilledDatabase) -> Iterator[None]:
    """Insert a worker in charge of the first grid of east, a helper, and a successor from next week."""
    execute_sql(filled_database, INSERT_WORKERS)
    yield
    execute_sql(filled_database, DELETE_WORKERS)


def test_the_worker_is_shown_with_office_phone_and_supervision_phone(open_client: OpenClient) -> None:
    page = open_client().get("/public/east/east11").text
    for expected in ("Ai Hua", "Care for people in need", "0000-1", "0000-9", "east11"):
        assert expected in page


@pytest.mark.parametrize("hidden", ["Bo Tao", "0000-2", "Cai Li", "0000-3", "张小明", "138"])
@pytest.mark.parametrize("page", PAGES)
def test_helpers_successors_and_residents_are_not_shown(open_client: OpenClient, page: str, hidden: str) -> None:
    assert hidden not in re.sub(r'nonce="[^"]*"|static/\w+|\d+\.\d+', "", open_client().get(page).text)


def test_the_extent_of_a_grid_is_told_in_words(open_client: OpenClient) -> None:
    chinese, english = (open_client().get(f"/public/east/east11?language={each}").text for each in ("zh_CN", "en"))
    assert "东至3号楼与5号楼之间，南至小巷，西至东湖路，北至社区边界" in chinese
    assert "East: between 3号楼 and 5号楼; south: a lane; west: 东湖路; north: the border of the community" in english


def test_a_vacant_grid_shows_the_phone_of_the_station(open_client: OpenClient) -> None:
    page = open_client().get("/public/east/east12").text
    assert "nobody answers for this grid" in page
    assert "0000-8" in page


@pytest.mark.parametrize("page", PAGES)
def test_a_public_page_is_the_same_for_everybody_and_sets_no_cookie(open_client: OpenClient, page: str) -> None:
    for client in (open_client(), open_client("east-leader")):
        answer = client.get(page, query_string={"language": "en"})
        assert "Set-Cookie" not in answer.headers
        assert page.endswith("geojson") or "Accept-Language" in answer.headers["Vary"]
        assert "East-Leader" not in answer.text


def test_the_extents_of_grids_are_cacheable_for_five_minutes_and_carry_no_nonce(open_client: OpenClient) -> None:
    headers = open_client().get("/public/east/grids.geojson").headers
    assert headers["Cache-Control"] == "public, max-age=300"
    assert "nonce" not in headers["Content-Security-Policy"]


@pytest.mark.parametrize("page", [page for page in PAGES if not page.endswith("geojson")])
def test_a_page_with_a_nonce_is_stored_by_no_cache(open_client: OpenClient, page: str) -> None:
    first, second = (open_client().get(page) for _ in range(2))
    assert "nonce=" in first.text
    assert first.headers["Cache-Control"] == second.headers["Cache-Control"] == "no-store"
    assert first.headers["Content-Security-Policy"] != second.headers["Content-Security-Policy"]


def test_links_keep_the_requested_language(open_client: OpenClient) -> None:
    assert 'href="/public/east/east11?language=zh-CN"' in open_client().get("/public/east?language=zh-CN").text


@pytest.mark.parametrize("address", ["/public/north", "/public/east/east19", "/public/east/west11", "/public/%00/x"])
def test_an_unknown_place_is_not_found(open_client: OpenClient, address: str) -> None:
    assert open_client().get(address).status_code == 404


def test_a_plan_not_yet_in_force_is_not_shown(open_client: OpenClient, filled_database: FilledDatabase) -> None:
    execute_sql(
        filled_database, "UPDATE adoption SET valid = daterange(CURRENT_DATE + 2, NULL) WHERE subdistrict_id = 1"
    )
    try:
        assert open_client().get("/public/east/east11?on=2030-01-01").status_code == 404
        assert "has no grids yet" in open_client().get("/public/east").text
    finally:
        execute_sql(filled_database, "UPDATE adoption SET valid = '[2020-01-01,)' WHERE subdistrict_id = 1")


def test_without_an_account_the_application_reads_workers_through_functions_only(
    filled_database: FilledDatabase, app: object
) -> None:
    engine = create_engine(app_url(filled_database.owner_url))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM worker")).scalar() == 0
        assert connection.execute(text("SELECT count(*) FROM public_workers('east', 'east11')")).scalar() == 1
    engine.dispose()


def test_accounts_see_the_public_page_of_another_subdistrict(
    open_client: OpenClient, subdistricts: dict[str, SubdistrictIds]
) -> None:
    assert "west11" in open_client("east-worker").get("/public/west").text
