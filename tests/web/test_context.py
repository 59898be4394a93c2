"""The transaction of a request: committed before a successful response is sent, otherwise rolled back."""

import socket
import time
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text

from gridmap.app import create_app
from gridmap.config import Settings
from gridmap.core.vocabulary import Role
from gridmap.store.session import Database
from gridmap.web import context
from gridmap.web.access import public
from tests.fixtures.postgis import app_url
from tests.web.conftest import COOKIE_SECRET, FakeAccount, open_client

UNREACHABLE_URL = "postgresql+psycopg2://nobody@127.0.0.1:1/none"
CREATE_PROBE = "CREATE TABLE probe (number integer UNIQUE DEFERRABLE INITIALLY DEFERRED)"


@pytest.fixture
def app(module_database_url: str) -> Iterator[Flask]:
    """Create the application with a real database, one connection and a short pool timeout."""
    app = create_app(Settings(COOKIE_SECRET, module_database_url, pool_size=1, pool_timeout_s=0.2))
    app.add_url_rule("/note/<int:number>/<int:status>", "note", public(insert_number))
    app.add_url_rule("/twice", "twice", public(insert_duplicate))
    app.add_url_rule("/who", "who", public(current_account))
    with database_of(app).transaction() as session:
        session.execute(text("DROP TABLE IF EXISTS probe"))
        session.execute(text(CREATE_PROBE))
    yield app
    database_of(app).close()


def database_of(app: Flask) -> Database:
    database: Database = app.extensions[context.DATABASE_EXTENSION]
    return database


def insert_number(number: int, status: int) -> tuple[str, int]:
    """Insert a number and respond with a status; status 0 raises an error."""
    context.session().execute(text("INSERT INTO probe VALUES (:number)"), {"number": number})
    return str(1 // status), status


def insert_duplicate() -> str:
    """Insert a duplicate, which the database refuses only at the commit."""
    context.session().execute(text("INSERT INTO probe VALUES (5), (5)"))
    return "saved"


def current_account() -> str:
    return str(context.session().execute(text("SELECT current_setting('gridmap.session_token', true)")).scalar())


def stored_numbers(app: Flask) -> list[int]:
    with database_of(app).transaction() as session:
        return list(session.execute(text("SELECT number FROM probe ORDER BY number")).scalars())


@pytest.mark.parametrize("status", [200, 201, 303])
def test_a_successful_request_is_committed(app: Flask, status: int) -> None:
    assert open_client(app).get(f"/note/1/{status}").status_code == status
    assert stored_numbers(app) == [1]


@pytest.mark.parametrize(("status", "expected_status"), [(422, 422), (403, 403), (503, 503), (0, 500)])
def test_a_refusal_or_an_error_rolls_the_transaction_back(app: Flask, status: int, expected_status: int) -> None:
    assert open_client(app).get(f"/note/1/{status}").status_code == expected_status
    assert stored_numbers(app) == []


def test_a_failed_commit_is_not_reported_as_success(app: Flask) -> None:
    answer = open_client(app).get("/twice")
    assert (answer.status_code, "saved" in answer.text.split("<h1>")[1].split("</h1>")[0]) == (500, False)
    assert stored_numbers(app) == []


def test_connections_return_to_the_pool_after_every_kind_of_response(app: Flask) -> None:
    paths = ("/note/1/200", "/note/2/422", "/note/3/0", "/twice") * 3
    assert {open_client(app).get(path).status_code for path in paths} == {200, 422, 500}
    assert open_client(app).get("/readyz").status_code == 200


def test_the_database_knows_the_session_for_the_request_only(app: Flask) -> None:
    app.extensions[context.ACCOUNT_LOADER_EXTENSION] = lambda: FakeAccount(Role.WORKER, token="a token")
    assert open_client(app).get("/who").text == "a token"
    app.extensions[context.ACCOUNT_LOADER_EXTENSION] = lambda: None
    assert open_client(app).get("/who").text in ("", "None")


def test_an_exhausted_pool_gives_503_with_a_retry_time(app: Flask) -> None:
    with database_of(app).transaction() as other_session:
        other_session.execute(text("SELECT 1"))
        answer = open_client(app).get("/who")
    assert (answer.status_code, "Retry-After" in answer.headers) == (503, True)


def test_the_service_is_ready_when_the_database_responds(app: Flask) -> None:
    assert open_client(app).get("/readyz").text.splitlines()[0] == "ready"
    assert open_client_without_database(UNREACHABLE_URL).get("/readyz").text == "database unavailable\n"


def test_an_unresponsive_database_is_reported_within_about_a_second() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"postgresql+psycopg2://gridmap_app@127.0.0.1:{server.getsockname()[1]}/gridmap"
        client = open_client_without_database(url)
        start = time.monotonic()
        assert [client.get("/readyz").status_code for _ in range(2)] == [503, 503]
    assert time.monotonic() - start < 4


def test_the_service_is_not_ready_with_a_database_of_another_version(database_url: str) -> None:
    owner = create_engine(database_url)
    with owner.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'older'"))
    owner.dispose()
    answer = open_client_without_database(app_url(database_url)).get("/readyz")
    assert (answer.status_code, answer.text) == (503, "database of another version\n")


@pytest.mark.parametrize("path", ["/livez", "/style-guide", "/no-such-page"])
def test_pages_without_data_open_while_the_database_is_unavailable(path: str) -> None:
    assert open_client_without_database(UNREACHABLE_URL).get(path).status_code in (200, 404)


@pytest.mark.parametrize("url", [None, UNREACHABLE_URL])
def test_pages_with_data_give_503_while_the_database_is_unavailable(url: str | None) -> None:
    assert open_client_without_database(url).get("/who").status_code == 503


def open_client_without_database(url: str | None) -> FlaskClient:
    app = create_app(Settings(COOKIE_SECRET, url))
    app.add_url_rule("/who", "who", public(current_account))
    return open_client(app)
