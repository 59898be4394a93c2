"""Incident counts on all pages: equal queries, equal counts; exact for ordinary incidents, none of the others."""

import random
import re
from collections.abc import Iterator
from itertools import product

import pytest
from flask.testing import FlaskClient

from tests.fixtures.subdistricts import FilledDatabase, SubdistrictIds
from tests.fixtures.web_app import OpenClient, app, execute_sql, open_client, subdistricts

__all__ = ["app", "open_client", "subdistricts"]
Counts = dict[tuple[int, str, str], int]
"""Incidents by grid, category and status."""
STATUSES, ORDINARY, PERSONAL, SENSITIVE = ("open", "closed"), ("lifts", "noise"), "theft", "mental_health"
CATEGORIES = (*ORDINARY, PERSONAL, SENSITIVE)
INSERT_INCIDENTS = """
INSERT INTO incident (subdistrict_id, number, category, channel, occurred_at, status, closed_at, cell_id, geometry)
    SELECT c.subdistrict_id, concat_ws('-', c.id, '{category}', '{status}', n), '{category}', 'file',
        now() - interval '2 days', '{status}', CASE '{status}' WHEN 'closed' THEN now() - interval '1 day' END, c.id,
        ST_PointOnSurface(c.geometry)
    FROM cell c, generate_series(1, {count}) AS n
    WHERE c.id = (SELECT min(cell_id) FROM assignment WHERE grid_id = {grid})
"""


@pytest.fixture(params=range(4))
def counts(
    request: pytest.FixtureRequest, filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]
) -> Iterator[Counts]:
    """Insert few incidents of every class and status into both grids of east, and return their numbers."""
    rng = random.Random(request.param)
    kinds = product(subdistricts["east"].grid_ids, CATEGORIES, STATUSES)
    counts = {kind: rng.choice([0, 1, 2, 3, 4, 5, 6, 9]) for kind in kinds}
    inserts = [
        INSERT_INCIDENTS.format(grid=grid, category=category, status=status, count=count)
        for (grid, category, status), count in counts.items()
    ]
    execute_sql(filled_database, ";".join(["DELETE FROM incident", *inserts]))
    yield counts
    execute_sql(filled_database, "DELETE FROM incident")


def count(
    counts: Counts, grid: int, categories: tuple[str, ...] = ORDINARY, statuses: tuple[str, ...] = STATUSES
) -> int:
    return sum(counts[grid, category, status] for category, status in product(categories, statuses))


def heat_numbers(client: FlaskClient, query: str = "") -> dict[int, int]:
    features = client.get(f"/heat/east/grids.geojson?{query}").get_json()["features"]
    return {each["properties"]["grid_id"]: each["properties"]["number"] for each in features}


def test_the_ranking_tells_how_many_are_on_the_border(
    filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds], open_client: OpenClient
) -> None:
    insert = INSERT_INCIDENTS.format(grid=subdistricts["east"].grid_ids[0], category="lifts", status="open", count=2)
    place = "ST_Project(ST_Point(106.01, 29.01, 4326)::geography, 4.9, radians(270))::geometry"
    try:
        execute_sql(filled_database, "DELETE FROM incident; " + insert.replace("ST_PointOnSurface(c.geometry)", place))
        assert re.findall(r">2</a><small>of which 2 on the border<", open_client("east-leader").get("/heat/east").text)
    finally:
        execute_sql(filled_database, "DELETE FROM incident")


def on_border_everywhere(client: FlaskClient, subdistrict_id: int, grid_id: int) -> list[int]:
    """Return the incidents of a grid on the border by the API, and by its page: told, and marked in the list."""
    path = f"/api/v1/subdistricts/{subdistrict_id}/incident-counts"
    items = {each["grid_id"]: each["on_border"] for each in client.get(path).get_json()["items"]}
    page = client.get(f"/grids/{grid_id}").text
    told = re.findall(r"(\d+) on the border: within 5 m of another grid", page)
    return [items[grid_id], *map(int, told), page.count(">on the border</span>")]


