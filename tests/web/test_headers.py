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
def test_every_response_has_security_headers_and_is_not_cached(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    assert {name: headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"


def test_every_script_of_a_page_carries_the_nonce_of_its_response(client: FlaskClient) -> None:
    answer = client.get("/style-guide")
    nonce = re.search(r"script-src 'nonce-([\w-]{20,})'", answer.headers["Content-Security-Policy"])
    scripts = re.findall(r"<script[^>]*>", answer.text)
    assert [f'nonce="{nonce and nonce[1]}"' in script for script in scripts] == [True]


def test_every_response_has_a_new_nonce(client: FlaskClient) -> None:
    first, second = (client.get("/style-guide").headers["Content-Security-Policy"] for _ in range(2))
    assert first != second


def test_the_policy_forbids_inline_scripts_and_styles(client: FlaskClient) -> None:
    assert "unsafe" not in client.get("/style-guide").headers["Content-Security-Policy"]


def test_static_files_are_cached_permanently(app: Flask, client: FlaskClient) -> None:
    with client.get(static_url(app)) as answer:
        assert "immutable" in answer.headers["Cache-Control"]


def test_a_missing_static_file_is_not_cached(app: Flask, client: FlaskClient) -> None:
    answer = client.get(static_url(app, "css/none.css"))
    assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store")


def test_all_static_files_of_a_page_exist(app: Flask, client: FlaskClient) -> None:
    addresses = re.findall(rf'"({app.static_url_path}[^"]+)"', client.get("/style-guide").text)
    assert len(addresses) >= 3
    assert {status_of(client, address) for address in addresses} == {200}


def status_of(client: FlaskClient, address: str) -> int:
    with client.get(address) as answer:
        return answer.status_code


def test_strict_transport_security_is_sent_under_tls_only(client: FlaskClient, tls_client: FlaskClient) -> None:
    assert "Strict-Transport-Security" in tls_client.get("/livez").headers
    assert "Strict-Transport-Security" not in client.get("/livez").headers


def test_cookies_are_limited_to_tls_and_hidden_from_scripts(tls_client: FlaskClient) -> None:
    cookies = tls_client.get("/style-guide?language=en", base_url="https://localhost").headers.getlist("Set-Cookie")
    assert any(cookie.startswith("__Host-gridmap=") and "Path=/" in cookie for cookie in cookies)
    assert all("Secure" in cookie and "HttpOnly" in cookie and "SameSite=Lax" in cookie for cookie in cookies)


def test_the_liveness_check_sets_no_cookie(client: FlaskClient) -> None:
    answer = client.get("/livez")
    assert (answer.text, answer.headers.getlist("Set-Cookie")) == ("ok\n", [])
