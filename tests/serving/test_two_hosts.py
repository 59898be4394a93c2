"""Two web hosts on one database: one home each, common secrets, and no login of the database's owner."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from gridmap.postgres.databases import execute, fetch_rows
from gridmap.postgres.server import Cluster
from gridmap.postgres.urls import without_login
from gridmap.secret_files import Secret
from tests.fixtures import postgis, subdistricts
from tests.fixtures.subdistricts import ID_NUMBERS, PASSWORD, FilledDatabase
from tests.serving.service_process import GRIDMAP_WEB, SupervisedService, launch_service, own_secrets, wait_until
from tests.shared_folders import temporary_home

pytestmark = pytest.mark.full  # two services with their databases: a minute of CPU
GRIDMAP = [sys.executable, "-c", "from gridmap.cli.main import main; main()"]
CSRF_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@pytest.fixture(scope="module")
def secrets_dir() -> Iterator[Path]:
    """Folder with the secrets of the database, as on a disk that both hosts mount."""
    with temporary_home() as home:
        folder = home / "secrets"
        folder.mkdir()
        for secret in Secret:
            (folder / secret).write_text(postgis.PASSWORD)
            (folder / secret).chmod(0o600)
        yield folder


@pytest.fixture(scope="module")
def shared_database(postgis_server: Cluster, secrets_dir: Path) -> Iterator[FilledDatabase]:
    """A database with two subdistricts, whose keys lie with the other secrets."""
    with postgis.temporary_database(postgis_server) as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRIDMAP_SECRETS", str(secrets_dir))
        postgis.migrate_template(url)  # a copy counts as an older version
        yield FilledDatabase(url, secrets_dir, subdistricts.create_subdistricts(url))


@pytest.fixture(scope="module")
def hosts(
    shared_database: FilledDatabase, secrets_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[SupervisedService]]:
    """Two running web hosts; the last test kills one."""
    environment = own_secrets(DATABASE_URL=without_login(shared_database.owner_url), GRIDMAP_SECRETS=str(secrets_dir))
    hosts = [launch_service(GRIDMAP_WEB, tmp_path_factory.mktemp("host"), environment) for _ in range(2)]
    yield hosts
    for host in hosts:
        if host.supervisor.poll() is None:
            host.stop()


def submit(browser: requests.Session, url: str, **fields: str) -> requests.Response:
    """Send the form of a page with its token."""
    token = CSRF_TOKEN.search(browser.get(url, timeout=20).text)
    data = {"csrf_token": token[1] if token else "", **fields}
    return browser.post(url, data, timeout=20, allow_redirects=False)


def sign_in(host: SupervisedService, name: str) -> requests.Session:
    """Return a browser that has signed in."""
    browser = requests.Session()
    assert submit(browser, f"{host.url}/sign-in", name=name, password=PASSWORD).status_code == 303
    return browser


def run_command(url: str, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command with the owner's login from another home, which has no secrets or its own."""
    environment = own_secrets(DATABASE_URL=url, GRIDMAP_HOME=str(home), GRIDMAP_LANGUAGE="en")
    return subprocess.run([*GRIDMAP, *arguments], env=environment, capture_output=True, text=True, check=False)


def make_home(folder: Path, **secrets: str) -> Path:
    """Make a home with some secrets of its own."""
    (folder / "secrets").mkdir(mode=0o700, parents=True)
    for name, value in secrets.items():
        (folder / "secrets" / name.replace("_", "-")).write_text(value)
    return folder


def is_page_open(browser: requests.Session, host: SupervisedService) -> bool:
    return browser.get(f"{host.url}/account", timeout=20, allow_redirects=False).status_code == 200


def test_a_session_of_one_host_holds_on_the_other(hosts: list[SupervisedService]) -> None:
    browser = sign_in(hosts[0], "east-worker")
    assert [is_page_open(browser, host) for host in hosts] == [True, True]
    token = CSRF_TOKEN.search(browser.get(f"{hosts[0].url}/residents", timeout=20).text)
    assert token
    answer = browser.post(f"{hosts[1].url}/residents", {"csrf_token": token[1], "number": "1"}, timeout=20)
    assert "open for too long" not in answer.text


