"""Page of border streets: a planner gives a street, has it approved, and the ranking follows."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from gridmap.app import create_app
from gridmap.core.vocabulary import Role
from gridmap.services.accounts.accounts import create_account
from gridmap.services.accounts.scopes import ScopeRequest
from gridmap.store.day_bounds import get_today
from gridmap.store.session import Database
from tests.fixtures.callers import caller_of
from tests.fixtures.loaded_town import SUBDISTRICT_CODE
from tests.fixtures.subdistricts import PASSWORD, app_settings, password_hash
from tests.fixtures.web_app import close_databases, submit_form
from tests.services.plans.street_town import StreetTown, find_town, load_street_town, plant_incidents


class StreetsApp(NamedTuple):
    """The application with the town, and its pages."""

    app: Flask
    town: StreetTown
    owner_url: str
    first_effective_date: str

    @property
    def page(self) -> str:
        return f"/planner/revisions/{self.town.revision_id}/streets"

    def sign_in(self, name: str) -> FlaskClient:
        client = self.app.test_client()
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        assert submit_form(client, "/sign-in", name=name, password=PASSWORD).status_code == 303
        return client


@pytest.fixture(scope="module")
def streets_app(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StreetsApp]:
    """Load the town with its incidents; every test adds its own revisions of the first one."""
    database_url = module_database_url
    load_street_town(database_url, tmp_path_factory.mktemp("town"))
    database = Database(database_url, trusted=True)
    with database.transaction() as session:
        town, tomorrow = find_town(session), get_today(session) + timedelta(1)
        plant_incidents(session, town.subdistrict_id)
        for role in (Role.PLANNER, Role.LEADER):
            create_account(session, caller_of(session), role, role, role, ScopeRequest(SUBDISTRICT_CODE))
        change = text("UPDATE credential SET password_hash = :hash, must_change = false")
        session.execute(change, {"hash": password_hash()})
    database.close()
    app = create_app(app_settings(database_url))
    yield StreetsApp(app, town, database_url, tomorrow.isoformat())
    close_databases(app)


def streets_fields(planner: FlaskClient, streets_app: StreetsApp, choice: str) -> dict[str, str]:
    """Return the fields of the page with a choice for its only street."""
    page = planner.get(streets_app.page).text
    [name] = set(re.findall(r'name="(street-[^"]+)"', page))
    [base] = re.findall(r'name="base_revision_id"[^>]* value="(\d+)"', page)
    return {name: choice, "base_revision_id": base}


def give_street(planner: FlaskClient, streets_app: StreetsApp, grid_id: int) -> int:
    """Give the street to a grid on the page; return the key of the new revision."""
    fields = streets_fields(planner, streets_app, str(grid_id))
    answer = submit_form(planner, streets_app.page, **fields, note="街道办商定")
    assert answer.status_code == 303
    return int(answer.headers["Location"].rpartition("=")[2])


def test_the_page_lists_the_street_with_its_incidents(streets_app: StreetsApp) -> None:
    page = streets_app.sign_in("planner").get(streets_app.page).text
    assert "人民路" in page
    assert "中山路" not in page
    assert "210 m" in page
    assert "between 001 and 002" in page
    assert "001: 10<br>002: 10" in re.sub(r"\s+", " ", page)
    assert streets_app.town.codes["west"][-3:] == "001"


def test_the_streets_are_exported_as_the_page_lists_them(streets_app: StreetsApp) -> None:
    planner, town = streets_app.sign_in("planner"), streets_app.town
    path = f"{streets_app.page}/export"
    assert f'href="{path}/gpkg"' in planner.get(streets_app.page).text
    rows = planner.get(f"{path}/csv").data.decode("utf-8-sig").splitlines()
    assert rows[1:] == [f"人民路,{town.codes['west']},{town.codes['east']},210,20,10,10,as drawn"]
    assert planner.get(f"{path}/gpkg").data[68:72] == b"GPKG"
    assert streets_app.sign_in("leader").get(f"{path}/csv").status_code == 403


def test_a_given_street_moves_the_ranking_from_the_effective_date_on(streets_app: StreetsApp) -> None:
    planner, leader, town = streets_app.sign_in("planner"), streets_app.sign_in("leader"), streets_app.town
    revision_id = give_street(planner, streets_app, town.grids["west"])
    page = planner.get(f"/planner/communities/{town.community_id}?revision={revision_id}").text
    assert "counts in 001" in page
    approval = f"/planner/revisions/{revision_id}/approve"
    assert "counts in 001" in leader.get(approval).text
    assert ranked_counts(leader, town) == {"west": 10, "east": 12}
    day = streets_app.first_effective_date
    assert submit_form(leader, approval, effective_date=day, note="").status_code == 303
    assert ranked_counts(leader, town) == {"west": 10, "east": 12}
    assert ranked_counts(leader, town, day) == {"west": 20, "east": 2}
    grid_page = leader.get(f"/grids/{town.grids['west']}?on={day}").text
    assert "Given streets" in grid_page
    features = features_of(leader, f"/grids/{town.grids['west']}/features.geojson?on={day}")
    assert [each["properties"]["name"] for each in features if each["properties"]["layer"] == "givenStreet"] == [
        "人民路",
        "人民路",
    ]


def features_of(client: FlaskClient, path: str, query: dict[str, str] | None = None) -> list[dict[str, Any]]:
    features: list[dict[str, Any]] = json.loads(client.get(path, query_string=query).text)["features"]
    return features


def ranked_counts(leader: FlaskClient, town: StreetTown, last: str | None = None) -> dict[str, int]:
    """Return the counts of the map of the leader's page."""
    query = {"first": "2026-01-01", **({"last": last} if last else {})}
    features = features_of(leader, f"/heat/{SUBDISTRICT_CODE}/grids.geojson", query)
    counts = {each["properties"]["name"]: each["properties"]["number"] for each in features}
    return {side: counts[code] for side, code in town.codes.items()}


