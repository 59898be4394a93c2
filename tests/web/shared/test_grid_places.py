"""Places on the page and the map of a grid: by kind, date and role; validation of stored copies."""

import re
from collections.abc import Iterator

import pytest

from tests.fixtures.grids.places import delete_places, insert_places
from tests.fixtures.subdistricts import FilledDatabase, SubdistrictIds
from tests.fixtures.web_app import OpenClient, app, execute_sql, open_client, subdistricts

__all__ = ["app", "open_client", "subdistricts"]
READERS = ("planner", "leader", "station", "worker")


@pytest.fixture(autouse=True)
def places(filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]) -> Iterator[None]:
    insert_places(filled_database)
    yield
    delete_places(filled_database)


@pytest.fixture
def own_grid(subdistricts: dict[str, SubdistrictIds]) -> int:
    return subdistricts["east"].grid_ids[0]


def get_features(open_client: OpenClient, role: str, grid_id: int, query: str = "") -> list[dict[str, str]]:
    response = open_client(f"east-{role}").get(f"/grids/{grid_id}/places.geojson{query}")
    assert (response.status_code, response.mimetype) == (200, "application/geo+json")
    return [feature["properties"] for feature in response.get_json(force=True)["features"]]


@pytest.mark.parametrize("role", READERS)
def test_places_come_in_the_order_of_the_catalogue(open_client: OpenClient, own_grid: int, role: str) -> None:
    features = get_features(open_client, role, own_grid)
    assert [each.get("kind") or each["layer"] for each in features] == [
        "residentGroup", "volunteers", "police_room", "street_lamp", "street_lamp", "shop", "渔船<b>码头</b>",
    ]  # fmt: skip


def test_a_place_has_its_kind_name_and_address(open_client: OpenClient, own_grid: int) -> None:
    by_kind = {each.get("kind"): each for each in get_features(open_client, "worker", own_grid)}
    assert by_kind["shop"] == {
        "layer": "place", "kind": "shop", "symbol": "shop", "kind_name": "Shop", "name": "面馆", "address": "桥头路3号",
    }  # fmt: skip
    assert (by_kind["渔船<b>码头</b>"]["symbol"], by_kind["police_room"]["kind_name"]) == ("other", "Police room")


def test_a_place_without_an_address_has_that_of_its_building(
    open_client: OpenClient, filled_database: FilledDatabase, own_grid: int
) -> None:
    execute_sql(filled_database, "UPDATE building SET address = '桥头路1号' WHERE code = 'B0'")
    by_kind = {each.get("kind"): each for each in get_features(open_client, "planner", own_grid)}
    execute_sql(filled_database, "UPDATE building SET address = NULL")
    assert by_kind["volunteers"]["address"] == "桥头路1号"


@pytest.mark.parametrize(("day", "count"), [("2023-12-31", 2), ("2024-01-01", 1)])
def test_a_place_is_shown_on_the_days_on_which_it_served(
    open_client: OpenClient, own_grid: int, day: str, count: int
) -> None:
    kinds = [each.get("kind") for each in get_features(open_client, "leader", own_grid, f"?on={day}")]
    assert kinds.count("police_room") == count


@pytest.mark.parametrize("name", ["west-planner", "west-worker"])
def test_places_of_another_subdistrict_are_not_found(open_client: OpenClient, own_grid: int, name: str) -> None:
    assert open_client(name).get(f"/grids/{own_grid}/places.geojson").status_code == 404


def test_a_worker_does_not_find_the_places_of_another_grid(
    open_client: OpenClient, subdistricts: dict[str, SubdistrictIds]
) -> None:
    other_grid = subdistricts["east"].grid_ids[1]
    assert open_client("east-worker").get(f"/grids/{other_grid}/places.geojson").status_code == 404
    assert [each["name"] for each in get_features(open_client, "planner", other_grid)] == ["neighbour bin"]


def test_places_require_a_role_and_a_date(open_client: OpenClient, own_grid: int) -> None:
    path = f"/grids/{own_grid}/places.geojson"
    assert open_client("east-admin").get(path).status_code == 403
    assert open_client("east-planner").get(f"{path}?on=yesterday").status_code == 422
    assert open_client("east-planner").get(f"{path}?on=2019-12-31").status_code == 404


def test_unchanged_places_are_not_sent_again(
    open_client: OpenClient, filled_database: FilledDatabase, own_grid: int
) -> None:
    client, path = open_client("east-worker"), f"/grids/{own_grid}/places.geojson"
    first = client.get(path)
    condition = {"If-None-Match": first.headers["ETag"]}
    second = client.get(path, headers=condition)
    assert (second.status_code, second.data) == (304, b"")
    assert first.headers["Cache-Control"] == "private, no-cache"
    execute_sql(filled_database, "UPDATE shop SET name = '饺子馆'")
    assert client.get(path, headers=condition).status_code == 200


