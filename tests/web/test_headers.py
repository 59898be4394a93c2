"""Headers of every response."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from gridmap.app import create_app
from gridmap.config import Settings
from gridmap.web.headers import SECURITY_HEADERS
from tests.web.conftest import COOKIE_SECRET, open_client

PATHS = ["/livez", "/style-guide", "/no-such-page", "/api/no-such-thing"]


@pytest.fixture
def tls_client() -> FlaskClient:
    return open_client(create_app(Settings(cookie_secret=COOKIE_SECRET, secure_cookies=True)))


def static_url(app: Flask, name: str = "css/gridmap.css") -> str:
    return f"{app.static_url_path}/{name}"


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_is_guarded_and_kept_by_nobody(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    assert {name: headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"


def test_every_script_of_a_page_carries_the_word_of_its_answer(client: FlaskClient) -> None:
    answer = client.get("/style-guide")
    allowed = re.search(r"script-src 'nonce-([\w-]{20,})'", answer.headers["Content-Security-Policy"])
    scripts = re.findall(r"<script[^>]*>", answer.text)
    assert [f'nonce="{allowed and allowed[1]}"' in script for script in scripts] == [True]


def test_the_word_is_another_one_each_time(client: FlaskClient) -> None:
    first, second = (client.get("/style-guide").headers["Content-Security-Policy"] for _ in range(2))
    assert first != second


def test_no_page_may_run_or_draw_what_stands_in_its_text(client: FlaskClient) -> None:
    assert "unsafe" not in client.get("/style-guide").headers["Content-Security-Policy"]


def test_static_files_are_kept_for_ever(app: Flask, client: FlaskClient) -> None:
    with client.get(static_url(app)) as answer:
        assert "immutable" in answer.headers["Cache-Control"]


def test_a_static_file_that_is_missing_is_not_kept(app: Flask, client: FlaskClient) -> None:
    answer = client.get(static_url(app, "css/none.css"))
    assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store")


def test_all_that_a_page_asks_for_is_there(app: Flask, client: FlaskClient) -> None:
    asked = re.findall(rf'"({app.static_url_path}[^"]+)"', client.get("/style-guide").text)
    assert len(asked) >= 3
    assert {status_of(client, address) for address in asked} == {200}


def status_of(client: FlaskClient, address: str) -> int:
    with client.get(address) as answer:
        return answer.status_code


def test_browsers_are_held_to_tls_where_there_is_tls(client: FlaskClient, tls_client: FlaskClient) -> None:
    assert "Strict-Transport-Security" in tls_client.get("/livez").headers
    assert "Strict-Transport-Security" not in client.get("/livez").headers


def test_cookies_stay_on_tls_and_out_of_reach_of_scripts(tls_client: FlaskClient) -> None:
    cookies = tls_client.get("/style-guide?language=en", base_url="https://grid.example").headers.getlist("Set-Cookie")
    assert any(cookie.startswith("__Host-gridmap=") and "Path=/" in cookie for cookie in cookies)
    assert all("Secure" in cookie and "HttpOnly" in cookie and "SameSite=Lax" in cookie for cookie in cookies)


def test_whether_the_service_lives_leaves_no_cookie(client: FlaskClient) -> None:
    answer = client.get("/livez")
    assert (answer.text, answer.headers.getlist("Set-Cookie")) == ("ok\n", [])
