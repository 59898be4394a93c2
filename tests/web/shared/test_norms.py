"""Pages of norms: who opens them, a change with its preview, refusals that keep what was typed, and the audit."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from tests.fixtures.subdistricts import FilledDatabase, SubdistrictIds
from tests.fixtures.web_app import OpenClient, app, execute_sql, open_client, subdistricts, submit_form

__all__ = ["app", "open_client", "subdistricts"]

FORM = {
    "minimum": "200",
    "maximum": "320",
    "target": "",
    "household_kind": "resident",
    "person_minimum": "",
    "person_maximum": "",
    "source": "市民政局〔2026〕5号",
    "source_date": "2026-01-05",
    "first": "2026-03-01",
}
NEXT_YEAR = date.today() + timedelta(days=366)  # noqa: DTZ011 - a year ahead in every time zone
FORGET = """
    ALTER TABLE norm DISABLE TRIGGER USER; DELETE FROM norm; ALTER TABLE norm ENABLE TRIGGER USER;
    DELETE FROM household_count
"""
COUNTS = """
    INSERT INTO household_count (subdistrict_id, building_id, kind, households, low, high, source, as_of)
    SELECT subdistrict_id, id, 'resident', CASE code WHEN 'B0' THEN 299 ELSE 321 END, 1, 999, 'test', '2020-01-01'
    FROM building
"""


@pytest.fixture
def place_url(filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]) -> Iterator[str]:
    """Return the page of the subdistrict east, whose grids have 299 and 321 households; no norm is entered."""
    execute_sql(filled_database, f"{FORGET}; {COUNTS}")
    yield f"/norms/subdistricts/{subdistricts['east'].subdistrict_id}"
    execute_sql(filled_database, FORGET)


@pytest.fixture
def community_url(place_url: str, subdistricts: dict[str, SubdistrictIds]) -> str:
    return f"/norms/communities/{subdistricts['east'].community_id}"


def test_a_planner_enters_a_norm_and_the_overview_judges_by_it(open_client: OpenClient, place_url: str) -> None:
    client = open_client("east-planner")
    assert "No norm is entered" in client.get("/subdistricts/east").text
    answer = submit_form(client, place_url, **FORM, version=version_of(client.get(place_url).text))
    assert (answer.status_code, answer.location) == (303, place_url)
    overview = client.get("/subdistricts/east").text
    assert "200–320 households living here" in overview
    assert "市民政局〔2026〕5号, 2026-01-05; holds from 2026-03-01" in overview
    assert re.findall(r'data-grid="\d+" data-status="(\w+)"', overview) == ["in_range", "over"]


def test_a_preview_tells_what_changes_and_saves_nothing(open_client: OpenClient, place_url: str) -> None:
    client = open_client("east-admin")
    page = submit_form(client, place_url, f"{place_url}/preview", **FORM)
    assert page.status_code == 200
    assert ("1 grids enter the range" in page.text, "1 grids leave the range" in page.text) == (True, True)
    assert 'value="市民政局〔2026〕5号"' in page.text
    assert "Nothing was entered for this place yet." in client.get(place_url).text


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("minimum", "", "This field is required."),
        ("maximum", "199", "The maximum must not be below the minimum."),
        ("target", "321", "The target must lie between minimum and maximum."),
        ("person_minimum", "1000", "Give both numbers of persons, or none."),
        ("source", "", "This field is required."),
        ("source_date", "2949-01-05", "The date of the document is after today."),
        ("first", "2206-03-01", "This date cannot be right."),
    ],
)
def test_a_refused_norm_keeps_what_was_typed(
    open_client: OpenClient, place_url: str, field: str, value: str, message: str
) -> None:
    client = open_client("east-planner")
    values = {**FORM, field: value}
    answer = submit_form(client, place_url, **values, version=version_of(client.get(place_url).text))
    assert (answer.status_code, message in answer.text) == (422, True)
    kept = "source_date" if field == "source" else "source"
    assert f'value="{FORM[kept]}"' in answer.text


def test_a_page_that_is_no_longer_true_refuses_and_shows_what_holds(open_client: OpenClient, place_url: str) -> None:
    client = open_client("east-planner")
    old = version_of(client.get(place_url).text)
    submit_form(client, place_url, **FORM, version=old)
    answer = submit_form(client, place_url, **{**FORM, "maximum": "340"}, version=old)
    assert (answer.status_code, "Somebody has changed the norm" in answer.text) == (409, True)
    assert 'value="340"' in answer.text
    again = submit_form(client, place_url, **{**FORM, "maximum": "340"}, version=version_of(answer.text))
    assert again.status_code == 303


def test_a_double_click_enters_one_norm(open_client: OpenClient, place_url: str) -> None:
    client = open_client("east-planner")
    old = version_of(client.get(place_url).text)
    answers = [submit_form(client, place_url, **FORM, version=old).status_code for _ in range(2)]
    assert answers == [303, 303]
    assert client.get(place_url).text.count("data-norm-id") == 1


def test_a_community_gets_a_norm_of_its_own_which_ends(open_client: OpenClient, community_url: str) -> None:
    client = open_client("east-planner")
    submit_form(client, community_url, **FORM, version=version_of(client.get(community_url).text))
    page = client.get(community_url).text
    assert "End this norm" in page
    values = {"first_without": "2099-01-01", "version": version_of(page)}
    assert submit_form(client, community_url, f"{community_url}/end", **values).status_code == 422
    values["first_without"] = NEXT_YEAR.isoformat()
    assert submit_form(client, community_url, f"{community_url}/end", **values).status_code == 303
    assert f"2026-03-01 to {NEXT_YEAR - timedelta(days=1)}" in client.get(community_url).text


def test_a_planned_norm_is_withdrawn(open_client: OpenClient, community_url: str) -> None:
    client = open_client("east-planner")
    planned = {**FORM, "first": NEXT_YEAR.isoformat()}
    submit_form(client, community_url, **planned, version=version_of(client.get(community_url).text))
    action = re.findall(r'action="([^"]+/withdraw)"', client.get(community_url).text)[0]
    assert submit_form(client, community_url, action).status_code == 303
    assert "withdrawn" in client.get(community_url).text
    assert client.post(action).status_code == 400


@pytest.mark.parametrize("role", ["leader", "station", "worker"])
def test_other_roles_do_not_open_the_pages(open_client: OpenClient, place_url: str, role: str) -> None:
    client = open_client(f"east-{role}")
    assert [client.get(url).status_code for url in ("/norms", place_url)] == [403, 403]
    assert "/norms" not in client.get("/account").text


def test_places_of_others_are_not_found(open_client: OpenClient, place_url: str) -> None:
    client = open_client("west-planner")
    assert client.get(place_url).status_code == 404
    assert "east" not in client.get("/norms").text


def test_the_audit_names_who_entered_the_norm_and_from_which_document(open_client: OpenClient, place_url: str) -> None:
    client = open_client("east-planner")
    submit_form(client, place_url, **FORM, version=version_of(client.get(place_url).text))
    records = open_client("east-admin").get("/admin/audit?action=norm_entered").text
    assert ("norm entered" in records, FORM["source"] in records) == (True, True)


def version_of(page: str) -> str:
    """Return the version of the norms that a page was opened with."""
    found = re.search(r'name="version"[^>]* value="([^"]*)"', page)
    assert found
    return found[1]
