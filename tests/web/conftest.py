"""The application as it is served, and people of every role."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient

from gridmap.app import create_app
from gridmap.config import Settings
from gridmap.core.vocabulary import Role
from gridmap.web import context

COOKIE_SECRET = b"only for tests, where nothing is secret"


@dataclass(frozen=True)
class FakeAccount:
    """An account as pages see it."""

    role: Role
    id: int = 7
    name: str = "li.na"
    display_name: str = "Li Na"
    subdistrict_name: str = "Phoenix Hill"


@pytest.fixture
def app() -> Flask:
    """The application without a database."""
    return create_app(Settings(cookie_secret=COOKIE_SECRET))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Somebody who is not signed in and reads English."""
    return open_client(app)


@pytest.fixture
def signed_in(app: Flask) -> Callable[[Role], FlaskClient]:
    """Somebody of a role."""

    def person(role: Role) -> FlaskClient:
        app.extensions[context.ACCOUNT_LOADER_EXTENSION] = lambda: FakeAccount(role)
        return open_client(app)

    return person


def open_client(app: Flask, language: str = "en") -> FlaskClient:
    """A browser that prefers a language."""
    client = app.test_client()
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
    return client
