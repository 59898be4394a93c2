"""Times of the private database server, and repeated kills while rows are written.

Run with the development environment: .venv/bin/python -m tests.chaos.kill_database [--quick] [--json]
In a temporary folder, PostGIS is fetched, and a server is created, started, stopped, killed under a writer that
records acknowledged rows, backed up and restored.
"""

import argparse
import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from statistics import median

import psycopg2
from sqlalchemy.engine import make_url

from gridmap.core.errors import InvalidInput
from gridmap.core.progress import ignore_progress
from gridmap.postgres import binaries, databases, private_install
from gridmap.postgres.backups import backup, restore
from gridmap.postgres.backups.restore import RestoreSteps
from gridmap.postgres.databases import execute, fetch_rows
from gridmap.postgres.server import Cluster
from gridmap.postgres.urls import connect
from gridmap.store.access.roles import LoginPasswords, role_names
from gridmap.store.migrations import upgrade as migration_upgrade
from tests.benchmarks.harness.cpu_time import tree_cpu_s
from tests.benchmarks.harness.measure import Row, check_target, print_report
from tests.fixtures.postgis import remove_cluster
from tests.postgres.backup_fixtures import settle_nothing

CREATE_ROWS = """CREATE TABLE walk AS
SELECT n AS id, ST_SetSRID(ST_Buffer(ST_MakePoint(114 + n * 1e-6, 30), 1e-4), 4326) AS shape
FROM generate_series(1, {rows}) n"""
DRILL_PASSWORDS = LoginPasswords("drill", "drill", "drill")
DIGEST = "SELECT count(*), md5(string_agg(md5(t::text), '' ORDER BY t.id)) FROM walk t"


