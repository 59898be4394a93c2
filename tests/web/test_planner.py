"""Planners' pages without a browser: refusals that are clear, and versions that nobody overwrites unseen."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text, update

from gridmap.app import create_app
from gridmap.config import Settings
from gridmap.core.names import Role
from gridmap.services import moving, partitioning, versions
from gridmap.services.accounts import make_account
from gridmap.services.loading import LoadReport
from gridmap.services.scopes import Place
from gridmap.store import schema
from gridmap.store.session import Database
from gridmap.web import current
from tests.loaded import CODE, load, undone
from tests.offices import PASSWORD, app_url, known
from tests.web.offices import sent

SOON = date.today() + timedelta(days=2)  # noqa: DTZ011 - the place may be a day ahead
RANGE = {"minimum": "60", "maximum": "130", "seed": "1"}


@pytest.fixture(scope="module")
def report(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> LoadReport:
    """The small town, loaded and divided; every test adds versions of its own."""
    found = load(module_database_url, tmp_path_factory.mktemp("town"))
    database = Database(module_database_url, trusted=True)
    with database.transaction() as session:
        for name, role in (("planner", Role.PLANNER), ("second", Role.PLANNER), ("leader", Role.LEADER)):
            account, _ = make_account(session, name, role, "", Place(CODE))
            session.get_one(schema.Credential, account).password = known()
            session.get_one(schema.Credential, account).must_change = False
    database.close()
    return found


@pytest.fixture
def database_url(module_database_url: str, report: LoadReport) -> Iterator[str]:
    """The town's database, without approvals of the test afterwards."""
    yield module_database_url
    database = Database(module_database_url, trusted=True)
    with database.transaction() as session:
        session.execute(text("DELETE FROM adoption WHERE NOT valid @> date '2026-06-01'"))
        session.execute(text("UPDATE adoption SET valid = daterange(lower(valid), NULL)"))
    database.close()


@pytest.fixture
def app(database_url: str) -> Iterator[Flask]:
    made = create_app(Settings(b"only for tests", app_url(database_url)))
    yield made
    made.extensions[current.DATABASE].close()


def signed_in(app: Flask, name: str = "planner") -> FlaskClient:
    client = app.test_client()
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    assert sent(client, "/sign-in", name=name, password=PASSWORD).status_code == 303
    return client


@pytest.fixture
def planner(app: Flask) -> FlaskClient:
    return signed_in(app)


@pytest.fixture
def community(report: LoadReport) -> int:
    """The second community, of three buildings."""
    return int(report.loaded.stored.communities[1])


@pytest.fixture
def page(community: int) -> str:
    return f"/planner/communities/{community}"


def newest(url: str, community: int) -> tuple[int, int]:
    """Key and number of the newest version."""
    database = Database(url, trusted=True)
    with database.transaction() as session:
        mine = select(schema.Revision.id, schema.Revision.number).where(schema.Revision.community_id == community)
        found: Any = session.execute(mine.order_by(schema.Revision.id.desc())).first()
    database.close()
    return found.id, found.number


def divide(client: FlaskClient, page: str, **fields: str) -> Any:
    """Divide with the newest version that the page told of."""
    seen = client.get(page).text.split('name="newest" type="hidden" value="')[1].split('"')[0]
    return sent(client, page, f"{page}/divide", **{"newest": seen, **RANGE, **fields})


def test_the_list_names_every_community_with_its_plan(planner: FlaskClient) -> None:
    page = planner.get("/planner").text
    assert page.count("Version 1<") == 2
    assert "in range" in page


def test_a_division_is_the_next_version_and_not_in_force(
    planner: FlaskClient, page: str, database_url: str, community: int
) -> None:
    _, number = newest(database_url, community)
    answer = divide(planner, page)
    assert answer.status_code == 303
    assert newest(database_url, community)[1] == number + 1
    assert "draft" in planner.get(answer.location).text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"minimum": "500", "maximum": "300"}, "The most must not be fewer than the fewest."),
        ({"minimum": "0"}, "Number must be between 1 and 20000."),
        ({"maximum": "999999999999"}, "Number must be between 1 and 20000."),
        ({"seed": "-1"}, "Number must be between 0 and"),
        ({"seed": "x"}, "Not a valid integer value."),
        ({"minimum": ""}, "This field is required."),
    ],
)
def test_a_bad_range_is_told_at_its_field(planner: FlaskClient, page: str, fields: dict[str, str], said: str) -> None:
    answer = divide(planner, page, **fields)
    assert answer.status_code == 422
    assert said in answer.text


def test_a_division_on_an_outdated_page_is_told_what_changed(app: Flask, planner: FlaskClient, page: str) -> None:
    divide(signed_in(app, "second"), page, note="evening shift")
    answer = divide(planner, page, newest="1")
    assert answer.status_code == 409
    assert "Others have saved a newer version" in answer.text
    assert "evening shift" in answer.text.split("Go on from the newest version")[0]


