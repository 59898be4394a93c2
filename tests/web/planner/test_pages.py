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
from gridmap.core.vocabulary import Role
from gridmap.services.accounts.accounts import create_account
from gridmap.services.accounts.scopes import ScopeRequest
from gridmap.services.imports.load_report import LoadReport
from gridmap.services.plans import move_options, partition, revisions
from gridmap.store import schema
from gridmap.store.session import Database
from gridmap.web import context
from tests.fixtures.callers import caller_of
from tests.fixtures.loaded_town import SUBDISTRICT_CODE, load_town, rolled_back_session
from tests.fixtures.subdistricts import PASSWORD, app_url, password_hash
from tests.fixtures.web_app import submit_form

IN_TWO_DAYS = date.today() + timedelta(days=2)  # noqa: DTZ011 - the place may be a day ahead
NORM_FIELDS = {"minimum": "60", "maximum": "130", "seed": "1"}


@pytest.fixture(scope="module")
def report(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> LoadReport:
    """The small town, loaded and divided; every test adds versions of its own."""
    found = load_town(module_database_url, tmp_path_factory.mktemp("town"))
    database = Database(module_database_url, trusted=True)
    with database.transaction() as session:
        for name, role in (("planner", Role.PLANNER), ("second", Role.PLANNER), ("leader", Role.LEADER)):
            account, _ = create_account(session, caller_of(session), name, role, "", ScopeRequest(SUBDISTRICT_CODE))
            session.get_one(schema.Credential, account).password_hash = password_hash()
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
    made.extensions[context.DATABASE_EXTENSION].close()


def sign_in_client(app: Flask, name: str = "planner") -> FlaskClient:
    client = app.test_client()
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    assert submit_form(client, "/sign-in", name=name, password=PASSWORD).status_code == 303
    return client


@pytest.fixture
def planner(app: Flask) -> FlaskClient:
    return sign_in_client(app)


@pytest.fixture
def community_id(report: LoadReport) -> int:
    """The second community, of three buildings."""
    return int(report.loaded.stored.community_ids[1])


@pytest.fixture
def community_url(community_id: int) -> str:
    return f"/planner/communities/{community_id}"


def latest_revision(owner_url: str, community_id: int) -> tuple[int, int]:
    """Key and number of the newest version."""
    database = Database(owner_url, trusted=True)
    with database.transaction() as session:
        mine = select(schema.Revision.id, schema.Revision.number).where(schema.Revision.community_id == community_id)
        found: Any = session.execute(mine.order_by(schema.Revision.id.desc())).first()
    database.close()
    return found.id, found.number


def submit_partition(client: FlaskClient, community_url: str, **fields: str) -> Any:
    """Divide with the newest version that the page told of."""
    seen = client.get(community_url).text.split('name="base_revision_id" type="hidden" value="')[1].split('"')[0]
    return submit_form(
        client, community_url, f"{community_url}/partition", **{"base_revision_id": seen, **NORM_FIELDS, **fields}
    )


def test_the_list_names_every_community_with_its_plan(planner: FlaskClient) -> None:
    page = planner.get("/planner").text
    assert page.count("Revision 1<") == 2
    assert "in range" in page


def test_a_division_is_the_next_version_and_not_in_force(
    planner: FlaskClient, community_url: str, database_url: str, community_id: int
) -> None:
    _, number = latest_revision(database_url, community_id)
    answer = submit_partition(planner, community_url)
    assert answer.status_code == 303
    assert latest_revision(database_url, community_id)[1] == number + 1
    assert "draft" in planner.get(answer.location).text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"minimum": "500", "maximum": "300"}, "The maximum must not be below the minimum."),
        ({"minimum": "0"}, "Number must be between 1 and 20000."),
        ({"maximum": "999999999999"}, "Number must be between 1 and 20000."),
        ({"seed": "-1"}, "Number must be between 0 and"),
        ({"seed": "x"}, "Not a valid integer value."),
        ({"minimum": ""}, "This field is required."),
    ],
)
def test_a_bad_range_is_told_at_its_field(
    planner: FlaskClient, community_url: str, fields: dict[str, str], said: str
) -> None:
    answer = submit_partition(planner, community_url, **fields)
    assert answer.status_code == 422
    assert said in answer.text


def test_a_division_on_an_outdated_page_is_told_what_changed(
    app: Flask, planner: FlaskClient, community_url: str
) -> None:
    submit_partition(sign_in_client(app, "second"), community_url, note="evening shift")
    answer = submit_partition(planner, community_url, base_revision_id="1")
    assert answer.status_code == 409
    assert "Another user has saved a newer revision" in answer.text
    assert "evening shift" in answer.text.split("Continue from the latest revision")[0]


def test_a_division_that_hangs_is_stopped(
    planner: FlaskClient, community_url: str, community_id: int, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partition.run_partition, "__defaults__", (1, "tests.web.planner.hanging_worker"))
    before = latest_revision(database_url, community_id)
    answer = submit_partition(planner, community_url)
    assert answer.status_code == 503
    assert "took longer than 1 s" in answer.text
    assert latest_revision(database_url, community_id) == before


