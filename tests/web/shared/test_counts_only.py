"""A subdistrict with counts of persons by building and no person: pages of every role answer with the right figures."""

import re
from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from gridmap.app import create_app
from gridmap.core.vocabulary import Role
from gridmap.store.session import Database
from tests.fixtures.loaded_town import SUBDISTRICT_CODE
from tests.fixtures.people.counted_town import RESIDENTS, RESIDENTS_60, CountedTown, load_counted_town
from tests.fixtures.subdistricts import PASSWORD, app_settings
from tests.fixtures.web_app import close_databases, submit_form

SignIn = Callable[..., FlaskClient]
STAT = re.compile(r'data-stat="([\w-]+)">\s*([\d,]+)\s*<')
OVERVIEW = f"/subdistricts/{SUBDISTRICT_CODE}"
AREA_ROLES = Role.PLANNER, Role.LEADER
PAGES = {
    Role.PLANNER: (
        *(OVERVIEW, "/planner", "/grids/{grid}", "/grids/{grid}/sheet", "/planner/communities/{community}"),
        *("/planner/communities/{community}/buildings", "/planner/buildings/{building}", "/norms", "/search", "/jobs"),
        *("/planner/revisions/{revision}/move", f"{OVERVIEW}/grids/export/xlsx", f"{OVERVIEW}/links/export/csv"),
    ),
    Role.LEADER: (
        *(OVERVIEW, f"/heat/{SUBDISTRICT_CODE}", "/grids/{grid}", "/grids/{grid}/sheet", "/search"),
        *(f"{OVERVIEW}/grids/export/csv", f"/heat/{SUBDISTRICT_CODE}/grids/{{grid}}"),
    ),
    Role.WORKER: ("/my-grid", OVERVIEW, "/grids/{grid}", "/my-grid/report", "/search"),
    Role.STATION: (OVERVIEW, "/grids/{grid}", "/grids/{grid}/sheet", "/roster", "/search"),
    Role.ADMIN: (OVERVIEW, "/norms", "/admin/accounts", "/roster"),
    None: ("/public", f"/public/{SUBDISTRICT_CODE}"),
}
"""Pages that need no persons, by role; visitors have none."""
PERSON_PAGES = (
    (Role.STATION, "/residents"),
    (Role.STATION, "/homes"),
    (Role.WORKER, "/my-grid/buildings/{own_building}"),
)
NOTE, PROMISE = "data-no-persons", "Nobody is recorded"


@pytest.fixture(scope="module")
def town(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CountedTown]:
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRIDMAP_HOME", str(home))
        yield load_counted_town(module_database_url, home)


@pytest.fixture(scope="module")
def open_as(town: CountedTown) -> Iterator[SignIn]:
    """Return a function that opens a client of a role, in a language."""
    app = create_app(app_settings(town.owner_url))

    def opened(role: str | None, language: str = "en") -> FlaskClient:
        client = app.test_client()
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
        if role:
            assert submit_form(client, "/sign-in", name=f"own-{role}", password=PASSWORD).status_code == 303
        return client

    yield opened
    close_databases(app)


@pytest.fixture(scope="module")
def keys(town: CountedTown) -> dict[str, int]:
    """Keys of a grid, its community, its revision and a building of it."""
    database = Database(town.owner_url, trusted=True)
    with database.transaction() as session:
        query = """
            SELECT a.grid_id AS grid, r.community_id AS community, a.revision_id AS revision, c.building_id AS building
            FROM assignment a JOIN revision r ON r.id = a.revision_id JOIN building_cell c ON c.cell_id = a.cell_id
            WHERE a.grid_id = :grid LIMIT 1"""
        row = session.execute(text(query), {"grid": town.own_grid}).one()._asdict()
        assert session.scalar(text("SELECT count(*) FROM resident")) == 0
    database.close()
    return {**row, "own_building": row["building"]}


def stats(page: str) -> dict[str, int]:
    return {name: int(number.replace(",", "")) for name, number in STAT.findall(page)}