def legend(page: str) -> dict[str, str]:
    """Return the numbers of the legend by layer."""
    rows = re.findall(r'data-layer="([^"]+)".*?</label>', page, re.DOTALL)
    counts = [
        re.search(r'class="count">(\d+)<', each) for each in re.findall(r"data-layer=.*?</label>", page, re.DOTALL)
    ]
    return dict(zip(rows, (match[1] if match else "" for match in counts), strict=True))


@pytest.mark.parametrize(("role", "path"), [("leader", "/grids/{}"), ("worker", "/my-grid")])
def test_the_legend_counts_every_layer(open_client: OpenClient, own_grid: int, role: str, path: str) -> None:
    page = open_client(f"east-{role}").get(path.format(own_grid)).text
    assert legend(page) == {
        "building": "1", "street": "", "residentGroup": "1", "volunteers": "1", "police_room": "1", "street_lamp": "2",
        "shop": "1", "渔船&lt;b&gt;码头&lt;/b&gt;": "1",
    }  # fmt: skip


def test_the_page_lists_places_by_name_or_number(open_client: OpenClient, own_grid: int) -> None:
    page = open_client("east-station").get(f"/grids/{own_grid}").text
    assert "桥头警务室" in page
    assert "neighbour bin" not in page
    assert re.search(r'data-kind="street_lamp">.*?class="count">2<', page, re.DOTALL)
    assert "渔船&lt;b&gt;码头" in page


@pytest.mark.parametrize(
    ("role", "who"), [("station", "You enter places"), ("planner", "The community workstation enters them")]
)
def test_kinds_without_places_are_named_with_who_enters_them(
    open_client: OpenClient, own_grid: int, role: str, who: str
) -> None:
    page = " ".join(open_client(f"east-{role}").get(f"/grids/{own_grid}").text.split())
    missing = "Mass organisation, Resident unit, Community office, Health station, Greenery, Manhole cover, Bin"
    assert f"Nothing is recorded of: {missing}. {who}" in page


@pytest.mark.parametrize("role", ["station", "worker", "planner", "leader"])
def test_the_page_leads_the_station_to_its_places(open_client: OpenClient, own_grid: int, role: str) -> None:
    client = open_client(f"east-{role}")
    links = re.findall(r'href="(/places\?community_id=\d+)"', client.get(f"/grids/{own_grid}").text)
    assert [client.get(each).status_code for each in links] == ([200] if role == "station" else [])


def test_an_empty_grid_says_that_nothing_is_recorded(
    open_client: OpenClient, filled_database: FilledDatabase, own_grid: int
) -> None:
    delete_places(filled_database)
    page = open_client("east-leader").get(f"/grids/{own_grid}").text
    assert "No place of this grid is recorded" in page
    assert list(legend(page)) == ["building", "street"]


def overview_kinds(open_client: OpenClient, role: str, query: str = "") -> list[str]:
    response = open_client(f"east-{role}").get(f"/subdistricts/east/places.geojson{query}")
    assert (response.status_code, response.headers["Cache-Control"]) == (200, "private, no-cache")
    return [feature["properties"]["kind"] for feature in response.get_json(force=True)["features"]]


@pytest.mark.parametrize("role", READERS)
def test_the_overview_has_places_without_shops_and_street_facilities(open_client: OpenClient, role: str) -> None:
    assert overview_kinds(open_client, role) == ["volunteers", "police_room", "渔船<b>码头</b>"]


def test_a_worker_has_the_places_of_the_own_grid_on_the_overview(
    open_client: OpenClient, filled_database: FilledDatabase
) -> None:
    execute_sql(filled_database, "UPDATE facility SET kind = '监控探头' WHERE name = 'neighbour bin'")
    assert "camera" in overview_kinds(open_client, "leader")
    assert "camera" not in overview_kinds(open_client, "worker")


def test_places_of_the_overview_are_those_of_a_day_and_of_the_own_subdistrict(open_client: OpenClient) -> None:
    assert overview_kinds(open_client, "planner", "?on=2023-12-31").count("police_room") == 2
    assert overview_kinds(open_client, "planner", "?on=2019-12-31") == []
    for name, status in (("west-planner", 404), ("east-admin", 403)):
        assert open_client(name).get("/subdistricts/east/places.geojson").status_code == status


@pytest.mark.parametrize(("role", "is_offered"), [("leader", True), ("worker", True), ("admin", False)])
def test_the_overview_offers_places_to_those_who_may_see_them(
    open_client: OpenClient, role: str, is_offered: bool
) -> None:
    assert ('id="places"' in open_client(f"east-{role}").get("/subdistricts/east").text) == is_offered
