"""A leader with a service line: a purpose first, then exact figures on every page, each of them on record."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from tests.fixtures.subdistricts import FilledDatabase, SubdistrictIds
from tests.fixtures.web_app import OpenClient, app, execute_sql, open_client, subdistricts, submit_form
from tests.web.leader.test_figures import read_workbook

__all__ = ["app", "open_client", "subdistricts"]
INCIDENTS = """
DELETE FROM incident;
INSERT INTO incident (subdistrict_id, number, category, channel, title, occurred_at, cell_id, geometry)
    SELECT c.subdistrict_id, concat_ws('-', category, g.code, n), category, 'file', 'words of ' || category,
        now() - interval '2 days', c.id, ST_PointOnSurface(c.geometry)
    FROM cell c JOIN assignment a ON a.cell_id = c.id JOIN grid g ON g.id = a.grid_id,
        (VALUES ('lifts', 4), ('theft', 3), ('mental_health', 2)) AS kinds (category, incidents),
        generate_series(1, incidents) AS n
    WHERE g.code IN ('east11', 'east12')
"""
LINES = """
INSERT INTO service_line (subdistrict_id, key, name_zh, name_en)
    SELECT id, key, 'zh ' || key, 'line ' || key FROM subdistrict, unnest(ARRAY['order', 'special']) AS key
    ON CONFLICT DO NOTHING;
UPDATE incident_category SET line_of_work = CASE key WHEN 'theft' THEN 'order' WHEN 'mental_health' THEN 'special' END
"""
GIVE = """
INSERT INTO account_scope_line (subdistrict_id, account_scope_id, service_line_id, valid, legal_basis)
    SELECT s.subdistrict_id, s.id, l.id, daterange(today(), today() + 30), '《精神卫生法》第六条'
    FROM account_scope s JOIN account a ON a.id = s.account_id AND a.name = 'east-leader'
        JOIN service_line l ON l.subdistrict_id = s.subdistrict_id AND l.key = '{}'
