"""Pages of a plan say what is wrong with its grids, what would help, what they cut and why a border runs here."""

import re

import geopandas as gpd
import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from gridmap.core.partition.partition import PartitionSettings
from gridmap.core.vocabulary import Role
from gridmap.services.accounts.accounts import create_account
from gridmap.services.accounts.scopes import ScopeRequest
from gridmap.store import schema
from gridmap.store.key_ring import create_key_ring
from gridmap.store.session import Database
from tests.fixtures.callers import caller_of
from tests.fixtures.loaded_town import SUBDISTRICT_CODE, load_town
from tests.fixtures.subdistricts import PASSWORD, password_hash
from tests.fixtures.town_package import CRS, Layers, box
from tests.fixtures.web_app import application, submit_form
from tests.jobs.waiting_jobs import run_waiting_jobs
from tests.web.planner.test_pages import latest_revision, submit_partition

NORM = {"minimum": "300", "maximum": "500"}
SIDES = {
    "west and east": [(0, 0, 100, 200), (100, 0, 100, 200)],
    "south and north": [(0, 0, 200, 100), (0, 100, 200, 100)],
}


def layers() -> Layers:
    """Return a block of four buildings in two resident groups, and a row of three towers in one estate."""
    corners = [(45, 45), (145, 45), (45, 145), (145, 145), (245, 95), (345, 95), (445, 95)]
    buildings = {
        "building_id": ["sw", "se", "nw", "ne", "a", "b", "c"],
        "households": [200, 200, 200, 200, 368, 264, 368],
        "estate": [None, None, None, None, "东湖花园", "东湖花园", None],
    }
    groups = [box(*each) for each in SIDES["west and east"]]
    communities = {"code": ["420106001001", "420106001002"], "name": ["水果湖社区", "放鹰台社区"]}
    return {
        "communities": gpd.GeoDataFrame(communities, geometry=[box(0, 0, 200, 200), box(200, 0, 300, 200)], crs=CRS),
        "buildings": gpd.GeoDataFrame(buildings, geometry=[box(x, y, 10, 10) for x, y in corners], crs=CRS),
        "resident_groups": gpd.GeoDataFrame({"name": ["第一居民小组", "第二居民小组"]}, geometry=groups, crs=CRS),
    }