@pytest.mark.parametrize(("role", "path"), [(role, path) for role, paths in PAGES.items() for path in paths])
def test_a_page_without_persons_answers(open_as: SignIn, keys: dict[str, int], role: Role | None, path: str) -> None:
    answer = open_as(role).get(path.format(**keys), follow_redirects=True)
    assert answer.status_code == 200
    if answer.mimetype == "text/html":
        assert not {NOTE, PROMISE} & set(re.findall(f"{NOTE}|{PROMISE}", answer.text))


@pytest.mark.parametrize("role", [*AREA_ROLES, Role.WORKER])
def test_a_grid_shows_the_plain_sum_of_its_buildings(open_as: SignIn, town: CountedTown, role: Role) -> None:
    client = open_as(role)
    for grid in [town.own_grid] if role is Role.WORKER else [each for each, number in town.residents.items() if number]:
        shown = stats(client.get(f"/grids/{grid}").text)
        assert (shown["residents"], shown["residents-60"]) == (town.residents[grid], town.residents_60[grid])


@pytest.mark.parametrize("role", [*AREA_ROLES, Role.ADMIN])
def test_the_overview_and_the_api_show_the_sum_of_the_town(open_as: SignIn, role: Role) -> None:
    client = open_as(role)
    assert f"{sum(RESIDENTS):,}" == "1,315"
    assert all(f"<dd>{number}</dd>" in client.get(OVERVIEW).text for number in ("1,315", str(sum(RESIDENTS_60))))
    statistics = client.get("/api/v1/subdistricts/1/statistics").get_json()
    assert [statistics[name] for name in ("residents", "residents_60", "residents_basis")] == [1315, 266, "counts"]


@pytest.fixture
def four_residents_in_own_grid(town: CountedTown) -> Iterator[None]:
    """Recount the residents of the worker's grid: four in its first building, until the end of the test."""
    recount = """
        INSERT INTO population_count (subdistrict_id, building_id, kind, persons, source, as_of)
        SELECT 1, b.building_id, 'residents', (b.rank = 1)::int * 4, 'recount', '2026-03-02' FROM (
            SELECT c.building_id, row_number() OVER (ORDER BY c.building_id) AS rank FROM building_cell c
                JOIN assignment a ON a.cell_id = c.cell_id WHERE a.grid_id = :grid) b"""
    database = Database(town.owner_url, trusted=True)
    with database.transaction() as session:
        session.execute(text(recount), {"grid": town.own_grid})
    yield
    with database.transaction() as session:
        session.execute(text("DELETE FROM population_count WHERE source = 'recount'"))
    database.close()


@pytest.mark.usefixtures("four_residents_in_own_grid")
@pytest.mark.parametrize(("role", "says_so"), [(Role.ADMIN, True), (Role.LEADER, True), (Role.STATION, False)])
def test_a_total_without_a_withheld_grid_says_so(open_as: SignIn, role: Role, says_so: bool) -> None:
    page = open_as(role).get(OVERVIEW).text
    assert ("; without grids whose number is not shown (1)" in page) == says_so


@pytest.mark.usefixtures("four_residents_in_own_grid")
def test_a_total_is_without_the_withheld_grid(open_as: SignIn, town: CountedTown) -> None:
    others = sum(number for grid, number in town.residents.items() if grid != town.own_grid)
    assert f"<dd>{others:,}</dd>" in open_as(Role.ADMIN).get(OVERVIEW).text


@pytest.mark.parametrize(
    ("language", "words"), [("en", "by counts of buildings: town.gpkg"), ("zh-CN", "按统计数（town.gpkg")]
)
def test_pages_say_what_was_counted(open_as: SignIn, keys: dict[str, int], language: str, words: str) -> None:
    client = open_as(Role.LEADER, language)
    assert all(words in client.get(path.format(**keys)).text for path in (OVERVIEW, "/grids/{grid}"))


@pytest.mark.parametrize(("role", "path"), PERSON_PAGES)
@pytest.mark.parametrize(("language", "words"), [("en", "No resident is recorded"), ("zh-CN", "还没有登记居民")])
def test_a_page_that_needs_persons_says_so(
    open_as: SignIn, keys: dict[str, int], role: Role, path: str, language: str, words: str
) -> None:
    page = open_as(role, language).get(path.format(**keys))
    assert page.status_code == 200
    assert NOTE in page.text
    assert words in page.text
