"""Partition from today's grids: plans are found as a job, compared on a page, and one of them saved once."""

import json
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from gridmap.store.key_ring import create_key_ring
from gridmap.store.session import Database
from tests.fixtures.web_app import submit_form
from tests.jobs.waiting_jobs import run_waiting_jobs
from tests.web.planner.test_pages import (
    app,
    community_id,
    community_url,
    database_url,
    latest_revision,
    planner,
    report,
    sign_in_client,
    submit_partition,
)

__all__ = ["app", "community_id", "community_url", "database_url", "planner", "report"]
WANTED = {"minimum": "80", "maximum": "240", "alternatives": "2", "cut_weight": "1000", "border_weight": "0.001"}
"""A range in which a grid of 60 households is too small; it may join one of 150."""


@pytest.fixture(autouse=True)
def _keys(database_url: str) -> None:
    create_key_ring()


def ask(client: FlaskClient, community_url: str, **fields: str | list[str]) -> Any:
    """Ask for plans, based on the revision that the page shows."""
    page = client.get(community_url).text
    base = re.findall(r'name="base_revision_id" type="hidden" value="(\d+)"', page)[0]
    form = {"base_revision_id": base, **WANTED, **fields}
    return submit_form(client, community_url, f"{community_url}/repartition", **form)


@pytest.fixture
def plans_url(planner: FlaskClient, community_url: str, database_url: str) -> str:
    """Return the page of the plans that were found."""
    answer = ask(planner, community_url, note="after the count")
    assert [end.outcome for end in run_waiting_jobs(database_url)] == ["done"]
    return str(planner.get(answer.location).location)


def save(client: FlaskClient, plans_url: str) -> Any:
    """Save the plan that the page shows."""
    page = client.get(plans_url).text
    [action] = re.findall(r'action="([^"]+/save)"', page)
    [base] = re.findall(r'name="base_revision_id" type="hidden" value="(\d+)"', page)
    return submit_form(client, plans_url, action, base_revision_id=base)


def figures(page: str, section: str) -> list[str]:
    """Return the cells of a table of the page."""
    body = page.split(f'id="{section}"')[1].split("<tbody")[1].split("</tbody>", maxsplit=1)[0]
    return [
        " ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in re.findall(r"<t[hd].*?</t[hd]>", body, re.DOTALL)
    ]


def test_the_plan_that_moves_the_fewest_households_is_shown_and_saved_once(
    planner: FlaskClient, plans_url: str, database_url: str, community_id: int, community_url: str
) -> None:
    before = latest_revision(database_url, community_id)
    page = planner.get(plans_url).text
    assert "Nothing is saved before you choose" in page
    assert "Moves as few households as were found necessary: 60." in page
    assert figures(page, "plans")[1:3] == ["20", "0"]
    assert figures(page, "plans")[6:8] == ["0", "60"]
    assert figures(page, "moves")[2:] == ["60", "1"]
    [grids_url] = re.findall(r'data-after="([^"]+)"', page)
    grids = json.loads(planner.get(grids_url).text)["features"]
    assert sorted(each["properties"]["households"] for each in grids) == [0, 90, 210]
    first, second = save(planner, plans_url), save(planner, plans_url)
    assert first.location == second.location
    assert [end.outcome for end in run_waiting_jobs(database_url)] == ["done"]
    saved = latest_revision(database_url, community_id)
    assert saved[1] == before[1] + 1
    shown = planner.get(f"{community_url}?revision={saved[0]}").text
    assert "after the count" in shown
    assert "compared with revision 1" in shown
    assert "This plan was saved already" in planner.get(plans_url).text
    token = re.findall(r'name="csrf_token"[^>]* value="([^"]+)"', shown)[0]
    again = planner.post(
        f"{plans_url.partition('?')[0]}/plans/1/save", data={"csrf_token": token, "base_revision_id": str(before[0])}
    )
    assert (again.status_code, "was saved already" in again.text) == (409, True)


