"""The log of the private server: no value of a statement, whatever goes wrong."""

import uuid
from collections.abc import Iterator
from contextlib import closing, suppress

import psycopg2
import pytest
from sqlalchemy import make_url

from gridmap.core.errors import InvalidInput
from gridmap.postgres.databases import execute, fetch_rows
from gridmap.postgres.server import Cluster
from gridmap.postgres.urls import connect
from tests.fixtures import postgis
from tests.serving.service_process import wait_until

MARK = "13800138000"
TABLE = (
    "CREATE TABLE report (phone text PRIMARY KEY CHECK (phone <> ''), number int CHECK (number > 0), moment date)",
    f"INSERT INTO report VALUES ('{MARK}', 1)",
)
FAILURES = {
    "unique violation": f"INSERT INTO report VALUES ('{MARK}', 1)",
    "check violation": f"UPDATE report SET number = -1 WHERE phone = '{MARK}'",
    "invalid input": f"SELECT 'phone {MARK}'::date",
    "out of range": f"SELECT {MARK}::int",
    "syntax error": f"SELECT FROM WHERE {MARK}",
    "unknown column": f'SELECT "phone {MARK}" FROM report',
    "exception": f"DO $$ BEGIN RAISE 'phone {MARK}'; END $$",
    "warning": f"DO $$ BEGIN RAISE WARNING 'phone {MARK}'; END $$",
    "statement timeout": f"SELECT pg_sleep(9), '{MARK}'",
}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A durable cluster as in service."""
    cluster = Cluster(tmp_path_factory.mktemp("logged"))
    cluster.start()
    execute(cluster.database_url(), *TABLE)
    yield cluster
    postgis.remove_cluster(cluster)


def read_log(cluster: Cluster) -> str:
    """Return everything that the server has logged until now.

    A process of its own writes the files, later than a client has its answer, but in the order of the messages:
    everything until now is there when the login refused here is.
    """
    last_login = f"reader_{uuid.uuid4().hex}"
    with pytest.raises(InvalidInput):
        connect(make_url(cluster.database_url()).set(username=last_login).render_as_string(hide_password=False))
    assert wait_until(lambda: last_login in _logged_text(cluster))
    return _logged_text(cluster)


def _logged_text(cluster: Cluster) -> str:
    data = cluster.paths.data_folder()
    return "".join(file.read_text("utf-8") for file in (data / "start.log", *(data / "log").iterdir()))


def run_failing(url: str, statement: str) -> None:
    """Run a statement with a short timeout; it may fail."""
    with closing(connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '200ms'")
        with suppress(psycopg2.Error):
            cursor.execute(statement)


@pytest.mark.parametrize("role", ["gridmap", "postgres"])
@pytest.mark.parametrize("failure", FAILURES)
def test_a_failure_leaves_no_value_in_the_log(cluster: Cluster, failure: str, role: str) -> None:
    run_failing(cluster.database_url(role=role), FAILURES[failure])
    assert MARK not in read_log(cluster)


def test_a_lock_timeout_leaves_no_value_in_the_log(cluster: Cluster) -> None:
    with closing(connect(cluster.database_url())) as holder, holder.cursor() as cursor:
        holder.autocommit = False
        cursor.execute("SELECT FROM report FOR UPDATE")
        with closing(connect(cluster.database_url())) as waiting, waiting.cursor() as waiting_cursor:
            waiting_cursor.execute("SET lock_timeout = '200ms'")
            with pytest.raises(psycopg2.errors.LockNotAvailable):
                waiting_cursor.execute(f"UPDATE report SET number = 2 WHERE phone = '{MARK}'")
    assert MARK not in read_log(cluster)


def test_the_log_tells_of_starts_and_refused_logins(cluster: Cluster) -> None:
    wrong = cluster.database_url().replace(cluster.paths.role_password("gridmap"), "wrong")
    with pytest.raises(InvalidInput, match="cannot be reached"):
        connect(wrong)
    assert "ready to accept connections" in read_log(cluster)
    assert 'password authentication failed for user "gridmap"' in read_log(cluster)


def test_the_owner_may_set_what_is_shown_of_the_logins(cluster: Cluster) -> None:
    execute(
        cluster.database_url(),
        "CREATE ROLE shown LOGIN",
        "ALTER ROLE shown SET track_activities = off",
        "ALTER ROLE shown SET log_min_messages = fatal",
    )
    [(settings,)] = fetch_rows(cluster.database_url(), "SELECT rolconfig FROM pg_roles WHERE rolname = 'shown'")
    assert settings == ["track_activities=off", "log_min_messages=fatal"]
