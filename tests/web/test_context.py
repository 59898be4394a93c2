"""A request has one transaction: kept when the answer is good, and never promised before it is."""

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
    """The application with a real database, one connection and little patience."""
    app = create_app(Settings(COOKIE_SECRET, module_database_url, pool_size=1, pool_timeout_s=0.2))
    app.add_url_rule("/note/<int:number>/<int:status>", "note", public(insert_number))
    app.add_url_rule("/twice", "twice", public(insert_duplicate))
    app.add_url_rule("/who", "who", public(current_account))
    with database(app).transaction() as session:
        session.execute(text("DROP TABLE IF EXISTS probe"))
        session.execute(text(CREATE_PROBE))
    yield app
    database(app).close()


def database(app: Flask) -> Database:
    found: Database = app.extensions[context.DATABASE_EXTENSION]
    return found


def insert_number(number: int, status: int) -> tuple[str, int]:
    """Write a number and answer with a status; 0 stands for an error."""
    context.session().execute(text("INSERT INTO probe VALUES (:number)"), {"number": number})
    return str(1 // status), status


def insert_duplicate() -> str:
    """Write what the database refuses only when it commits."""
    context.session().execute(text("INSERT INTO probe VALUES (5), (5)"))
    return "saved"


def current_account() -> str:
    return str(context.session().execute(text("SELECT current_setting('gridmap.account', true)")).scalar())


def stored_numbers(app: Flask) -> list[int]:
    with database(app).transaction() as session:
        return list(session.execute(text("SELECT number FROM probe ORDER BY number")).scalars())


@pytest.mark.parametrize("status", [200, 201, 303])
def test_a_good_answer_is_saved_before_it_leaves(app: Flask, status: int) -> None:
    assert open_client(app).get(f"/note/1/{status}").status_code == status
    assert stored_numbers(app) == [1]


@pytest.mark.parametrize(("status", "answered"), [(422, 422), (403, 403), (503, 503), (0, 500)])
def test_a_refusal_and_an_error_leave_nothing_behind(app: Flask, status: int, answered: int) -> None:
    assert open_client(app).get(f"/note/1/{status}").status_code == answered
    assert stored_numbers(app) == []


def test_what_could_not_be_saved_is_never_answered_as_saved(app: Flask) -> None:
    answer = open_client(app).get("/twice")
    assert (answer.status_code, "saved" in answer.text.split("<h1>")[1].split("</h1>")[0]) == (500, False)
    assert stored_numbers(app) == []


def test_connections_are_given_back_after_every_kind_of_answer(app: Flask) -> None:
    paths = ("/note/1/200", "/note/2/422", "/note/3/0", "/twice") * 3
    assert {open_client(app).get(path).status_code for path in paths} == {200, 422, 500}
    assert open_client(app).get("/readyz").status_code == 200


def test_the_database_acts_for_who_is_signed_in_and_forgets(app: Flask) -> None:
    app.extensions[context.ACCOUNT_LOADER_EXTENSION] = lambda: FakeAccount(Role.WORKER, id=42)
    assert open_client(app).get("/who").text == "42"
    app.extensions[context.ACCOUNT_LOADER_EXTENSION] = lambda: None
    assert open_client(app).get("/who").text in ("", "None")


def test_who_finds_all_connections_taken_is_told_to_come_back(app: Flask) -> None:
    with database(app).transaction() as held:
        held.execute(text("SELECT 1"))
        answer = open_client(app).get("/who")
    assert (answer.status_code, "Retry-After" in answer.headers) == (503, True)


def test_ready_means_that_the_database_answers(app: Flask) -> None:
    assert open_client(app).get("/readyz").text == "ready\n"
    assert without_database(UNREACHABLE_URL).get("/readyz").text == "database unavailable\n"


def test_a_database_that_takes_connections_and_says_nothing_is_away_within_about_a_second() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql+psycopg2://gridmap_app@127.0.0.1:{silent.getsockname()[1]}/gridmap"
        begun, visitor = time.monotonic(), without_database(url)
        assert [visitor.get("/readyz").status_code for _ in range(2)] == [503, 503]
    assert time.monotonic() - begun < 4


def test_a_database_of_another_version_is_not_ready(database_url: str) -> None:
    owner = create_engine(database_url)
    with owner.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'older'"))
    owner.dispose()
    answer = without_database(app_url(database_url)).get("/readyz")
    assert (answer.status_code, answer.text) == (503, "database of another version\n")


@pytest.mark.parametrize("path", ["/livez", "/style-guide", "/no-such-page"])
def test_pages_that_need_no_data_open_while_the_database_is_away(path: str) -> None:
    assert without_database(UNREACHABLE_URL).get(path).status_code in (200, 404)


@pytest.mark.parametrize("url", [None, UNREACHABLE_URL])
def test_pages_that_need_data_say_to_come_back_while_it_is_away(url: str | None) -> None:
    assert without_database(url).get("/who").status_code == 503


def without_database(url: str | None) -> FlaskClient:
    app = create_app(Settings(COOKIE_SECRET, url))
    app.add_url_rule("/who", "who", public(current_account))
    return open_client(app)
