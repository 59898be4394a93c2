"""Exports of tables: every entry of a menu answers with the rows of its page, and is in the audit."""

import io
import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import unquote

import pytest
import python_calamine
from sqlalchemy import create_engine, text

from tests.fixtures.subdistricts import FilledDatabase, SubdistrictIds
from tests.fixtures.web_app import OpenClient, app, execute_sql, incidents_in_east, open_client, subdistricts

__all__ = ["app", "incidents_in_east", "open_client", "subdistricts"]
pytestmark = pytest.mark.usefixtures("incidents_in_east")
LINK = re.compile(r'<a download\s+href="([^"]+/export/[^"]+)"')
PAGES = [
    ("planner", "/subdistricts/east", ["issues", "links", "grids"]),
    ("planner", "/planner", ["planner"]),
    ("planner", "/planner/communities/{community}", ["grids", "revisions"]),
    ("planner", "/grids/{grid}", ["buildings"]),
    ("leader", "/heat/east", ["ranking"]),
    ("leader", "/heat/east/grids/{grid}", ["{grid}"]),
    ("worker", "/grids/{grid}", ["buildings"]),
    ("station", "/residents/{resident}/access-log", ["access-log"]),
    ("admin", "/admin/accounts", ["accounts"]),
    ("admin", "/admin/audit", ["audit"]),
    ("admin", "/admin/incident-categories", ["incident-categories"]),
    ("admin", "/admin/service-lines", ["service-lines"]),
    ("admin", "/admin/service-groups", ["service-groups"]),
    ("station", "/homes", ["homes"]),
    ("worker", "/homes", ["homes"]),
    ("station", "/places", ["places"]),
    ("station", "/roster/communities/{community}", ["grids", "people"]),
    ("leader", "/roster/communities/{community}", ["grids", "people"]),
    ("station", "/homes/links", ["links", "unlinked"]),
    ("admin", "/homes/links", ["links", "unlinked"]),
]
"""Pages with the tables that they offer as files."""
PLACES = """
INSERT INTO shop (subdistrict_id, name, cell_id, geometry, valid)
    SELECT {place}, 'corner shop', id, ST_PointOnSurface(geometry), daterange('2020-01-01', NULL) FROM cell
    WHERE id = (SELECT min(id) FROM cell WHERE community_id = {community})
    UNION ALL
    SELECT {place}, '=lost()', NULL, ST_SetSRID(ST_MakePoint(113.5, 30.25), 4326), daterange('2020-01-01', NULL);
INSERT INTO worker (subdistrict_id, community_id, name, office_phone, full_time, valid)
    VALUES ({place}, {community}, 'Wang', '027-5550001', false, '[2020-01-01,)')
"""


@pytest.fixture
def east(subdistricts: dict[str, SubdistrictIds]) -> SubdistrictIds:
    return subdistricts["east"]


def fill_ids(template: str, east: SubdistrictIds) -> str:
    return template.format(community=east.community_id, grid=east.grid_ids[0], resident=east.resident_ids[0])


def newest_export(database: FilledDatabase) -> tuple[object, ...]:
    engine = create_engine(database.owner_url)
    query = "SELECT subdistrict_id, community_id, account_id, details FROM audit WHERE action = 'export'"
    with engine.connect() as connection:
        row = connection.execute(text(f"{query} ORDER BY id DESC LIMIT 1")).one()
    engine.dispose()
    return tuple(row)


@pytest.fixture
def places_in_east(filled_database: FilledDatabase, east: SubdistrictIds) -> Iterator[None]:
    """Add a shop on land and one on none, and a person on the roster."""
    execute_sql(filled_database, PLACES.format(place=east.subdistrict_id, community=east.community_id))
    yield
    execute_sql(filled_database, "DELETE FROM shop; DELETE FROM worker WHERE name = 'Wang'")


@pytest.mark.usefixtures("places_in_east")
@pytest.mark.parametrize(("role", "page", "tables"), PAGES)
def test_every_entry_of_a_menu_answers(
    open_client: OpenClient, east: SubdistrictIds, role: str, page: str, tables: list[str]
) -> None:
    client, path = open_client(f"east-{role}"), fill_ids(page, east)
    client.get(path)  # the log of a resident has its first row then
    links = [unescape(link) for link in LINK.findall(client.get(path).text)]
    assert list(dict.fromkeys(link.split("/")[-3] for link in links)) == [fill_ids(each, east) for each in tables]
    answers = [client.get(link) for link in links]
    assert [answer.status_code for answer in answers] == [200] * len(links)
    assert all(answer.data and answer.headers["Content-Disposition"].startswith("attachment") for answer in answers)


def test_the_grids_are_those_of_the_page_with_a_chinese_name(open_client: OpenClient, east: SubdistrictIds) -> None:
    client = open_client("east-planner")
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "zh-CN"
    answer = client.get("/subdistricts/east/grids/export/xlsx")
    name = unquote(answer.headers["Content-Disposition"])
    assert 'filename="grids-' in name
    assert re.search(r"UTF-8''east subdistrict-执行中的网格-\d{4}-\d\d-\d\d\.xlsx$", name)
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(answer.data))
    rows = book.get_sheet_by_name("执行中的网格").to_python()
    assert [row[0] for row in rows] == ["网格", "east11", "east12"]
    notes = {str(row[0]): row[1] for row in book.get_sheet_by_name("说明").to_python()[1:]}
    assert notes["导出人"] == "East-Planner（规划员）"
    assert notes["行数"] == "2"