def test_nothing_changes_where_no_plan_is_better(
    planner: FlaskClient, community_url: str, database_url: str, community_id: int
) -> None:
    before = latest_revision(database_url, community_id)
    answer = ask(planner, community_url, minimum="50", maximum="160", alternatives="1")
    run_waiting_jobs(database_url)
    page = planner.get(planner.get(answer.location).location).text
    assert "No plan is better than today&#39;s grids" in page
    assert "/save" not in page
    assert latest_revision(database_url, community_id) == before


def test_a_locked_grid_stays_and_a_limit_of_moves_is_kept(
    planner: FlaskClient, community_url: str, database_url: str
) -> None:
    codes = re.findall(r'name="locked" type="checkbox" value="([^"]+)"', planner.get(community_url).text)
    assert len(codes) == 4
    answer = ask(planner, community_url, locked=codes)
    run_waiting_jobs(database_url)
    assert "locked: " in planner.get(planner.get(answer.location).location).text
    answer = ask(planner, community_url, max_moved="59")
    run_waiting_jobs(database_url)
    page = planner.get(planner.get(answer.location).location).text
    assert "at most 59 households move" in page
    assert figures(page, "plans")[7] == "0"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"minimum": "241"}, "The maximum must not be below the minimum."),
        ({"max_moved": "-1"}, "Number must be between 0 and"),
        ({"alternatives": "0"}, "Number must be between 1 and 10."),
        ({"alternatives": "11"}, "Number must be between 1 and 10."),
        ({"cut_weight": "-0.1"}, "Number must be between 0 and 100000."),
        ({"border_weight": "0"}, "Number must be between 0.0001 and 100000."),
        ({"border_weight": "nan"}, "Number must be between"),
        ({"locked": "Z-9"}, "The grid Z-9 does not exist any more."),
        ({"minimum": "299", "maximum": "299"}, "300 households"),
    ],
)
def test_a_refused_form_keeps_what_was_entered(
    planner: FlaskClient, community_url: str, fields: dict[str, str], message: str
) -> None:
    answer = ask(planner, community_url, note="my own words", **fields)
    assert answer.status_code == 422
    assert message in answer.text
    assert 'value="my own words"' in answer.text


def test_an_outdated_page_shows_the_newer_revision(
    app: Any, planner: FlaskClient, community_url: str, database_url: str
) -> None:
    submit_partition(sign_in_client(app, "second"), community_url, note="evening shift")
    run_waiting_jobs(database_url)
    answer = ask(planner, community_url, base_revision_id="1", note="my own words")
    assert answer.status_code == 409
    assert "evening shift" in answer.text
    assert 'value="my own words"' in answer.text


def test_plans_are_for_the_account_that_asked_and_for_the_grids_in_force(
    app: Any, planner: FlaskClient, plans_url: str, database_url: str
) -> None:
    [grids_url] = re.findall(r'data-after="([^"]+)"', planner.get(plans_url).text)
    for name, status in (("second", 404), ("leader", 403), ("station", 403)):
        other = sign_in_client(app, name)
        assert [other.get(url).status_code for url in (plans_url, grids_url)] == [status, status]
    assert planner.get(f"{plans_url}?plan=99").status_code == 404
    withdraw(database_url)
    assert "Other grids are in force" not in planner.get(plans_url).text


def test_borders_of_a_plan_are_explained_until_it_is_saved(
    app: Any, planner: FlaskClient, plans_url: str, database_url: str
) -> None:
    urls = re.findall(r'href="([^"]+/borders)"', planner.get(plans_url).text)
    assert len(urls) == 1  # the grid that gets the 60 households; the other one ends
    answer = planner.get(urls[0])
    assert answer.status_code == 200
    assert "plan 1 from revision 1" in answer.text
    assert "80 to 240 households" in answer.text
    assert re.search(r"border with grid \S+, \d+ m: ", answer.text)
    assert f'href="{plans_url.partition("?")[0]}?plan=1#grids"' in answer.text
    for name, status in (("second", 404), ("leader", 403), ("station", 403)):
        assert sign_in_client(app, name).get(urls[0]).status_code == status
    for wrong in (re.sub(r"plans/1", "plans/99", urls[0]), re.sub(r"grids/.*/borders", "grids/Z-9/borders", urls[0])):
        assert planner.get(wrong).status_code == 404
    save(planner, plans_url)
    assert [end.outcome for end in run_waiting_jobs(database_url)] == ["done"]
    answer = planner.get(urls[0])
    assert (answer.status_code, "This plan was saved already" in answer.text) == (409, True)


