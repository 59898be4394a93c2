"""Planner pages without scripts: partition, move and approval, their refusals and concurrent revisions."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text, update

from gridmap.core.vocabulary import Role
from gridmap.services.accounts.accounts import create_account
from gridmap.services.accounts.scopes import ScopeRequest
from gridmap.services.imports.load_report import LoadReport
from gridmap.services.plans import move_options, revisions
from gridmap.store import schema
from gridmap.store.session import Database
from tests.fixtures.callers import caller_of
from tests.fixtures.loaded_town import SUBDISTRICT_CODE, load_town, rolled_back_session
from tests.fixtures.subdistricts import PASSWORD, password_hash
from tests.fixtures.web_app import application, submit_form
from tests.jobs.waiting_jobs import run_waiting_jobs

IN_TWO_DAYS = date.today() + timedelta(days=2)  # noqa: DTZ011 - the time zone of the town may be a day ahead
ACCOUNTS = {
    "planner": Role.PLANNER,
    "second": Role.PLANNER,
    "leader": Role.LEADER,
    "station": Role.STATION,
}
"""Roles of the accounts by name; the first one may approve plans."""
NORM_FIELDS = {"minimum": "60", "maximum": "130", "seed": "1"}


@pytest.fixture(scope="module")
def report(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> LoadReport:
    """Load and partition the small town; every test adds its own revisions."""
    report = load_town(module_database_url, tmp_path_factory.mktemp("town"))
    database = Database(module_database_url, trusted=True)
    with database.transaction() as session:
        for name, role in ACCOUNTS.items():
            scope = ScopeRequest(SUBDISTRICT_CODE, can_approve=name == "planner")
            account, _ = create_account(session, caller_of(session), name, role, "", scope)
            session.get_one(schema.Credential, account).password_hash = password_hash()
            session.get_one(schema.Credential, account).must_change = False
    database.close()
    return report


@pytest.fixture
def database_url(module_database_url: str, report: LoadReport) -> Iterator[str]:
    """Return the database of the town; delete the approvals of the test afterwards."""
    yield module_database_url
    database = Database(module_database_url, trusted=True)
    with database.transaction() as session:
        session.execute(text("DELETE FROM adoption WHERE NOT valid @> date '2026-06-01'"))
        session.execute(text("UPDATE adoption SET valid = daterange(lower(valid), NULL)"))
    database.close()


@pytest.fixture
def app(database_url: str) -> Flask:
    return application(database_url)


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
    """Return the second community, which has three buildings."""
    return int(report.loaded.stored.community_ids[1])


@pytest.fixture
def community_url(community_id: int) -> str:
    return f"/planner/communities/{community_id}"


def latest_revision(owner_url: str, community_id: int) -> tuple[int, int]:
    """Return the key and the number of the latest revision."""
    database = Database(owner_url, trusted=True)
    with database.transaction() as session:
        revisions_of_community = select(schema.Revision.id, schema.Revision.number).where(
            schema.Revision.community_id == community_id
        )
        latest: Any = session.execute(revisions_of_community.order_by(schema.Revision.id.desc())).first()
    database.close()
    return latest.id, latest.number


def submit_partition(client: FlaskClient, community_url: str, **fields: str) -> Any:
    """Ask for a partition based on the revision that the page shows."""
    shown_revision = (
        client.get(community_url).text.split('name="base_revision_id" type="hidden" value="')[1].split('"')[0]
    )
    return submit_form(
        client,
        community_url,
        f"{community_url}/partition",
        **{"base_revision_id": shown_revision, **NORM_FIELDS, **fields},
    )


def test_the_list_names_every_community_with_its_plan(planner: FlaskClient) -> None:
    page = planner.get("/planner").text
    assert page.count("Revision 1<") == 2
    assert "in range" in page


def test_a_partition_is_saved_as_the_next_revision_and_is_a_draft(
    planner: FlaskClient, community_url: str, database_url: str, community_id: int
) -> None:
    _, number = latest_revision(database_url, community_id)
    answer = submit_partition(planner, community_url)
    assert answer.status_code == 303
    assert "Partition of a community" in planner.get(answer.location).text
    run_waiting_jobs(database_url)
    assert latest_revision(database_url, community_id)[1] == number + 1
    page = planner.get(answer.location, follow_redirects=True).text
    assert "The partition is saved as a new revision" in page
    assert "draft" in page


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"minimum": "500", "maximum": "300"}, "The maximum must not be below the minimum."),
        ({"minimum": "0"}, "Number must be between 1 and 20000."),
        ({"maximum": "999999999999"}, "Number must be between 1 and 20000."),
        ({"seed": "-1"}, "Number must be between 0 and"),
        ({"seed": "x"}, "Not a valid integer value."),
        ({"minimum": ""}, "This field is required."),
    ],
)
def test_an_invalid_norm_is_reported(
    planner: FlaskClient, community_url: str, fields: dict[str, str], message: str
) -> None:
    answer = submit_partition(planner, community_url, **fields)
    assert answer.status_code == 422
    assert message in answer.text


def test_a_partition_based_on_an_outdated_revision_shows_the_newer_one(
    app: Flask, planner: FlaskClient, community_url: str, database_url: str
) -> None:
    submit_partition(sign_in_client(app, "second"), community_url, note="evening shift")
    run_waiting_jobs(database_url)
    answer = submit_partition(planner, community_url, base_revision_id="1")
    assert answer.status_code == 409
    assert "Another user has saved a newer revision" in answer.text
    assert "evening shift" in answer.text.split("Continue from the latest revision")[0]


def test_a_form_that_is_sent_twice_makes_one_revision(
    planner: FlaskClient, community_url: str, database_url: str, community_id: int
) -> None:
    _, number = latest_revision(database_url, community_id)
    first, second = (submit_partition(planner, community_url, request_key="one form") for _click in range(2))
    assert first.location == second.location
    run_waiting_jobs(database_url)
    assert latest_revision(database_url, community_id)[1] == number + 1


@pytest.fixture
def move_url(report: LoadReport, database_url: str, community_id: int) -> str:
    """Return the address of the move of b5, which is in the same courtyard as b4."""
    revision_id, _ = latest_revision(database_url, community_id)
    return f"/planner/revisions/{revision_id}/move?building_id={int(report.loaded.stored.building_ids[4])}"


def test_an_unknown_grid_is_reported(planner: FlaskClient, move_url: str) -> None:
    assert "There is no grid Z in this revision" in planner.get(f"{move_url}&grid_code=Z").text


def test_an_unknown_building_is_not_found(planner: FlaskClient, move_url: str) -> None:
    assert planner.get(move_url.split("=", maxsplit=1)[0] + "=999999").status_code == 404


def test_the_effect_of_a_move_is_exported(planner: FlaskClient, move_url: str) -> None:
    path, _, query = move_url.partition("?")
    targets = re.findall(r'name="grid_code"[^>]* value="([^"]+)"', planner.get(move_url).text)
    chosen = f"{query}&grid_code={targets[0]}"
    [link] = re.findall(r'href="([^"]+/move/export/csv[^"]*)"', planner.get(f"{path}?{chosen}").text)
    rows = [row.split(",") for row in planner.get(unescape(link)).data.decode("utf-8-sig").splitlines()]
    assert rows[0][:3] == ["Grid", "Households before", "Households"]
    assert [row[0] for row in rows[2:]] == targets[:1]
    assert sum(int(row[1]) for row in rows[1:]) == sum(int(row[2]) for row in rows[1:])
    assert planner.get(f"{path}/export/csv?{query}").status_code == 404
    assert planner.get(f"{path}/export/csv?{query}&grid_code=Z").status_code == 422


@pytest.mark.parametrize("query", ["b5", "B5", "  b5 "])
def test_a_building_is_found_by_its_code(planner: FlaskClient, move_url: str, query: str) -> None:
    assert "1 buildings" in planner.get(move_url.split("?", maxsplit=1)[0], query_string={"query": query}).text


def test_buildings_with_households_are_listed_before_others(database_url: str, community_id: int) -> None:
    with rolled_back_session(database_url) as session:
        revision = revisions.list_community_revisions(session, caller_of(session), community_id)[0]
        first = move_options.search_buildings(session, caller_of(session), revision, "", IN_TWO_DAYS)[0][0].id
        households = update(schema.HouseholdCount).where(schema.HouseholdCount.building_id == first)
        session.execute(households.values(households=0, low=0, high=0))
        assert move_options.search_buildings(session, caller_of(session), revision, "", IN_TWO_DAYS)[0][-1].id == first


def test_a_search_without_a_match_says_so(planner: FlaskClient, move_url: str) -> None:
    page = planner.get(move_url.split("?", maxsplit=1)[0], query_string={"query": "凤凰"}).text
    assert "No building has these words" in page


@pytest.fixture
def approval_url(database_url: str, community_id: int, planner: FlaskClient, community_url: str) -> str:
    """Return the page where a second revision is approved."""
    submit_partition(planner, community_url)
    run_waiting_jobs(database_url)
    return f"/planner/revisions/{latest_revision(database_url, community_id)[0]}/approve"


def test_an_approved_revision_is_shown_with_its_effective_date(planner: FlaskClient, approval_url: str) -> None:
    answer = submit_form(planner, approval_url, effective_date=IN_TWO_DAYS.isoformat(), note="decision 12")
    assert answer.status_code == 303
    page = planner.get(answer.location).text
    assert "approved for later" in page
    assert f"from {IN_TWO_DAYS} on" in page


def test_a_revision_approved_for_later_can_be_approved_for_another_day(planner: FlaskClient, approval_url: str) -> None:
    label = rf'href="{approval_url}">(.*?)</a>'
    revision_url = submit_form(planner, approval_url, effective_date=IN_TWO_DAYS.isoformat()).location
    assert re.findall(label, planner.get(revision_url).text) == ["Approve for another day"]
    next_day = (IN_TWO_DAYS + timedelta(days=1)).isoformat()
    assert submit_form(planner, approval_url, effective_date=next_day, replace="y").status_code == 303
    assert f"from {next_day} on" in planner.get(revision_url).text


def test_only_a_first_plan_is_proposed_for_today(planner: FlaskClient, approval_url: str) -> None:
    field = re.search(r'<input[^>]*name="effective_date"[^>]*>', planner.get(approval_url).text)
    assert field
    assert 'value=""' in field[0]


def test_an_approval_for_a_past_date_is_refused(planner: FlaskClient, approval_url: str) -> None:
    answer = submit_form(planner, approval_url, effective_date="2020-01-01")
    assert answer.status_code == 409
    assert "that day is past" in answer.text


def test_a_later_approval_is_replaced_only_on_request(planner: FlaskClient, approval_url: str) -> None:
    submit_form(planner, approval_url, effective_date=(IN_TWO_DAYS + timedelta(days=9)).isoformat())
    assert submit_form(planner, approval_url, effective_date=IN_TWO_DAYS.isoformat()).status_code == 409
    assert submit_form(planner, approval_url, effective_date=IN_TWO_DAYS.isoformat(), replace="y").status_code == 303


@pytest.mark.parametrize("effective_date", ["", "soon", "2026-13-01"])
def test_an_invalid_effective_date_is_refused(planner: FlaskClient, approval_url: str, effective_date: str) -> None:
    assert submit_form(planner, approval_url, effective_date=effective_date).status_code == 422


@pytest.mark.parametrize("path", ["", "/communities/1", "/revisions/1/move", "/revisions/1/approve"])
def test_these_pages_are_for_planners_and_leaders(app: Flask, path: str) -> None:
    assert sign_in_client(app, "station").get(f"/planner{path}").status_code == 403


def test_a_leader_reads_plans_and_changes_none(app: Flask, community_url: str, approval_url: str) -> None:
    leader = sign_in_client(app, "leader")
    page = leader.get(community_url).text
    assert "Approve" in page
    assert "Move a building" not in page
    assert "base_revision_id" not in page
    assert leader.get(approval_url.replace("/approve", "/move")).status_code == 403
    api_urls = re.findall(r'data-(?:after|buildings)="([^"]+)"', page)
    assert [leader.get(url).status_code for url in api_urls] == [200, 200]


def test_a_leader_approves(app: Flask, approval_url: str) -> None:
    leader = sign_in_client(app, "leader")
    assert submit_form(leader, approval_url, effective_date=IN_TWO_DAYS.isoformat()).status_code == 303


def test_a_planner_without_the_right_does_not_approve(app: Flask, community_url: str, approval_url: str) -> None:
    second = sign_in_client(app, "second")
    assert 'href="' + approval_url not in second.get(community_url).text
    assert second.get(approval_url).status_code == 403


@pytest.mark.parametrize(
    "path", ["/communities/99999", "/communities/9223372036854775808", "/revisions/99999/move", "/revisions/0/approve"]
)
def test_an_unknown_key_is_not_found(planner: FlaskClient, path: str) -> None:
    assert planner.get(f"/planner{path}").status_code == 404