def time_call(work: Callable[[], object]) -> float:
    """Return the wall time of a call in seconds."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def folder_size_mb(folder: Path) -> float:
    """Return the size of a folder on disk in MB."""
    return sum(path.lstat().st_blocks for path in folder.rglob("*")) * 512 / 1e6


def measure_starts(cluster: Cluster, runs: int) -> Row:
    """Measure the first start, starts of a stopped server, and starts of a running one."""
    cpu_s = tree_cpu_s([os.getpid()])
    fetch_s = time_call(lambda: private_install.ensure_copy(None, ignore_progress))
    fetch_cpu_s = tree_cpu_s([os.getpid()]) - cpu_s
    first_s = time_call(cluster.start)
    sizes = {
        "copy_mb": folder_size_mb(next(iter(private_install.list_copies().values()))),
        "empty_mb": folder_size_mb(cluster.paths.data_folder()),
    }
    running_s = median(time_call(cluster.start) for _ in range(runs))
    warm_s = median(time_call(lambda: restart(cluster)) for _ in range(runs))
    times = {"first_start_s": first_s, "again_s": warm_s, "running_s": running_s}
    return {"fetch_s": fetch_s, "fetch_cpu_s": fetch_cpu_s, **times, **sizes}


def restart(cluster: Cluster) -> None:
    """Stop and start the server."""
    cluster.stop()
    cluster.start()


def insert_until_killed(cluster: Cluster, after_s: float) -> list[int]:
    """Insert rows until the server is killed; return the acknowledged numbers, each of its own transaction."""
    saved: list[int] = []
    threading.Timer(after_s, os.kill, (cluster.postmaster_pid(), signal.SIGKILL)).start()
    with (
        closing(connect(cluster.database_url())) as connection,
        connection.cursor() as cursor,
        suppress(psycopg2.Error),
    ):
        while True:
            cursor.execute("INSERT INTO saved DEFAULT VALUES RETURNING number")
            saved += cursor.fetchone()
    return saved


def measure_kills(cluster: Cluster, times: int) -> Row:
    """Kill the server while a writer writes; return the time to recovery and the lost rows."""
    execute(cluster.database_url(), "CREATE TABLE saved (number bigint GENERATED ALWAYS AS IDENTITY)")
    recovery: list[float] = []
    saved: set[int] = set()
    for kill in range(times):
        saved.update(insert_until_killed(cluster, 0.2 + 0.1 * (kill % 5)))
        recovery.append(time_call(cluster.start))
    stored = {int(number) for (number,) in fetch_rows(cluster.database_url(), "SELECT number FROM saved")}
    worst = {"recovery_s": median(recovery), "worst_recovery_s": max(recovery)}
    return {"kills": times, "saved": len(saved), "lost": len(saved - stored), **worst}


def count_logins(owner_url: str) -> int:
    """Return how many logins of the application sign in to a database and find its tables."""
    own, count = make_url(owner_url), 0
    for login in role_names(str(own.database)).logins:
        url = own.set(username=login, password=DRILL_PASSWORDS.app).render_as_string(hide_password=False)
        with suppress(psycopg2.Error, InvalidInput):
            count += fetch_rows(url, "SELECT to_regclass('subdistrict') IS NOT NULL") == [(True,)]
    return count


def measure_restore(cluster: Cluster, folder: Path, rows: int) -> Row:
    """Back up rows, change them and restore them."""
    execute(cluster.database_url(), CREATE_ROWS.format(rows=rows))
    migration_upgrade.upgrade(cluster.database_url(), DRILL_PASSWORDS)
    before = fetch_rows(cluster.database_url(), DIGEST)
    backups: list[Path] = []
    backup_s = time_call(lambda: backups.append(backup.write_backup(cluster.database_url(), folder / "backups", ())))
    execute(cluster.database_url(), "DELETE FROM walk WHERE id % 2 = 0")

    def extend(name: str) -> None:
        databases.create_extensions(cluster.database_url(name, "postgres"))

    def upgrade(url: str) -> None:
        name = str(make_url(cluster.database_url()).database)  # roles follow the name after the exchange
        migration_upgrade.upgrade(url, DRILL_PASSWORDS, new_secrets=True, final_name=name)

    steps = RestoreSteps(extend, upgrade, settle_nothing)
    source = restore.open_backup(backups[0])
    restore_s = time_call(lambda: restore.restore(cluster.database_url(), source, steps))
    same = fetch_rows(cluster.database_url(), DIGEST) == before
    return {
        "rows": rows,
        "backup_s": backup_s,
        "backup_mb": backups[0].stat().st_size / 1e6,
        "restore_s": restore_s,
        "same": same,
        "logins": count_logins(cluster.database_url()),
    }


def main() -> None:
    """Read the command line, measure, print the report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="three kills and few rows")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="gridmap-fault-"))
    folder.chmod(0o755)
    os.environ["GRIDMAP_HOME"] = str(folder / "home")  # an upgrade creates secrets, and the user has own ones there
    private_install.copy_folders = lambda: (folder,)
    binaries.SYSTEM_ROOT = folder  # measure the download, not the programs of the machine
    cluster = Cluster(folder / "home")
    try:
        row = measure_starts(cluster, 3 if options.quick else 9)
        row |= measure_kills(cluster, 3 if options.quick else 30)
        row |= measure_restore(cluster, folder, 10_000 if options.quick else 500_000)
    finally:
        remove_cluster(cluster)  # as root, its data are not in the folder
        shutil.rmtree(folder)
    cold_s = row["fetch_s"] + row["first_start_s"]
    targets = [
        check_target("from nothing to a database within 20 s", cold_s, cold_s <= 20),
        check_target("stopped and started again within 1 s", row["again_s"], row["again_s"] < 1),
        check_target("back within 10 s after every kill", row["worst_recovery_s"], row["worst_recovery_s"] <= 10),
        check_target("no row lost that was said to be saved", row["lost"], row["lost"] == 0 and row["saved"] > 0),
        check_target("every row as it was after a restore", row["same"], row["same"]),
        check_target("all logins of the application work after it", row["logins"], row["logins"] == 3),
    ]
    print_report("kill_database", [row], targets, as_json=options.json)


if __name__ == "__main__":
    main()