@pytest.fixture(scope="module")
def owner_url(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    load_town(module_database_url, tmp_path_factory.mktemp("town"), layers(), PartitionSettings())
    database = Database(module_database_url, trusted=True)
    with database.transaction() as session:
        for role in (Role.PLANNER, Role.LEADER):
            account, _ = create_account(session, caller_of(session), role, role, "", ScopeRequest(SUBDISTRICT_CODE))
            session.get_one(schema.Credential, account).password_hash = password_hash()
            session.get_one(schema.Credential, account).must_change = False
    database.close()
    return module_database_url


@pytest.fixture
def client(owner_url: str) -> FlaskClient:
    create_key_ring()
    return sign_in(owner_url, "planner")


def sign_in(owner_url: str, name: str) -> FlaskClient:
    client = application(owner_url).test_client()
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    assert submit_form(client, "/sign-in", name=name, password=PASSWORD).status_code == 303
    return client


def query(owner_url: str, sql: str, **values: object) -> list[tuple[object, ...]]:
    database = Database(owner_url, trusted=True)
    with database.transaction() as session:
        rows = session.execute(text(sql), values)
        found = [tuple(row) for row in rows] if rows.returns_rows else []  # type: ignore[attr-defined]
    database.close()
    return found


def community_url(owner_url: str, code: str) -> str:
    [[key]] = query(owner_url, "SELECT id FROM community WHERE code = :code", code=code)
    return f"/planner/communities/{key}"


def partition(client: FlaskClient, owner_url: str, url: str) -> int:
    """Partition a community as a job; return the key of the new revision."""
    submit_partition(client, url, **NORM)
    assert [end.outcome for end in run_waiting_jobs(owner_url)] == ["done"]
    return latest_revision(owner_url, int(url.rpartition("/")[2]))[0]


GRIDS_OF_REVISION = """
SELECT string_agg(b.code, ' ' ORDER BY b.code) FROM assignment a
    JOIN building_cell bc ON bc.cell_id = a.cell_id JOIN building b ON b.id = bc.building_id
WHERE a.revision_id = :revision_id GROUP BY a.grid_id ORDER BY 1
"""
MOVE_GROUP = """
UPDATE resident_group SET geometry = ST_Multi(ST_Transform(ST_GeomFromText(:wkt, 4547), 4326)) WHERE name = :name
"""


@pytest.mark.parametrize(
    ("sides", "grids"), [("west and east", ["ne se", "nw sw"]), ("south and north", ["ne nw", "se sw"])]
)
def test_a_partition_keeps_resident_groups_together(
    client: FlaskClient, owner_url: str, sides: str, grids: list[str]
) -> None:
    for name, corner in zip(("第一居民小组", "第二居民小组"), SIDES[sides], strict=True):
        query(owner_url, MOVE_GROUP, wkt=box(*corner).wkt, name=name)
    revision_id = partition(client, owner_url, community_url(owner_url, "420106001001"))
    assert [row[0] for row in query(owner_url, GRIDS_OF_REVISION, revision_id=revision_id)] == grids


def test_resident_groups_that_a_plan_cuts_are_listed(client: FlaskClient, owner_url: str) -> None:
    url = community_url(owner_url, "420106001001")
    for name, corner in zip(("第一居民小组", "第二居民小组"), SIDES["west and east"], strict=True):
        query(owner_url, MOVE_GROUP, wkt=box(*corner).wkt, name=name)
    partition(client, owner_url, url)
    assert 'id="cut-groups"' not in client.get(url).text
    for name, corner in zip(("第一居民小组", "第二居民小组"), SIDES["south and north"], strict=True):
        query(owner_url, MOVE_GROUP, wkt=box(*corner).wkt, name=name)
    page = client.get(url).text
    cut = page.split('id="cut-groups"')[1].split("</section>")[0]
    assert re.findall(r"第.居民小组", cut) == ["第一居民小组", "第二居民小组"]
    assert cut.count("200 households") == 4
    assert cut.count("would fit into one grid") == 2
    assert 'id="cut-groups"' in sign_in(owner_url, "leader").get(url).text


def test_an_exception_has_its_proof_and_its_cures(client: FlaskClient, owner_url: str) -> None:
    url = community_url(owner_url, "420106001002")
    partition(client, owner_url, url)
    page = client.get(url).text
    found = page.split('id="exceptions"')[1].split("</section>")[0]
    assert "only neighbours that would bring its grid above 500" in found
    assert re.findall(r"<li>([^<]+)</li>", found) == [
        "allow 264 households in this grid; a higher minimum would not do",
        "divide building b with 264 households by stairs or storeys",
    ]
    cut = page.split('id="cut-groups"')[1].split("</section>")[0]
    assert "东湖花园" in cut
    assert "too large for fewer grids" in cut


def borders_urls(client: FlaskClient, url: str) -> list[str]:
    return re.findall(r'href="([^"]+/borders)"', client.get(url).text)


def test_a_planner_asks_why_a_border_runs_here(client: FlaskClient, owner_url: str) -> None:
    first, *_ = borders_urls(client, community_url(owner_url, "420106001002"))
    page = client.get(first)
    assert page.status_code == 200
    assert re.search(r"border with grid \S+, \d+ m: ", page.text)
    assert re.search(r"would save \d+ m of border|no move of a building or courtyard", page.text)
    chinese = client.get(f"{first}?language=zh_CN").text
    assert "网格边界为什么在这里" in chinese
    assert "的边界" in chinese


def test_borders_are_for_planners_and_for_grids_of_the_revision(client: FlaskClient, owner_url: str) -> None:
    url = community_url(owner_url, "420106001002")
    [first, *_] = borders_urls(client, url)
    leader = sign_in(owner_url, "leader")
    assert (leader.get(first).status_code, borders_urls(leader, url)) == (403, [])
    assert client.get(re.sub(r"grids/\d+", "grids/999999", first)).status_code == 404


@pytest.mark.parametrize(("radius", "is_listed"), [("120", False), ("1", True), ("", False)])
def test_a_grid_wider_than_the_radius_is_an_exception(
    client: FlaskClient, owner_url: str, radius: str, is_listed: bool
) -> None:
    url = community_url(owner_url, "420106001002")
    submit_partition(client, url, **NORM, max_radius_m=radius)
    assert [end.outcome for end in run_waiting_jobs(owner_url)] == ["done"]
    page = client.get(url).text
    assert ("from its centre, more than 1 m" in page) is is_listed


@pytest.mark.parametrize("radius", ["0", "100001", "-1"])
def test_a_radius_that_is_none_is_refused(client: FlaskClient, owner_url: str, radius: str) -> None:
    answer = submit_partition(client, community_url(owner_url, "420106001002"), **NORM, max_radius_m=radius)
    assert (answer.status_code, "Number must be between 1 and 100000." in answer.text) == (422, True)


def test_communities_below_the_guideline_of_the_law_are_named_and_no_alarm(client: FlaskClient, owner_url: str) -> None:
    page = client.get("/planner").text
    sentence = "Of 2 communities, 1 have fewer than 1000 households and 0 more than 3000 (水果湖社区 800)"
    assert sentence in page
    assert re.findall(r'data-community-size="(\w+)">([^<]+)<', page) == [("under", "fewer than 1,000")]
    assert "居民委员会一般在1000户至3000户的范围内设立" in client.get("/planner?language=zh_CN").text
    shown = client.get(f"{community_url(owner_url, '420106001001')}?language=en").text
    assert 'class="muted" data-community-size="under">水果湖社区 has 800 households, fewer than 1000' in shown
    assert "data-community-size" not in client.get(community_url(owner_url, "420106001002")).text
    assert sentence in sign_in(owner_url, "leader").get("/planner").text
    assert ",水果湖社区,800," in client.get("/planner/export/csv").text


def test_buildings_that_a_move_finds_show_their_address(client: FlaskClient, owner_url: str) -> None:
    change = "UPDATE building SET address = '中北路{}号' WHERE code = '{}'"
    for number, code in ((1, "a"), (12, "b")):
        query(owner_url, change.format(number, code))
    key = latest_revision(owner_url, int(community_url(owner_url, "420106001002").rpartition("/")[2]))[0]
    found = client.get(f"/planner/revisions/{key}/move?query=中北路12").text.split('class="search-results"')[1]
    assert re.findall(r"<strong>(\w)</strong>", found) == ["b"]
    assert re.search(r"264 households, grid \S+ · 中北路12号<", found)


def test_borders_on_former_land_are_not_explained(client: FlaskClient, owner_url: str) -> None:
    url = community_url(owner_url, "420106001001")
    [first, *_] = borders_urls(client, url)
    copy = """INSERT INTO land (subdistrict_id, community_id, crs)
        SELECT subdistrict_id, community_id, crs FROM land WHERE community_id = :community_id"""
    query(owner_url, copy, community_id=int(url.rpartition("/")[2]))
    answer = client.get(first)
    assert (answer.status_code, "The land was rebuilt since this plan" in answer.text) == (409, True)
