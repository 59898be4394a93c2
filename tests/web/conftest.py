"""The application and its clients, signed in with each role."""

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
    """An account with the fields that pages read."""

    role: Role
    id: int = 7
    name: str = "li.na"
    display_name: str = "Li Na"
    subdistrict_name: str = "Phoenix Hill"
    token: str = "token of a session"


@pytest.fixture
def app() -> Flask:
    """Create the application without a database."""
    return create_app(Settings(cookie_secret=COOKIE_SECRET))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Open a client without an account that prefers English."""
    return open_client(app)


@pytest.fixture
def signed_in(app: Flask) -> Callable[[Role], FlaskClient]:
    """Return a function that opens a client with a role."""

    def sign_in_as(role: Role) -> FlaskClient:
        app.extensions[context.ACCOUNT_LOADER_EXTENSION] = lambda: FakeAccount(role)
        return open_client(app)

    return sign_in_as


def open_client(app: Flask, language: str = "en") -> FlaskClient:
    """Open a client that prefers a language."""
    client = app.test_client()
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
    return client
