"""The private server: its settings, start and stop, and recovery from failures."""

import os
import signal
import stat
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psycopg2
import pytest
from sqlalchemy.engine import make_url

from gridmap.core.errors import InvalidInput
from gridmap.postgres import liveness, paths, postmaster
from gridmap.postgres.databases import execute, fetch_rows
from gridmap.postgres.paths import ClusterPaths
from gridmap.postgres.server import Cluster
from gridmap.postgres.urls import libpq_url
from tests.fixtures import postgis

ENDLESS = "SELECT count(*) FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b WHERE a + b < 0"


@pytest.fixture(scope="module")
def module_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A durable cluster that the tests of this module stop and kill."""
    cluster = Cluster(tmp_path_factory.mktemp("own"))
    yield cluster
    postgis.remove_cluster(cluster)


@pytest.fixture
def cluster(module_cluster: Cluster) -> Cluster:
    """The cluster, started."""
    module_cluster.start()
    return module_cluster


def fetch_value(url: str, query: str) -> object:
    """Return the single value of a query."""
    [(value,)] = fetch_rows(url, query)
    return value


def test_a_started_cluster_has_geometry_functions(cluster: Cluster) -> None:
    assert fetch_value(cluster.database_url(), "SELECT ST_Area('POLYGON((0 0, 2 0, 2 2, 0 2, 0 0))')") == 4


def test_a_cluster_has_coordinate_systems_and_vector_tiles(cluster: Cluster) -> None:
    point = "ST_Transform(ST_SetSRID(ST_MakePoint(114.3, 30.6), 4490), 4547)"
    assert fetch_value(cluster.database_url(), f"SELECT round(ST_X({point})::numeric)") == 528770
    shape = f"ST_AsMVTGeom({point}, ST_Expand({point}, 10)::box2d) AS geom"
    assert fetch_value(cluster.database_url(), f"SELECT length(ST_AsMVT(t)) FROM (SELECT {shape}) t")


def test_text_is_unicode_time_is_utc_and_pages_have_checksums(cluster: Cluster) -> None:
    settings = "current_setting('server_encoding'), current_setting('TimeZone'), current_setting('data_checksums')"
    assert fetch_rows(cluster.database_url(), f"SELECT {settings}, current_setting('fsync')") == [
        ("UTF8", "UTC", "on", "on")
    ]


def test_the_owner_is_not_a_superuser(cluster: Cluster) -> None:
    assert fetch_value(cluster.database_url(), "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False


def test_the_server_listens_on_no_port(cluster: Cluster) -> None:
    assert fetch_value(cluster.database_url(role="postgres"), "SHOW listen_addresses") == ""


def test_only_the_accounts_of_gridmap_can_enter_the_folder_of_the_socket(cluster: Cluster) -> None:
    folder = Path(str(fetch_value(cluster.database_url(role="postgres"), "SHOW unix_socket_directories")))
    assert stat.S_IMODE(folder.stat().st_mode) & 0o027 == 0
    if os.geteuid() == 0:
        assert (folder.owner(), folder.group(), stat.S_IMODE(folder.stat().st_mode)) == (
            "gridmap-pg",
            "gridmap-web",
            0o710,
        )


def test_connections_need_a_password(cluster: Cluster) -> None:
    rules = "SELECT type, database, user_name, auth_method FROM pg_hba_file_rules"
    assert fetch_rows(cluster.database_url(role="postgres"), rules) == [("local", ["all"], ["all"], "scram-sha-256")]


@pytest.mark.parametrize("role", ["postgres", "gridmap"])
def test_a_wrong_password_is_refused(cluster: Cluster, role: str) -> None:
    url = (
        make_url(libpq_url(cluster.database_url()))
        .set(username=role, password="wrong")
        .render_as_string(hide_password=False)
    )
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(url)


def test_only_their_owner_can_read_passwords(cluster: Cluster) -> None:
    secrets = cluster.home / "secrets"
    modes = {stat.S_IMODE(path.stat().st_mode) for path in secrets.iterdir()}
    assert (stat.S_IMODE(secrets.stat().st_mode), modes) == (0o700, {0o600})


def test_starting_a_running_cluster_changes_nothing(cluster: Cluster) -> None:
    before = cluster.database_url(), cluster.postmaster_pid()
    assert (cluster.start(), cluster.postmaster_pid()) == before


def test_two_concurrent_starts_return_the_same_url(cluster: Cluster) -> None:
    cluster.stop()
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: cluster.start(), range(2))
    assert first == second


def test_a_stopped_cluster_does_not_run_and_has_no_url(cluster: Cluster) -> None:
    cluster.stop()
    cluster.stop()
    assert (cluster.is_answering(), cluster.postmaster_pid()) == (False, None)
    with pytest.raises(InvalidInput, match="does not run"):
        cluster.database_url()


def test_the_address_is_kept(cluster: Cluster) -> None:
    before = cluster.database_url()
    cluster.stop()
    assert cluster.start() == before


def test_a_server_whose_socket_was_cleaned_away_is_started_again(cluster: Cluster) -> None:
    before = cluster.postmaster_pid()
    socket_file = postmaster.recorded_socket(cluster.paths.data_folder())
    assert socket_file
    socket_file.unlink()
    assert fetch_value(cluster.start(), "SELECT 1") == 1
    assert cluster.postmaster_pid() != before


def test_committed_rows_survive_a_killed_server(cluster: Cluster) -> None:
    execute(cluster.database_url(), "CREATE TABLE IF NOT EXISTS kept (number int)", "INSERT INTO kept VALUES (7)")
    os.kill(cluster.postmaster_pid() or 0, signal.SIGKILL)
    assert fetch_value(cluster.start(), "SELECT number FROM kept LIMIT 1") == 7


def test_a_session_that_computes_does_not_delay_the_start_after_a_kill(cluster: Cluster) -> None:
    with ThreadPoolExecutor(1) as thread:
        endless = thread.submit(execute, cluster.database_url(), ENDLESS)
        time.sleep(1)
        os.kill(cluster.postmaster_pid() or 0, signal.SIGKILL)
        while cluster.postmaster_pid():
            time.sleep(0.01)
        begun = time.monotonic()
        postmaster.remove_stale_lock(cluster.paths.data_folder())
        assert 1.0 <= time.monotonic() - begun < 10
        assert isinstance(endless.exception(10), psycopg2.OperationalError)
    assert fetch_value(cluster.start(), "SELECT 1") == 1


@pytest.fixture
def hanging_server_pid(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Process id of a server that hangs, with short timeouts for it."""
    monkeypatch.setattr(liveness, "ANSWER_TIMEOUT_S", 0.3)
    monkeypatch.setattr(liveness, "PROBE_INTERVAL_S", 0.0)
    pid = cluster.postmaster_pid() or 0
    os.kill(pid, signal.SIGSTOP)
    yield pid
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)