def test_the_status_of_the_table_limits_the_rows(open_client: OpenClient) -> None:
    client = open_client("east-planner")
    path = "/subdistricts/east/grids/export/csv"
    assert len(client.get(f"{path}?status=over").data.splitlines()) == 1
    assert len(client.get(f"{path}?status=vacant").data.splitlines()) == 3
    assert client.get(f"{path}?status=full").status_code == 422


def test_an_export_is_in_the_audit(
    open_client: OpenClient, filled_database: FilledDatabase, east: SubdistrictIds
) -> None:
    open_client("east-leader").get(f"/planner/communities/{east.community_id}/grids/export/gpkg")
    details = {"page": "grids.gpkg", "rows": 2}
    expected = (east.subdistrict_id, east.community_id, east.account_ids["leader"], details)
    assert newest_export(filled_database) == expected


@pytest.mark.parametrize("path", ["/subdistricts/east/issues/export/geojson", "/subdistricts/east/grids/export/exe"])
def test_a_format_that_the_table_does_not_have_is_not_found(open_client: OpenClient, path: str) -> None:
    assert open_client("east-planner").get(path).status_code == 404


@pytest.mark.parametrize(
    ("name", "path", "status"),
    [
        ("east-worker", "/subdistricts/east/issues/export/csv", 403),
        ("east-worker", "/planner/export/csv", 403),
        ("east-station", "/admin/audit/export/csv", 403),
        ("east-planner", "/subdistricts/west/grids/export/csv", 404),
        ("west-leader", "/heat/east/ranking/export/csv", 404),
        ("east-planner", "/homes/export/csv", 403),
        ("east-planner", "/places/export/csv", 403),
        ("east-leader", "/homes/links/export/csv", 403),
        ("east-worker", "/homes/links/unlinked/export/csv", 403),
        ("east-station", "/admin/service-groups/export/csv", 403),
        ("east-worker", "/roster/communities/1/people/export/csv", 403),
        ("east-worker", "/roster/export/csv", 403),
        ("west-station", "/roster/communities/{community}/people/export/csv", 404),
        ("west-station", "/places/export/csv?community_id={community}", 404),
    ],
)
def test_a_file_is_refused_where_the_page_is(
    open_client: OpenClient, east: SubdistrictIds, name: str, path: str, status: int
) -> None:
    assert open_client(name).get(fill_ids(path, east)).status_code == status


@pytest.mark.usefixtures("places_in_east")
def test_places_are_exported_with_points_and_the_words_of_the_page(open_client: OpenClient) -> None:
    client, path = open_client("east-station"), "/places/export"
    features = client.get(f"{path}/geojson").get_json(force=True)["features"]
    assert [(each["properties"]["name"], each["geometry"]["type"]) for each in features] == [("corner shop", "Point")]
    assert len(client.get(f"{path}/csv?query=corner").data.splitlines()) == 2
    assert len(client.get(f"{path}/csv?query=bakery").data.splitlines()) == 1


@pytest.mark.usefixtures("places_in_east")
def test_a_name_like_a_formula_is_text_in_the_file_of_things_in_no_grid(open_client: OpenClient) -> None:
    rows = open_client("east-station").get("/homes/links/unlinked/export/csv").data.decode("utf-8-sig").splitlines()
    assert [row.split(",")[:3] for row in rows[1:]] == [["Shops", "'=lost()", "Shop"]]


def test_the_file_of_homes_has_numbers_of_every_building_and_no_person(
    open_client: OpenClient, filled_database: FilledDatabase, east: SubdistrictIds
) -> None:
    rows = open_client("east-station").get("/homes/export/csv").data.decode("utf-8-sig").splitlines()
    assert rows[0] == "Code,Building,Dwellings,With a household,Vacant,Households without a door"
    assert len(rows) == 1 + len(east.building_ids)
    place, community, account, details = newest_export(filled_database)
    assert (place, community, account) == (east.subdistrict_id, None, east.account_ids["station"])
    assert details == {"page": "homes.csv", "rows": len(east.building_ids)}


@pytest.mark.usefixtures("places_in_east")
def test_the_people_of_a_roster_are_those_of_its_page(open_client: OpenClient, east: SubdistrictIds) -> None:
    path = f"/roster/communities/{east.community_id}/people/export/csv"
    rows = open_client("east-planner").get(path).data.decode("utf-8-sig").splitlines()
    assert "Wang,027-5550001,part-time,2020-01-01,,," in rows


def test_no_file_of_a_leader_has_a_resident_s_number_of_a_small_grid(open_client: OpenClient) -> None:
    rows = open_client("east-leader").get("/subdistricts/east/grids/export/csv").data.decode("utf-8-sig")
    position = rows.splitlines()[0].split(",").index("Residents")
    assert {row.split(",")[position] for row in rows.splitlines()[1:]} <= {"", "0"}


def test_a_planner_downloads_the_whole_plan(
    open_client: OpenClient, filled_database: FilledDatabase, east: SubdistrictIds
) -> None:
    client = open_client("east-planner")
    page = client.get(f"/planner/communities/{east.community_id}").text
    (path,) = re.findall(r'download href="(/planner/revisions/\d+/plan.gpkg)"', page)
    answer = client.get(path)
    assert (answer.status_code, answer.data[68:72]) == (200, b"GPKG")
    *_, details = newest_export(filled_database)
    assert isinstance(details, dict)
    assert details["page"].startswith("plan.gpkg")
    assert open_client("east-leader").get(path).status_code == 403
    assert open_client("west-planner").get(path).status_code == 404
