"""Pages of buildings that change: added, recounted, renamed, demolished and back; refusals keep what was entered."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

import pytest
import shapely
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from gridmap.app import create_app
from gridmap.core.caller import OWNER
from gridmap.services.land.rebuild import RebuildRequest, rebuild_in_transaction
from gridmap.store.day_bounds import get_today
from gridmap.store.session import Database
from tests.fixtures.subdistricts import PASSWORD, app_settings, password_hash
from tests.fixtures.web_app import close_databases, submit_form
from tests.services.land.land_town import EAST_CODE, WEST_CODE, LandTown, load_land_town, place

FOOTPRINT = shapely.to_geojson(place(60, 50, 20, 10))


class BuildingsApp(NamedTuple):
    """The application with the town, and the buildings by code."""

    app: Flask
    town: LandTown
    buildings: dict[str, int]
    tomorrow: str

    def sign_in(self, name: str) -> FlaskClient:
        client = self.app.test_client()
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        assert submit_form(client, "/sign-in", name=name, password=PASSWORD).status_code == 303
        return client

    def list_url(self, code: str = WEST_CODE) -> str:
        return f"/planner/communities/{self.town.communities[code]}/buildings"

    def building_url(self, code: str) -> str:
        return f"/planner/buildings/{self.buildings[code]}"


@pytest.fixture(scope="module")
def site(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BuildingsApp]:
    town = load_land_town(module_database_url, tmp_path_factory.mktemp("town"))
    database = Database(module_database_url, trusted=True)
    with database.transaction() as session:
        change = text("UPDATE credential SET password_hash = :hash, must_change = false")
        session.execute(change, {"hash": password_hash()})
        rows = session.execute(text("SELECT code, id FROM building")).all()
        tomorrow = (get_today(session) + timedelta(1)).isoformat()
    database.close()
    app = create_app(app_settings(module_database_url))
    yield BuildingsApp(app, town, dict(rows), tomorrow)
    close_databases(app)


@pytest.fixture(scope="module")
def planner(site: BuildingsApp) -> FlaskClient:
    return site.sign_in("planner")


def test_a_building_is_added_on_the_map_and_shown_with_its_grid(site: BuildingsApp, planner: FlaskClient) -> None:
    fields = {"code": "n1", "shape": FOOTPRINT, "first": "2026-05-01", "households": "30", "source": "walk"}
    answer = submit_form(planner, f"{site.list_url()}/new", **fields)
    assert answer.status_code == 303
    page = planner.get(answer.location).text
    assert "Building n1 is added; it is in grid" in page
    assert "n1" in planner.get(f"{site.list_url()}?query=n1").text


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"shape": ""}, "This field is required."),
        ({"shape": "nonsense"}, "This is no place"),
        ({"shape": "POINT (0 0)"}, "not in 水果湖社区"),
        ({"code": "b1"}, "has the code b1"),
        ({"households": "many"}, "Not a valid integer value."),
        ({"first": "2126-01-01"}, "yet to come"),
    ],
)
def test_a_refused_building_keeps_what_was_entered(
    site: BuildingsApp, planner: FlaskClient, fields: dict[str, str], message: str
) -> None:
    entered = {"code": "n2", "shape": FOOTPRINT, "first": "2026-05-01", "source": "walk", "address": "中北路9号"}
    answer = submit_form(planner, f"{site.list_url()}/new", **(entered | fields))
    assert answer.status_code == 422
    assert message in answer.text
    assert "中北路9号" in answer.text


def test_a_count_and_other_names_are_saved(site: BuildingsApp, planner: FlaskClient) -> None:
    url = site.building_url("b2")
    fields = {"kind": "resident", "households": "77", "as_of": "2026-06-01", "source": "walk"}
    assert submit_form(planner, url, f"{url}/counts", **fields).status_code == 303
    assert submit_form(planner, url, f"{url}/texts", name="2号楼").status_code == 303
    page = planner.get(url).text
    assert "77" in page
    assert "<h1>2号楼</h1>" in page
    answer = submit_form(planner, url, f"{url}/counts", **(fields | {"as_of": site.tomorrow}))
    assert (answer.status_code, "yet to come" in answer.text) == (422, True)


def test_a_count_for_a_wrong_day_is_removed_with_a_reason(site: BuildingsApp, planner: FlaskClient) -> None:
    url = site.building_url("b3")
    fields = {"kind": "resident", "households": "4567", "as_of": "2026-06-01", "source": "walk"}
    assert submit_form(planner, url, f"{url}/counts", **fields).status_code == 303
    removal = {"count": "resident 2026-06-01", "reason": "counted in July"}
    for changed in ({"reason": ""}, {"reason": "ask 13800138000"}, {"count": "resident 2026-06-02"}, {"count": "x"}):
        refused = submit_form(planner, url, f"{url}/removed-counts", **(removal | changed))
        assert (refused.status_code, "data-removed" in refused.text) == (422, False), changed
    assert submit_form(planner, url, f"{url}/removed-counts", **removal).status_code == 303
    page = planner.get(url).text
    assert all(words in page for words in ('data-removed="resident 2026-06-01"', "counted in July", "4,567"))
    assert 'value="resident 2026-06-01"' not in page


def test_persons_are_counted_by_hand_corrected_on_their_day_and_kept_where_they_contradict(
    site: BuildingsApp, planner: FlaskClient
) -> None:
    url = site.building_url("b2")
    fields = {"residents": "120", "residents_60": "30", "as_of": "2026-06-01", "source": "register"}
    for changed, status in (
        ({}, 303),
        ({"residents": "30"}, 303),
        ({"residents": "29"}, 422),
        ({"residents": "29", "residents_60": ""}, 422),
        ({"residents": "121", "residents_60": "31"}, 303),
        ({"as_of": site.tomorrow}, 422),
        ({"residents": "-1"}, 422),
        ({"source": "ask 13800138000"}, 422),
    ):
        answer = submit_form(planner, url, f"{url}/population", **(fields | changed))
        assert answer.status_code == status, changed
        assert status == 303 or f'value="{(fields | changed)["residents"]}"' in answer.text
    page = planner.get(url).text.split('id="population"')[1].split("</table>")[0]
    assert re.findall(r'data-label="Persons">(\d+)<', page) == ["121", "31"]


def test_a_demolition_is_entered_and_undone(site: BuildingsApp, planner: FlaskClient) -> None:
    url = site.building_url("b3")
    assert submit_form(planner, url, f"{url}/demolition", end=site.tomorrow).status_code == 422
    assert submit_form(planner, url, f"{url}/demolition", end="2026-06-01").status_code == 303
    assert "It stands no longer since 2026-06-01" in planner.get(url).text
    assert "b3" in planner.get(f"{site.list_url()}?demolished=1").text
    assert submit_form(planner, url, f"{url}/demolition", end="2026-06-01").status_code == 409
    assert submit_form(planner, url, f"{url}/demolition/undo").status_code == 303
    assert submit_form(planner, url, f"{url}/demolition/undo").status_code == 409
    assert re.search(r"stands\s*</span>", planner.get(url).text)


def test_lands_are_listed_with_what_they_changed(site: BuildingsApp, planner: FlaskClient) -> None:
    url = f"/planner/communities/{site.town.communities[EAST_CODE]}/lands"
    assert "First land" in planner.get(url).text
    database = Database(site.town.url, trusted=True)
    request = RebuildRequest(site.town.communities[EAST_CODE], note="<b>年度更新</b>")
    rebuild_in_transaction(database, OWNER, request)
    database.close()
    page = planner.get(url).text
    assert "&lt;b&gt;年度更新&lt;/b&gt;" in page
    assert "Revision 1 is carried to the new land as revision 2." in page
    assert site.sign_in("leader").get(url).status_code == 200
    assert site.sign_in("west_planner").get(url).status_code == 404


def test_a_planner_of_another_community_finds_nothing(site: BuildingsApp) -> None:
    client = site.sign_in("west_planner")
    assert client.get(site.list_url()).status_code == 200
    assert client.get(site.list_url(EAST_CODE)).status_code == 404
    assert client.get(site.building_url("b4")).status_code == 404
    assert client.get(f"{site.list_url(EAST_CODE)}/new").status_code == 404


@pytest.mark.parametrize("name", ["leader"])
def test_other_roles_are_refused(site: BuildingsApp, name: str) -> None:
    client = site.sign_in(name)
    for url in (site.list_url(), f"{site.list_url()}/new", site.building_url("b1")):
        assert client.get(url).status_code == 403
