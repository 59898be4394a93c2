"""Files of a whole subdistrict as jobs: what is in them, for whom, and who gets neither page nor file."""

import io
import re
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from gridmap.store.key_ring import create_key_ring
from tests.fixtures.subdistricts import FilledDatabase, SubdistrictIds
from tests.fixtures.web_app import OpenClient, app, execute_sql, open_client, subdistricts, submit_form
from tests.jobs.waiting_jobs import run_waiting_jobs
from tests.web.homes.test_homes import fetch

__all__ = ["app", "open_client", "subdistricts"]
PAGE = "/subdistricts/east/files"
NEWEST_EXPORT = "SELECT details->>'page', details->'tables' FROM audit WHERE action = 'export' ORDER BY id DESC LIMIT 1"
CLEAR = "DELETE FROM job; DELETE FROM stored_file"


@pytest.fixture(autouse=True)
def east(filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]) -> Iterator[SubdistrictIds]:
    create_key_ring()
    execute_sql(filled_database, CLEAR)
    yield subdistricts["east"]
    execute_sql(filled_database, CLEAR)


def ask(client: FlaskClient, what: str, choice: str, key: str = "one") -> str:
    """Ask for a file and return the address of its job."""
    answer = submit_form(client, PAGE, f"{PAGE}/{what}", choice=choice, request_key=key)
    assert answer.status_code == 303
    return str(answer.location).partition("?")[0]


def make(client: FlaskClient, database: FilledDatabase, what: str, choice: str) -> bytes:
    """Return the file that a job makes."""
    job = ask(client, what, choice)
    assert [end.outcome for end in run_waiting_jobs(database.owner_url)] == ["done"]
    content: bytes = client.get(f"{job}/file").data
    return content


def csv_tables(content: bytes) -> dict[str, list[str]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name).decode("utf-8-sig").splitlines() for name in archive.namelist()}


def test_a_planner_gets_the_grids_and_their_buildings_in_one_file(
    open_client: OpenClient, filled_database: FilledDatabase, east: SubdistrictIds
) -> None:
    tables = csv_tables(make(open_client("east-planner"), filled_database, "tables", "csv"))
    assert {row.partition(",")[0] for row in tables["grids.csv"][1:]} == {"east11", "east12"}
    assert len(tables["buildings.csv"]) == 1 + len(east.building_ids)
    assert tables["buildings.csv"][1].startswith("east1")
    assert any("Planner" in row for row in tables["notes.csv"])
    [(page, names)] = fetch(filled_database, NEWEST_EXPORT)
    assert page == "subdistrict.zip"
    assert {"grids", "buildings"} <= set(names)


@pytest.mark.parametrize(
    ("role", "present"),
    [("leader", {"buildings.csv"}), ("admin", set()), ("station", {"buildings.csv", "homes.csv"})],
)
def test_each_role_gets_the_tables_of_its_pages(
    open_client: OpenClient, filled_database: FilledDatabase, role: str, present: set[str]
) -> None:
    tables = csv_tables(make(open_client(f"east-{role}"), filled_database, "tables", "csv"))
    assert {"buildings.csv", "homes.csv"} & set(tables) == present
    assert "west" not in " ".join(row for rows in tables.values() for row in rows)


def test_a_geopackage_has_a_style_for_each_layer_and_a_workbook_a_sheet_for_each_table(
    open_client: OpenClient, filled_database: FilledDatabase, tmp_path: Path
) -> None:
    client = open_client("east-planner")
    path = tmp_path / "east.gpkg"
    path.write_bytes(make(client, filled_database, "tables", "gpkg"))
    with closing(sqlite3.connect(path)) as database:
        styled = {name for (name,) in database.execute("SELECT f_table_name FROM layer_styles")}
        shapes = {name for (name,) in database.execute("SELECT table_name FROM gpkg_geometry_columns")}
    assert shapes == {"grids", "buildings"}
    assert {"grids", "buildings", "roster", "notes"} <= styled
    execute_sql(filled_database, CLEAR)
    with zipfile.ZipFile(io.BytesIO(make(client, filled_database, "tables", "xlsx"))) as workbook:
        names = re.findall(r'<sheet name="([^"]+)"', workbook.read("xl/workbook.xml").decode())
    assert {"Grids in force", "Buildings", "Notes"} <= set(names)


def test_the_sheets_of_all_grids_are_one_page_that_needs_nothing_else(
    open_client: OpenClient, filled_database: FilledDatabase
) -> None:
    page = make(open_client("east-station"), filled_database, "sheets", "a3").decode()
    assert len(re.findall(r'<article class="sheet a3-', page)) == 2
    assert "east11" in page
    assert not re.findall(r'(?:src|href)="(?!#)|@import|url\(\s*["\']?(?!data:|#)', page)


def test_notice_boards_of_a_wall_say_what_is_public_and_lead_to_the_public_page(
    open_client: OpenClient, filled_database: FilledDatabase
) -> None:
    client = open_client("east-leader")
    page = make(client, filled_database, "notice-boards", "a0").decode()
    assert len(re.findall(r'<article class="sheet board a3-(\w+) a0-\1"', page)) == 2
    assert "http://localhost/public/east/east11" in page
    assert page.count('<img src="data:image/svg+xml') == 2
    assert page.count("the border of the community") == 2
    assert not re.findall(r'place-|(?:src|href)="(?!#|data:)|@import', page.split("</style>")[1])
    public = client.get("/public/east/east11").text
    shown = re.search(r'data-worker="([^"]+)"', page)
    assert (shown.group(1) in public) if shown else ("nobody answers" in public)


def test_a_double_click_makes_one_job_and_others_have_no_file(
    open_client: OpenClient, filled_database: FilledDatabase
) -> None:
    client = open_client("east-planner")
    job = ask(client, "tables", "csv")
    assert ask(client, "tables", "csv") == job
    assert client.get(f"{job}/file").status_code == 404
    assert len(run_waiting_jobs(filled_database.owner_url)) == 1
    for other in ("east-leader", "west-planner"):
        assert open_client(other).get(f"{job}/file").status_code == 404


def test_a_file_that_has_had_its_time_is_told_to_be_gone(
    open_client: OpenClient, filled_database: FilledDatabase
) -> None:
    client = open_client("east-planner")
    job = ask(client, "tables", "csv")
    run_waiting_jobs(filled_database.owner_url)
    execute_sql(filled_database, "DELETE FROM stored_file")
    page = client.get(job).text
    assert "The file has had its time and was deleted." in page
    assert f"{job}/file" not in page
    assert client.get(f"{job}/file").status_code == 404


def test_an_unknown_format_is_refused(open_client: OpenClient) -> None:
    answer = submit_form(open_client("east-planner"), PAGE, f"{PAGE}/tables", choice="exe")
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("name", "what", "status"),
    [
        ("east-worker", "tables", 403),
        ("east-worker", "sheets", 403),
        ("east-admin", "sheets", 403),
        ("west-planner", "tables", 404),
        ("west-station", "sheets", 404),
    ],
)
def test_others_have_neither_page_nor_job(
    open_client: OpenClient, filled_database: FilledDatabase, name: str, what: str, status: int
) -> None:
    client = open_client(name)
    answer = submit_form(client, "/account", f"{PAGE}/{what}", choice="csv" if what == "tables" else "a4")
    assert answer.status_code == status
    assert fetch(filled_database, "SELECT count(*) FROM job") == [(0,)]
