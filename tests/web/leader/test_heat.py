"""The heatmap page: access, disclosed counts and refused parameters."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.fixtures.subdistricts import FilledDatabase, SubdistrictIds
from tests.fixtures.web_app import OpenClient, app, execute_sql, open_client, subdistricts

__all__ = ["app", "open_client", "subdistricts"]
INSERT_INCIDENTS = """
INSERT INTO incident (subdistrict_id, number, category, channel, occurred_at, cell_id, geometry)
    SELECT c.subdistrict_id, g.code || '-' || n, 'order', 'file', now() - interval '2 days', c.id,
        ST_PointOnSurface(c.geometry)
    FROM cell c JOIN assignment a ON a.cell_id = c.id JOIN grid g ON g.id = a.grid_id,
        generate_series(1, CASE g.code WHEN 'east11' THEN 12 WHEN 'east12' THEN 3 END) AS n
    WHERE c.id IN (SELECT min(cell_id) FROM assignment GROUP BY grid_id)
"""
LOCAL_TIMEZONE = ZoneInfo("Asia/Shanghai")
NUMBER_SQL = "split_part(number, '-', 2)::int"
PAGES = ("/heat", "/heat/east", "/heat/east/grids.geojson", "/heat/east/squares.geojson")


@pytest.fixture(autouse=True)
def incidents_in_east(filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]) -> Iterator[None]:
    """Insert twelve incidents into the first grid of east and three into the second."""
    execute_sql(filled_database, f"DELETE FROM incident; {INSERT_INCIDENTS}")
    yield
    execute_sql(filled_database, "DELETE FROM incident")


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(("name", "status"), [("leader", 200), ("planner", 200), ("worker", 403), ("admin", 403)])
def test_the_page_is_for_leaders_planners_and_stations(
    open_client: OpenClient, page: str, name: str, status: int
) -> None:
    assert open_client(f"east-{name}").get(page).status_code == status


@pytest.mark.parametrize("page", PAGES)
def test_a_visitor_is_redirected_to_the_sign_in_page(open_client: OpenClient, page: str) -> None:
    assert open_client().get(page).headers["Location"].startswith("/sign-in")


@pytest.mark.parametrize("page", PAGES[1:])
def test_another_subdistrict_is_not_found(open_client: OpenClient, page: str) -> None:
    assert open_client("west-leader").get(page).status_code == 404


def grid_numbers(open_client: OpenClient, name: str, path: str) -> list[tuple[int | None, str]]:
    features = open_client(name).get(path).get_json()["features"]
    return sorted(((each["properties"]["number"], each["properties"]["count"]) for each in features), key=str)


def test_small_counts_are_not_disclosed_to_leaders(open_client: OpenClient) -> None:
    assert grid_numbers(open_client, "east-leader", "/heat/east/grids.geojson") == [(12, "12"), (None, "< 5")]
    assert {count for _, count in grid_numbers(open_client, "east-leader", "/heat/east/squares.geojson")} <= {
        "12",
        "15",
        "< 5",
    }


def test_small_counts_are_disclosed_to_stations(open_client: OpenClient) -> None:
    assert grid_numbers(open_client, "east-station", "/heat/east/grids.geojson") == [(12, "12"), (3, "3")]


def test_the_total_does_not_disclose_the_small_count(open_client: OpenClient) -> None:
    page = open_client("east-leader").get("/heat").text
    assert "≥ 13" in page
    assert ">15<" not in page


def test_incidents_outside_the_date_range_are_not_counted(open_client: OpenClient) -> None:
    path = "/heat/east/grids.geojson?first=2020-01-01&last=2020-12-31"
    assert {number for number, _ in grid_numbers(open_client, "east-leader", path)} <= {0}


def first_grid_count(open_client: OpenClient, query: str) -> int | None:
    """Return the incident count of the first grid as the station sees it."""
    features = open_client("east-station").get(f"/heat/east/grids.geojson?{query}").get_json()["features"]
    numbers: dict[str, int | None] = {each["properties"]["name"]: each["properties"]["number"] for each in features}
    return numbers["east11"]


@pytest.mark.parametrize(
    ("query", "number"), [("category=lifts", 5), ("category=lifts&category=noise", 9), ("category=none", 0), ("", 12)]
)
def test_several_categories_are_combined(
    open_client: OpenClient, filled_database: FilledDatabase, query: str, number: int
) -> None:
    for name, last in (("lifts", 5), ("noise", 9)):
        execute_sql(
            filled_database,
            f"UPDATE incident SET category = '{name}' WHERE category = 'order' AND {NUMBER_SQL} <= {last}",
        )
    assert first_grid_count(open_client, query) == number
    page = open_client("east-station").get(f"/heat/east?{query}").text
    assert page.count(" checked>") - 2 == sum(f"category={name}" in query for name in ("lifts", "noise"))


@pytest.mark.parametrize(("status", "number"), [("open", 12), ("closed", 0)])
def test_an_incident_is_open_until_the_date_of_its_closing(
    open_client: OpenClient, filled_database: FilledDatabase, status: str, number: int
) -> None:
    execute_sql(filled_database, "UPDATE incident SET status = 'closed', closed_at = now() - interval '1 day'")
    two_days_ago, yesterday = (datetime.now(LOCAL_TIMEZONE).date() - timedelta(days) for days in (2, 1))
    assert first_grid_count(open_client, f"status={status}&last={two_days_ago}") == number
    assert first_grid_count(open_client, f"status={status}&last={yesterday}") == 12 - number


@pytest.mark.parametrize("query", ["first=yesterday", "first=2026-02-01&last=2026-01-01", "status=lost", "colour=red"])
def test_an_invalid_parameter_is_refused_with_a_message(open_client: OpenClient, query: str) -> None:
    answer = open_client("east-leader").get(f"/heat/east?{query}")
    assert answer.status_code == 422
    assert query.partition("=")[0] in answer.text or "2026" in answer.text
