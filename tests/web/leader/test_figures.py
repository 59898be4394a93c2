"""Sentences, ranking, lists of incidents and the workbook of the leader's page, for every role."""

import io
import re
from collections.abc import Iterator
from zipfile import ZipFile

import pytest
from sqlalchemy import create_engine, text

from tests.days import day_from_now
from tests.fixtures.loaded_town import rolled_back_account_session
from tests.fixtures.subdistricts import FilledDatabase, SubdistrictIds
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


@pytest.fixture
def households(filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]) -> Iterator[None]:
    """Give both grids of the subdistrict east 100 households."""
    ids = ", ".join(map(str, subdistricts["east"].building_ids))
    execute_sql(
        filled_database,
        "INSERT INTO household_count (subdistrict_id, building_id, kind, households, low, high, source, as_of)"
        " SELECT subdistrict_id, id, 'resident', 100, 100, 100, 'test', '2020-01-01' FROM building"
        f" WHERE id IN ({ids})",
    )
    yield
    execute_sql(filled_database, f"DELETE FROM household_count WHERE building_id IN ({ids})")


def page_text(open_client: OpenClient, name: str = "east-leader", query: str = "") -> str:
    return re.sub(r"\s+", " ", open_client(name).get(f"/heat/east?{query}").text)


@pytest.mark.parametrize("name", ["leader", "planner", "station"])
def test_every_role_reads_the_three_sentences(open_client: OpenClient, name: str) -> None:
    page = page_text(open_client, f"east-{name}")
    assert re.findall(r'data-finding="(\w+)"', page) == ["change", "rate", "charge"]
    assert "No comparison with the time before: there is no record before" in page
    assert "No grid has the 50 households that a rate per 100 households needs." in page
    assert "Nobody is in charge of 2 grids, with 15 incidents together." in page


@pytest.mark.usefixtures("households")
def test_a_grid_stands_out_beyond_its_funnel(open_client: OpenClient, filled_database: FilledDatabase) -> None:
    assert "No grid stands out: all are within chance of 7.5 incidents" in page_text(open_client)
    execute_sql(filled_database, "DELETE FROM incident WHERE number LIKE 'east12-%'")
    page = page_text(open_client)
    assert "east community grid east11 stands out: 12.0 incidents per 100 households, 2.0 times as many" in page
    assert 'data-rate-class="above"' in page
    assert "above chance" not in page


@pytest.mark.parametrize(
    ("early", "sentence"),
    [
        (1, "east community grid east11 got worse: from 1 to 11 incidents ({before} against {days})."),
        (2, "No grid got worse: from 3 to 10 incidents in all, within chance in every grid ({before} against {days})."),
    ],
)
def test_what_got_worse_is_told_against_named_days(
    open_client: OpenClient, filled_database: FilledDatabase, early: int, sentence: str
) -> None:
    number = "split_part(number, '-', 2)::int"
    for change in (
        "DELETE FROM incident WHERE number LIKE 'east12-%' AND number <> 'east12-1'",
        "UPDATE incident SET occurred_at = now() - interval '7 days' WHERE number = 'east12-1'",
        (
            "UPDATE incident SET occurred_at = now() - interval '5 days'"
            f" WHERE number LIKE 'east11-%' AND {number} <= {early}"
        ),
    ):
        execute_sql(filled_database, change)
    days, before = (f"{day_from_now(-age)} to {day_from_now(2 - age)}" for age in (4, 7))
    page = page_text(open_client, query=f"first={day_from_now(-4)}&last={day_from_now(-2)}")
    assert sentence.format(days=days, before=before) in page


def test_the_count_of_a_grid_leads_to_its_incidents(
    open_client: OpenClient, subdistricts: dict[str, SubdistrictIds]
) -> None:
    client = open_client("east-leader")
    page = client.get("/heat/east?category=lifts").text
    path = re.findall(r'href="(/heat/east/grids/\d+\?category=lifts)"', page)[0]
    listed = client.get(path).text
    assert listed.count("data-incident=") == 12
    assert "12 incidents from" in listed


IN_NO_GRID = """
INSERT INTO incident (subdistrict_id, number, category, channel, occurred_at, closed_at, status, geometry)
    SELECT c.subdistrict_id, category || '-' || n, category, 'file', now() - interval '2 days',
        CASE WHEN n = 1 THEN now() - interval '1 day' END, CASE WHEN n = 1 THEN 'closed' ELSE 'open' END,
        ST_Point(106.05, 29.05, 4326)
    FROM community c, unnest(ARRAY['lifts', 'lifts', 'theft']) WITH ORDINALITY AS each (category, n)
    WHERE c.name = 'east community'
"""
"""A closed and an open ordinary incident outside every grid, and one about a person."""