def test_a_division_that_hangs_is_stopped(
    planner: FlaskClient, page: str, community: int, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partitioning.divided, "__defaults__", (1, "tests.web.sleeper"))
    before = newest(database_url, community)
    answer = divide(planner, page)
    assert answer.status_code == 503
    assert "took longer than 1 s" in answer.text
    assert newest(database_url, community) == before


def test_while_one_is_worked_out_another_is_told_to_come_back(planner: FlaskClient, page: str) -> None:
    with partitioning._turn:
        answer = divide(planner, page)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "Another division" in answer.text


def test_an_account_asks_for_one_division_at_a_time(planner: FlaskClient, page: str, database_url: str) -> None:
    """Another process holds the turn of the account."""
    database = Database(database_url, trusted=True)
    with database.transaction() as session:
        account = session.scalars(select(schema.Account.id).where(schema.Account.name == "planner")).one()
        assert session.scalar(select(func.pg_try_advisory_xact_lock(func.hashtext("partition"), account)))
        answer = divide(planner, page)
    database.close()
    assert answer.status_code == 409
    assert "still being worked out" in answer.text


@pytest.fixture
def move(report: LoadReport, database_url: str, community: int) -> str:
    """Address of the move of b5, which is in the same courtyard as b4."""
    version, _ = newest(database_url, community)
    return f"/planner/versions/{version}/move?building={int(report.loaded.stored.buildings[4])}"


def test_a_grid_that_is_none_is_told(planner: FlaskClient, move: str) -> None:
    assert "There is no grid Z in this version" in planner.get(f"{move}&grid=Z").text


def test_a_building_of_elsewhere_is_not_there(planner: FlaskClient, move: str) -> None:
    assert planner.get(move.split("=", maxsplit=1)[0] + "=999999").status_code == 404


@pytest.mark.parametrize("words", ["b5", "B5", "  b5 "])
def test_a_building_is_found_by_its_code(planner: FlaskClient, move: str, words: str) -> None:
    assert "1 buildings" in planner.get(move.split("?", maxsplit=1)[0], query_string={"find": words}).text


def test_where_people_live_comes_before_sheds(database_url: str, community: int) -> None:
    with undone(database_url) as session:
        revision = versions.of_community(session, community)[0].revision
        first = moving.search(session, revision, "", SOON)[0][0].id
        shed = update(schema.HouseholdCount).where(schema.HouseholdCount.building_id == first)
        session.execute(shed.values(households=0, low=0, high=0))
        assert moving.search(session, revision, "", SOON)[0][-1].id == first


def test_nothing_found_says_so(planner: FlaskClient, move: str) -> None:
    page = planner.get(move.split("?", maxsplit=1)[0], query_string={"find": "凤凰"}).text
    assert "No building has these words" in page


@pytest.fixture
def approval(database_url: str, community: int, planner: FlaskClient, page: str) -> str:
    """Where a second version is approved."""
    divide(planner, page)
    return f"/planner/versions/{newest(database_url, community)[0]}/approve"


def test_an_approved_version_is_shown_with_its_day(planner: FlaskClient, approval: str) -> None:
    answer = sent(planner, approval, first=SOON.isoformat(), note="decision 12")
    assert answer.status_code == 303
    page = planner.get(answer.location).text
    assert "approved for later" in page
    assert f"from {SOON} on" in page


def test_the_past_is_not_changed(planner: FlaskClient, approval: str) -> None:
    answer = sent(planner, approval, first="2020-01-01")
    assert answer.status_code == 409
    assert "that day is past" in answer.text


def test_an_approval_for_later_is_replaced_only_when_asked(planner: FlaskClient, approval: str) -> None:
    sent(planner, approval, first=(SOON + timedelta(days=9)).isoformat())
    assert sent(planner, approval, first=SOON.isoformat()).status_code == 409
    assert sent(planner, approval, first=SOON.isoformat(), replace="y").status_code == 303


@pytest.mark.parametrize("first", ["", "soon", "2026-13-01"])
def test_a_day_that_is_none_is_told(planner: FlaskClient, approval: str, first: str) -> None:
    assert sent(planner, approval, first=first).status_code == 422


@pytest.mark.parametrize("path", ["", "/communities/1", "/versions/1/move", "/versions/1/approve"])
def test_these_pages_are_planners(app: Flask, path: str) -> None:
    assert signed_in(app, "leader").get(f"/planner{path}").status_code == 403


@pytest.mark.parametrize(
    "path", ["/communities/99999", "/communities/9223372036854775808", "/versions/99999/move", "/versions/0/approve"]
)
def test_what_is_not_there_is_not_there(planner: FlaskClient, path: str) -> None:
    assert planner.get(f"/planner{path}").status_code == 404
