"""Two databases on one server, each with its own installation: an upgrade of one does not disturb the other."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gridmap.postgres.databases import fetch_rows
from gridmap.postgres.server import Cluster
from gridmap.postgres.urls import without_login
from tests.fixtures import postgis
from tests.serving.service_process import GRIDMAP_WEB, SupervisedService, launch_service, own_secrets, wait_until
from tests.serving.test_two_hosts import reconnect, run_command

pytestmark = pytest.mark.full

PASSWORD_HASHES = "SELECT rolname, rolpassword FROM pg_authid WHERE rolname ~ '^(north|south)_' ORDER BY 1"


@dataclass
class Installation:
    """A database with the home of its installation."""

    url: str
    home: Path

    def run(self, *arguments: str) -> None:
        result = run_command(self.url, self.home, *arguments)
        assert result.returncode == 0, result.stderr

    def serve(self) -> SupervisedService:
        environment = own_secrets(DATABASE_URL=without_login(self.url))
        return launch_service([*GRIDMAP_WEB, "--processes", "1"], self.home, environment)


@pytest.fixture
def installations(
    postgis_server: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[list[Installation]]:
    """Two upgraded databases, whose roles have the names of the databases."""
    monkeypatch.delenv("GRIDMAP_DATABASE_ROLES")
    names = ("north", "south")
    for name in names:
        postgis.create_database(postgis_server, name)
    installed = [Installation(postgis_server.database_url(name), tmp_path / name) for name in names]
    for installation in installed:
        installation.run("db", "upgrade")
    yield installed
    for name in names:
        postgis.drop_database(postgis_server.database_url(), name)


def test_commands_on_one_database_do_not_disturb_the_other(
    installations: list[Installation], postgis_server: Cluster
) -> None:
    north, south = installations
    service = north.serve()
    server_url = postgis_server.database_url("postgres", "postgres")
    before = dict(fetch_rows(server_url, PASSWORD_HASHES))
    south.run("db", "upgrade", "--new-secrets")
    south.run("account", "list")
    other = south.serve()
    north.run("db", "upgrade")
    reconnect(north.url)
    assert wait_until(lambda: all(host.get("/readyz").ok for host in (service, other)), 10)
    after = dict(fetch_rows(server_url, PASSWORD_HASHES))
    assert (
        set(after)
        == set(before)
        == {f"{town}_{role}" for town in ("north", "south") for role in ("app", "auth", "reader")}
    )
    assert [host.stop() for host in (service, other)] == [0, 0]


def test_the_login_of_one_database_does_not_enter_the_other(installations: list[Installation]) -> None:
    north, south = installations
    may_connect = "SELECT has_database_privilege('north_app', 'south', 'CONNECT')"
    assert fetch_rows(south.url, may_connect) == [(False,)]
    assert fetch_rows(north.url, "SELECT has_database_privilege('north_app', 'north', 'CONNECT')") == [(True,)]


def test_a_home_of_one_database_is_refused_by_the_other(installations: list[Installation]) -> None:
    north, south = installations
    result = run_command(north.url, south.home, "db", "upgrade")
    assert result.returncode == 2
    assert "are not those of the database" in result.stderr
