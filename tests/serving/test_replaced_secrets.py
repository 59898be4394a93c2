"""Secrets that are replaced while two hosts serve: nobody is signed out, and no page fails."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gridmap.secret_files import Secret
from tests.fixtures.subdistricts import FilledDatabase
from tests.serving.service_process import SupervisedService, wait_until
from tests.serving.test_two_hosts import (
    hosts,
    is_page_open,
    reconnect,
    run_command,
    secrets_dir,
    shared_database,
    sign_in,
)

pytestmark = pytest.mark.full
__all__ = ["hosts", "secrets_dir", "shared_database"]


@pytest.fixture
def restored_secret(secrets_dir: Path, shared_database: FilledDatabase) -> Iterator[None]:
    """The logins of the test server, which other tests use, get their passwords back."""
    from tests.fixtures import postgis

    yield
    for name in Secret:
        (secrets_dir / name).write_text(postgis.PASSWORD)
    postgis.migrate_template(shared_database.owner_url, new_secrets=True)


@pytest.mark.usefixtures("restored_secret")
def test_every_secret_is_replaced_while_both_hosts_serve(
    hosts: list[SupervisedService], shared_database: FilledDatabase, secrets_dir: Path, tmp_path: Path
) -> None:
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