def test_while_one_is_worked_out_another_is_told_to_come_back(planner: FlaskClient, community_url: str) -> None:
    with partition._partition_lock:
        answer = submit_partition(planner, community_url)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "Another partition" in answer.text


def test_an_account_asks_for_one_division_at_a_time(
    planner: FlaskClient, community_url: str, database_url: str
) -> None:
    """Another process holds the turn of the account."""
    database = Database(database_url, trusted=True)
    with database.transaction() as session:
        account = session.scalars(select(schema.Account.id).where(schema.Account.name == "planner")).one()
        assert session.scalar(select(func.pg_try_advisory_xact_lock(func.hashtext("partition"), account)))
        answer = submit_partition(planner, community_url)
    database.close()
    assert answer.status_code == 409
    assert "still running" in answer.text


@pytest.fixture
def move_url(report: LoadReport, database_url: str, community_id: int) -> str:
    """Address of the move of b5, which is in the same courtyard as b4."""
    version, _ = latest_revision(database_url, community_id)
    return f"/planner/revisions/{version}/move?building_id={int(report.loaded.stored.building_ids[4])}"


def test_a_grid_that_is_none_is_told(planner: FlaskClient, move_url: str) -> None:
    assert "There is no grid Z in this revision" in planner.get(f"{move_url}&grid_code=Z").text


def test_a_building_of_elsewhere_is_not_there(planner: FlaskClient, move_url: str) -> None:
    assert planner.get(move_url.split("=", maxsplit=1)[0] + "=999999").status_code == 404


@pytest.mark.parametrize("words", ["b5", "B5", "  b5 "])
def test_a_building_is_found_by_its_code(planner: FlaskClient, move_url: str, words: str) -> None:
    assert "1 buildings" in planner.get(move_url.split("?", maxsplit=1)[0], query_string={"query": words}).text


def test_where_people_live_comes_before_sheds(database_url: str, community_id: int) -> None:
    with rolled_back_session(database_url) as session:
        revision = revisions.list_community_revisions(session, caller_of(session), community_id)[0]
        first = move_options.search_buildings(session, caller_of(session), revision, "", IN_TWO_DAYS)[0][0].id
        shed = update(schema.HouseholdCount).where(schema.HouseholdCount.building_id == first)
        session.execute(shed.values(households=0, low=0, high=0))
        assert move_options.search_buildings(session, caller_of(session), revision, "", IN_TWO_DAYS)[0][-1].id == first


def test_nothing_found_says_so(planner: FlaskClient, move_url: str) -> None:
    page = planner.get(move_url.split("?", maxsplit=1)[0], query_string={"query": "凤凰"}).text
    assert "No building has these words" in page


@pytest.fixture
def approval_url(database_url: str, community_id: int, planner: FlaskClient, community_url: str) -> str:
    """Return the page where a second revision is approved."""
    submit_partition(planner, community_url)
    return f"/planner/revisions/{latest_revision(database_url, community_id)[0]}/approve"


def test_an_approved_version_is_shown_with_its_day(planner: FlaskClient, approval_url: str) -> None:
    answer = submit_form(planner, approval_url, effective_date=IN_TWO_DAYS.isoformat(), note="decision 12")
    assert answer.status_code == 303
    page = planner.get(answer.location).text
    assert "approved for later" in page
    assert f"from {IN_TWO_DAYS} on" in page


def test_the_past_is_not_changed(planner: FlaskClient, approval_url: str) -> None:
    answer = submit_form(planner, approval_url, effective_date="2020-01-01")
    assert answer.status_code == 409
    assert "that day is past" in answer.text


def test_an_approval_for_later_is_replaced_only_when_asked(planner: FlaskClient, approval_url: str) -> None:
    submit_form(planner, approval_url, effective_date=(IN_TWO_DAYS + timedelta(days=9)).isoformat())
    assert submit_form(planner, approval_url, effective_date=IN_TWO_DAYS.isoformat()).status_code == 409
    assert submit_form(planner, approval_url, effective_date=IN_TWO_DAYS.isoformat(), replace="y").status_code == 303


@pytest.mark.parametrize("first", ["", "soon", "2026-13-01"])
def test_a_day_that_is_none_is_told(planner: FlaskClient, approval_url: str, first: str) -> None:
    assert submit_form(planner, approval_url, effective_date=first).status_code == 422


@pytest.mark.parametrize("path", ["", "/communities/1", "/revisions/1/move", "/revisions/1/approve"])
def test_these_pages_are_planners(app: Flask, path: str) -> None:
    assert sign_in_client(app, "leader").get(f"/planner{path}").status_code == 403


@pytest.mark.parametrize(
    "path", ["/communities/99999", "/communities/9223372036854775808", "/versions/99999/move", "/versions/0/approve"]
)
def test_what_is_not_there_is_not_there(planner: FlaskClient, path: str) -> None:
    assert planner.get(f"/planner{path}").status_code == 404