def test_sealed_numbers_are_found_and_revealed_on_both_hosts(
    hosts: list[SupervisedService], shared_database: FilledDatabase
) -> None:
    page = f"/residents/{shared_database.subdistricts['east'].resident_ids[0]}"
    reveal = {"field": "phone", "purpose": "door_visit", "reason": "visit at the door"}
    for host, name in zip(hosts, ("east-worker", "east-station"), strict=True):
        browser = sign_in(host, name)
        found = submit(browser, f"{host.url}/residents", number=ID_NUMBERS["east"][0])
        assert "**************002X" in found.text
        assert "13800138000" in submit(browser, host.url + page, **reveal).text


def reconnect(url: str) -> None:
    """End the connections of all hosts, which then sign in to the database again."""
    own = "datname = current_database() AND usename LIKE '%\\_app'"  # other tests use the same server
    execute(url, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {own}")


@pytest.mark.parametrize("command", [("account", "list"), ("db", "upgrade"), ("demo",)])
@pytest.mark.parametrize("kind", ["no secrets", pytest.param("own secrets", marks=pytest.mark.full)])
def test_a_command_from_another_home_disturbs_nothing(
    hosts: list[SupervisedService],
    shared_database: FilledDatabase,
    tmp_path: Path,
    command: tuple[str, ...],
    kind: str,
) -> None:
    own = {"app_password": "a-password-of-another-home", "cookie_secret": "a-cookie-secret-of-another-home"}
    home = make_home(tmp_path / "home", **(own if kind == "own secrets" else {}))
    browser, before = sign_in(hosts[0], "west-worker"), sorted((home / "secrets").iterdir())
    result = run_command(shared_database.owner_url, home, *command)
    is_read = kind == "no secrets" and command == ("account", "list")
    assert (result.returncode == 0) is is_read, result.stderr
    assert is_read or "GRIDMAP_SECRETS" in result.stderr or "The keys are missing" in result.stderr
    assert sorted((home / "secrets").iterdir()) == before
    reconnect(shared_database.owner_url)
    assert wait_until(lambda: all(is_page_open(browser, host) for host in hosts), 10)
    assert [host.get("/readyz").status_code for host in hosts] == [200, 200]


@pytest.mark.parametrize(
    "other",
    [
        Secret.PEPPER,
        *(pytest.param(each, marks=pytest.mark.full) for each in (Secret.APP_PASSWORD, Secret.COOKIE_SECRET)),
    ],
)
def test_a_host_with_another_secret_is_refused(
    shared_database: FilledDatabase, secrets_dir: Path, tmp_path: Path, other: Secret
) -> None:
    variables = {"GRIDMAP_SECRETS": str(secrets_dir), other.variable: "a-secret-of-another-host"}
    environment = own_secrets(
        DATABASE_URL=without_login(shared_database.owner_url), GRIDMAP_HOME=str(tmp_path), **variables
    )
    result = subprocess.run(GRIDMAP_WEB, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode != 0
    assert f"are not those of the database: {other.variable}" in result.stderr


def test_a_host_without_an_address_is_refused(secrets_dir: Path, tmp_path: Path) -> None:
    environment = own_secrets(GRIDMAP_SECRETS=str(secrets_dir), GRIDMAP_HOME=str(tmp_path))
    result = subprocess.run(GRIDMAP_WEB, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode != 0
    assert "DATABASE_URL" in result.stderr


def test_nothing_acknowledged_is_lost_when_a_host_is_killed(
    hosts: list[SupervisedService], shared_database: FilledDatabase
) -> None:
    acknowledged: list[list[requests.Session]] = [[], []]
    stop = threading.Event()

    def keep_signing_in(number: int) -> None:
        while not stop.is_set():
            try:
                acknowledged[number].append(sign_in(hosts[number], ("east-worker", "west-station")[number]))
            except (requests.RequestException, AssertionError):
                stop.wait(0.1)

    threads = [threading.Thread(target=keep_signing_in, args=[number]) for number in range(2)]
    for thread in threads:
        thread.start()
    assert wait_until(lambda: all(len(browsers) >= 5 for browsers in acknowledged), 60)
    os.kill(hosts[0].supervisor.pid, signal.SIGKILL)
    hosts[0].supervisor.communicate()
    after_kill = len(acknowledged[1])
    assert wait_until(lambda: len(acknowledged[1]) >= after_kill + 5, 60)
    stop.set()
    for thread in threads:
        thread.join()
    lost = [browser for browsers in acknowledged for browser in browsers if not is_page_open(browser, hosts[1])]
    assert lost == []
    sessions = fetch_rows(shared_database.owner_url, "SELECT count(*) FROM web_session")[0][0]
    assert sessions >= sum(map(len, acknowledged))