def test_a_start_replaces_a_server_that_hangs(cluster: Cluster, hanging_server_pid: int) -> None:
    assert fetch_value(cluster.start(), "SELECT 1") == 1
    assert cluster.postmaster_pid() not in (None, hanging_server_pid)


def test_a_stop_ends_a_server_that_hangs(cluster: Cluster, hanging_server_pid: int) -> None:
    cluster.stop()
    assert cluster.postmaster_pid() is None


def dies_within(cluster: Cluster, within_s: float) -> bool:
    """Return whether the probe reports a dead server within some seconds."""
    probe = liveness.LivenessProbe(lambda: postmaster.recorded_socket(cluster.paths.data_folder()))
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        if probe.is_dead():
            return True
        time.sleep(0.02)
    return False


def test_the_probe_reports_a_server_that_hangs(cluster: Cluster, hanging_server_pid: int) -> None:
    assert dies_within(cluster, 5.0)


def test_the_probe_does_not_report_a_server_that_answers(cluster: Cluster) -> None:
    assert not dies_within(cluster, 1.0)


def test_the_lock_file_of_a_dead_server_does_not_prevent_a_start(cluster: Cluster) -> None:
    cluster.stop()
    file = cluster.paths.data_folder() / "postmaster.pid"
    file.write_text(f"{os.getpid()}\n{cluster.paths.data_folder()}\n0\n1\n/nowhere\n\n  1  1\nready\n")
    assert fetch_value(cluster.start(), "SELECT 1") == 1


def test_the_lock_file_of_a_running_server_remains(cluster: Cluster) -> None:
    postmaster.remove_stale_lock(cluster.paths.data_folder())
    assert cluster.is_answering()


