"""Accounts of the processes of a service that root starts."""

import os
import pwd
from collections.abc import Iterator
from pathlib import Path

import pytest

from gridmap.postgres.server import Cluster
from gridmap.secret_files import Secret
from gridmap.system_accounts import can_access
from tests.fixtures import postgis
from tests.serving.service_process import GRIDMAP_SERVE, SupervisedService, launch_service, own_secrets

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root starts processes as other accounts")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Database of the service's home."""
    made = Cluster(tmp_path_factory.mktemp("accounts"))
    yield made
    postgis.remove_cluster(made)


@pytest.fixture(scope="module")
def service(cluster: Cluster) -> Iterator[SupervisedService]:
    """The service in a home of an earlier version, whose secrets and log only root could read."""
    for name in ("secrets", "log"):
        (cluster.home / name).mkdir(mode=0o700)
    (cluster.home / "secrets" / Secret.COOKIE_SECRET).write_text(
        "a cookie secret of an earlier version".replace(" ", "-")
    )
    (cluster.home / "secrets" / Secret.COOKIE_SECRET).chmod(0o600)
    service = launch_service(GRIDMAP_SERVE, cluster.home, own_secrets())
    yield service
    service.stop()


def account_ids(pid: int) -> set[int]:
    """Return the real, effective, saved and file system user of a process; none of one that has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return set()
    return {int(number) for line in lines if line.startswith("Uid:") for number in line.split()[1:]}


def children(pid: int) -> set[int]:
    return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}


def test_web_processes_run_as_an_account_of_their_own(service: SupervisedService) -> None:
    expected = {pwd.getpwnam("gridmap-web").pw_uid}
    assert len(service.web_process_ids()) == 2
    assert [account_ids(pid) for pid in service.web_process_ids()] == [expected] * 2


def test_the_database_runs_as_another_account(service: SupervisedService, cluster: Cluster) -> None:
    server = cluster.postmaster_pid() or 0
    expected = {pwd.getpwnam("gridmap-pg").pw_uid}
    assert account_ids(server) == expected
    accounts = [account_ids(pid) for pid in children(server)]
    assert expected in accounts
    assert all(account in (expected, set()) for account in accounts)


def test_web_processes_have_no_rights_and_gain_none(service: SupervisedService) -> None:
    for pid in service.web_process_ids():
        status = dict(
            line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line
        )
        assert {status[name].strip() for name in ("CapPrm", "CapEff", "CapAmb", "CapInh")} == {"0" * 16}
        assert (status["NoNewPrivs"], status["Groups"].strip()) == ("1", "")


def test_web_processes_do_not_know_the_owners_login(service: SupervisedService, cluster: Cluster) -> None:
    passwords = [cluster.paths.role_password(role).encode() for role in ("gridmap", "postgres")]
    for pid in service.web_process_ids():
        environment = Path(f"/proc/{pid}/environ").read_bytes() + Path(f"/proc/{pid}/cmdline").read_bytes()
        assert not any(password in environment for password in passwords)


def test_web_processes_read_the_secrets_of_the_application_only(service: SupervisedService, cluster: Cluster) -> None:
    folder = (cluster.home / "secrets").resolve()
    readable = {path.name for path in folder.iterdir() if can_access("gridmap-web", path, "r")}
    assert readable == {*Secret, "keys.json"}
    assert {path.name for path in folder.iterdir()} >= {"gridmap.password", "postgres.password"}
    assert not can_access("gridmap-web", folder, "w")


def test_web_processes_cannot_enter_the_data_or_the_home(service: SupervisedService, cluster: Cluster) -> None:
    assert not can_access("gridmap-web", cluster.paths.data_folder(), "r")
    assert not can_access("gridmap-web", cluster.home / "log", "r")


def test_the_database_cannot_read_the_secrets(service: SupervisedService, cluster: Cluster) -> None:
    assert not can_access("gridmap-pg", (cluster.home / "secrets").resolve(), "r")


def test_pages_are_served_with_the_secret_of_the_earlier_version(service: SupervisedService, cluster: Cluster) -> None:
    assert service.get("/readyz").status_code == 200
    assert service.get("/sign-in").status_code == 200
    assert "earlier-version" in (cluster.home / "secrets" / Secret.COOKIE_SECRET).read_text()