@pytest.mark.parametrize(
    ("name", "distance_m", "on_border"),
    [
        ("east-leader", 4.9, [2, 2, 2]),
        ("east-planner", 4.9, [2, 2, 2]),
        ("east-station", 4.9, [2, 2, 2]),
        ("east-worker", 4.9, [2, 2, 2]),
        ("east-leader", 5.1, [0, 0]),
        ("east-station", 5.1, [0, 0]),
    ],
)
def test_ordinary_incidents_within_five_metres_of_another_grid_are_on_the_border(
    filled_database: FilledDatabase,
    subdistricts: dict[str, SubdistrictIds],
    open_client: OpenClient,
    name: str,
    distance_m: float,
    on_border: list[int],
) -> None:
    """Insert two incidents of every class beside the border of the grids, and one in the middle."""
    east = subdistricts["east"]
    place = f"ST_Project(ST_Point(106.01, 29.01, 4326)::geography, {distance_m}, radians(270))::geometry"
    inserts = [
        INSERT_INCIDENTS.format(grid=east.grid_ids[0], category=category, status="open", count=count).replace(
            "ST_PointOnSurface(c.geometry)", where
        )
        for category in ("lifts", PERSONAL, SENSITIVE)
        for where, count in ((place, 2), ("ST_PointOnSurface(c.geometry)", 1))
    ]
    inserts = [each.replace("concat_ws('-', ", f"concat_ws('-', {i}, ") for i, each in enumerate(inserts)]
    try:
        execute_sql(filled_database, ";".join(["DELETE FROM incident", *inserts]))
        assert on_border_everywhere(open_client(name), east.subdistrict_id, east.grid_ids[0]) == on_border
    finally:
        execute_sql(filled_database, "DELETE FROM incident")


def open_incidents_on_page(client: FlaskClient, grid_id: int) -> tuple[int, int]:
    """Return the number of open incidents on the page of a grid, and how many it lists."""
    page = client.get(f"/grids/{grid_id}").text
    (number,) = re.findall(r'data-stat="open-incidents">([^<]+)', page)
    return int(number), page.count("data-incident=")


@pytest.mark.parametrize("name", ["east-leader", "east-planner"])
def test_every_category_and_status_is_counted_exactly(open_client: OpenClient, counts: Counts, name: str) -> None:
    client, grids = open_client(name), {grid for grid, _, _ in counts}
    for category, status in product(ORDINARY, STATUSES):
        expected = {grid: count(counts, grid, (category,), (status,)) for grid in grids}
        assert heat_numbers(client, f"category={category}&status={status}") == expected


@pytest.mark.parametrize("name", ["east-leader", "east-planner"])
@pytest.mark.parametrize("category", [PERSONAL, SENSITIVE])
def test_no_incident_of_another_class_is_counted(
    open_client: OpenClient, counts: Counts, name: str, category: str
) -> None:
    assert sum(count(counts, grid, (category,)) for grid, _, _ in counts) > 0
    assert set(heat_numbers(open_client(name), f"category={category}").values()) == {0}


@pytest.mark.parametrize(("name", "categories"), [("east-leader", ORDINARY), ("east-station", CATEGORIES)])
def test_all_pages_show_the_same_numbers(
    open_client: OpenClient,
    counts: Counts,
    subdistricts: dict[str, SubdistrictIds],
    name: str,
    categories: tuple[str, ...],
) -> None:
    client, east = open_client(name), subdistricts["east"]
    expected = {grid: count(counts, grid, categories) for grid in east.grid_ids}
    items = client.get(f"/api/v1/subdistricts/{east.subdistrict_id}/incident-counts").get_json()["items"]
    api_counts = {each["grid_id"]: each["incidents"] for each in items}
    assert api_counts.pop(None) == 0
    assert api_counts == expected
    assert heat_numbers(client) == expected
    for grid in east.grid_ids:
        open_count = count(counts, grid, categories, ("open",))
        assert open_incidents_on_page(client, grid) == (open_count, open_count)


def test_the_overview_counts_ordinary_incidents(
    open_client: OpenClient, counts: Counts, subdistricts: dict[str, SubdistrictIds]
) -> None:
    east = subdistricts["east"]
    figures = open_client("east-leader").get(f"/api/v1/subdistricts/{east.subdistrict_id}/statistics").get_json()
    totals = [each["total"] for each in figures["link_counts"] if each["kind"] == "incidents"]
    assert totals == [sum(count(counts, grid) for grid in east.grid_ids)]
