"""The heatmap page: access, counts by role, refused filters and days without records."""

import pytest

from tests.days import day_from_now
from tests.fixtures.subdistricts import FilledDatabase
from tests.fixtures.web_app import (
    INSERT_INCIDENTS,
    OpenClient,
    app,
    execute_sql,
    incidents_in_east,
    open_client,
    subdistricts,
)

__all__ = ["app", "incidents_in_east", "open_client", "subdistricts"]
pytestmark = pytest.mark.usefixtures("incidents_in_east")
NUMBER_SQL = "split_part(number, '-', 2)::int"
PAGES = (
    "/heat",
    "/heat/east",
    "/heat/east/grids.geojson",
    "/heat/east/squares.geojson",
    "/heat/east/street-names.geojson",
    "/heat/east/figures.xlsx",
)


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


def grid_numbers(open_client: OpenClient, name: str, path: str) -> list[int]:
    features = open_client(name).get(path).get_json()["features"]
    return sorted(each["properties"]["number"] for each in features)


@pytest.mark.parametrize("name", ["leader", "planner", "station"])
def test_ordinary_incidents_are_counted_exactly(open_client: OpenClient, name: str) -> None:
    assert grid_numbers(open_client, f"east-{name}", "/heat/east/grids.geojson") == [3, 12]
    assert sum(grid_numbers(open_client, f"east-{name}", "/heat/east/squares.geojson")) == 15
    assert "15 incidents</a>" in open_client(f"east-{name}").get("/heat").text


@pytest.mark.parametrize(("name", "numbers"), [("leader", [0, 0]), ("planner", [0, 0]), ("station", [3, 12])])
@pytest.mark.parametrize("category", ["theft", "mental_health"])
def test_other_incidents_are_counted_only_for_those_who_see_them(
    open_client: OpenClient, filled_database: FilledDatabase, name: str, numbers: list[int], category: str
) -> None:
    execute_sql(filled_database, f"DELETE FROM incident; {INSERT_INCIDENTS.replace('lifts', category)}")
    assert grid_numbers(open_client, f"east-{name}", "/heat/east/grids.geojson") == numbers


def test_a_leader_asks_for_a_category_and_a_status_together(open_client: OpenClient) -> None:
    path = "/heat/east/grids.geojson?category=lifts&status=open"
    assert grid_numbers(open_client, "east-leader", path) == [3, 12]


def test_incidents_outside_the_date_range_are_not_counted(open_client: OpenClient) -> None:
    path = "/heat/east/grids.geojson?first=2020-01-01&last=2020-12-31"
    assert set(grid_numbers(open_client, "east-leader", path)) <= {0}


def first_grid_count(open_client: OpenClient, query: str) -> int | None:
    """Return the incident count of the first grid as the station sees it."""
    features = open_client("east-station").get(f"/heat/east/grids.geojson?{query}").get_json()["features"]
    numbers: dict[str, int | None] = {each["properties"]["name"]: each["properties"]["number"] for each in features}
    return numbers["east11"]


@pytest.mark.parametrize(
    ("query", "number"), [("category=lifts", 5), ("category=lifts&category=noise", 12), ("category=none", 0), ("", 12)]
)
def test_several_categories_are_combined(
    open_client: OpenClient, filled_database: FilledDatabase, query: str, number: int
) -> None:
    execute_sql(filled_database, f"UPDATE incident SET category = 'noise' WHERE {NUMBER_SQL} > 5")
    assert first_grid_count(open_client, query) == number
    page = open_client("east-station").get(f"/heat/east?{query}").text
    assert page.count("<input checked id") == query.count("category=")


@pytest.mark.parametrize(("status", "number"), [("open", 12), ("closed", 0)])
def test_an_incident_is_open_until_the_date_of_its_closing(
    open_client: OpenClient, filled_database: FilledDatabase, status: str, number: int
) -> None:
    execute_sql(filled_database, "UPDATE incident SET status = 'closed', closed_at = now() - interval '1 day'")
    two_days_ago, yesterday = (day_from_now(-2), day_from_now(-1))
    assert first_grid_count(open_client, f"status={status}&last={two_days_ago}") == number
    assert first_grid_count(open_client, f"status={status}&last={yesterday}") == 12 - number


