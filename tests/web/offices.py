"""The application on a database with two subdistricts, and browsers without scripts: for tests to import."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page
from sqlalchemy import create_engine, text

from gridmap.app import create_app
from gridmap.config import Settings
from gridmap.web import current
from tests.offices import PASSWORD, Filled, Office, app_url, known
from tests.web.conftest import SECRET

Browser = Callable[..., FlaskClient]
SignIn = Callable[[str, str, str], Page]


@pytest.fixture
def places(filled: Filled, monkeypatch: pytest.MonkeyPatch) -> dict[str, Office]:
    """Both subdistricts, nobody signed in or slowed down."""
    monkeypatch.setenv("GRIDMAP_HOME", str(filled.home))
    engine = create_engine(filled.url)
    with engine.begin() as connection:
        for change in ("DELETE FROM web_session", "DELETE FROM sign_in_brake", "UPDATE account SET language = NULL"):
            connection.execute(text(change))
        connection.execute(text("UPDATE credential SET password = :known, must_change = false"), {"known": known()})
    engine.dispose()
    return filled.places


@pytest.fixture
def app(filled: Filled, places: dict[str, Office]) -> Iterator[Flask]:
    yield from application(filled)


def application(filled: Filled) -> Iterator[Flask]:
    """The application on a database, for as long as it is needed."""
    made = create_app(Settings(cookie_secret=SECRET, database_url=app_url(filled.url)))
    yield made
    made.extensions[current.DATABASE].close()


@pytest.fixture
def browser(app: Flask) -> Browser:
    """A browser, signed in under a name if one is given."""

    def opened(name: str | None = None, password: str = PASSWORD) -> FlaskClient:
        client = app.test_client()
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        if name:
            assert sent(client, "/sign-in", name=name, password=password).status_code == 303
        return client

    return opened


def sent(client: FlaskClient, path: str, at: str | None = None, **fields: str) -> Any:
    """The answer to a form: its page is opened first, for the word against forgery."""
    page = client.get(path).text
    word = re.findall(r'name="csrf_token"[^>]* value="([^"]+)"', page)[0]
    return client.post(at or path, data={"csrf_token": word, **fields})


def told(filled: Filled, statement: str) -> None:
    engine = create_engine(filled.url)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()