def read_totals(open_client: OpenClient, name: str, query: str) -> list[tuple[int, int, int]]:
    """Return the totals of the page, each with the number that its list tells and the incidents that it has."""
    page = open_client(name).get(f"/heat/east?{query}").text.split('id="totals"')[1].split("</h2>")[0]
    links = re.findall(r'<a href="([^"]+)">(\d+) ', re.sub(r"\s+", " ", page))
    lists = [(int(count), open_client(name).get(path.replace("&amp;", "&")).text) for path, count in links]
    return [
        (count, int(re.findall(r"(\d+) incidents? from", listed)[0]), listed.count("data-incident="))
        for count, listed in lists
    ]


@pytest.mark.parametrize(
    ("name", "query", "totals"),
    [
        ("leader", "", (17, 2)),
        ("planner", "", (17, 2)),
        ("station", "", (15,)),  # what is in no cell is in none of its communities
        ("leader", "status=open", (16, 1)),
        ("leader", "category=lifts&status=closed", (1, 1)),
        ("leader", "category=theft", ()),
    ],
)
def test_the_totals_lead_to_exactly_their_incidents(
    open_client: OpenClient, filled_database: FilledDatabase, name: str, query: str, totals: tuple[int, ...]
) -> None:
    execute_sql(filled_database, IN_NO_GRID)
    assert read_totals(open_client, f"east-{name}", query) == [(each, each, each) for each in totals]


@pytest.mark.parametrize(("added", "total", "is_cut"), [(485, 500, False), (486, 501, True)])
def test_a_list_of_more_than_500_incidents_says_that_it_has_the_newest(
    open_client: OpenClient, filled_database: FilledDatabase, added: int, total: int, is_cut: bool
) -> None:
    many = f"generate_series(1, {added}) AS each (n), (VALUES ('lifts')) AS kind (category)"
    kinds = "unnest(ARRAY['lifts', 'lifts', 'theft']) WITH ORDINALITY AS each (category, n)"
    execute_sql(filled_database, IN_NO_GRID.replace(kinds, many))
    listed = open_client("east-leader").get("/heat/east/incidents").text
    assert f"{total} incidents from" in listed
    assert (listed.count("data-incident="), "the newest 500 are listed" in listed) == (500, is_cut)


@pytest.mark.parametrize(("name", "status"), [("east-worker", 403), ("east-admin", 403), ("west-leader", 404)])
@pytest.mark.parametrize("path", ["incidents", "incidents-in-no-grid", "incidents-in-no-grid/export/csv"])
def test_the_lists_of_a_subdistrict_are_for_its_own_office(
    open_client: OpenClient, path: str, name: str, status: int
) -> None:
    assert open_client(name).get(f"/heat/east/{path}").status_code == status


def test_a_list_of_a_subdistrict_is_saved_as_it_is_shown(
    open_client: OpenClient, filled_database: FilledDatabase
) -> None:
    execute_sql(filled_database, IN_NO_GRID)
    rows = open_client("east-leader").get("/heat/east/incidents-in-no-grid/export/csv").get_data(as_text=True)
    assert (rows.count("lifts-"), rows.count("theft-")) == (2, 0)


@pytest.mark.parametrize("category", ["theft", "mental_health"])
@pytest.mark.parametrize(("name", "listed"), [("leader", 0), ("planner", 0), ("station", 12)])
def test_the_list_has_only_incidents_that_may_be_seen(
    open_client: OpenClient,
    filled_database: FilledDatabase,
    subdistricts: dict[str, SubdistrictIds],
    name: str,
    listed: int,
    category: str,
) -> None:
    execute_sql(filled_database, f"DELETE FROM incident; {INSERT_INCIDENTS.replace('lifts', category)}")
    page = open_client(f"east-{name}").get(f"/heat/east/grids/{subdistricts['east'].grid_ids[0]}")
    assert (page.status_code, page.text.count("data-incident=")) == (200, listed)


@pytest.mark.parametrize(("name", "status"), [("east-worker", 403), ("east-admin", 403), ("west-leader", 404)])
def test_the_list_is_for_leaders_planners_and_stations_of_the_subdistrict(
    open_client: OpenClient, subdistricts: dict[str, SubdistrictIds], name: str, status: int
) -> None:
    path = f"/heat/east/grids/{subdistricts['east'].grid_ids[0]}"
    assert open_client(name).get(path).status_code == status
    assert open_client(name).get(path.replace("east", "west", 1)).status_code in (403, 404)


def test_a_grid_of_another_subdistrict_is_not_found(
    open_client: OpenClient, subdistricts: dict[str, SubdistrictIds]
) -> None:
    assert open_client("east-leader").get(f"/heat/east/grids/{subdistricts['west'].grid_ids[0]}").status_code == 404


