"""Printed sheet of a grid: who may open it, what is on it, and what is not."""

import re
from collections.abc import Iterator

import pytest

from tests.fixtures.grids.places import delete_places, insert_places
from tests.fixtures.subdistricts import FilledDatabase, SubdistrictIds
from tests.fixtures.web_app import (
    OpenClient,
    app,
    execute_sql,
    incidents_in_east,
    open_client,
    subdistricts,
)

__all__ = ["app", "incidents_in_east", "open_client", "subdistricts"]
READERS = ("planner", "leader", "station", "worker")
INSERT_WORKER = """
INSERT INTO worker (subdistrict_id, community_id, name, office_phone, full_time, valid)
    SELECT subdistrict_id, id, '陈桥', '010-5550100', true, '[2020-01-01,)' FROM community WHERE code = 'east1';
INSERT INTO worker (subdistrict_id, community_id, name, office_phone, full_time, valid)
    SELECT subdistrict_id, id, '林警官', '010-5550110', false, '[2020-01-01,)' FROM community WHERE code = 'east1';
INSERT INTO duty (subdistrict_id, worker_id, grid_id, kind, role, in_charge, valid)
    SELECT w.subdistrict_id, w.id, g.id, 'own_grid', v.role, v.role = 'grid_worker', '[2020-01-01,)'
    FROM (VALUES ('林警官', 'police'), ('陈桥', 'grid_worker')) v (name, role) JOIN worker w USING (name), grid g
    WHERE g.code = 'east11';
UPDATE subdistrict SET supervision_phone = '010-5550199' WHERE code = 'east'
"""


@pytest.fixture(autouse=True)
def places(filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]) -> Iterator[None]:
    insert_places(filled_database)
    yield
    delete_places(filled_database)


@pytest.fixture
def own_grid(subdistricts: dict[str, SubdistrictIds]) -> int:
    return subdistricts["east"].grid_ids[0]


def get_sheet(open_client: OpenClient, role: str, grid_id: int, query: str = "") -> str:
    response = open_client(f"east-{role}").get(f"/grids/{grid_id}/sheet{query}")
    assert response.status_code == 200
    return str(response.text)


def printed_part(page: str) -> str:
    return page[page.index("<article") :]


@pytest.mark.parametrize("role", READERS)
def test_the_sheet_has_the_map_legend_and_code_of_the_neighbour(
    open_client: OpenClient, own_grid: int, role: str
) -> None:
    sheet = printed_part(get_sheet(open_client, role, own_grid))
    assert '<use href="#place-police_room"' in sheet
    assert sheet.count('<use href="#place-street_lamp"') == 2
    assert re.findall(r'data-legend="([^"]+)"', sheet)[:2] == ["volunteers", "police_room"]
    assert re.search(r'class="neighbour-name"[^>]*>2<', sheet)


def test_the_sheet_names_people_in_charge_with_office_phones(
    open_client: OpenClient, filled_database: FilledDatabase, own_grid: int
) -> None:
    execute_sql(filled_database, INSERT_WORKER)
    sheet = printed_part(get_sheet(open_client, "leader", own_grid))
    execute_sql(filled_database, "DELETE FROM duty; DELETE FROM worker")
    people = re.findall(r'data-worker="(.+?)">.*?<span>(.+?)</span>.*?([\d-]{11})<', sheet, re.DOTALL)
    assert people == [("陈桥", "in charge", "010-5550100"), ("林警官", "police officer", "010-5550110")]
    assert re.search(r"Supervision</dt><dd[^>]*>010-5550199", sheet)


def test_the_sheet_names_the_four_sides(open_client: OpenClient, own_grid: int) -> None:
    sheet = printed_part(get_sheet(open_client, "planner", own_grid, "?language=zh_CN"))
    assert "东至3号楼与5号楼之间，南至小巷，西至东湖路，北至社区边界" in sheet


def test_the_sheet_tells_of_a_vacancy(open_client: OpenClient, own_grid: int) -> None:
    assert "<p>vacant</p>" in printed_part(get_sheet(open_client, "planner", own_grid))


