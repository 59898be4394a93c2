"""Hosts that the application answers for, and refusals of all others before anything else runs."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from gridmap.app import create_app
from gridmap.config import Settings
from tests.web.conftest import COOKIE_SECRET, open_client


def status_for(client: FlaskClient, host: str) -> int:
    return client.get("/livez", headers={"Host": host}).status_code


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8000", "192.168.1.5:8443", "[::1]:8000", "10.0.0.9"])
def test_local_addresses_are_allowed_by_default(client: FlaskClient, host: str) -> None:
    assert status_for(client, host) == 200


@pytest.mark.parametrize("host", ["evil.example", "8.8.8.8", "127.0.0.1.evil.example", "localhost.evil.example"])
def test_other_hosts_are_refused_by_default(client: FlaskClient, host: str) -> None:
    assert status_for(client, host) == 421


@pytest.mark.parametrize("host", ["evil.example/path", "a b", "user@localhost", "localhost:port", ""])
def test_an_invalid_host_is_refused(client: FlaskClient, host: str) -> None:
    assert status_for(client, host) == 400


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("Grid.Example.org:8443", 200),
        ("a.office.example.org", 200),
        ("grid.example.org.evil.example", 421),
        ("a.b.office.example.org", 421),
        ("office.example.org", 421),
        ("localhost", 421),
        ("127.0.0.1", 421),
    ],
)
def test_only_named_hosts_are_allowed_where_there_are_any(host: str, status: int) -> None:
    hosts = ("grid.example.org", "*.office.example.org")
    app = create_app(Settings(cookie_secret=COOKIE_SECRET, allowed_hosts=hosts))
    assert status_for(open_client(app), host) == status


def test_nothing_runs_for_an_unknown_host(app: Flask, client: FlaskClient) -> None:
    ran: list[str] = []
    app.before_request_funcs.setdefault(None, []).insert(0, lambda: ran.append("before"))
    answer = client.get("/sign-in", headers={"Host": "evil.example"})
    assert ran == []
    assert "Set-Cookie" not in answer.headers
    assert "evil.example" not in answer.text
    assert "--allowed-host" in answer.text


def test_redirects_name_no_host(client: FlaskClient) -> None:
    assert client.get("/account").location.startswith("/sign-in")
