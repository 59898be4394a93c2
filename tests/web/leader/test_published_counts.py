"""Published counts on the heatmap and in the API: for roles that do not see the incidents themselves."""

from collections.abc import Iterator

import pytest

from tests.fixtures.subdistricts import FilledDatabase, SubdistrictIds
from tests.fixtures.web_app import INSERT_INCIDENTS, OpenClient, app, execute_sql, open_client, subdistricts

__all__ = ["app", "open_client", "subdistricts"]


@pytest.fixture(autouse=True, scope="module")
def personal_incidents(filled_database: FilledDatabase) -> Iterator[None]:
    """Insert twelve personal incidents into the first grid of east and three into the second, 40 days ago."""
    columns = INSERT_INCIDENTS.replace("occurred_at,", "occurred_at, reported_at,")
    times = columns.replace("now() - interval '2 days'", "now() - interval '40 days', now() - interval '40 days'")
    execute_sql(filled_database, f"DELETE FROM incident; {times.replace('lifts', 'theft')}")
    yield
    execute_sql(filled_database, "DELETE FROM incident")


@pytest.mark.parametrize("name", ["leader", "planner"])
def test_the_small_grid_is_in_the_sum_of_the_community(open_client: OpenClient, name: str) -> None:
    page = open_client(f"east-{name}").get("/heat").text
    table = page[page.index('data-published="personal"') :]
    assert "sum of the other grids" in table
    assert '<td class="number">15</td>' in table
    assert '<td class="number">12</td>' not in page


def test_a_station_sees_the_incidents_instead(open_client: OpenClient) -> None:
    page = open_client("east-station").get("/heat").text
    assert "data-published" not in page
    assert "Incidents about persons" not in page


def published_counts(open_client: OpenClient, name: str, subdistrict_id: int) -> list[tuple[str | None, int | None]]:
    answer = open_client(name).get(f"/api/v1/subdistricts/{subdistrict_id}/published-counts")
    items = answer.get_json()["items"] if answer.status_code == 200 else []
    return [(each["grid_code"], each["incidents"]) for each in items if each["community_id"]]


@pytest.mark.parametrize(("name", "counts"), [("east-leader", [15]), ("east-station", [15]), ("west-leader", [])])
def test_the_api_tells_the_same_counts(
    open_client: OpenClient, subdistricts: dict[str, SubdistrictIds], name: str, counts: list[int]
) -> None:
    rows = published_counts(open_client, name, subdistricts["east"].subdistrict_id)
    assert [row for row in rows if row[1]] == [(None, count) for count in counts]


@pytest.mark.parametrize("name", ["east-worker", "east-admin"])
def test_other_roles_may_not_ask(open_client: OpenClient, subdistricts: dict[str, SubdistrictIds], name: str) -> None:
    path = f"/api/v1/subdistricts/{subdistricts['east'].subdistrict_id}/published-counts"
    assert open_client(name).get(path).status_code == 403