def test_hidden_layers_are_neither_drawn_nor_in_the_legend(open_client: OpenClient, own_grid: int) -> None:
    hidden = "?hide=street_lamp&hide=building&hide=residentGroup&hide=no+such+layer"
    sheet = printed_part(get_sheet(open_client, "planner", own_grid, hidden))
    assert "street_lamp" not in sheet
    assert 'class="building' not in sheet
    assert 'class="group-' not in sheet
    assert "police_room" in sheet


def test_a_layer_has_an_address_that_switches_it(open_client: OpenClient, own_grid: int) -> None:
    page = get_sheet(open_client, "planner", own_grid, "?hide=street_lamp&paper=a3")
    addresses = re.findall(r'class="chip" href="([^"]+)"', page)
    assert f"/grids/{own_grid}/sheet?paper=a3" in addresses  # shows the lamps again
    assert f"/grids/{own_grid}/sheet?hide=street_lamp&amp;hide=police_room&amp;paper=a3" in addresses


@pytest.mark.parametrize(
    ("query", "name"),
    [("", "a4-portrait"), ("?paper=a3", "a3-portrait"), ("?orientation=landscape", "a4-landscape")],
)
def test_the_paper_follows_the_form_of_the_grid_or_the_choice(
    open_client: OpenClient, own_grid: int, query: str, name: str
) -> None:
    page = get_sheet(open_client, "planner", own_grid, query)
    assert f'class="sheet {name}"' in page
    assert f"css/paper_{name.replace('-', '_')}.css" in page


def test_lists_of_buildings_and_places_get_pages_of_their_own(open_client: OpenClient, own_grid: int) -> None:
    assert "sheet-lists" not in get_sheet(open_client, "station", own_grid)
    lists = get_sheet(open_client, "station", own_grid, "?lists=yes").split('class="sheet-lists"')[1]
    assert "桥头警务室" in lists
    assert "sheet-buildings" in lists


def test_the_sheet_has_neither_incidents_nor_residents(
    open_client: OpenClient, incidents_in_east: None, own_grid: int
) -> None:
    sheet = get_sheet(open_client, "worker", own_grid, "?lists=yes")
    assert "east11-1" not in sheet
    assert "incident" not in printed_part(sheet)
    assert "张" not in printed_part(sheet)


def test_names_of_files_are_escaped(open_client: OpenClient, own_grid: int) -> None:
    sheet = get_sheet(open_client, "planner", own_grid)
    assert "<b>码头" not in sheet
    assert "渔船&lt;b&gt;码头" in sheet


def test_the_sheet_is_that_of_a_day(open_client: OpenClient, own_grid: int) -> None:
    sheet = printed_part(get_sheet(open_client, "leader", own_grid, "?on=2023-06-01"))
    assert "2023-06-01" in sheet
    assert re.search(r'data-legend="police_room">.*?<b>2</b>', sheet, re.DOTALL)


def test_before_the_grid_was_in_force_the_periods_are_shown(open_client: OpenClient, own_grid: int) -> None:
    response = open_client("east-leader").get(f"/grids/{own_grid}/sheet?on=2019-01-01")
    assert (response.status_code, response.headers["Location"]) == (303, f"/grids/{own_grid}?on=2019-01-01")


@pytest.mark.parametrize(("name", "status"), [("west-planner", 404), ("west-worker", 404), ("east-admin", 403)])
def test_the_sheet_is_not_for_others(open_client: OpenClient, own_grid: int, name: str, status: int) -> None:
    assert open_client(name).get(f"/grids/{own_grid}/sheet").status_code == status


def test_a_worker_has_the_sheet_of_the_own_grid_only(
    open_client: OpenClient, subdistricts: dict[str, SubdistrictIds]
) -> None:
    assert open_client("east-worker").get(f"/grids/{subdistricts['east'].grid_ids[1]}/sheet").status_code == 404


@pytest.mark.parametrize("query", ["?paper=a0", "?orientation=slanted", "?on=today"])
def test_an_unknown_choice_is_refused(open_client: OpenClient, own_grid: int, query: str) -> None:
    assert open_client("east-planner").get(f"/grids/{own_grid}/sheet{query}").status_code == 422
