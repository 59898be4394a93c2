"""Secrets that are replaced while two hosts serve: nobody is signed out, and no page fails."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gridmap.postgres.databases import execute, fetch_rows
from gridmap.postgres.server import Cluster
from gridmap.secret_files import Secret
from tests.fixtures import postgis, subdistricts
from tests.fixtures.subdistricts import FilledDatabase
from tests.serving.service_process import SupervisedService, wait_until
from tests.serving.test_two_hosts import (
    hosts,
    is_page_open,
    reconnect,
    run_command,
    secrets_dir,
    sign_in,
)

pytestmark = pytest.mark.full
__all__ = ["hosts", "secrets_dir"]
COMMON_HASHES = "SELECT rolname, rolpassword FROM pg_authid WHERE rolname LIKE 'gridmap\\_%' ORDER BY 1"
"""Passwords of the logins that all other tests share, in whatever process they run."""


@pytest.fixture(scope="module")
def shared_database(postgis_server: Cluster, secrets_dir: Path) -> Iterator[FilledDatabase]:
    """A database with two subdistricts and with logins of its own, whose passwords no other test uses."""
    with postgis.database_with_own_roles(postgis_server) as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRIDMAP_SECRETS", str(secrets_dir))
        execute(url, "UPDATE installation SET second_factor_roles = '{}'")
        yield FilledDatabase(url, secrets_dir, subdistricts.create_subdistricts(url))


def test_every_secret_is_replaced_while_both_hosts_serve(
    hosts: list[SupervisedService],
    shared_database: FilledDatabase,
    secrets_dir: Path,
    tmp_path: Path,
    postgis_server: Cluster,
) -> None:
    server_url = postgis_server.database_url("postgres", "postgres")
    common_hashes = fetch_rows(server_url, COMMON_HASHES)
    browser = sign_in(hosts[0], "east-worker")
    (tmp_path / "secrets").symlink_to(secrets_dir)
    for name in Secret:
        before = (secrets_dir / name).read_text()
        result = run_command(shared_database.owner_url, tmp_path, "keys", "replace", name.value)
        assert result.returncode == 0, result.stderr
        assert (secrets_dir / name).read_text().split()[0] != before.split()[0]
        reconnect(shared_database.owner_url)
        assert wait_until(lambda: all(is_page_open(browser, host) for host in hosts), 10)
        assert is_page_open(sign_in(hosts[1], "west-worker"), hosts[0])
    assert len((secrets_dir / Secret.APP_PASSWORD).read_text().split()) == 1
    assert len((secrets_dir / Secret.COOKIE_SECRET).read_text().split()) == 2
    assert fetch_rows(server_url, COMMON_HASHES) == common_hashes
