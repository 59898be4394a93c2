"""Exports of tables: every entry of a menu answers with the rows of its page, and is in the audit."""

import io
import re
from html import unescape
from urllib.parse import unquote

import pytest
import python_calamine
from sqlalchemy import create_engine, text

from tests.fixtures.subdistricts import FilledDatabase, SubdistrictIds
from tests.fixtures.web_app import OpenClient, app, incidents_in_east, open_client, subdistricts

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
]
"""Pages with the tables that they offer as files."""


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
    ],
)
def test_a_file_is_refused_where_the_page_is(open_client: OpenClient, name: str, path: str, status: int) -> None:
    assert open_client(name).get(path).status_code == status


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