def test_the_map_gets_the_stretch_between_the_grids(streets_app: StreetsApp) -> None:
    planner, town = streets_app.sign_in("planner"), streets_app.town
    revision_id = give_street(planner, streets_app, town.grids["east"])
    features = features_of(planner, f"/api/v1/revisions/{revision_id}/streets")
    names = {"name": "人民路", "grid": town.codes["east"], "other_grid": town.codes["west"]}
    assert [each["properties"] for each in features] == [names, names]


def test_a_page_without_a_change_is_refused_and_keeps_the_note(streets_app: StreetsApp) -> None:
    planner = streets_app.sign_in("planner")
    fields = streets_fields(planner, streets_app, "")
    answer = submit_form(planner, streets_app.page, **fields, note="Nothing yet")
    assert answer.status_code == 422
    assert "Every street counts as before" in answer.text
    assert "Nothing yet" in answer.text


def test_a_grid_that_is_no_side_is_refused(streets_app: StreetsApp) -> None:
    planner = streets_app.sign_in("planner")
    answer = submit_form(planner, streets_app.page, **streets_fields(planner, streets_app, "999"))
    assert answer.status_code == 422
    assert "Not a valid choice" in answer.text


def test_a_second_click_is_told_of_the_revision_of_the_first(streets_app: StreetsApp) -> None:
    planner, town = streets_app.sign_in("planner"), streets_app.town
    fields = streets_fields(planner, streets_app, str(town.grids["west"]))
    assert submit_form(planner, streets_app.page, **fields).status_code == 303
    answer = submit_form(planner, streets_app.page, **fields)
    assert answer.status_code == 409
    assert "saved a newer revision" in answer.text
    assert f'<option selected value="{town.grids["west"]}">' in answer.text


def test_leaders_give_no_streets(streets_app: StreetsApp) -> None:
    assert streets_app.sign_in("leader").get(streets_app.page).status_code == 403