def withdraw(owner_url: str) -> None:
    """End the period of the plan in force."""
    database = Database(owner_url, trusted=True)
    with database.transaction() as session:
        session.execute(text("UPDATE adoption SET valid = daterange(lower(valid), date '2026-06-02')"))
    database.close()


def run_sql(owner_url: str, sql: str, **values: object) -> None:
    """Change the database as its owner."""
    database = Database(owner_url, trusted=True)
    with database.transaction() as session:
        session.execute(text(sql), values)
    database.close()


def test_plans_of_grids_that_are_no_longer_in_force_are_not_saved(
    planner: FlaskClient, plans_url: str, database_url: str, community_id: int, community_url: str
) -> None:
    submit_partition(planner, community_url)
    run_waiting_jobs(database_url)
    latest, _ = latest_revision(database_url, community_id)
    page = planner.get(plans_url).text
    [action] = re.findall(r'action="([^"]+/save)"', page)
    change = """UPDATE adoption SET revision_id = :latest FROM revision r
        WHERE r.id = adoption.revision_id AND r.community_id = :community_id"""
    run_sql(database_url, change, latest=latest, community_id=community_id)
    page = planner.get(plans_url).text
    assert "Other grids are in force by now" in page
    assert "/save" not in page
    answer = submit_form(planner, plans_url, action, base_revision_id=str(latest))
    assert (answer.status_code, "Look for plans again" in answer.text) == (409, True)
    assert run_waiting_jobs(database_url) == []
    assert latest_revision(database_url, community_id)[0] == latest


def test_grids_on_former_land_are_no_start(
    planner: FlaskClient, community_url: str, database_url: str, community_id: int
) -> None:
    copy = """INSERT INTO land (subdistrict_id, community_id, crs)
        SELECT subdistrict_id, community_id, crs FROM land WHERE community_id = :community_id"""
    before = latest_revision(database_url, community_id)
    run_sql(database_url, copy, community_id=community_id)
    answer = ask(planner, community_url, note="my own words")
    remove = """DELETE FROM land WHERE community_id = :community_id
        AND id NOT IN (SELECT land_id FROM revision)"""
    run_sql(database_url, remove, community_id=community_id)
    assert answer.status_code == 409
    assert "The land of the community was rebuilt after its grids were saved" in answer.text
    assert 'value="my own words"' in answer.text
    assert latest_revision(database_url, community_id) == before


@pytest.mark.parametrize(("radius", "far_and_moved"), [("50", ("1", "0")), ("60", ("0", "0"))])
def test_grids_are_not_joined_where_a_home_would_be_too_far(
    planner: FlaskClient, community_url: str, database_url: str, radius: str, far_and_moved: tuple[str, str]
) -> None:
    answer = ask(planner, community_url, max_radius_m=radius)
    assert [end.outcome for end in run_waiting_jobs(database_url)] == ["done"]
    page = planner.get(str(planner.get(answer.location).location)).text
    assert "No plan is better than today" in page
    assert tuple(figures(page, "plans")[index] for index in (7, 9)) == far_and_moved


def test_a_plan_within_the_radius_keeps_it(planner: FlaskClient, community_url: str, database_url: str) -> None:
    answer = ask(planner, community_url, max_radius_m="90")
    assert [end.outcome for end in run_waiting_jobs(database_url)] == ["done"]
    plans_url = str(planner.get(answer.location).location)
    page = planner.get(plans_url).text
    assert "80 to 240 households, at most 90 m from the centre" in page
    assert figures(page, "plans")[7:10] == ["0", "0", "60"]
    save(planner, plans_url)
    assert [end.outcome for end in run_waiting_jobs(database_url)] == ["done"]
    assert "80 to 240 households, at most 90 m from the centre" in planner.get(community_url).text