def test_an_interrupted_first_start_is_repaired(tmp_path: Path, gridmap_home: Path) -> None:
    cluster = Cluster(gridmap_home, durable=False)
    part = cluster.paths.data_folder().with_suffix(".part")
    part.mkdir(parents=True)
    (part / "PG_VERSION").write_text("15\n")
    assert fetch_value(cluster.start(), "SELECT count(*) FROM spatial_ref_sys WHERE srid = 4490") == 1
    postgis.remove_cluster(cluster)


def test_a_moved_home_finds_its_data(gridmap_home: Path, tmp_path: Path) -> None:
    cluster = Cluster(gridmap_home, durable=False)
    execute(cluster.start(), "CREATE TABLE kept AS SELECT 7 AS number")
    cluster.stop()
    moved = Cluster(gridmap_home.rename(tmp_path / "moved"), durable=False)
    assert fetch_value(moved.start(), "SELECT number FROM kept") == 7
    postgis.remove_cluster(moved)


def test_missing_data_are_not_replaced_by_an_empty_database(gridmap_home: Path, tmp_path: Path) -> None:
    (gridmap_home / "postgres").symlink_to(tmp_path / "gone")
    with pytest.raises(InvalidInput, match="are missing from"):
        Cluster(gridmap_home).start()


def test_a_server_that_does_not_start_says_why(cluster: Cluster) -> None:
    cluster.stop()
    control = cluster.paths.data_folder() / "global" / "pg_control"
    control.rename(control.with_suffix(".away"))
    with pytest.raises(InvalidInput) as error:
        cluster.start()
    control.with_suffix(".away").rename(control)
    assert "pg_control" in (error.value.faults[0].value or "")
    assert error.value.faults[0].advice


def test_each_home_has_its_own_cluster(cluster: Cluster, postgis_server: Cluster) -> None:
    assert cluster.database_url() != postgis_server.database_url()
    assert cluster.postmaster_pid() != postgis_server.postmaster_pid()


@pytest.fixture
def without_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """Choose folders as for an ordinary user."""
    for name in ("server_account", "web_account"):
        monkeypatch.setattr(paths, name, lambda: None)


@pytest.mark.usefixtures("without_root")
def test_a_socket_lies_in_a_private_folder_of_the_home(tmp_path: Path) -> None:
    folder = ClusterPaths(tmp_path).ensure_socket_folder()
    assert folder == tmp_path / "socket"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.usefixtures("without_root")
@pytest.mark.parametrize(("length", "in_home"), [(107, True), (108, False)])
def test_a_path_too_long_for_a_socket_is_replaced_by_a_short_one(tmp_path: Path, length: int, in_home: bool) -> None:
    home = tmp_path / ("h" * (length - len(f"{tmp_path}//socket/.s.PGSQL.5432")))
    home.mkdir()
    folder = ClusterPaths(home).ensure_socket_folder()
    assert (folder == home / "socket") is in_home
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert ClusterPaths(home).ensure_socket_folder() == folder


@pytest.mark.usefixtures("without_root")
@pytest.mark.parametrize("taken_over", ["gone", "open to others", "of another account", "a link"])
def test_a_folder_that_is_not_private_is_not_used(tmp_path: Path, taken_over: str) -> None:
    home, other = tmp_path / ("h" * 120), tmp_path / "other"
    home.mkdir()
    first = ClusterPaths(home).ensure_socket_folder()
    first.rmdir()
    if taken_over == "a link":
        other.mkdir(mode=0o755)
        first.symlink_to(other)
    elif taken_over != "gone":
        first.mkdir(mode=0o777 if taken_over == "open to others" else 0o700)
        first.chmod(0o777 if taken_over == "open to others" else 0o700)
        if os.geteuid() == 0 and taken_over == "of another account":
            os.chown(first, 65534, 65534)
    second = ClusterPaths(home).ensure_socket_folder()
    status = second.lstat()
    assert (stat.S_IFMT(status.st_mode), stat.S_IMODE(status.st_mode)) == (stat.S_IFDIR, 0o700)
    assert status.st_uid == os.geteuid()
    assert second != first or (taken_over == "of another account" and os.geteuid() != 0)
