"""Two people at one roster: the second sees a warning, keeps what was typed, and decides after a second look."""

import re

from flask.testing import FlaskClient

from tests.fixtures.second_community import TwoCommunities
from tests.fixtures.subdistricts import FilledDatabase
from tests.fixtures.web_app import OpenClient, app, open_client, subdistricts, submit_form
from tests.web.roster.test_roster import add_person, fetch, roster, station, two

__all__ = ["app", "open_client", "roster", "station", "subdistricts", "two"]
CHANGED = "Somebody has changed the roster meanwhile"


def hidden(page: str, name: str) -> str:
    return str(re.findall(rf'<input[^>]* name="{name}"[^>]* value="([^"]*)"', page)[0])


def test_a_person_is_not_changed_over_somebody_elses_change(
    station: FlaskClient, filled_database: FilledDatabase, two: TwoCommunities
) -> None:
    page = f"/roster/people/{add_person(station, filled_database, two, 'new Li')}"
    version = hidden(station.get(page).text, "version")
    assert submit_form(station, page, name="new Li", office_phone="0543-3390001").status_code == 303
    late = {"name": "new Li", "office_phone": "0543-3390002", "full_time": "y"}
    answer = submit_form(station, page, **late, version=version)
    assert answer.status_code == 409
    assert CHANGED in answer.text
    assert 'value="0543-3390002"' in answer.text
    assert "Stored now: new Li · 0543-3390001 · part-time" in answer.text
    stored = "SELECT office_phone FROM worker WHERE name = 'new Li'"
    assert fetch(filled_database, stored) == [("0543-3390001",)]
    assert submit_form(station, page, **late, version=hidden(answer.text, "version")).status_code == 303
    assert fetch(filled_database, stored) == [("0543-3390002",)]


def test_an_office_does_not_end_over_somebody_elses_change(
    station: FlaskClient, filled_database: FilledDatabase, two: TwoCommunities
) -> None:
    page = f"/roster/people/{add_person(station, filled_database, two, 'new Wang')}"
    version = hidden(station.get(page).text, "version")
    assert submit_form(station, page, name="new Wang").status_code == 303
    answer = submit_form(station, page, f"{page}/end", last="2030-01-01", version=version)
    assert answer.status_code == 409
    assert 'value="2030-01-01"' in answer.text
    assert fetch(filled_database, "SELECT upper_inf(valid) FROM worker WHERE name = 'new Wang'") == [(True,)]


def test_a_grid_is_not_handed_over_twice_from_the_same_page(
    station: FlaskClient, filled_database: FilledDatabase, two: TwoCommunities
) -> None:
    first, second = (add_person(station, filled_database, two, f"new {name}") for name in ("Zhao", "Sun"))
    page = f"/roster/grids/{two.east1.grid_id}"
    version = hidden(station.get(page).text, "version")
    assert submit_form(station, page, worker_id=str(first), role="grid_leader").status_code == 303
    answer = submit_form(station, page, worker_id=str(second), role="grid_leader", version=version)
    assert answer.status_code == 409
    assert CHANGED in answer.text
    assert re.search(rf'<option selected value="{second}"', answer.text)
    again = {"worker_id": str(second), "role": "grid_leader", "version": hidden(answer.text, "version")}
    assert submit_form(station, page, **again).status_code == 303


def test_a_phone_shows_what_somebody_else_has_stored(
    station: FlaskClient, filled_database: FilledDatabase, two: TwoCommunities
) -> None:
    page = f"/roster/communities/{two.east1.community_id}/phone"
    assert submit_form(station, page, phone="0543-3390001").status_code == 303
    answer = submit_form(station, page, phone="0543-3390002", shown="")
    assert answer.status_code == 409
    assert 'value="0543-3390002"' in answer.text
    assert "Stored now: 0543-3390001" in answer.text
    assert submit_form(station, page, phone="0543-3390002", shown="0543-3390001").status_code == 303


def test_the_phone_for_complaints_shows_the_stored_value_too(open_client: OpenClient, two: TwoCommunities) -> None:
    admin = open_client("east-admin")
    page = f"/roster/subdistricts/{two.east1.subdistrict_id}/phone"
    stored = hidden(admin.get(page).text, "shown")
    answer = submit_form(admin, page, phone="0543-3390009", shown=f"{stored}9")
    assert answer.status_code == 409
    assert 'value="0543-3390009"' in answer.text