"""


@pytest.fixture(autouse=True)
def line_incidents(filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]) -> Iterator[None]:
    execute_sql(filled_database, f"{INCIDENTS}; {LINES}; {GIVE.format('order')}")
    yield
    execute_sql(filled_database, "DELETE FROM account_scope_line; DELETE FROM incident")


@pytest.fixture
def leader(open_client: OpenClient) -> FlaskClient:
    return open_client("east-leader")


@pytest.fixture
def seeing_leader(leader: FlaskClient) -> FlaskClient:
    """Return the leader after a purpose is chosen."""
    assert choose(leader, "analysis").status_code == 303
    return leader


def choose(client: FlaskClient, purpose: str, number: str = "") -> Any:
    return submit_form(client, "/heat/east/lines", purpose=purpose, matter_number=number)


def records(database: FilledDatabase, action: str = "line_viewed") -> list[dict[str, Any]]:
    """Return the details of the records of an action in the audit, the oldest first."""
    query = text("SELECT details FROM audit WHERE action = :action ORDER BY id")
    with create_engine(database.owner_url, poolclass=NullPool).connect() as owner:
        return list(owner.scalars(query, {"action": action}))


def figures(client: FlaskClient, east: SubdistrictIds) -> dict[str, int]:
    """Return the incidents that each answer tells of the whole subdistrict."""
    grids = json.loads(client.get("/heat/east/grids.geojson").text)["features"]
    squares = json.loads(client.get("/heat/east/squares.geojson").text)["features"]
    counts = json.loads(client.get(f"/api/v1/subdistricts/{east.subdistrict_id}/incident-counts").text)["items"]
    summary = read_workbook(client.get("/heat/east/figures.xlsx").data)["Summary"]
    lists = [client.get(f"/heat/east/grids/{grid}").text.count("data-incident=") for grid in east.grid_ids]
    pages = [client.get(f"/grids/{grid}").text.count("data-incident=") for grid in east.grid_ids]
    maps = [client.get(f"/grids/{grid}/features.geojson").text.count('"incident"') for grid in east.grid_ids]
    return {
        "grids": sum(each["properties"]["number"] for each in grids),
        "squares": sum(each["properties"]["number"] for each in squares),
        "api": sum(each["incidents"] for each in counts),
        "workbook": next(int(row[1]) for row in summary if row[0] == "Incidents"),
        "lists": sum(lists),
        "grid pages": sum(pages),
        "grid maps": sum(maps),
    }


def all_of(count: int) -> dict[str, int]:
    names = ("grids", "squares", "api", "workbook", "lists", "grid pages", "grid maps")
    return dict.fromkeys(names, count)


def test_without_a_purpose_every_answer_tells_of_ordinary_incidents_only(
    leader: FlaskClient, filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]
) -> None:
    assert figures(leader, subdistricts["east"]) == all_of(8)
    assert records(filled_database) == []


def test_with_a_purpose_every_answer_counts_the_line_and_is_recorded(
    seeing_leader: FlaskClient, filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]
) -> None:
    assert figures(seeing_leader, subdistricts["east"]) == all_of(14)
    recorded = [
        (each["page"].split("/", 2)[1], each["rows"], each["lines"], each["purpose"])
        for each in records(filled_database)
    ]
    assert sorted(recorded) == sorted(
        [("heat", 6, ["order"], "analysis")] * 3
        + [("heat", 3, ["order"], "analysis")] * 2
        + [("grids", 3, ["order"], "analysis")] * 4
        + [("api", 6, ["order"], "analysis")]
    )


@pytest.mark.parametrize(
    ("page", "compared_first"),
    [
        ("/heat/east", "2025-09-09"),
        ("/heat/east/figures.xlsx", "2025-09-09"),
        ("/heat/east/grids.geojson", "2026-02-22"),
        ("/heat/east/squares.geojson", "2026-02-22"),
        ("/heat/east/grids/{grid_id}", None),
    ],
)
def test_the_record_names_the_days_that_were_read_for_comparison(
    seeing_leader: FlaskClient,
    filled_database: FilledDatabase,
    subdistricts: dict[str, SubdistrictIds],
    page: str,
    compared_first: str | None,
) -> None:
    path = page.format(grid_id=subdistricts["east"].grid_ids[0])
    assert seeing_leader.get(f"{path}?first=2026-03-01&last=2026-03-07").status_code == 200
    last = records(filled_database)[-1]
    assert (last["first"], last["last"], last.get("compared_first")) == ("2026-03-01", "2026-03-07", compared_first)


def test_a_category_of_no_line_is_no_look_at_the_line(
    seeing_leader: FlaskClient, filled_database: FilledDatabase
) -> None:
    before = len(records(filled_database))
    assert 'data-count="4"' in seeing_leader.get("/heat/east?category=lifts").text
    assert len(records(filled_database)) == before


def test_the_line_is_a_filter_of_the_figures(seeing_leader: FlaskClient, filled_database: FilledDatabase) -> None:
    page = seeing_leader.get("/heat/east?category=theft").text
    assert page.count('data-count="3"') == 2
    assert records(filled_database)[-1]["categories"] == ["theft"]
    assert "mental_health" not in page


def test_the_overview_tells_of_ordinary_incidents_only(
    seeing_leader: FlaskClient, filled_database: FilledDatabase
) -> None:
    before = len(records(filled_database))
    assert seeing_leader.get("/subdistricts/east").status_code == 200
    assert len(records(filled_database)) == before


@pytest.mark.parametrize(("purpose", "number", "status"), [("", "", 422), ("matter", " ", 422), ("matter", "M-7", 303)])
def test_a_purpose_is_of_the_list_and_a_matter_has_its_number(
    leader: FlaskClient, purpose: str, number: str, status: int
) -> None:
    answer = choose(leader, purpose, number)
    assert answer.status_code == status
    if purpose and status == 422:
        assert "enter the number of the matter" in answer.text


def test_the_filters_survive_the_choice_of_a_purpose(leader: FlaskClient) -> None:
    answer = submit_form(leader, "/heat/east/lines?category=theft&status=open", purpose="analysis")
    assert answer.headers["Location"] == "/heat/east?category=theft&status=open"


def test_the_purpose_ends_on_request_and_with_the_session(
    seeing_leader: FlaskClient, filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]
) -> None:
    assert submit_form(seeing_leader, "/heat/east/lines", "/heat/east/lines/end").status_code == 303
    assert figures(seeing_leader, subdistricts["east"])["grids"] == 8
    choose(seeing_leader, "analysis")
    execute_sql(filled_database, "DELETE FROM web_session")
    with create_engine(filled_database.owner_url, poolclass=NullPool).connect() as owner:
        assert owner.scalar(text("SELECT count(*) FROM line_viewing")) == 0


def test_a_line_that_ends_stops_at_once(
    seeing_leader: FlaskClient, filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]
) -> None:
    execute_sql(filled_database, "DELETE FROM account_scope_line")
    assert figures(seeing_leader, subdistricts["east"])["lists"] == 8


def test_the_text_of_a_sensitive_incident_is_opened_one_at_a_time(
    seeing_leader: FlaskClient, filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]
) -> None:
    execute_sql(filled_database, GIVE.format("special"))
    grid_id = subdistricts["east"].grid_ids[0]
    for path in (f"/heat/east/grids/{grid_id}", f"/grids/{grid_id}"):
        page = seeing_leader.get(path).text
        assert page.count("words of theft") == 3
        assert "words of mental_health" not in page
    opened = seeing_leader.get(f"/heat/east/incidents/{incident_id(filled_database, 'mental_health')}")
    assert "words of mental_health" in opened.text
    last = records(filled_database, "line_incident_opened")[-1]
    assert (last["category"], last["lines"], last["purpose"]) == ("mental_health", ["special"], "analysis")


@pytest.mark.parametrize("category", ["mental_health", "lifts"])
def test_an_incident_of_no_own_line_is_not_opened(
    seeing_leader: FlaskClient, filled_database: FilledDatabase, category: str
) -> None:
    before = len(records(filled_database, "line_incident_opened"))
    assert seeing_leader.get(f"/heat/east/incidents/{incident_id(filled_database, category)}").status_code == 404
    assert len(records(filled_database, "line_incident_opened")) == before


def test_an_incident_is_not_opened_without_a_purpose(leader: FlaskClient, filled_database: FilledDatabase) -> None:
    assert leader.get(f"/heat/east/incidents/{incident_id(filled_database, 'theft')}").status_code == 404


def incident_id(database: FilledDatabase, category: str) -> int:
    query = text("SELECT min(id) FROM incident WHERE category = :category")
    with create_engine(database.owner_url, poolclass=NullPool).connect() as owner:
        return int(owner.scalar(query, {"category": category}) or 0)


def test_a_leader_without_lines_learns_so_and_opens_none(leader: FlaskClient, filled_database: FilledDatabase) -> None:
    execute_sql(filled_database, "DELETE FROM account_scope_line")
    page = leader.get("/heat/east/lines")
    assert "You have no service line here" in page.text
    assert "line-status" not in leader.get("/heat/east").text