@pytest.mark.parametrize(
    ("query", "kept", "fault"),
    [
        ("first=yesterday", 'value="yesterday"', "cannot be used"),
        ("first=2026-02-01&last=2026-01-01", 'value="2026-02-01"', "the first day is after the last"),
        ("last=soon&status=closed", '<option selected value="closed">', "cannot be used"),
        ("last=soon&category=gone", 'name="category" type="checkbox" value="gone"', "cannot be used"),
        ("status=lost&last=2026-02-01", 'value="2026-02-01"', "cannot be used"),
        ("first=20266-01-01&category=lifts", '<input checked id="category-0"', "cannot be used"),
        ("colour=red", "", "there is no such parameter"),
    ],
)
def test_filters_that_cannot_be_used_stay_in_the_form_with_the_reason(
    open_client: OpenClient, query: str, kept: str, fault: str
) -> None:
    answer = open_client("east-leader").get(f"/heat/east?{query}")
    assert answer.status_code == 422
    assert fault in answer.text
    assert kept in answer.text
    assert not [mark for mark in ('id="heat-table"', 'id="map"', 'aria-current="true"') if mark in answer.text]
    assert open_client("east-leader").get(f"/heat/east/grids.geojson?{query}").status_code == 422


def page_of_days(open_client: OpenClient, days: tuple[int, int], more: str = "") -> str:
    """Return the page that the station sees of a range of days, given as numbers of days ago."""
    first, last = (day_from_now(-day) for day in days)
    return open_client("east-station").get(f"/heat/east?first={first}&last={last}{more}").text


@pytest.mark.parametrize(
    ("days", "sentence"),
    [
        ((51, 2), "there is no record before"),
        ((50, 2), ""),
        ((11, 2), ""),
        ((10, 2), "no incident is recorded from"),
        ((13, 0), ""),
        ((12, 0), "the last record is of"),
    ],
)
def test_only_periods_with_records_are_compared(
    open_client: OpenClient, filled_database: FilledDatabase, days: tuple[int, int], sentence: str
) -> None:
    for number, age in ((1, 100), (2, 60), (3, 20)):
        execute_sql(
            filled_database,
            f"UPDATE incident SET occurred_at = now() - interval '{age} days' WHERE {NUMBER_SQL} = {number}",
        )
    page = page_of_days(open_client, days)
    assert ("No comparison" in page) is bool(sentence)
    assert sentence in page
    assert ('data-label="Change"' in page) is any(sign in page for sign in "▲▼＝") is not bool(sentence)


@pytest.mark.parametrize(
    ("days", "sentence"), [((9, 3), "there is no record before"), ((1, 0), "the last record is of"), ((2, 2), "")]
)
def test_a_range_without_records_says_so_and_leads_to_the_last_ones(
    open_client: OpenClient, days: tuple[int, int], sentence: str
) -> None:
    page = page_of_days(open_client, days, "&category=lifts&status=open")
    assert (f"No incident is recorded from {day_from_now(-days[0])}" in page) is bool(sentence)
    assert sentence in page
    assert ('id="heat-table"' in page) is ('id="map"' in page) is not bool(sentence)
    link = f"/heat/east?category=lifts&amp;status=open&amp;last={day_from_now(-2)}"
    assert (link in page) is bool(sentence)


def test_the_first_record_is_of_its_day_in_the_offices_time_zone(
    open_client: OpenClient, filled_database: FilledDatabase
) -> None:
    execute_sql(filled_database, "UPDATE incident SET occurred_at = '2025-03-02 00:30+08'")
    page = open_client("east-station").get("/heat/east?first=2025-03-02&last=2025-03-02").text
    assert "there is no record before 2025-03-02" in page
    assert 'id="heat-table"' in page


def test_a_subdistrict_without_incidents_says_so(open_client: OpenClient, filled_database: FilledDatabase) -> None:
    execute_sql(filled_database, "DELETE FROM incident")
    page = open_client("east-leader").get("/heat").text
    assert "No incident has been recorded." in page
    assert 'id="heat-table"' not in page
    assert "up to the last record" not in page
