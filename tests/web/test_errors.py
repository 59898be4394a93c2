"""Error responses: they tell the reader what to do and never show a stack trace."""

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
    "unavailable": (OperationalError("select 1", {}, Exception("gone")), 503),
    "throttled": (TooManyRequests(), 429),
    "internal": (ZeroDivisionError(HOSTILE_TEXT), 500),
}


@pytest.fixture(autouse=True)
def failing_views(app: Flask) -> None:
    """Add a page and an API view that fail in each way."""
    for name, (error, _) in FAILURES.items():
        app.add_url_rule(f"/{name}", name, public(raising_view(error)))
        app.add_url_rule(f"/api/{name}", f"api_{name}", public(raising_view(error)))
    app.add_url_rule("/form", "form", public(lambda: dict(request.form)), methods=["POST"])


def raising_view(error: Exception) -> Callable[[], Any]:
    def view() -> Any:
        raise error

    return view


@pytest.mark.parametrize(("name", "status"), [(name, status) for name, (_, status) in FAILURES.items()])
def test_every_error_has_the_same_status_on_pages_and_in_the_api(client: FlaskClient, name: str, status: int) -> None:
    page, problem = client.get(f"/{name}"), client.get(f"/api/{name}")
    assert (page.status_code, page.mimetype) == (status, "text/html")
    assert (problem.status_code, problem.mimetype) == (status, "application/problem+json")
    assert problem.get_json(force=True)["status"] == status


@pytest.mark.parametrize("name", ["busy", "unavailable", "throttled"])
def test_a_temporary_error_names_the_time_to_retry(client: FlaskClient, name: str) -> None:
    assert int(client.get(f"/{name}").headers["Retry-After"]) > 0


@pytest.mark.parametrize("name", FAILURES)
def test_values_are_escaped_and_no_stack_trace_is_shown(client: FlaskClient, name: str) -> None:
    page = client.get(f"/{name}").text
    assert HOSTILE_TEXT not in page
    assert "Traceback" not in page


def test_a_page_lists_every_fault_of_an_input(client: FlaskClient) -> None:
    page = client.get("/input").text
    assert "layer buildings · row 3: in range; found &lt;script&gt;" in page
    assert "<li>under</li>" in page


def test_the_api_returns_every_fault_with_its_fields(client: FlaskClient) -> None:
    first, second = client.get("/api/input").get_json(force=True)["faults"]
    assert first == {"problem": "in range", "layer": "buildings", "row": 3, "value": HOSTILE_TEXT}
    assert second == {"problem": "under"}


def test_an_unexpected_error_is_in_the_log_with_the_number_on_the_page(client: FlaskClient) -> None:
    match = re.search(r"Number of this error: (\w{8})", client.get("/internal").text)
    assert match
    assert f"{match[1]}\nTraceback" in config.log_file().read_text("utf-8")


def test_the_api_returns_the_number_of_an_unexpected_error(client: FlaskClient) -> None:
    assert len(client.get("/api/internal").get_json(force=True)["id"]) == 8


def test_expected_errors_are_not_logged(client: FlaskClient) -> None:
    for path in ("/input", "/busy", "/throttled", "/no-such-page"):
        client.get(path)
    assert not config.log_file().exists()


def test_an_error_is_in_the_language_of_the_reader(app: Flask) -> None:
    chinese = open_client(app, "zh-CN")
    assert "没有找到此页面" in chinese.get("/no-such-page").text
    assert chinese.get("/api/input").get_json(force=True)["faults"][1]["problem"] == "偏少"


def test_an_unsupported_method_is_answered_with_the_supported_ones(client: FlaskClient) -> None:
    answer = client.get("/form")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "OPTIONS, POST")


def test_a_form_without_a_csrf_token_is_refused(client: FlaskClient) -> None:
    answer = client.post("/form", data={"a": "1"})
    assert answer.status_code == 400
    assert "was sent by another site" in answer.text


def test_a_form_with_its_csrf_token_is_accepted(client: FlaskClient) -> None:
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/style-guide").text)
    assert token
    assert client.post("/form", data={"csrf_token": token[1]}).status_code == 200


def test_under_tls_a_form_needs_a_referrer_of_the_service() -> None:
    app = create_app(Settings(cookie_secret=COOKIE_SECRET, secure_cookies=True))
    app.add_url_rule("/form", "form", public(lambda: dict(request.form)), methods=["POST"])
    client, base_url = open_client(app), "https://localhost"
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/style-guide", base_url=base_url).text)
    request_options = {"base_url": base_url, "data": {"csrf_token": token and token[1]}}
    referrers = [f"{base_url}/style-guide", "https://evil.example/"]
    responses = [client.post("/form", headers={"Referer": page}, **request_options) for page in referrers]
    assert [response.status_code for response in responses] == [200, 400]


def test_a_body_above_the_limit_is_refused() -> None:
    app = create_app(Settings(cookie_secret=COOKIE_SECRET, max_body_bytes=1000))
    app.add_url_rule("/file", "file", public(lambda: str(request.files)), methods=["POST"])
    answer = open_client(app).post("/file", data={"file": (io.BytesIO(bytes(2000)), "town.gpkg")})
    assert answer.status_code == 413


def test_error_pages_do_not_load_the_account_while_the_database_is_unavailable(app: Flask, client: FlaskClient) -> None:
    app.extensions["gridmap.load_account"] = raising_view(FAILURES["unavailable"][0])
    assert client.get("/unavailable").status_code == 503
    assert client.get("/style-guide").status_code == 503
    assert client.get("/no-such-page").status_code == 503