def read_workbook(content: bytes) -> dict[str, list[list[str]]]:
    """Return the texts and numbers of the sheets, read from the XML of the workbook."""
    with ZipFile(io.BytesIO(content)) as archive:
        strings = re.findall(r"<si><t[^>]*>(.*?)</t></si>", archive.read("xl/sharedStrings.xml").decode())
        names = re.findall(r'<sheet name="([^"]+)"', archive.read("xl/workbook.xml").decode())
        sheets: dict[str, list[list[str]]] = {}
        for number, name in enumerate(names, 1):
            xml = archive.read(f"xl/worksheets/sheet{number}.xml").decode()
            assert "<f>" not in xml
            sheets[name] = [
                [
                    strings[int(value)] if kind else value
                    for kind, value in re.findall(r'<c [^>]*?(?:t="(s)")?><v>([^<]*)</v>', row)
                ]
                for row in re.findall(r"<row [^>]*>(.*?)</row>", xml)
            ]
    return sheets


@pytest.mark.parametrize("name", ["leader", "planner", "station"])
def test_the_workbook_has_everything_on_the_page(open_client: OpenClient, name: str) -> None:
    answer = open_client(f"east-{name}").get("/heat/east/figures.xlsx?category=lifts")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="incidents-')
    sheets = read_workbook(answer.data)
    assert list(sheets)[:2] == ["Summary", "Ranking of grids"]
    summary = str(sheets["Summary"])
    for expected in ("lifts", "15", "Nobody is in charge of 2 grids, with 15 incidents together."):
        assert expected in summary
    assert [row[:3] for row in sheets["Ranking of grids"][1:]] == [
        ["east11", "east community", "12"],
        ["east12", "east community", "3"],
    ]


def test_texts_of_the_workbook_are_no_formulas(open_client: OpenClient, filled_database: FilledDatabase) -> None:
    execute_sql(filled_database, "UPDATE community SET name = '=1+1' WHERE code = 'east1'")
    content = open_client("east-leader").get("/heat/east/figures.xlsx").data
    execute_sql(filled_database, "UPDATE community SET name = 'east community' WHERE code = 'east1'")
    assert read_workbook(content)["Ranking of grids"][1][1] == "=1+1"
    with ZipFile(io.BytesIO(content)) as archive:
        assert 'quotePrefix="1"' in archive.read("xl/styles.xml").decode()


def test_a_download_is_in_the_records_of_the_subdistrict(
    open_client: OpenClient, filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]
) -> None:
    open_client("east-leader").get("/heat/east/figures.xlsx?first=2026-01-01&last=2026-01-31")
    engine = create_engine(filled_database.owner_url)
    with engine.begin() as connection:
        row = connection.execute(
            text("SELECT subdistrict_id, account_id, action, subject, details FROM audit ORDER BY id DESC LIMIT 1")
        ).one()
    engine.dispose()
    east = subdistricts["east"]
    assert tuple(row)[:4] == (east.subdistrict_id, east.account_ids["leader"], "export", "subdistrict")
    assert row.details == {"kind": "incident_figures", "rows": 2, "first": "2026-01-01", "last": "2026-01-31"}
    assert "export" in open_client("east-admin").get("/admin/audit").text


@pytest.mark.parametrize("query", ["first=yesterday", "first=2026-02-01&last=2026-01-01", "colour=red"])
def test_filters_that_cannot_be_used_give_no_workbook(open_client: OpenClient, query: str) -> None:
    assert open_client("east-leader").get(f"/heat/east/figures.xlsx?{query}").status_code == 422


@pytest.mark.parametrize(
    ("sql", "allowed"),
    [
        ("record_figures_export({east}, '{{}}', NULL)", True),
        ("record_figures_export({west}, '{{}}', NULL)", False),
        ("count_reporting_accounts({west}, '2020-01-01', '2030-01-01')", None),
    ],
)
def test_the_functions_hold_for_the_own_subdistrict(
    filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds], sql: str, allowed: bool | None
) -> None:
    east, west = (subdistricts[name].subdistrict_id for name in ("east", "west"))
    call = text(f"SELECT * FROM {sql.format(east=east, west=west)}")
    with rolled_back_account_session(filled_database.owner_url, subdistricts["east"].account_ids["leader"]) as session:
        if allowed is False:
            with pytest.raises(Exception, match="permission"):
                session.execute(call)
        else:
            assert len(session.execute(call).all()) == int(bool(allowed))


def test_only_ordinary_incidents_count_as_reports(
    filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]
) -> None:
    east = subdistricts["east"]
    leader, worker = east.account_ids["leader"], east.account_ids["worker"]
    call = text(f"SELECT role, accounts, silent FROM count_reporting_accounts({east.subdistrict_id}, '2020-01-01',"
                " '2100-01-01') ORDER BY role")  # fmt: skip
    for category, silent in (("theft", 1), ("lifts", 0)):
        execute_sql(
            filled_database,
            "INSERT INTO incident (subdistrict_id, number, category, channel, occurred_at, reported_by, geometry)"
            f" VALUES ({east.subdistrict_id}, 'own-{category}', '{category}', 'worker', now(), {worker},"
            " ST_SetSRID(ST_MakePoint(106, 30), 4326))",
        )
        with rolled_back_account_session(filled_database.owner_url, leader) as session:
            assert [tuple(row) for row in session.execute(call)] == [("station", 1, 1), ("worker", 1, silent)]
