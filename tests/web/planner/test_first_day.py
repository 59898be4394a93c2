"""Pages of the first day: who may open them, what they refuse, and that nothing typed is lost."""

import io
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import create_engine, text

from gridmap.app import create_app
from gridmap.core.caller import OWNER
from gridmap.core.plans.norm import Norm
from gridmap.core.vocabulary import Role
from gridmap.services.accounts.accounts import create_account
from gridmap.services.accounts.scopes import ScopeRequest
from gridmap.services.norms.changes import NormChange, change_norm
from gridmap.services.tracing.document import write_shapes
from gridmap.store.day_bounds import get_today
from gridmap.store.queries.plans.norms import NormPlace
from gridmap.store.session import Database
from tests.fixtures.callers import caller_of
from tests.fixtures.subdistricts import PASSWORD, app_settings, password_hash
from tests.fixtures.web_app import close_databases, submit_form
from tests.services.tracing.traced_town import (
    CODE,
    COMMUNITIES,
    create_first_day,
    create_planner,
    list_as_text,
    listed_buildings,
    traced_shapes,
)

OpenAs = Callable[[str], FlaskClient]


@pytest.fixture(scope="module")
def owner_url(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRIDMAP_HOME", str(tmp_path_factory.mktemp("home")))
        database = Database(module_database_url, trusted=True)
        with database.transaction() as session:
            create_first_day(session)
            create_planner(session)
            create_planner(session, "narrow", community=next(iter(COMMUNITIES)))
            create_account(session, caller_of(session), "leader", Role.LEADER, "leader", ScopeRequest(CODE))
            change = text("UPDATE credential SET password_hash = :hash, must_change = false")
            session.execute(change, {"hash": password_hash()})
        database.close()
        yield module_database_url


@pytest.fixture(scope="module")
def app(owner_url: str) -> Iterator[Flask]:
    opened = create_app(app_settings(owner_url))
    yield opened
    close_databases(opened)


@pytest.fixture(scope="module")
def base(owner_url: str) -> str:
    engine = create_engine(owner_url)
    with engine.connect() as connection:
        number = connection.scalar(text("SELECT id FROM subdistrict"))
    engine.dispose()
    return f"/planner/first-day/{number}"


@pytest.fixture(autouse=True)
def no_draft(owner_url: str) -> None:
    """Begin with an empty draft and no pictures."""
    engine = create_engine(owner_url)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM tracing; DELETE FROM picture"))
    engine.dispose()


@pytest.fixture
def open_as(app: Flask) -> OpenAs:
    def sign_in(name: str) -> FlaskClient:
        client = app.test_client()
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        assert submit_form(client, "/sign-in", name=name, password=PASSWORD).status_code == 303
        return client

    return sign_in


def make_png(width: int = 60, height: int = 40) -> bytes:
    output = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(output, "PNG")
    return output.getvalue()


def post_json(client: FlaskClient, page: str, path: str, content: object) -> Any:
    """Send JSON with the token of a page."""
    token = re.findall(r'name="csrf-token" content="([^"]+)"', client.get(page).text)[0]
    return client.post(path, json=content, headers={"X-CSRFToken": token})


def save_shapes(client: FlaskClient, base: str, version: int = 0) -> Any:
    content = {"version": version, "shapes": write_shapes(traced_shapes())}
    return post_json(client, f"{base}/trace", f"{base}/draft", content)


def upload(client: FlaskClient, base: str, content: bytes, name: str = "slide.png") -> Any:
    token = re.findall(r'name="csrf_token"[^>]* value="([^"]+)"', client.get(f"{base}/pictures").text)[0]
    data = {"csrf_token": token, "picture": (io.BytesIO(content), name)}
    return client.post(f"{base}/pictures", data=data, content_type="multipart/form-data")


@pytest.mark.parametrize("path", ["", "/pictures", "/trace", "/draft", "/buildings"])
def test_only_planners_of_the_whole_subdistrict_open_the_pages(open_as: OpenAs, base: str, path: str) -> None:
    assert {name: open_as(name).get(base + path).status_code for name in ("planner", "narrow", "leader")} == {
        "planner": 200,
        "narrow": 404,
        "leader": 403,
    }


@pytest.mark.parametrize("path", ["/", "/planner", "/planner/first-day", f"/subdistricts/{CODE}", "/public"])
def test_every_page_works_while_no_boundary_is_drawn(open_as: OpenAs, path: str) -> None:
    assert open_as("planner").get(path, follow_redirects=True).status_code == 200


@pytest.mark.parametrize("name", ["planner", "narrow"])
@pytest.mark.parametrize(("query", "is_checked"), [("", False), ("?only_without_revision=1", True)])
def test_a_partition_may_leave_communities_with_a_revision_alone(
    open_as: OpenAs, base: str, name: str, query: str, is_checked: bool
) -> None:
    page = open_as(name).get(base.replace("first-day", "subdistricts") + f"/partition{query}")
    field = re.search(r'<input[^>]*name="only_without_revision"[^>]*>', page.text)
    assert page.status_code == 200
    assert field
    assert ("checked" in field[0]) is is_checked


def test_a_picture_is_stored_anew_and_served_to_its_planners_only(open_as: OpenAs, base: str) -> None:
    planner = open_as("planner")
    location = upload(planner, base, make_png()).headers["Location"]
    image = planner.get(f"{location}/image")
    assert (image.status_code, image.mimetype, image.data[8:12]) == (200, "image/webp", b"WEBP")
    assert [open_as(name).get(f"{location}/image").status_code for name in ("narrow", "leader")] == [404, 403]


def test_what_is_no_picture_is_refused_with_the_formats(open_as: OpenAs, base: str) -> None:
    refused = upload(open_as("planner"), base, b"GIF89a nothing else")
    assert refused.status_code == 422
    assert "PNG, JPEG, WebP, GeoTIFF" in refused.text


def test_control_points_place_a_picture_and_tell_how_far_they_are_off(open_as: OpenAs, base: str) -> None:
    planner = open_as("planner")
    page = upload(planner, base, make_png(1000, 1000)).headers["Location"]
    points = [[0, 0, 114.30, 30.51], [1000, 0, 114.31, 30.51], [0, 1000, 114.30, 30.50138]]
    request = {"method": "similarity", "datum": "wgs84", "points": points}
    preview = post_json(planner, page, f"{page}/preview", request).get_json()
    assert max(preview["residuals"]) < 3
    assert preview["pixel"] == pytest.approx(0.96, abs=0.01)
    saved = submit_form(planner, page, method="similarity", datum="wgs84", points=json.dumps(points))
    assert saved.status_code == 303
    assert "not placed" not in planner.get(f"{base}/pictures").text


def test_too_few_points_are_refused_and_kept(open_as: OpenAs, base: str) -> None:
    planner = open_as("planner")
    page = upload(planner, base, make_png()).headers["Location"]
    refused = submit_form(planner, page, method="affine", datum="gcj02", points="[[1, 2, 114.3, 30.5]]")
    assert refused.status_code == 422
    assert "[[1, 2, 114.3, 30.5]]" in refused.text.replace("&#39;", "'")
    assert "too few" in refused.text


def test_a_draft_is_saved_once_by_each_version(open_as: OpenAs, base: str) -> None:
    planner, other = open_as("planner"), open_as("planner")
    first = save_shapes(planner, base)
    assert (first.status_code, first.get_json()["version"]) == (200, 1)
    late = save_shapes(other, base)
    assert (late.status_code, late.get_json()["conflict"], late.get_json()["version"]) == (409, True, 1)
    assert "planner saved this draft" in late.get_json()["problem"]


@pytest.mark.parametrize(
    "content",
    [
        None,
        [],
        {"version": "1", "shapes": []},
        {"version": 0, "shapes": [{"id": "a"}]},
        {"version": 0, "shapes": [{"id": "a", "kind": "grid", "form": "Polygon", "vertices": [[0, 0], [1, "x"]]}]},
        {"version": 0, "shapes": [{"id": "a", "kind": "grid", "form": "Polygon", "vertices": [[0, 0], [999, 0]]}]},
    ],
)
def test_what_no_page_sends_is_refused(open_as: OpenAs, base: str, content: object) -> None:
    assert post_json(open_as("planner"), f"{base}/trace", f"{base}/draft", content).status_code == 422


def test_every_fault_of_a_list_is_shown_and_the_list_is_kept(open_as: OpenAs, base: str) -> None:
    rows = "小区\t楼号\t户数\n东园\t1号楼\t约30\n\t2号楼\t30\n东园\t2号楼\t31"
    refused = submit_form(open_as("planner"), f"{base}/buildings", text=rows, version="0")
    assert refused.status_code == 422
    assert "2 rows have faults" in refused.text
    assert "already in row 3" in refused.text
    assert "约30" in refused.text


def test_a_pasted_list_is_summed_by_estate(open_as: OpenAs, base: str) -> None:
    planner = open_as("planner")
    save_shapes(planner, base)
    saved = submit_form(planner, f"{base}/buildings", text=list_as_text(listed_buildings()), version="1")
    assert saved.status_code == 303
    page = planner.get(f"{base}/buildings").text
    assert "24 buildings with 960 households in 6 estates" in page
    assert "not drawn" not in page


def test_a_building_stays_within_its_community(open_as: OpenAs, base: str) -> None:
    planner = open_as("planner")
    save_shapes(planner, base)
    submit_form(planner, f"{base}/buildings", text=list_as_text(listed_buildings()), version="1")
    move = {"estate": "东南园", "number": "1号楼", "place": [114.3019, 30.5028]}
    moved = post_json(planner, f"{base}/trace", f"{base}/draft/building", move)
    assert [each["moved"] for each in moved.get_json()["buildings"][:2]] == [True, False]
    outside = post_json(planner, f"{base}/trace", f"{base}/draft/building", {**move, "place": [114.306, 30.501]})
    assert outside.status_code == 409


def test_land_is_not_built_before_the_draft_is_complete(open_as: OpenAs, base: str) -> None:
    refused = submit_form(open_as("planner"), base, f"{base}/land", minimum="100", maximum="300", version="0")
    assert refused.status_code == 409
    assert "not complete" in refused.text


def test_the_range_begins_with_the_norm_of_the_subdistrict(open_as: OpenAs, base: str, owner_url: str) -> None:
    norm = {"minimum": "260", "maximum": "390"}
    before = open_as("planner").get(base).text
    database = Database(owner_url, trusted=True)
    with database.transaction() as session:
        place = NormPlace(int(base.rsplit("/", 1)[1]))
        today = get_today(session)
        change_norm(session, OWNER, place, NormChange(Norm(260, 390), "会议纪要", today, today))
    database.close()
    after = open_as("planner").get(base).text
    for name, value in norm.items():
        assert re.search(rf'name="{name}"[^>]* value="{value}"', after)
        assert not re.search(rf'name="{name}"[^>]* value="{value}"', before)


DOCUMENT = {"source": "市民政局〔2026〕5号", "source_date": "2026-01-05"}
RANGE = {"minimum": "100", "maximum": "300", "target": "220", "person_minimum": "300", "person_maximum": "900"}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"source_date": ""}, "Give the date of the document."),
        ({"maximum": "99"}, "The maximum must not be below the minimum."),
        ({"target": "301"}, "The target must lie between minimum and maximum."),
        ({"person_maximum": ""}, "Give both numbers of persons, or none."),
    ],
)
def test_a_norm_that_cannot_be_right_is_refused_and_kept(
    open_as: OpenAs, base: str, values: dict[str, str], message: str
) -> None:
    entered = {**RANGE, **DOCUMENT, **values}
    refused = submit_form(open_as("planner"), base, f"{base}/land", version="0", **entered)
    assert refused.status_code == 422
    assert message in refused.text
    assert f'value="{DOCUMENT["source"]}"' in refused.text


def count_norms(owner_url: str, source: str) -> int:
    engine = create_engine(owner_url)
    with engine.connect() as connection:
        number = connection.scalar(text("SELECT count(*) FROM norm WHERE source = :source"), {"source": source})
    engine.dispose()
    return int(number or 0)


def test_land_that_cannot_be_built_enters_no_norm(open_as: OpenAs, base: str, owner_url: str) -> None:
    refused = submit_form(open_as("planner"), base, f"{base}/land", version="0", **RANGE, **DOCUMENT)
    assert (refused.status_code, count_norms(owner_url, DOCUMENT["source"])) == (409, 0)
    assert f'value="{DOCUMENT["source"]}"' in refused.text


def test_the_whole_norm_is_entered_with_the_land(open_as: OpenAs, base: str, owner_url: str) -> None:
    planner = open_as("planner")
    save_shapes(planner, base)
    submit_form(planner, f"{base}/buildings", text=list_as_text(listed_buildings()), version="1")
    built = submit_form(planner, base, f"{base}/land", version="2", **RANGE, **DOCUMENT)
    assert (built.status_code, count_norms(owner_url, DOCUMENT["source"])) == (303, 1)
    assert "100–300 households living here, or 300–900 persons" in planner.get("/norms").text
