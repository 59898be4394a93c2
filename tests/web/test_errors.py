"""Whatever goes wrong has an answer that says what to do, and never a stack."""

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import TooManyRequests

from gridmap import config
from gridmap.app import create_app
from gridmap.config import Settings
from gridmap.core.errors import InputFault, InvalidInput, Message
from gridmap.web.access import public
from tests.web.conftest import COOKIE_SECRET, open_client

HOSTILE_TEXT = "<script>alert(1)</script>"
INVALID_INPUT = InvalidInput(
    [InputFault(Message("in range"), layer="buildings", row=3, value=HOSTILE_TEXT), InputFault(Message("under"))]
)
FAILURES = {
    "input": (INVALID_INPUT, 422),
    "busy": (PoolTimeout(), 503),
    "away": (OperationalError("select 1", {}, Exception("gone")), 503),
    "often": (TooManyRequests(), 429),
    "own": (ZeroDivisionError(HOSTILE_TEXT), 500),
}


@pytest.fixture(autouse=True)
def failing_views(app: Flask) -> None:
    """Views that fail in each way, for people and for programs."""
    for name, (error, _) in FAILURES.items():
        app.add_url_rule(f"/{name}", name, public(raising_view(error)))
        app.add_url_rule(f"/api/{name}", f"api_{name}", public(raising_view(error)))
    app.add_url_rule("/form", "form", public(lambda: dict(request.form)), methods=["POST"])


def raising_view(error: Exception) -> Callable[[], Any]:
    def view() -> Any:
        raise error

    return view


@pytest.mark.parametrize(("name", "status"), [(name, status) for name, (_, status) in FAILURES.items()])
def test_every_error_has_its_status_for_people_and_for_programs(client: FlaskClient, name: str, status: int) -> None:
    page, problem = client.get(f"/{name}"), client.get(f"/api/{name}")
    assert (page.status_code, page.mimetype) == (status, "text/html")
    assert (problem.status_code, problem.mimetype) == (status, "application/problem+json")
    assert problem.get_json(force=True)["status"] == status


@pytest.mark.parametrize("name", ["busy", "away", "often"])
def test_who_should_come_back_is_told_when(client: FlaskClient, name: str) -> None:
    assert int(client.get(f"/{name}").headers["Retry-After"]) > 0


@pytest.mark.parametrize("name", FAILURES)
def test_nothing_of_a_value_becomes_markup_and_no_stack_is_shown(client: FlaskClient, name: str) -> None:
    page = client.get(f"/{name}").text
    assert HOSTILE_TEXT not in page
    assert "Traceback" not in page


def test_every_fault_of_an_input_is_listed(client: FlaskClient) -> None:
    page = client.get("/input").text
    assert "layer buildings · row 3: in range; found &lt;script&gt;" in page
    assert "<li>under</li>" in page


def test_programs_get_every_fault_by_its_parts(client: FlaskClient) -> None:
    first, second = client.get("/api/input").get_json(force=True)["faults"]
    assert first == {"problem": "in range", "layer": "buildings", "row": 3, "value": HOSTILE_TEXT}
    assert second == {"problem": "under"}


def test_an_error_nobody_foresaw_is_found_in_the_log_by_its_number(client: FlaskClient) -> None:
    mark = re.search(r"Number of this error: (\w{8})", client.get("/own").text)
    assert mark
    assert f"{mark[1]}\nTraceback" in config.log_file().read_text("utf-8")


def test_programs_get_the_number_too(client: FlaskClient) -> None:
    assert len(client.get("/api/own").get_json(force=True)["id"]) == 8


def test_what_was_foreseen_does_not_fill_the_log(client: FlaskClient) -> None:
    for path in ("/input", "/busy", "/often", "/no-such-page"):
        client.get(path)
    assert not config.log_file().exists()


def test_an_error_speaks_the_readers_language(app: Flask) -> None:
    chinese = open_client(app, "zh-CN")
    assert "没有找到此页面" in chinese.get("/no-such-page").text
    assert chinese.get("/api/input").get_json(force=True)["faults"][1]["problem"] == "偏少"


def test_a_wrong_way_of_asking_names_the_right_one(client: FlaskClient) -> None:
    answer = client.get("/form")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "OPTIONS, POST")


def test_a_form_from_elsewhere_is_refused(client: FlaskClient) -> None:
    answer = client.post("/form", data={"a": "1"})
    assert answer.status_code == 400
    assert "was sent by another site" in answer.text


def test_a_form_of_ours_is_taken(client: FlaskClient) -> None:
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/style-guide").text)
    assert token
    assert client.post("/form", data={"csrf_token": token[1]}).status_code == 200


def test_under_tls_a_form_must_come_from_a_page_of_ours() -> None:
    app = create_app(Settings(cookie_secret=COOKIE_SECRET, secure_cookies=True))
    app.add_url_rule("/form", "form", public(lambda: dict(request.form)), methods=["POST"])
    client, ours = open_client(app), "https://grid.example"
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/style-guide", base_url=ours).text)
    sent = {"base_url": ours, "data": {"csrf_token": token and token[1]}}
    came_from = [f"{ours}/style-guide", "https://evil.example/"]
    assert [client.post("/form", headers={"Referer": page}, **sent).status_code for page in came_from] == [200, 400]


def test_a_body_beyond_the_limit_is_refused_before_it_is_kept() -> None:
    small = create_app(Settings(cookie_secret=COOKIE_SECRET, max_body_bytes=1000))
    small.add_url_rule("/file", "file", public(lambda: str(request.files)), methods=["POST"])
    answer = open_client(small).post("/file", data={"file": (io.BytesIO(bytes(2000)), "town.gpkg")})
    assert answer.status_code == 413


def test_the_page_that_says_the_service_is_away_asks_nobody_who_is_reading(app: Flask, client: FlaskClient) -> None:
    app.extensions["gridmap.load_account"] = raising_view(FAILURES["away"][0])
    assert client.get("/away").status_code == 503
    assert client.get("/style-guide").status_code == 503
    assert client.get("/no-such-page").status_code == 503
