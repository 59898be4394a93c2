"""Databases that many test files fill in the same way: the first of them fills one, the others get copies of it.

A copy takes a fifth of a second; a load of the demo takes ten, and that of two small subdistricts half a one. A
snapshot lives as long as a run and a day: the next run drops it with the other databases of tests, so that none is
older than the sources that made it.
"""

import os
import pickle
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TypeVar

from psycopg2 import sql
from sqlalchemy.engine import make_url

from gridmap.postgres import databases
from gridmap.postgres.subprocesses import file_lock
from gridmap.store.access.roles import database_statements
from tests.fixtures import postgis

ResultT = TypeVar("ResultT")
RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))[:12]
"""All processes of a run share its snapshots."""


def fill_once(owner_url: str, home_dir: Path, name: str, fill: Callable[[str, Path], ResultT]) -> ResultT:
    """Fill an empty database and the folder of its keys, or replace both by the snapshot of this run and day.

    Parameters
    ----------
    owner_url : str
        Of a migrated database without rows, to which nobody is connected.
    home_dir : Path
        Folder of the encryption keys.
    name : str
        Name of the contents, unique among all callers.
    fill : Callable
        Gets the URL and the folder. Its result is pickled, so that it must hold neither of them.

    Returns
    -------
    ResultT
        The result of `fill`.
    """
    day = f"{date.today():%m%d}"  # noqa: DTZ011 - the day of the machine
    folder = postgis.SNAPSHOTS_DIR / f"test_{RUN}_{day}_{name}"
    folder.mkdir(parents=True, exist_ok=True)
    with file_lock(folder / "lock"):
        if not (folder / "result").exists():
            return _fill_and_keep(owner_url, home_dir, folder, fill)
    _copy_database(owner_url, folder.name, _database_name(owner_url))
    _copy_folder(folder / "home", home_dir)
    result: ResultT = pickle.loads((folder / "result").read_bytes())
    return result


def _fill_and_keep(owner_url: str, home_dir: Path, folder: Path, fill: Callable[[str, Path], ResultT]) -> ResultT:
    """Fill a database and a home, and keep copies of both; the result comes last, as the sign that all is there."""
    result = fill(owner_url, home_dir)
    _copy_folder(home_dir, folder / "home")
    _copy_database(owner_url, _database_name(owner_url), folder.name)
    (folder / "result").write_bytes(pickle.dumps(result))
    return result


def _copy_database(owner_url: str, source: str, target: str) -> None:
    """Put a copy of a database in the place of another one."""
    server_url = make_url(owner_url).set(database="gridmap").render_as_string(hide_password=False)
    postgis.drop_database(server_url, target)
    clone = sql.SQL(postgis.CLONE).format(sql.Identifier(target), sql.Identifier(source))
    databases.execute(server_url, clone, *database_statements(target, postgis.ROLE_NAMES))


def _copy_folder(source: Path, target: Path) -> None:
    """Copy what is in a folder, with owners, groups and modes: keys that others could read are refused."""
    target.mkdir(exist_ok=True)
    subprocess.run(["cp", "-a", f"{source}/.", str(target)], check=True)


def _database_name(url: str) -> str:
    return str(make_url(url).database)
